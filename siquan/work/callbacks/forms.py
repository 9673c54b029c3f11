"""What is filled in about call-backs."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from siquan.work.callbacks.models import SATISFIED, STRATA, Every, Kind, Outcome, Solved
from siquan.work.callbacks.services.answering import LONGEST_WORDS
from siquan.work.cases.models import Source

CALLED = [each for each in Outcome.choices if each[0] != Outcome.TAKEN_BACK]
CONTACTED = (("yes", _("联系过")), ("no", _("没有联系过")))
IN_VAIN = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.WRONG_NUMBER, Outcome.REFUSED)


def fresh_key() -> str:
    """Return a key for one call, so that sending it twice counts once."""
    return secrets.token_urlsafe(12)


class Said(forms.Form):
    """What a reporter says of the result."""

    contacted = forms.ChoiceField(
        label=_("办结前联系过您吗"), required=False, choices=CONTACTED, widget=forms.RadioSelect
    )
    solved = forms.ChoiceField(
        label=_("解决了吗"), required=False, choices=Solved.choices, widget=forms.RadioSelect
    )
    satisfied = forms.TypedChoiceField(
        label=_("满意吗"),
        required=False,
        choices=SATISFIED,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("原话"), required=False, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_contacted(self) -> bool | None:
        """Return yes, no, or not asked."""
        return {"yes": True, "no": False}.get(self.cleaned_data["contacted"])


class SaveCall(Said):
    """How a call went; when somebody took it, what they said."""

    outcome = forms.ChoiceField(
        label=_("打得怎么样"), required=False, choices=CALLED, widget=forms.RadioSelect
    )
    reopen = forms.BooleanField(label=_("反映人希望重新办理"), required=False)
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)
    field_order = ("outcome", "contacted", "solved", "satisfied", "words", "reopen", "key")

    def clean(self) -> dict[str, Any]:
        """Take a verdict for a call that was taken; refuse both at once."""
        given = super().clean() or self.cleaned_data
        if not given.get("outcome") and (given.get("solved") or given.get("satisfied")):
            given["outcome"] = Outcome.ANSWERED
        if not given.get("outcome") and not self.errors:
            self.add_error("outcome", _("请选这个电话打得怎么样。"))
        if given.get("outcome") in IN_VAIN and given.get("solved"):
            self.add_error("solved", _("没有打通，就不会有答复：请只选一样。"))
        if given.get("outcome") == Outcome.ANSWERED and not given.get("solved"):
            self.add_error("solved", _("请选反映人怎么说：解决了吗？"))
        return given


class TakeBack(forms.Form):
    """Take the last call back; nothing to fill in."""


class Correct(Said):
    """What the reporter really said, and why it is corrected."""

    why = forms.CharField(label=_("为什么更正"), max_length=300)


class NewPlan(forms.Form):
    """Who is asked, when, and how often."""

    title = forms.CharField(label=_("名称"), max_length=100)
    source = forms.CharField(
        label=_("依据"), max_length=300, help_text=_("写明文件；没有文件就写“assumed”。")
    )
    valid_from = forms.DateField(
        label=_("从哪一天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    kind = forms.ChoiceField(label=_("问谁"), choices=Kind.choices, widget=forms.RadioSelect)
    sources = forms.MultipleChoiceField(
        label=_("哪些来源的案件"), choices=Source.choices, widget=forms.CheckboxSelectMultiple
    )
    after_limit = forms.BooleanField(label=_("处置超时也问"), required=False)
    strata = forms.MultipleChoiceField(
        label=_("按什么分层"),
        required=False,
        choices=tuple(STRATA.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    fraction = forms.FloatField(label=_("抽样比例"), required=False, min_value=0, max_value=1)
    fractions = forms.CharField(
        label=_("个别层的比例"),
        required=False,
        max_length=500,
        help_text=_("例如 hotline=1, snapshot=0.3；没有写的按上面的比例。"),
    )
    size = forms.IntegerField(label=_("或样本量"), required=False, min_value=1, max_value=1_000_000)
    at_least = forms.IntegerField(label=_("每层至少"), initial=2, min_value=0, max_value=100)
    every = forms.ChoiceField(label=_("多久抽一次"), choices=Every.choices, initial=Every.WEEK)
    sms_after_hours = forms.IntegerField(
        label=_("结案后几小时发短信"), required=False, min_value=0, max_value=720
    )
    phone_after_hours = forms.IntegerField(
        label=_("结案后几小时打电话"), required=False, min_value=0, max_value=720
    )
    attempts_a_day = forms.IntegerField(label=_("一天最多打几次"), initial=2, min_value=1, max_value=10)
    attempts_in_all = forms.IntegerField(label=_("一共最多打几次"), initial=3, min_value=1, max_value=20)
    hours_between = forms.IntegerField(label=_("两次之间隔几小时"), initial=2, min_value=0, max_value=72)
    hours = forms.CharField(label=_("什么时间可以打"), initial="09:00-12:00, 13:30-20:00", max_length=60)
    working_days_only = forms.BooleanField(label=_("只在工作日打"), required=False)
    answer_days = forms.IntegerField(label=_("几天内答复有效"), initial=15, min_value=1, max_value=180)
    lock_minutes = forms.IntegerField(
        label=_("电话为一个人保留几分钟"), initial=10, min_value=2, max_value=60
    )
    desk_may_reopen = forms.BooleanField(label=_("没有解决时，回访员可以直接重新办理"), required=False)
    script = forms.CharField(label=_("开场白"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    script_en = forms.CharField(
        label=_("开场白（英文）"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_fractions(self) -> dict[str, float]:
        """Return the fractions by the beginning of the stratum's name."""
        parts = [each.partition("=") for each in self.cleaned_data["fractions"].split(",") if each.strip()]
        try:
            return {name.strip(): float(share) for name, _sign, share in parts}
        except ValueError as error:
            raise forms.ValidationError(_("请写成 hotline=1, snapshot=0.3 这样。")) from error


# The verb → what it asks for; programs and pages fill in the same forms.
FORMS: dict[str, type[forms.Form]] = {
    "save": SaveCall,
    "take-back": TakeBack,
    "correct": Correct,
}
