"""Areas of a picture as people and programs write them: percent of its sides, one area after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

SIDES: Final = ("left", "top", "width", "height")
MOST_LETTERS: Final = 1000
THOUSANDTHS: Final = 10  # of a percent
Area = tuple[int, int, int, int]


class AreaRows(forms.TextInput):
    """Reads an area a row (`areas-left` …, as the page shows them), or all of them as one text (programs)."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """Return the areas as one text; rows of which nothing is filled in do not count."""
        if name in data or not hasattr(data, "getlist"):
            return str(data.get(name, ""))
        rows = zip(*(data.getlist(f"{name}-{side}") for side in SIDES), strict=False)
        return ";".join(",".join(row) for row in rows if any(row))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell that an area is never left out: no rows are no areas."""
        return False


class AreasField(forms.CharField):
    """Areas as `left,top,width,height; …` in percent; gives corners in thousandths of the picture."""

    widget = AreaRows

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_LETTERS, **kwargs)

    def clean(self, value: Any) -> list[Area]:
        """Return the areas. Raises ValidationError."""
        parts = [each for each in super().clean(value).split(";") if each.strip()]
        return [self._area(each) for each in parts]

    def _area(self, text: str) -> Area:
        try:
            numbers = [round(float(each) * THOUSANDTHS) for each in text.split(",")]
            left, top, width, height = numbers
        except (ValueError, OverflowError) as error:
            raise forms.ValidationError(_("每一处要四个数：左、上、宽、高，都是百分之几。")) from error
        return left, top, left + width, top + height


def as_rows(areas: Sequence[Sequence[int]]) -> list[Mapping[str, str]]:
    """Return areas in thousandths as the rows of the page: percent, with a point whatever the language."""
    return [
        dict(
            zip(
                SIDES,
                (f"{number / THOUSANDTHS:g}" for number in (left, top, right - left, bottom - top)),
                strict=True,
            )
        )
        for left, top, right, bottom in areas
    ]
