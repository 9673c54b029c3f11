"""What each verb asks for: one form a verb, the same names as the service's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from siquan.base.files import services as files
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.base.kernel.limits import Unit as Measure
from siquan.work.cases.areas import AreasField
from siquan.work.cases.models import Source
from siquan.work.cases.photoremarks import Shows
from siquan.work.cases.services.reporting import LONGEST_TEXT, MOST_PHOTOS

LONGEST_REASON = 500


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to six photos, checked by decoding them; gives a list of pictures ready to be kept."""

    widget = ManyFiles(attrs={"accept": "image/*", "multiple": True})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("照片"))
        kwargs.setdefault("help_text", _("最多6张。照片里的拍摄位置和设备信息会被去掉。"))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[files.Picture]:
        """Return the pictures. Raises ValidationError with what to do about the one that cannot be used."""
        given = [each for each in (data if isinstance(data, list | tuple) else [data]) if each]
        if not given:
            if self.required:
                raise forms.ValidationError(_("请至少放一张照片。"))
            return []
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(_("最多6张照片，请去掉几张。"))
        try:
            return [files.read_picture(each.read()) for each in given]
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error


def reason(label: Any, *, required: bool = True) -> forms.CharField:
    """Return a field for some words."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NumberField(forms.CharField):
    """A case number as people write it."""

    def clean(self, value: Any) -> str:
        """Return the ten digits. Raises ValidationError."""
        text = super().clean(value)
        try:
            return parse_number(text)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error


class Nothing(forms.Form):
    """A verb that needs no words."""


class Note(forms.Form):
    """A verb with an optional remark."""

    note = reason(_("备注"), required=False)


class Reason(forms.Form):
    """A verb that must say why."""

    reason = reason(_("原因"))


class OptionalReason(forms.Form):
    """A verb that may say why."""

    reason = reason(_("原因"), required=False)


class FileCase(Note):
    """File under a category."""

    category = forms.CharField(label=_("类别"), max_length=20)
    field_order = ("category", "note")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        """Take the suggested category when its own button was pressed."""
        if data is not None and data.get("take"):
            data = data.copy()
            data["category"] = data["take"]
        super().__init__(data, *args, **kwargs)


class Merge(forms.Form):
    """Merge into another case."""

    into = NumberField(label=_("并入的案件编号"), help_text=_("10位数字，写在案件页的最上面。"))


class NotSame(forms.Form):
    """Which other case is another matter."""

    other = NumberField(label=_("另一件案件的编号"), help_text=_("10位数字，写在案件页的最上面。"))


class Dispatch(Note):
    """Send to a unit; empty means by the responsibility list."""

    unit = forms.CharField(label=_("责任单位"), required=False, help_text=_("留空就按责任清单派遣。"))
    field_order = ("unit", "note")


class Reassign(Reason):
    """Give to another unit."""

    unit = forms.CharField(label=_("改派给"))
    field_order = ("unit", "reason")


class AskAssist(forms.Form):
    """Ask another unit for help."""

    unit = forms.CharField(label=_("协办单位"))
    request = reason(_("请对方做什么"))


class Answer(forms.Form):
    """Answer a request."""

    answer = reason(_("答复"))


class OptionalAnswer(forms.Form):
    """Answer a request, with words if wished."""

    answer = reason(_("答复"), required=False)


class AskExtension(Reason):
    """Ask for more time."""

    amount = forms.IntegerField(label=_("延长多少"), min_value=1, max_value=365)
    measure = forms.ChoiceField(label=_("单位"), choices=Measure.choices, initial=Measure.WORKING_DAYS)
    field_order = ("amount", "measure", "reason")


class AskReporter(forms.Form):
    """Ask the reporter something."""

    question = reason(_("想请反映人补充什么"))


class Suspend(Reason):
    """Put aside until a day."""

    until = forms.DateField(label=_("最晚到哪一天"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("until", "reason")


class Supervise(forms.Form):
    """Urge the unit."""

    note = reason(_("督办意见"))


class ReportDone(forms.Form):
    """Say what was done, with photos of how it looks now."""

    photos = PhotosField(label=_("处置后照片"), required=False)
    note = reason(_("怎么处置的"))


class VerifyPass(Note):
    """Confirm on site."""

    photos = PhotosField(label=_("核查照片"))
    field_order = ("photos", "note")


class VerifyFail(Reason):
    """Send back, with a photo if there is one."""

    photos = PhotosField(label=_("核查照片"), required=False)
    field_order = ("photos", "reason")


class Remark(forms.Form):
    """Words for the case file."""

    text = forms.CharField(
        label=_("留言"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    is_for_reporter = forms.BooleanField(
        label=_("反映人也能看到"), required=False, help_text=_("不勾选，就只有工作人员能看到。")
    )


class Unmask(forms.Form):
    """Why somebody needs to see who reported."""

    reason = forms.CharField(
        label=_("为什么要看"),
        max_length=200,
        help_text=_("例如：电话核实地点。理由会记入日志，不要写姓名和号码。"),
    )


class OpenOriginal(forms.Form):
    """Why somebody needs to see a photo as it was taken."""

    reason = forms.CharField(
        label=_("为什么要看原图"),
        max_length=200,
        help_text=_("例如：核对遗弃车辆的号牌。理由会记入日志，不要写姓名和号码。"),
    )


class DoubtPhoto(forms.Form):
    """What a photo shows that it should not."""

    shows = forms.ChoiceField(label=_("照片里有什么"), choices=Shows.choices)
    reason = reason(_("在照片的哪里"))


class CoverPhoto(forms.Form):
    """What else is to be covered in a photo."""

    areas = AreasField(
        label=_("要遮挡的地方"), required=False, help_text=_("每一处：左、上、宽、高，占照片的百分之几。")
    )
    reason = reason(_("为什么"))


class Place(forms.Form):
    """A point on the map, and what people call it."""

    address = forms.CharField(
        label=_("地点"),
        required=False,
        max_length=200,
        help_text=_("输入路名、胡同、小区或单位名称来查找，再在地图上确认。"),
    )
    lon = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    accuracy = forms.FloatField(widget=forms.HiddenInput, required=False)

    needs_point = True

    def clean(self) -> dict[str, Any]:
        """Ask for the point itself: a name alone does not say where."""
        cleaned = super().clean() or {}
        has_point = cleaned.get("lon") is not None and cleaned.get("lat") is not None
        if self.needs_point and not has_point and not self.errors:
            self.add_error("address", _("请在列表中选一个地点，或在地图上点一下。"))
        return cleaned


class NewCase(Place):
    """What staff saw or were told."""

    text = forms.CharField(
        label=_("什么问题"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), strip=True
    )
    source = forms.ChoiceField(label=_("来源"), choices=Source.choices, initial=Source.GRID)
    category = forms.CharField(label=_("类别"), max_length=20, required=False)
    photos = PhotosField(required=False)
    name = forms.CharField(label=_("反映人"), max_length=60, required=False)
    phone = forms.CharField(
        label=_("反映人电话"), max_length=60, required=False, help_text=_("可以不填；页面上不会完整显示。")
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    field_order = ("photos", "address", "text", "category", "source", "name", "phone")

    @property
    def needs_point(self) -> bool:  # type: ignore[override]
        """Tell whether a name alone will not do: a hotline ticket may wait for its place."""
        return self.data.get("source") != Source.HOTLINE


class TicketTable(forms.Form):
    """A file of hotline tickets, and what helps to read it."""

    file = forms.FileField(
        label=_("工单文件"),
        help_text=_("CSV（UTF-8或GB18030，可压缩成.gz）或XLSX，最大100MB。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.txt,.tsv,.xlsx"}),
    )
    datum = forms.ChoiceField(
        label=_("坐标系"),
        required=False,
        choices=[("", _("文件里写明了，或者没有坐标")), *Datum.choices],
        help_text=_("文件里有经纬度、又没写坐标系时，请在这里选。"),
    )
    map = forms.FileField(
        label=_("对照文件"),
        required=False,
        help_text=_("表头认不出来时才需要：CSV，每行两格，文件里的列名和它的含义（如：流水号,编号）。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )


FORMS: Mapping[str, type[forms.Form]] = {
    "file": FileCase,
    "reject": Reason,
    "merge": Merge,
    "unmerge": OptionalReason,
    "dispatch": Dispatch,
    "accept": Nothing,
    "return": Reason,
    "reassign": Reassign,
    "ask-assist": AskAssist,
    "answer-assist": Answer,
    "ask-extension": AskExtension,
    "grant-extension": OptionalAnswer,
    "refuse-extension": Answer,
    "ask-reporter": AskReporter,
    "hear-reporter": Note,
    "suspend": Suspend,
    "resume": Note,
    "supervise": Supervise,
    "report-done": ReportDone,
    "verify-pass": VerifyPass,
    "verify-fail": VerifyFail,
    "close": Note,
    "reopen": Reason,
    "void": Reason,
}

PHOTO_FORMS: Mapping[str, type[forms.Form]] = {
    "doubt-photo": DoubtPhoto,
    "leave-photo": Reason,
    "cover-photo": CoverPhoto,
    "withhold-photo": Reason,
    "show-photo": Reason,
}
