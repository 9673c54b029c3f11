"""What is typed about duties and colleagues."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import current_district
from siquan.city.duties.models import Role
from siquan.city.places.models import Division, Level
from siquan.city.units.models import Unit
from siquan.city.units.queries import units


class Day(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self) -> None:
        """Speak ISO, as the browser does."""
        super().__init__(format="%Y-%m-%d")


class UnitField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of units in force."""

    def label_from_instance(self, unit: Unit) -> str:
        """Show kind and name."""
        return f"{unit.get_kind_display()} · {unit}"


class DivisionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of divisions in force, down to the block: cells are too many to choose from a list."""

    def label_from_instance(self, division: Division) -> str:
        """Show level and name."""
        return f"{division.get_level_display()} · {division}"


class GiveDuty(forms.Form):
    """A role, its bounds, from and to."""

    role = forms.ChoiceField(label=_("角色"), choices=[("", "—"), *Role.choices])
    unit = UnitField(
        label=_("所属单位"), queryset=Unit.objects.none(), required=False, help_text=_("单位经办人必填。")
    )
    division = DivisionField(
        label=_("区划"),
        queryset=Division.objects.none(),
        required=False,
        help_text=_("网格员、核查员负责的街道、社区或街区；单位和区划都不填就是全区。"),
    )
    valid_from = forms.DateField(label=_("开始日期"), widget=Day())
    valid_to = forms.DateField(
        label=_("终止日期"),
        widget=Day(),
        required=False,
        help_text=_("从这一天起不再负有这项职责；长期的不用填。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what is in force today."""
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        chosen = self.fields["unit"], self.fields["division"]
        chosen[0].queryset = units(today)  # type: ignore[attr-defined]
        chosen[1].queryset = (  # type: ignore[attr-defined]
            Division.objects.as_of(today)
            .filter(district_id=current_district())
            .exclude(level__in=[Level.CELL, Level.DISTRICT])
            .defer("boundary")
            .order_by("-level", "code")
        )
        self.fields["valid_from"].initial = today


class EndDuty(forms.Form):
    """The first day without the duty."""

    on = forms.DateField(label=_("终止日期"), widget=Day(), help_text=_("从这一天起不再负有这项职责。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Propose today."""
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()


class NewPerson(forms.Form):
    """A colleague's account."""

    username = forms.CharField(
        label=_("登录名"), max_length=60, help_text=_("用来登录，不能和别人的一样。例如 zhang.san。")
    )
    name = forms.CharField(label=_("姓名"), max_length=60)
    email = forms.EmailField(label=_("电子邮箱"), required=False, help_text=_("选填，用来接收通知。"))
