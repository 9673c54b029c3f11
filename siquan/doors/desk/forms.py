"""What people send in on the desk's own pages."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_MEGABYTES: Final = 20


class BoundaryFile(forms.Form):
    """A file of changed boundaries, the day from which it holds, and why."""

    file = forms.FileField(
        label=_("边界文件"),
        help_text=_("GeoJSON，WGS-84坐标。每个区划写明code；只放有变化的，相邻的要一起改。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
    )
    valid_from = forms.DateField(
        label=_("从哪一天起生效"),
        help_text=_("今天或以后。此前上报的案件仍属于原来的区划。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "short"}),
    )
    reason = forms.CharField(
        max_length=200, label=_("依据"), help_text=_("例如批准调整的文件名称和文号，会记入日志。")
    )

    def clean_file(self) -> Any:
        """Refuse a file larger than any honest one."""
        file = self.cleaned_data["file"]
        if file.size > MOST_MEGABYTES * 1024 * 1024:
            words = _("文件超过%(most)sMB，请只放有变化的区划。")
            raise forms.ValidationError(words, params={"most": MOST_MEGABYTES})
        return file

    def clean_valid_from(self) -> date:
        """Refuse a day that has passed: cases keep the divisions of their day."""
        day: date = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("请选今天或以后的日期。"))
        return day
