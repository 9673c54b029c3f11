"""The demo rule pack is complete: every leaf category has its limits and, everywhere, one who answers."""

import csv
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import yaml

import siquan.demo
from tests.demo.test_data import features
from tests.demo.test_data import rows as data_rows

PACK = Path(siquan.demo.__file__).parent / "pack"
FILES = ("categories.csv", "limits.csv", "responsibilities.csv", "units.csv")
CLOCKS = {"filing", "handling", "verification"}
UNITS = {"working_hours", "working_days", "urgent_hours", "calendar_hours", "calendar_days"}
ROAD_CLASSES = {"", "main", "secondary", "branch", "alley"}


@cache
def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((PACK / name).read_text(encoding="utf-8").splitlines()))


@cache
def categories() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows("categories.csv")}


def leaves() -> list[str]:
    parents = {row["parent"] for row in rows("categories.csv")}
    return [code for code in categories() if code not in parents]


def upwards(code: str) -> list[str]:
    path = [code]
    while categories()[path[-1]]["parent"]:
        path.append(categories()[path[-1]]["parent"])
    return path


@cache
def responsibilities_of(category: str) -> list[dict[str, str]]:
    return [row for row in rows("responsibilities.csv") if row["category"] == category]


def who_answers(category: str, street: str, block: str, kind: str, day: date) -> list[dict[str, str]]:
    """Return the most specific lines: nearest category, smallest division, given kind of block, latest."""
    places = {"": 0, street: 1, block: 2}
    found = []
    for depth, code in enumerate(upwards(category)):
        for row in responsibilities_of(code):
            begins, ends = row["valid_from"], row["valid_to"] or "9999-12-31"
            if (
                row["division"] in places
                and row["block_kind"] in {"", kind}
                and begins <= day.isoformat() < ends
            ):
                found.append(((-depth, places[row["division"]], row["block_kind"] != "", begins), row))
    best = max(rank for rank, _ in found)
    return [row for rank, row in found if rank == best]


@pytest.mark.parametrize("name", FILES)
def test_every_line_has_a_source(name):
    assert rows(name)
    assert [row for row in rows(name) if not row["source"].strip()] == []


def test_the_pack_says_that_it_is_not_official():
    pack = yaml.safe_load((PACK / "pack.yaml").read_text(encoding="utf-8"))

    assert pack["name"] == "dongcheng-demo"
    assert pack["version"] == "2026.1"
    assert "非官方" in pack["note"] and pack["source"]


def test_the_calendar_has_hours_as_text():
    calendar = yaml.safe_load((PACK / "calendar.yaml").read_text(encoding="utf-8"))

    assert calendar["office_hours"] == [["09:00", "12:00"], ["13:30", "17:30"]]
    assert calendar["urgent_hours"] and calendar["days"] == []


def test_categories_stand_on_three_levels_below_a_parent_of_the_same_kind():
    seen = set()
    for row in rows("categories.csv"):
        assert row["code"] not in seen
        if row["level"] == "1":
            assert row["parent"] == ""
        else:
            parent = categories()[row["parent"]]
            assert row["parent"] in seen
            assert int(parent["level"]) == int(row["level"]) - 1
            assert parent["kind"] == row["kind"]
        seen.add(row["code"])
    assert {row["kind"] for row in rows("categories.csv")} == {"component", "event", "service"}
    assert all(categories()[code]["level"] == "3" for code in leaves())
    assert len(leaves()) > 280


def test_categories_can_be_chosen_by_name_in_both_languages():
    for column in ("name_zh", "name_en"):
        counted = Counter(categories()[code][column] for code in leaves())
        assert [name for name, n in counted.items() if n > 1 or not name] == []
    assert all(row["name_en"].isascii() or "ç" in row["name_en"] for row in rows("categories.csv"))


def test_every_leaf_says_when_it_is_filed_and_closed():
    for code in leaves():
        assert categories()[code]["filing_condition"], code
        assert categories()[code]["closing_condition"], code


def test_limits_are_well_formed_and_unambiguous():
    keys = Counter((r["category"], r["road_class"], r["clock"]) for r in rows("limits.csv"))

    assert max(keys.values()) == 1
    for row in rows("limits.csv"):
        assert row["category"] in categories()
        assert row["clock"] in CLOCKS and row["unit"] in UNITS and row["road_class"] in ROAD_CLASSES
        assert int(row["amount"]) > 0


def test_every_leaf_has_a_limit_on_all_three_clocks_on_any_road():
    known = {(r["category"], r["clock"]) for r in rows("limits.csv") if not r["road_class"]}
    for code in leaves():
        for clock in CLOCKS:
            assert any((step, clock) in known for step in upwards(code)), (code, clock)


def test_some_limits_are_real_and_the_others_say_assumed():
    sources = {row["source"] for row in rows("limits.csv")}

    assert "assumed" in sources
    assert any("renrendoc" in source for source in sources)


def test_units_are_known_wherever_they_are_named():
    units = {row["code"] for row in rows("units.csv")}
    assert len(units) == len(rows("units.csv"))
    for row in rows("responsibilities.csv"):
        assists = [code for code in row["assists"].split(";") if code]
        assert row["lead"] in units and set(assists) <= units and row["lead"] not in assists


def test_units_of_every_kind_take_part():
    kinds = Counter(row["kind"] for row in rows("units.csv"))

    assert set(kinds) == {
        "centre",
        "bureau",
        "street_office",
        "community",
        "enterprise",
        "central_organ",
        "garrison",
    }
    assert kinds["street_office"] == 17
    assert 40 <= sum(kinds.values()) <= 60
    assert [row["code"] for row in rows("units.csv") if row["kind"] == "centre"] == ["CENTRE"]


def test_divisions_of_units_and_responsibilities_exist():
    streets = {row["street"] for row in data_rows("communities.csv")}
    communities = {row["code"] for row in data_rows("communities.csv")}
    blocks = {f["properties"]["code"] for f in features("blocks.geojson")}
    for row in rows("units.csv"):
        assert row["division"] in {"", *streets, *communities}
    for row in rows("responsibilities.csv"):
        assert row["division"] in {"", *streets, *blocks}


@pytest.mark.parametrize("day", [date(2025, 12, 24), date(2026, 6, 1), date(2026, 11, 20)])
def test_every_leaf_in_every_block_has_exactly_one_who_answers(day):
    used = {row["division"] for row in rows("responsibilities.csv")}
    situations = {
        (p["street"], p["code"] if p["code"] in used else "-", p["kind"])
        for p in (f["properties"] for f in features("blocks.geojson"))
    }
    cases = [(code, *situation) for code in leaves() for situation in sorted(situations)]
    wrong = [case for case in cases if len(who_answers(*case, day)) != 1]

    assert wrong == []


def test_exceptions_beat_the_general_rule():
    winter, summer = date(2026, 1, 10), date(2026, 7, 20)
    block = next(
        f["properties"] for f in features("blocks.geojson") if f["properties"]["name"] == "王府井街区"
    )

    def lead(category: str, day: date = summer, **where: str) -> str:
        place = {"street": "110101006", "block": "-", "kind": "residential"} | where
        return who_answers(category, **place, day=day)[0]["lead"]

    assert lead("900401", winter) == "RL" and lead("900401", summer) == "CGW"
    assert lead("200501", kind="culture") == "CGZF" and lead("200501") == "S06"
    assert lead("200506", street=block["street"], block=block["code"], kind=block["kind"]) == "WFJ"
    assert lead("200506", street=block["street"]) == "S01"


def test_the_case_mix_weighs_every_leaf_and_is_mostly_what_people_see_in_the_street():
    mix = {row["category"]: float(row["weight"]) for row in data_rows("case_mix.csv")}

    assert set(mix) == set(leaves())
    assert all(weight > 0 for weight in mix.values())
    assert all(row["source"] for row in data_rows("case_mix.csv"))
    top = sorted(mix, key=lambda code: -mix[code])[:3]
    assert [categories()[code]["name_zh"] for code in top] == [
        "非机动车乱停放",
        "违规标语宣传品",
        "乱堆物堆料",
    ]
