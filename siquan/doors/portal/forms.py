"""What a resident fills in; all of it can be sent again without doing anything twice."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.city.places import queries as places
from siquan.city.rules.queries import CategoryEntry
from siquan.work.callbacks.models import SATISFIED, Solved
from siquan.work.cases.forms import DoubtPhoto, NumberField, PhotosField
from siquan.work.cases.models import CommentKind
from siquan.work.cases.services.reporting import LONGEST_TEXT, Report

LONGEST_KEY: Final = 100
NUMBER: Final = re.compile(r"\+?\d{7,15}")
# Where the refusals of the service stand on the page.
FIELD_OF: Final = {"lon": "place", "lat": "place", "datum": "place", "photo": "photos"}

# A question is asked by staff; the reporter answers it.
SAYABLE: Final = [each for each in CommentKind.choices if each[0] != CommentKind.QUESTION]

_signer = Signer(salt="portal.report")


def fresh_key() -> str:
    """Return a key for one report, which nobody else can have made."""
    return _signer.sign(secrets.token_urlsafe(16))


def is_own_key(key: str) -> bool:
    """Tell whether a key was made here."""
    try:
        _signer.unsign(key)
    except BadSignature:
        return False
    return True


class ReportForm(forms.Form):
    """What somebody saw: photos, where, what."""

    photos = PhotosField(
        required=False,
        label=_("照片"),
        help_text=_(
            "最多6张，手机拍的都可以。照片里的拍摄位置和手机型号会被去掉；公开以前，人脸和车牌会被遮住。"
        ),
    )
    place = forms.CharField(
        required=False,
        max_length=200,
        label=_("写一个地名"),
        help_text=_("路名、胡同、小区、学校都可以，例如“钱粮胡同15号门口”。"),
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy = forms.FloatField(required=False, min_value=0, max_value=100_000, widget=forms.HiddenInput)
    place_source = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    text = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label=_("看到了什么"),
        help_text=_("一句话就行，例如“垃圾桶满了两天没人收”。请不要写别人的姓名和电话。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    category = forms.CharField(
        required=False,
        max_length=20,
        label=_("像哪一种"),
        help_text=_("不选也可以，工作人员会来分。"),
        widget=forms.RadioSelect(attrs={"class": "choices--cards"}),
    )
    phone = forms.CharField(
        required=False,
        max_length=30,
        label=_("手机号"),
        help_text=_("可以不留。留了，只在有事要问您时联系，不会公开。"),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "data-private": True}
        ),
    )
    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)

    def __init__(self, *args: Any, categories: Sequence[CategoryEntry], **kwargs: Any) -> None:
        """Offer the usual categories, and “not sure”."""
        super().__init__(*args, **kwargs)
        self.fields["photos"].widget.attrs["accept"] = "image/*,.heic,.heif"
        self.names = {entry.code: entry.name for entry in categories}
        named = [(entry.code, str(entry)) for entry in categories]
        self.fields["category"].widget.choices = [*named, ("", _("说不准"))]

    def clean_phone(self) -> str:
        """Return the number without what people write between its digits."""
        digits = re.sub(r"[\s()（）\-－.]", "", self.cleaned_data["phone"])
        if digits and not NUMBER.fullmatch(digits):
            raise forms.ValidationError(_("这个号码看起来不对，请核对；也可以不留。"))
        return digits

    def clean_key(self) -> str:
        """Return the key as it came: the service decides whether it is known."""
        key: str = self.cleaned_data["key"]
        if not key.isprintable():
            raise forms.ValidationError(_("页面放得太久了，请再按一次“提交”。"))
        return key

    def clean(self) -> dict[str, Any]:
        """Ask for a place and for words; a chosen category is words enough."""
        given = super().clean() or self.cleaned_data
        if given.get("lon") is None or given.get("lat") is None:
            given |= self._place_by_name(given.get("place", ""))
        if given["lon"] is None and "place" in given and not given["place"]:
            self.add_error("place", _("请告诉我们在哪里：在地图上点一下，或写一个路名。"))
        if "text" in given and not given["text"].strip():
            given["text"] = self.names.get(given.get("category", ""), "")
            if not given["text"]:
                self.add_error("text", _("请写一句话，说明看到了什么；也可以只选一种类别。"))
        return given

    def _place_by_name(self, name: str) -> dict[str, Any]:
        """Return the point that a name means; none when it could mean several, then staff look for it."""
        found = places.find_place(name) if name else None
        if found is None or found.lon is None or found.lat is None:
            return {"lon": None, "lat": None, "accuracy": None}
        return {"lon": found.lon, "lat": found.lat, "accuracy": found.accuracy_m}

    def report(self) -> Report:
        """Return what was filled in as the service takes it."""
        given = self.cleaned_data
        return Report(
            text=given["text"],
            lon=given["lon"],
            lat=given["lat"],
            datum=Datum.WGS84,
            accuracy_m=given["accuracy"],
            address=given["place"],
            category_code=given["category"],
            phone=given["phone"],
            photos=given["photos"],
        )

    def refuse(self, error: BadInput) -> None:
        """Show a refusal of the service where the person can do something about it."""
        told = error.field or ""
        field = FIELD_OF.get(told, told)
        self.add_error(field if field in self.fields and field != "key" else None, str(error))


class AlikeForm(forms.Form):
    """As much of a report as tells whether somebody has reported the same."""

    place = forms.CharField(required=False, max_length=200)
    lon = forms.FloatField(required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90)
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    category = forms.CharField(required=False, max_length=20)

    def clean(self) -> dict[str, Any]:
        """Look for the place by its name when there is no point."""
        given = super().clean() or self.cleaned_data
        if given.get("lon") is None or given.get("lat") is None:
            found = places.find_place(given.get("place") or "")
            point = (found.lon, found.lat) if found else (None, None)
            given |= {"lon": point[0], "lat": point[1]}
        return given


class JoinForm(forms.Form):
    """The number of a case somebody saw too, and the key of the form they were filling in."""

    number = forms.CharField(max_length=20)
    key = forms.CharField(max_length=LONGEST_KEY)


class SayForm(forms.Form):
    """What the reporter has to say about their case."""

    kind = forms.ChoiceField(choices=SAYABLE, widget=forms.HiddenInput)
    solved = forms.ChoiceField(required=False, choices=Solved.choices)
    text = forms.CharField(
        required=False,
        max_length=2000,
        label=_("想说的话"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photos = PhotosField(required=False, label=_("照片"), help_text=_("可以不放，最多6张。"))


class RateForm(forms.Form):
    """How satisfied the reporter is, and whether anybody got in touch."""

    satisfied = forms.TypedChoiceField(choices=SATISFIED, coerce=int)
    contacted = forms.ChoiceField(required=False, choices=(("yes", _("联系过")), ("no", _("没有联系过"))))

    def clean_contacted(self) -> bool | None:
        """Return yes, no, or not said."""
        return {"yes": True, "no": False}.get(self.cleaned_data["contacted"])


class DoubtForm(DoubtPhoto):
    """Which public photo shows what it should not."""

    photo = forms.ChoiceField()
    text = forms.CharField(
        required=False,
        max_length=200,
        label=_("在照片的哪里（可以不写）"),
        help_text=_("例如：左边站着的人。不要写姓名和号码。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = None  # type: ignore[assignment]  # what staff are asked

    def __init__(self, *args: Any, photos: Sequence[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"] = forms.ChoiceField(choices=[(each["key"], each["alt"]) for each in photos])


class FindForm(forms.Form):
    """A case number as people write it."""

    number = NumberField(
        label=_("案件编号"),
        max_length=64,
        help_text=_("10位数字，例如 26 0001234 9。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
