from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_packs_reckonings_appeals")]

    operations = [
        migrations.RemoveConstraint(model_name="appeal", name="scoring_appeal_once"),
        migrations.AddField(
            model_name="appeal",
            name="closed_at",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "granted"])),
                fields=("case", "closed_at", "rate"),
                name="scoring_appeal_once",
            ),
        ),
    ]
