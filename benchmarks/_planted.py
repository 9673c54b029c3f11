"""Reports planted beside open cases of a demo year: the same matter told again, and what only looks it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from siquan.demo.words import sentences_for
from siquan.work.cases.models import Case
from siquan.work.cases.queries.duplicates import Asked
from siquan.work.cases.services.ruling import book_on

METRES_NORTH: Final = 111_195.0
BEGINNINGS: Final = ("", "", "您好，", "反映：", "路过看到，", "我是附近居民，", "昨天就有，", "又来反映，")
ENDINGS: Final = ("", "", "请尽快处理。", "希望有人管。", "谢谢！", "已经好几天了。", "麻烦派人看看。")
WHERE: Final = ("", "东口", "附近", "门口", "对面", "路边", "那儿", "中段")


@dataclass(frozen=True, slots=True)
class Planted:
    """A report; `of` is the case it tells again, 0 when it is about something else."""

    asked: Asked
    of: int
    sort: str


def planted(*, seed: int, count: int) -> list[Planted]:
    """Return, for so many cases of the year, reports of the same matter and of others beside it."""
    chance = random.Random(seed)
    cases = _cases(chance, count)
    leaves = _leaves(cases)
    return [each for case in cases for each in _around(case, leaves, chance)]


def _cases(chance: random.Random, count: int) -> list[dict[str, Any]]:
    rows = Case.objects.filter(lon__isnull=False, category__isnull=False, closed_at__isnull=False).order_by(
        "id"
    )
    keys = chance.sample(list(rows.values_list("id", flat=True)), count)
    names = (
        "id",
        "lon",
        "lat",
        "text",
        "category_id",
        "category__code",
        "category__name",
        "reported_at",
        "closed_at",
        "site__name",
    )
    return list(Case.objects.filter(pk__in=keys).order_by("id").values(*names))


def _leaves(cases: Sequence[dict[str, Any]]) -> list[tuple[int, str, str, int | None]]:
    book = book_on(cases[-1]["reported_at"].date())
    return [(leaf.id, leaf.code, leaf.name, leaf.parent_id) for leaf in book.leaf_categories]


def _around(
    case: dict[str, Any], leaves: Sequence[tuple[int, str, str, int | None]], chance: random.Random
) -> Iterator[Planted]:
    parent = {key: above for key, _code, _name, above in leaves}
    own = case["category_id"], case["category__code"], case["category__name"]
    near = [leaf for leaf in leaves if leaf[3] == parent.get(own[0]) and leaf[0] != own[0]]
    far = [leaf for leaf in leaves if leaf[3] != parent.get(own[0]) and leaf[1][:1] == "2"]
    draw = chance.random()
    category = own[0] if draw < 0.75 else chance.choice(near)[0] if near and draw < 0.87 else None
    text = _told(case, own, chance)
    yield Planted(_asked(case, chance, text, category, apart=_beside(chance)), case["id"], "same matter")
    other = chance.choice(far)
    text = _told(case, other, chance)
    yield Planted(
        _asked(case, chance, text, other[0], apart=_beside(chance)), 0, "same place, another matter"
    )
    text = _told(case, own, chance)
    yield Planted(_asked(case, chance, text, own[0], apart=(200.0, 260.0)), 0, "same matter 200 m away")
    yield Planted(
        _asked(case, chance, case["text"], own[0], apart=(600.0, 2000.0)), 0, "same words elsewhere"
    )


def _beside(chance: random.Random) -> tuple[float, float]:
    return (0.0, 25.0) if chance.random() < 0.8 else (25.0, 60.0)


def _asked(
    case: dict[str, Any],
    chance: random.Random,
    text: str,
    category: int | None,
    *,
    apart: tuple[float, float],
) -> Asked:
    far, angle = chance.uniform(*apart), chance.uniform(0, 2 * math.pi)
    wide = math.cos(math.radians(case["lat"]))
    return Asked(
        lon=case["lon"] + far * math.cos(angle) / METRES_NORTH / wide,
        lat=case["lat"] + far * math.sin(angle) / METRES_NORTH,
        at=_later(case["reported_at"], case["closed_at"], chance),
        text=text,
        category_id=category,
    )


def _later(since: datetime, until: datetime, chance: random.Random) -> datetime:
    """Return a moment while the case is open, more likely soon than late, at most four days after."""
    longest = min((until - since).total_seconds() * 0.95, 4 * 86_400.0)
    return since + timedelta(seconds=longest * chance.random() ** 2)


def _told(case: dict[str, Any], category: tuple[Any, ...], chance: random.Random) -> str:
    """Return the matter in other words: another sentence, another place word, some letters lost."""
    sentence = chance.choice(sentences_for(category[1]))
    place = (
        (case["site__name"] or "这里")
        if chance.random() < 0.6
        else chance.choice(("这里", "我家门口", "胡同里"))
    )
    words = sentence.format(place=f"{place}{chance.choice(WHERE)}", name=category[2])
    words = "".join(each for each in words if chance.random() > 0.04)
    return f"{chance.choice(BEGINNINGS)}{words}{chance.choice(ENDINGS)}"
