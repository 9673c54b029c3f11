"""Seal where notices to people without an account go."""

from django.db import migrations

from siquan.base.kernel.sealedrows import open_rows, seal_rows
from siquan.base.kernel.sealedtext import SealedText


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_notices")]

    operations = [
        migrations.RenameField("delivery", "address", "plain_address"),
        migrations.AddField(
            "delivery",
            "address",
            SealedText(blank=True, default="", max_length=300),
            preserve_default=False,
        ),
        migrations.RunPython(
            seal_rows("notices", "Delivery", "address"), open_rows("notices", "Delivery", "address")
        ),
        migrations.RemoveField("delivery", "plain_address"),
    ]
