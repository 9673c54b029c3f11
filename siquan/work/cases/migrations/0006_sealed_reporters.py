"""Seal names and telephone numbers; mask the words of cases and keep them sealed as they were written."""

import json

from django.db import migrations, models

from siquan.base.kernel.masking import dialled, masked_address, masked_text
from siquan.base.kernel.sealedrows import open_rows, seal_rows
from siquan.base.kernel.sealedtext import Fingerprint, SealedText

AT_ONCE = 2000


def _slices(found):
    last = 0
    while rows := list(found.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield rows
        last = rows[-1].pk


def mask_words(apps, _editor):
    Case, Comment = apps.get_model("cases", "Case"), apps.get_model("cases", "Comment")
    Reporter = apps.get_model("cases", "Reporter")
    for rows in _slices(Case.objects.only("title", "text", "address")):
        changed = []
        for case in rows:
            given = {"title": case.title, "text": case.text, "address": case.address}
            case.title, case.text = masked_text(case.title), masked_text(case.text)
            case.address = masked_address(case.address)
            hidden = {name: words for name, words in given.items() if words != getattr(case, name)}
            if hidden:
                changed.append(case)
                words = json.dumps(hidden, ensure_ascii=False)
                Reporter.objects.update_or_create(case_id=case.pk, defaults={"words": words})
        Case.objects.bulk_update(changed, ["title", "text", "address"])
    for rows in _slices(Comment.objects.only("text")):
        changed = []
        for comment in rows:
            shown = masked_text(comment.text)
            if shown != comment.text:
                comment.original, comment.text = comment.text, shown
                changed.append(comment)
        Comment.objects.bulk_update(changed, ["text", "original"])
    for name, columns in {"Extension": ["reason", "answer"], "Assist": ["request", "answer"], "ClockPause": ["note"]}.items():
        table = apps.get_model("cases", name)
        for rows in _slices(table.objects.all()):
            for row in rows:
                for column in columns:
                    setattr(row, column, masked_text(getattr(row, column)))
            table.objects.bulk_update(rows, columns)


def unmask_words(apps, _editor):
    Case, Comment = apps.get_model("cases", "Case"), apps.get_model("cases", "Comment")
    for reporter in apps.get_model("cases", "Reporter").objects.all().iterator(AT_ONCE):
        if reporter.words:
            Case.objects.filter(pk=reporter.pk).update(**json.loads(reporter.words))
    for comment in Comment.objects.all().iterator(AT_ONCE):
        if comment.original:
            Comment.objects.filter(pk=comment.pk).update(text=comment.original)


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_dispatch_batches")]

    operations = [
        migrations.RenameField("reporter", "name", "plain_name"),
        migrations.RenameField("reporter", "phone", "plain_phone"),
        *(
            migrations.AddField(
                model, name, SealedText(blank=True, default="", max_length=longest), preserve_default=False
            )
            for model, name, longest in (
                ("reporter", "name", 60),
                ("reporter", "phone", 60),
                ("reporter", "words", 20_000),
                ("comment", "original", 20_000),
            )
        ),
        migrations.AddField("reporter", "phone_print", Fingerprint(of="phone", form=dialled)),
        migrations.RunPython(
            seal_rows("cases", "Reporter", "name", "phone"), open_rows("cases", "Reporter", "name", "phone")
        ),
        migrations.AlterField("reporter", "plain_name", models.CharField(default="", max_length=60)),
        migrations.AlterField("reporter", "plain_phone", models.CharField(default="", max_length=60)),
        migrations.RunPython(mask_words, unmask_words),
        # New rows wait to be checked for their case until the end; a table with such rows cannot be altered.
        migrations.RunSQL("set constraints all immediate", "set constraints all immediate"),
        migrations.RemoveField("reporter", "plain_name"),
        migrations.RemoveField("reporter", "plain_phone"),
        migrations.AddIndex(
            "reporter",
            models.Index(
                fields=["phone_print"],
                condition=~models.Q(phone_print=""),
                name="cases_reporter_phone",
            ),
        ),
    ]
