"""Seal what was kept in the clear, and let nobody see it before it is blurred."""

import os
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import migrations, models
from django.db.models import F, Q

import siquan.base.files.models
from siquan.base.kernel import sealing


def seal_kept_pictures(apps, schema_editor):
    """Seal each working copy as the original; the clear copies are swept as orphans after a day."""
    rows = apps.get_model("files", "StoredFile").objects
    rows.update(blur_after=F("created_at"))
    for row in rows.iterator(chunk_size=200):
        name, data_key = secrets.token_hex(16), os.urandom(sealing.KEY_BYTES)
        path = f"{row.sha256[:2]}/{row.sha256[2:4]}/{row.sha256}.jpg"
        if default_storage.exists(path):
            with default_storage.open(path) as kept:
                sealed = sealing.Keyring([("data", data_key)]).seal(kept.read(), f"files.original {name}")
            default_storage.save(f"sealed/{name[:2]}/{name[2:4]}/{name}.sealed", ContentFile(sealed))
        key = sealing.seal(data_key, f"files.key {name}")
        rows.filter(pk=row.pk).update(
            sealed_name=name, sealed_key=key, sealed_with=sealing.key_of(key), sha256="", size=0
        )


class Migration(migrations.Migration):

    atomic = False  # filling and constraining the same table in one transaction is refused by PostgreSQL

    dependencies = [
        ("files", "0001_initial"),
    ]

    operations = [
        migrations.RemoveField("storedfile", "kind"),
        migrations.RemoveField("storedfile", "thumbnail_at"),
        migrations.AddField(
            "storedfile",
            "sealed_name",
            models.CharField(default="", max_length=32),
        ),
        migrations.AddField("storedfile", "sealed_key", models.BinaryField(default=b"")),
        migrations.AddField("storedfile", "sealed_with", models.CharField(default="", max_length=32)),
        migrations.AddField("storedfile", "blurred_at", models.DateTimeField(null=True)),
        migrations.AddField("storedfile", "detector", models.CharField(blank=True, default="", max_length=60)),
        migrations.AddField("storedfile", "faces", models.PositiveIntegerField(null=True)),
        migrations.AddField("storedfile", "plates", models.PositiveIntegerField(null=True)),
        migrations.AddField("storedfile", "likeness", models.BigIntegerField(null=True)),
        migrations.AddField("storedfile", "blur_tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("storedfile", "blur_after", models.DateTimeField(null=True)),
        migrations.AddField("storedfile", "blur_problem", models.CharField(blank=True, default="", max_length=200)),
        migrations.AlterField("storedfile", "sha256", models.CharField(blank=True, default="", max_length=64)),
        migrations.AlterField("storedfile", "size", models.PositiveIntegerField(default=0)),
        migrations.RunPython(seal_kept_pictures, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "storedfile",
            "sealed_name",
            models.CharField(default=siquan.base.files.models.new_sealed_name, max_length=32),
        ),
        migrations.AlterField("storedfile", "sealed_key", models.BinaryField()),
        migrations.AlterField("storedfile", "sealed_with", models.CharField(max_length=32)),
        migrations.AlterField("storedfile", "blur_after", models.DateTimeField()),
        migrations.AddIndex(
            "storedfile", models.Index(fields=["sealed_name"], name="files_storedfile_sealed")
        ),
        migrations.AddIndex(
            "storedfile",
            models.Index(
                condition=Q(blurred_at__isnull=True),
                fields=["blur_after", "id"],
                name="files_storedfile_waiting",
            ),
        ),
        migrations.AddConstraint(
            "storedfile",
            models.CheckConstraint(
                condition=Q(
                    Q(("blurred_at__isnull", True), ("sha256", "")),
                    Q(
                        ("blurred_at__isnull", False),
                        ("faces__isnull", False),
                        ("plates__isnull", False),
                        Q(("sha256", ""), _negated=True),
                        Q(("detector", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="files_storedfile_blurred",
            ),
        ),
    ]
