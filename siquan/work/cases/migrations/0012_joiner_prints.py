"""Find those who saw a matter too by the number they left."""

from django.db import migrations, models

from siquan.base.kernel.masking import dialled
from siquan.base.kernel.sealedtext import Fingerprint

AT_ONCE = 2000


def take_prints(apps, _editor):
    Joiner = apps.get_model("cases", "Joiner")
    field, last = Joiner._meta.get_field("phone_print"), 0
    while rows := list(Joiner.objects.filter(pk__gt=last, phone__empty=False).order_by("pk")[:AT_ONCE]):
        for row in rows:
            row.phone_print = field.print_of(row.phone)
        Joiner.objects.bulk_update(rows, ["phone_print"])
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_photo_remarks")]

    operations = [
        migrations.AddField("joiner", "phone_print", Fingerprint(form=dialled, of="phone")),
        migrations.RunPython(take_prints, migrations.RunPython.noop),
        migrations.AddIndex(
            "joiner",
            models.Index(
                fields=["phone_print"], condition=~models.Q(phone_print=""), name="cases_joiner_phone"
            ),
        ),
    ]
