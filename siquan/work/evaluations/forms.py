"""What is filled in about rounds of outside evaluation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from siquan.work.evaluations.models import Verdict


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class Announce(forms.Form):
    """A round: which closings, how many, until when."""

    title = forms.CharField(label=_("名称"), max_length=100)
    first = _day(_("结案从哪一天"))
    last = _day(_("到哪一天"))
    size = forms.IntegerField(label=_("抽多少件"), initial=60, min_value=1, max_value=5000)
    repeats = forms.IntegerField(
        label=_("其中由两人各评一次的"),
        initial=12,
        min_value=0,
        max_value=5000,
        help_text=_("两个人互不知道，用来看评价员之间是不是一致。"),
    )
    due_on = _day(_("最晚哪一天评完"))


class Nothing(forms.Form):
    """A verb that needs no words."""


class Judge(forms.Form):
    """What the photos show."""

    verdict = forms.ChoiceField(label=_("整改了吗"), choices=Verdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("说明"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


FORMS: dict[str, type[forms.Form]] = {"draw": Nothing, "cancel": Nothing, "close": Nothing}
