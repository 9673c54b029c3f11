"""What people type or send in about rules."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from siquan.city.places.models import BlockKind
from siquan.city.rules.files import ENDINGS, MAX_FILES
from siquan.city.rules.models import RoadClass
from siquan.city.rules.tables import MAX_BYTES

MOST_BYTES: Final = 2 * MAX_BYTES


class Day(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        """Speak ISO, as the browser does."""
        super().__init__(format="%Y-%m-%d")


class ManyFiles(forms.ClearableFileInput):
    """A choice of several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, or one ZIP of them; gives their bytes by name."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> dict[str, bytes]:
        """Return the files by name; folders inside a ZIP do not matter."""
        sent: Sequence[UploadedFile[bytes]] = data if isinstance(data, (list, tuple)) else [data]
        for each in sent:
            super().clean(each, initial)
        found: dict[str, bytes] = {}
        for name, content in self._unpacked(sent):
            if name in found:
                raise forms.ValidationError(_("“%(name)s”有两份，请只留一份。"), params={"name": name})
            found[name] = content
        if not found:
            raise forms.ValidationError(_("没有 CSV 或 YAML 文件。请选择规则包的全部文件，或一个 ZIP。"))
        if sum(map(len, found.values())) > MOST_BYTES:
            words = _("这些文件一共超过 %(most)s MB，请拆分。")
            raise forms.ValidationError(words, params={"most": MOST_BYTES // 1024 // 1024})
        if len(found) > MAX_FILES:
            raise forms.ValidationError(_("文件太多，最多 %(most)s 个。"), params={"most": MAX_FILES})
        return found

    def _unpacked(self, sent: Iterable[UploadedFile[bytes]]) -> Iterator[tuple[str, bytes]]:
        for each in sent:
            name = PurePosixPath(each.name or "").name
            if name.lower().endswith(".zip"):
                yield from self._in_zip(each)
            elif name.endswith(ENDINGS):
                # One byte more than is allowed is enough to be told that it is too much.
                yield name, each.read(MAX_BYTES + 1)
            else:
                raise forms.ValidationError(
                    _("“%(name)s”不是 CSV、YAML 或 ZIP 文件。"), params={"name": name}
                )

    def _in_zip(self, sent: UploadedFile[bytes]) -> Iterator[tuple[str, bytes]]:
        try:
            with zipfile.ZipFile(sent) as packed:
                wanted = [each for each in packed.infolist() if _is_wanted(each.filename)]
                for each in wanted[: MAX_FILES + 1]:
                    with packed.open(each) as opened:
                        yield PurePosixPath(each.filename).name, opened.read(MAX_BYTES + 1)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            OSError,
            ValueError,
            EOFError,
        ) as error:
            raise forms.ValidationError(_("这个 ZIP 打不开，请重新打包（不加密）再上传。")) from error


# What zipfile raises for archives that are damaged, encrypted or packed in a way it does not know.
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    EOFError,
)


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.endswith(ENDINGS) and not path.name.startswith(".") and "__MACOSX" not in path.parts


class Upload(forms.Form):
    """A pack to be looked at before it is loaded."""

    sent = FilesField(
        label=_("规则包的文件"),
        help_text=_("一次选中全部文件，或选一个 ZIP。先检查，再由您决定是否装入。"),
    )


class Case(forms.Form):
    """An imagined case, to try the rules on."""

    category = forms.ChoiceField(label=_("类别"))
    place = forms.CharField(
        label=pgettext_lazy("规则", "地点"),
        required=False,
        max_length=100,
        help_text=_("路名、点位或小区名。写了地点，就不用再选街道和街区类型。"),
    )
    street = forms.ChoiceField(label=_("街道"), required=False)
    block_kind = forms.ChoiceField(label=_("街区类型"), required=False)
    road_class = forms.ChoiceField(label=_("道路等级"), required=False)
    on = forms.DateField(label=_("日期"), widget=Day())

    def __init__(
        self,
        data: Any,
        *,
        categories: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        streets: Sequence[tuple[int, str]],
        today: date,
    ) -> None:
        """Offer the categories and streets there are."""
        super().__init__(data, initial={"on": today})
        any_one = ("", _("不限"))
        self._choose("category", [("", _("请选择")), *categories])
        self._choose("street", [any_one, *((str(key), name) for key, name in streets)])
        self._choose("block_kind", [any_one, *BlockKind.choices])
        self._choose("road_class", [any_one, *RoadClass.choices])

    def _choose(self, name: str, choices: Sequence[Any]) -> None:
        found = self.fields[name]
        assert isinstance(found, forms.ChoiceField)
        found.choices = choices
