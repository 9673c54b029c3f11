"""A place told in words: names, crossings, house numbers, distances, slips and other names."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.coordinates import distance_m
from siquan.city.places import queries, services
from siquan.city.places.models import Alias, Crossing
from siquan.city.places.queries import Outcome
from siquan.city.places.wording.letters import likeness, number
from siquan.city.places.wording.ways import Ways
from tests import make
from tests.city.places import ground

NORTH, SOUTH = 39.910, 39.9005
EAST_STREET, WEST_STREET = 116.4150, 116.4050
METRE = 1 / 111_195


def line(*points: Sequence[float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


def roads() -> list[dict[str, Any]]:
    """Return two streets from north to south and an alley between them."""
    return [
        ground.feature(line((EAST_STREET, SOUTH), (EAST_STREET, NORTH)), name="长乐东大街"),
        ground.feature(line((WEST_STREET, SOUTH), (WEST_STREET, NORTH)), name="长乐西大街"),
        ground.feature(line((WEST_STREET, 39.905), (EAST_STREET, 39.905)), name="柳树胡同"),
    ]


CROSSINGS = [
    {"one": "柳树胡同", "other": "长乐东大街", "lon": EAST_STREET, "lat": 39.905, "source": "test"},
    {"one": "柳树胡同", "other": "长乐西大街", "lon": WEST_STREET, "lat": 39.905, "source": "test"},
]
DOORS = [
    {"road": "柳树胡同", "number": "11", "lon": 116.4060, "lat": 39.9051, "source": "test"},
    {"road": "柳树胡同", "number": "21", "lon": 116.4080, "lat": 39.9051, "source": "test"},
]
ALIASES = [
    {"alias": "驴市胡同", "name": "柳树胡同", "sort": "old", "source": "test"},
    {"alias": "四眼井路口", "name": "柳树胡同×长乐东大街", "sort": "crossing", "source": "test"},
    {"alias": "海棠区", "name": "", "sort": "outside", "source": "test"},
]


def sites() -> list[dict[str, Any]]:
    return [
        ground.site("S1", "alley", "背街小巷", "柳树胡同", (116.410, 39.905)),
        ground.site("S2", "road", "道路", "长乐东大街", (EAST_STREET, 39.905)),
        ground.site("S3", "road", "道路", "长乐西大街", (WEST_STREET, 39.905)),
        ground.site("S4", "park", "公园", "青松公园", (116.4020, 39.908)),
        ground.site("S5", "park", "公园", "青松公园", (116.4180, 39.902)),
        ground.site("S6", "compound", "住宅小区", "明月家园", (116.4120, 39.907)),
    ]


@pytest.fixture
def told_district(db: None, tmp_path: Path) -> Path:
    """Load the small district with roads, crossings, house numbers and other names; return its folder."""
    folder = ground.write(
        tmp_path, sites=sites(), roads=roads(), crossings=CROSSINGS, doors=DOORS, aliases=ALIASES
    )
    ground.load(folder)
    return folder


def place(text: str) -> queries.Candidate:
    reading = queries.read_place(text)
    assert reading.place is not None, (text, reading)
    return reading.place


def off(text: str, lon: float, lat: float) -> float:
    """Return how far (m) the place found for a text lies from a point."""
    found = place(text)
    assert found.lon is not None
    assert found.lat is not None
    return distance_m(found.lon, found.lat, lon, lat)


@pytest.mark.usefixtures("told_district")
@pytest.mark.parametrize(
    "text",
    [
        "长乐东大街与柳树胡同交叉口",
        "柳树胡同和长乐东大街路口西北角有积水",
        "长乐东大街柳树胡同口",
        "我在四眼井路口这边",
        "柳树胡同东口堆了沙子",
        "長樂東大街與柳樹胡同交叉口".replace("樂", "乐").replace("與", "与"),
        "长乐冬大街与柳树胡同交叉口",
    ],
)
def test_a_crossing_is_found_where_the_roads_meet(text: str) -> None:
    assert off(text, EAST_STREET, 39.905) < 1


@pytest.mark.usefixtures("told_district")
@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("长乐东大街与柳树胡同交叉口往南50米", 50),
        ("长乐东大街与柳树胡同交叉口，往南 ５０ 米", 50),
        ("长乐东大街和柳树胡同路口以南约一百米处", 100),
        ("柳树胡同东口向南走0.1公里", 100),
    ],
)
def test_a_distance_told_is_walked_along_the_road(text: str, metres: float) -> None:
    assert off(text, EAST_STREET, 39.905 - metres * METRE) < 2
    assert f"往南{metres}米" in place(text).name


@pytest.mark.usefixtures("told_district")
def test_a_known_house_number_is_a_point_and_one_between_is_reckoned() -> None:
    assert off("柳树胡同11号门口", 116.4060, 39.9051) < 1
    assert off("柳树胡同十五号", 116.4068, 39.9051) < 5
    assert "推算" in place("柳树胡同15号").why


@pytest.mark.usefixtures("told_district")
def test_an_unknown_house_number_leaves_the_road_and_says_so() -> None:
    found = place("长乐东大街900号")
    assert (found.name, found.is_site) == ("长乐东大街", True)
    assert "900号的位置未知" in found.why


@pytest.mark.usefixtures("told_district")
def test_an_old_name_and_a_slip_are_told_in_the_reason() -> None:
    assert place("驴市胡同有人乱停车").name == "柳树胡同"
    assert "旧称" in place("驴市胡同有人乱停车").why
    assert "柳书胡同" in place("柳书胡同有人乱停车").why


@pytest.mark.usefixtures("told_district")
@pytest.mark.parametrize(
    "text",
    [
        "长乐大街有人乱停车",  # east or west
        "青松公园里",  # two of one name
        "小柳树胡同",  # another alley's name
        "明月家园与长乐东大街和长乐西大街交叉口",  # roads that do not meet
        "柳树胡同与无名大街交叉口",  # half a crossing
    ],
)
def test_what_could_be_several_places_is_left_open_with_candidates(text: str) -> None:
    reading = queries.read_place(text)
    assert reading.place is None, reading
    assert reading.outcome == Outcome.AMBIGUOUS
    assert reading.candidates
    assert reading.reason


@pytest.mark.usefixtures("told_district")
@pytest.mark.parametrize("text", ["海棠区柳树胡同11号", "没有地名的一句话", "", "。", "、与、交叉口往南50米"])
def test_nothing_is_found_where_nothing_of_here_is_told(text: str) -> None:
    reading = queries.read_place(text)
    assert (reading.place, reading.outcome) == (None, Outcome.NOTHING)


@pytest.mark.usefixtures("told_district")
def test_the_place_in_the_middle_of_a_letter_is_found() -> None:
    letter = "您好，我住在附近。" * 20 + "长乐西大街与柳树胡同交叉口的井盖坏了。" + "请尽快处理，谢谢！" * 20
    assert off(letter, WEST_STREET, 39.905) < 1


@pytest.mark.usefixtures("told_district")
def test_a_crossing_typed_is_offered_first() -> None:
    found = queries.search_names("柳树胡同和长乐西大街路口", only_points=True)
    assert found[0].name == "柳树胡同与长乐西大街路口"
    assert found[0].why
    assert queries.search_names("驴市胡同")[0].name == "柳树胡同"


def test_names_are_those_of_the_day(told_district: Path) -> None:
    day = date(2026, 9, 1)
    ground.write(told_district, aliases=ALIASES[1:], crossings=CROSSINGS[:1])
    changed = ground.load(told_district, on=day)

    assert changed.words_changed == 2
    assert queries.find_place("驴市胡同", on=date(2026, 8, 31)) is not None
    assert queries.find_place("驴市胡同", on=day) is None
    assert Alias.objects.get(alias="驴市胡同").valid_to == day
    assert Crossing.objects.as_of(day).count() == 1
    assert not ground.load(told_district, on=day).is_change, "the same files again change nothing"


def test_a_wrong_row_refuses_the_load(told_district: Path) -> None:
    ground.write(told_district, aliases=[{"alias": "某街", "name": "柳树胡同", "sort": "nonsense"}])
    with pytest.raises(services.GeographyFaults, match="nonsense"):
        ground.load(told_district, on=date(2026, 9, 1))


@pytest.mark.usefixtures("told_district")
def test_the_command_answers_each_line(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    lines = "柳树胡同11号\n青松公园\n没有\n".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))

    call_command("places_find", on=make.LONG_AGO)

    found, open_, nothing = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (found["outcome"], found["place"]["datum"]) == ("found", "WGS-84".lower().replace("-", ""))
    assert (open_["outcome"], open_["place"], len(open_["candidates"])) == ("ambiguous", None, 2)
    assert (nothing["outcome"], nothing["candidates"]) == ("nothing", [])


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("50", 50),
        ("1.5", 1.5),
        ("五十", 50),
        ("十五", 15),
        ("二百八十一", 281),
        ("两百", 200),
        ("一〇三", 103),
    ],
)
def test_numbers_are_read_in_both_ways(words: str, value: float) -> None:
    assert number(words) == value


@pytest.mark.parametrize(
    ("typed", "name", "is_sure"),
    [
        ("史加胡同", "史家胡同", True),  # sounds alike
        ("东四大街", "东四北大街", False),  # the missing character tells it from its neighbours
        ("东四南大街", "东四北大街", False),
        ("国盛盛胡同", "国盛胡同", True),
        ("新街", "新家胡同", False),
    ],
)
def test_a_slip_that_tells_places_apart_is_never_sure(typed: str, name: str, is_sure: bool) -> None:
    assert (likeness(typed, name) >= 0.7) == is_sure


@given(st.sampled_from("东南西北"), st.floats(1, 300))
def test_a_walk_is_as_long_as_told(direction: str, metres: float) -> None:
    start = (116.41, 39.91)
    there = Ways({}).walk(start, direction, metres, ())
    assert distance_m(*start, *there.at) == pytest.approx(metres, rel=0.01)
