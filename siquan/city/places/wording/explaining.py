"""Say in a sentence why a text means a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from siquan.city.places.models import AliasSort
from siquan.city.places.wording.phrases import Claim, Option, Walk


def direction_in_words(direction: str) -> str:
    """Return a direction in the reader's language."""
    words: Mapping[str, str] = {
        "东": _("东"), "南": _("南"), "西": _("西"), "北": _("北"),
        "东北": _("东北"), "东南": _("东南"), "西北": _("西北"), "西南": _("西南"),
        "北东": _("东北"), "南东": _("东南"), "北西": _("西北"), "南西": _("西南"),
    }  # fmt: skip
    return words[direction]


def name_of(claim: Claim, shown: Mapping[str, str]) -> str:
    """Return what to call the point of a claim."""
    names = [shown.get(name, name) for name in claim.names]
    if claim.kind == "crossing":
        words = _("%(one)s与%(other)s路口") % {"one": names[0], "other": names[1]}
    elif claim.kind == "between":
        words = _("%(road)s（%(one)s至%(other)s）") % {"road": names[0], "one": names[1], "other": names[2]}
    elif claim.kind == "end":
        words = _("%(road)s%(direction)s口") % {
            "road": names[0],
            "direction": direction_in_words(claim.detail),
        }
    else:
        words = _("%(road)s%(number)s号") % {"road": names[0], "number": claim.detail}
    return words + walked(claim.walk)


def walked(walk: Walk | None) -> str:
    """Return the distance told, to be put behind a name."""
    if walk is None:
        return ""
    if not walk.direction:
        return _("附近%(metres)d米内") % {"metres": round(walk.metres)}
    return _("往%(direction)s%(metres)d米") % {
        "direction": direction_in_words(walk.direction),
        "metres": round(walk.metres),
    }


def why_claim(claim: Claim, name: str) -> str:
    """Return why a claim puts the place at this point."""
    words = {
        "crossing": _("文中提到路口“%(name)s”。"),
        "between": _("文中提到路段“%(name)s”，取其中点。"),
        "end": _("文中提到“%(name)s”。"),
        "door": _("文中提到门牌“%(name)s”，门牌位置已知。"),
        "near-door": _("文中提到门牌“%(name)s”，按邻近门牌推算。"),
    }[claim.kind]
    return words % {"name": name} + noted(claim.options)


def noted(options: Sequence[Option]) -> str:
    """Return what to add where a name was written otherwise than on the map."""
    told = []
    for option in options:
        if option.note:
            label = AliasSort(option.note).label
            told.append(_("“%(written)s”是%(sort)s。") % {"written": option.written, "sort": label})
        elif option.likeness < 1 and option.written != option.name:
            told.append(
                _("文中写作“%(written)s”，按“%(name)s”理解。")
                % {"written": option.written, "name": option.name}
            )
    return "".join(told)
