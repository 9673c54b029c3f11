"""What an appeal and its decision ask for; the same names as the services' arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from siquan.insight.scoring.models import RateKind
from siquan.insight.scoring.services.appealing import MOST_ANSWER, MOST_WORDS
from siquan.work.cases.forms import PhotosField


class Appeal(forms.Form):
    """Why a case should not count, with evidence."""

    reason = forms.CharField(label=_("理由"), max_length=30)
    rate = forms.ChoiceField(
        label=_("哪一率"), required=False, choices=[("", _("三率都不计入")), *RateKind.choices]
    )
    text = forms.CharField(
        label=_("事实依据"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写清事实。不要写反映人的姓名和电话。"),
    )
    photos = PhotosField(required=False)


class Decision(forms.Form):
    """Why it was decided so."""

    answer = forms.CharField(
        label=_("为什么这样决定"), max_length=MOST_ANSWER, widget=forms.Textarea(attrs={"rows": 3})
    )


class Withdrawal(forms.Form):
    """Why the appeal is taken back, if one wishes to say."""

    answer = forms.CharField(
        label=_("说明（可不填）"),
        required=False,
        max_length=MOST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class Revision(Decision):
    """On which recorded ground a decision is turned round, and why."""

    ground = forms.CharField(label=_("依据"), max_length=30)
    field_order = ("ground", "answer")


FORMS: Mapping[str, type[forms.Form]] = {
    "grant": Decision,
    "refuse": Decision,
    "withdraw": Withdrawal,
    "revise": Revision,
}


def appeal_form(reasons: list[tuple[str, str]], *args: Any) -> Appeal:
    """Return the form of an appeal with the reasons of the pack to choose from."""
    form = Appeal(*args)
    form.fields["reason"].widget = forms.Select(choices=[("", _("请选择")), *reasons])
    return form
