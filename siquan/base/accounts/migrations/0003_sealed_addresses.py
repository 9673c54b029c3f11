"""Seal e-mail addresses and telephone numbers."""

import django.core.validators
from django.db import migrations

from siquan.base.kernel.masking import dialled
from siquan.base.kernel.sealedrows import open_rows, seal_rows
from siquan.base.kernel.sealedtext import Fingerprint, SealedText


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_session_rounds")]

    operations = [
        migrations.RenameField("user", "email", "plain_email"),
        migrations.RenameField("user", "phone", "plain_phone"),
        migrations.AddField(
            "user",
            "email",
            SealedText(
                "电子邮箱",
                blank=True,
                default="",
                max_length=254,
                validators=[django.core.validators.EmailValidator()],
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "user",
            "phone",
            SealedText("手机", blank=True, default="", max_length=30),
            preserve_default=False,
        ),
        migrations.AddField("user", "phone_print", Fingerprint(of="phone", form=dialled)),
        migrations.RunPython(
            seal_rows("accounts", "User", "email", "phone"), open_rows("accounts", "User", "email", "phone")
        ),
        migrations.RemoveField("user", "plain_email"),
        migrations.RemoveField("user", "plain_phone"),
    ]
