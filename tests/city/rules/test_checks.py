"""Every planted fault is found, at its line; a good pack has none."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from siquan.city.rules import tables
from siquan.city.rules.checks import Around, Place, check, errors
from siquan.city.rules.files import parse
from siquan.city.rules.tables import Fault, Weight
from tests.city.rules.packs import GOOD, STREETS, added, files, parsed, planted

AROUND = Around({code: Place(code, "street", name) for code, name in STREETS.items()}, district="110101")


def faults(around: Around | None = AROUND, **changed: str | None) -> list[Fault]:
    return check(parsed(**changed), around)


def test_a_good_pack_has_no_fault_but_a_year_without_notice():
    found = faults()

    assert [(fault.weight, fault.place) for fault in found] == [(Weight.NOTE, "calendar.yaml")]
    assert "2027" in str(found[0])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        # words and numbers
        (planted("categories.csv", 4, "200101,2001,3,,,x,,,0,assumed"), "categories.csv:4:name_zh"),
        (planted("categories.csv", 4, "200101,2001,3,,暴露垃圾,x,,,0,"), "categories.csv:4:source"),
        (planted("categories.csv", 4, "200101,2001,3,thing,暴露垃圾,x,,,0,a"), "categories.csv:4:kind"),
        (planted("categories.csv", 2, "20,,1,,事件,x,,,0,a"), "categories.csv:2:kind"),
        (planted("categories.csv", 4, "200101,2001,3,,暴露垃圾,x,,,maybe,a"), "categories.csv:4:urgent"),
        (planted("limits.csv", 3, "20,,handling,0,working_days,a"), "limits.csv:3:amount"),
        (planted("limits.csv", 3, "20,,handling,1.5,working_days,a"), "limits.csv:3:amount"),
        (planted("limits.csv", 3, "20,,handling,٣,working_days,a"), "limits.csv:3:amount"),
        (planted("limits.csv", 3, "20,,handling,3,fortnights,a"), "limits.csv:3:unit"),
        (planted("limits.csv", 3, "20,,lunch,3,working_days,a"), "limits.csv:3:clock"),
        (planted("limits.csv", 3, "20,motorway,handling,3,working_days,a"), "limits.csv:3:road_class"),
        (planted("limits.csv", 5, "200101,main,handling,2,working_hours,"), "limits.csv:5:source"),
        (planted("responsibilities.csv", 2, "20,,palace,CGW,,,,a"), "responsibilities.csv:2:block_kind"),
        (planted("responsibilities.csv", 2, "20,,,CGW,,1 May,,a"), "responsibilities.csv:2:valid_from"),
        (
            planted("responsibilities.csv", 5, "2002,,,CGW,,2026-07-01,2026-07-01,a"),
            "responsibilities.csv:5:valid_to",
        ),
        (planted("pack.yaml", 8, "valid_from: soon"), "pack.yaml:8:valid_from"),
        (planted("pack.yaml", 7, "source:"), "pack.yaml:7:source"),
        (planted("pack.yaml", 3, 'district: "310101"'), "pack.yaml:district"),
        (added("pack.yaml", "colour: red"), "pack.yaml:9:colour"),
        # the same thing twice, circles, levels
        (added("categories.csv", "200101,2001,3,,又一次,x,,,0,a"), "categories.csv:7:code"),
        (planted("categories.csv", 3, "2001,200101,,,市容环境,x,,,0,a"), "categories.csv:3:parent"),
        (planted("categories.csv", 4, "200101,2009,3,,暴露垃圾,x,,,0,a"), "categories.csv:4:parent"),
        (planted("categories.csv", 4, "200101,2001,2,,暴露垃圾,x,,,0,a"), "categories.csv:4:level"),
        (added("categories.csv", "20010101,200101,,,太深,x,,,0,a"), "categories.csv:7:parent"),
        (added("units.csv", "CGW,又一个,,,bureau,,a"), "units.csv:4:code"),
        (planted("units.csv", 2, "CGW,城管委,,,ministry,,a"), "units.csv:2:kind"),
        (planted("units.csv", 3, "S01,办事处,,,street_office,9,a"), "units.csv:3:division"),
        # what nobody knows
        (planted("limits.csv", 5, "200109,main,handling,2,working_hours,a"), "limits.csv:5:category"),
        (planted("responsibilities.csv", 3, "200109,,,S01,,,,a"), "responsibilities.csv:3:category"),
        (planted("responsibilities.csv", 3, "200102,110101999,,S01,,,,a"), "responsibilities.csv:3:division"),
        (planted("responsibilities.csv", 3, "200102,,,S99,,,,a"), "responsibilities.csv:3:lead"),
        (planted("responsibilities.csv", 3, "200102,,,S01,CGW S99,,,a"), "responsibilities.csv:3:assists"),
        (planted("responsibilities.csv", 3, "200102,,,S01,S01,,,a"), "responsibilities.csv:3:assists"),
        # two lines for one case
        (added("limits.csv", "200101,main,handling,5,working_hours,a"), "limits.csv:7"),
        (added("responsibilities.csv", "200102,110101001,,CGW,,,,a"), "responsibilities.csv:7"),
        (
            added("responsibilities.csv", "2002,,,CGW,,2026-07-01,2026-09-01,a"),
            "responsibilities.csv:7",
        ),
        # the calendar
        (planted("calendar.yaml", 4, "office_hours: 12:00-09:00"), "calendar.yaml:4:office_hours"),
        (planted("calendar.yaml", 4, "office_hours: whenever"), "calendar.yaml:4:office_hours"),
        (planted("calendar.yaml", 10, "first_year: 99"), "calendar.yaml:10:first_year"),
        (planted("calendar.yaml", 11, "last_year: 2024"), "calendar.yaml:11:last_year"),
        (planted("calendar.yaml", 11, "last_year: 2099"), "calendar.yaml:11:last_year"),
        (planted("calendar.yaml", 8, "  - {date: 2026-03-02, working: false}"), "calendar.yaml:8"),
        (
            planted("calendar.yaml", 8, "  - {date: 2029-03-02, working: false, name: x, source: a}"),
            "calendar.yaml:8:date",
        ),
        (
            planted("calendar.yaml", 8, "  - {date: 2026-02-30, working: false, name: x, source: a}"),
            "calendar.yaml:8:date",
        ),
        (planted("calendar.yaml", 3, "valid_from: some day"), "calendar.yaml:3:valid_from"),
        # the shape of the files
        ({"limits_csv": None}, "limits.csv"),
        ({"pack_yaml": None}, "pack.yaml"),
        ({"limits_csv": ""}, "limits.csv:1"),
        ({"limits_csv": "category,clock,amount,unit\n20,filing,1,working_hours\n"}, "limits.csv:1:source"),
        (planted("limits.csv", 1, "category,road_class,clock,amount,unit,sauce"), "limits.csv:1:sauce"),
        (planted("limits.csv", 1, "category,category,clock,amount,unit,source"), "limits.csv:1:category"),
        (planted("limits.csv", 3, "20,,handling,3,working_days"), "limits.csv:3"),
        (planted("limits.csv", 3, '20,,handling,3,working_days,"a'), "limits.csv:6"),
        (planted("limits.csv", 3, "20,,handling,3,working_days,\0"), "limits.csv:3"),
        (planted("categories.csv", 4, f"200101,2001,3,,{'长' * 61},x,,,0,a"), "categories.csv:4:name_zh"),
        ({"pack_yaml": "- a list\n"}, "pack.yaml:1"),
        ({"pack_yaml": "name: [\n"}, "pack.yaml:2"),
        ({"pack_yaml": GOOD["pack.yaml"] + "name: again\n"}, "pack.yaml:9"),
        ({"pack_yaml": "a: &a [x]\nb: *a\n"}, "pack.yaml:2"),
        ({"pack_yaml": "[" * 5000}, "pack.yaml"),
    ],
)
def test_a_planted_error_is_found_at_its_line(change, place):
    assert place in [fault.place for fault in errors(faults(**change))]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (added("limits.csv", "200101,main,handling,5,working_hours,a"), ["第 5 行", "第 7 行"]),
        (added("responsibilities.csv", "200102,110101001,,CGW,,,,a"), ["第 3 行", "第 7 行"]),
        (planted("responsibilities.csv", 3, "200102,,,CGM,,,,a"), ["“CGM”", "“CGW”"]),
    ],
)
def test_an_error_names_both_lines_or_what_may_be_meant(change, told):
    words = " ".join(map(str, errors(faults(**change))))

    assert all(part in words for part in told)


def test_a_class_without_a_limit_is_a_gap():
    found = faults(**planted("limits.csv", 4, "2001,,verification,4,working_hours,assumed"))

    assert [(fault.weight, fault.place) for fault in found if fault.weight == Weight.GAP] == [
        (Weight.GAP, "categories.csv:6")
    ]
    assert "“突发事件”没有核查时限" in str(found[0])


def test_a_class_nobody_answers_for_is_a_gap_with_the_day_it_begins():
    change = planted("responsibilities.csv", 2, "2001,,,CGW,,,,assumed")
    change["responsibilities_csv"] = change["responsibilities_csv"].replace(
        "2026-07-01,,assumed", "2026-08-01,,assumed"
    )
    found = [fault for fault in faults(**change) if fault.weight == Weight.GAP]

    assert [fault.place for fault in found] == ["categories.csv:6"]
    assert "“突发事件”自 2026-07-01 起没有责任单位" in str(found[0])


def test_a_gap_in_some_streets_or_kinds_of_block_names_the_streets():
    head, *lines = GOOD["responsibilities.csv"].splitlines()
    rest = [line for line in lines if not line.startswith("20,")] + ["200101,,,CGW,,,,assumed"]
    found = [
        fault
        for fault in faults(responsibilities_csv="\n".join([head, *rest]) + "\n")
        if fault.weight == Weight.GAP
    ]

    assert [fault.place for fault in found] == ["categories.csv:5"]
    assert "1 个街道没有责任单位：景山街道" in str(found[0])


def test_rules_for_every_kind_of_block_leave_no_gap():
    head, *lines = GOOD["responsibilities.csv"].splitlines()
    kinds = [f"20,,{kind},CGW,,,,assumed" for kind in ("government", "culture", "residential", "industry")]
    rest = [line for line in lines if not line.startswith("20,")]
    found = faults(responsibilities_csv="\n".join([head, *rest, *kinds]) + "\n")

    assert Weight.GAP not in [fault.weight for fault in found]


def test_an_exception_by_date_is_a_note_that_says_until_when():
    found = faults(**added("responsibilities.csv", "20,,,S01,,2026-05-01,2026-06-01,assumed"))
    notes = [fault for fault in found if fault.file == "responsibilities.csv"]

    assert [(note.weight, note.place) for note in notes] == [
        (Weight.NOTE, "responsibilities.csv:7:valid_from")
    ]
    assert "自 2026-05-01 至 2026-06-01 前按这一行，其余时间按第 2 行" in str(notes[0])


def test_without_a_database_the_offices_of_the_pack_tell_the_streets():
    change = planted("responsibilities.csv", 2, "2001,110101002,,CGW,,,,assumed")

    assert [str(fault) for fault in faults(Around(), **change) if fault.weight == Weight.GAP]
    assert not errors(faults(Around(), **planted("responsibilities.csv", 2, "20,9,,CGW,,,,assumed")))


def test_yaml_says_the_same_as_csv():
    rows = "".join(
        f"- {{category: '{c}', road_class: {r or '~'}, clock: {k}, amount: {a}, unit: {u}, source: {s}}}\n"
        for c, r, k, a, u, s in (line.split(",") for line in GOOD["limits.csv"].splitlines()[1:])
    ).replace("~", "''")
    from_yaml = parse({**files(limits_csv=None), "limits.yaml": rows.encode()})

    assert from_yaml.faults == ()
    assert from_yaml.pack.digest == parsed().pack.digest


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm():
    text = "\ufeff\r\n" + GOOD["limits.csv"].replace("\n", "\r\n\r\n")
    found = parsed(limits_csv=text)

    assert found.faults == ()
    assert found.pack.digest == parsed().pack.digest
    assert [row.line for row in found.pack.limits] == [4, 6, 8, 10, 12]


def test_the_order_of_lines_does_not_count_but_every_word_does():
    head, *lines = GOOD["limits.csv"].splitlines()
    turned = "\n".join([head, *reversed(lines)]) + "\n"

    assert parsed(limits_csv=turned).pack.digest == parsed().pack.digest
    for table in ("categories.csv", "limits.csv", "responsibilities.csv"):
        changed = GOOD[table].replace("assumed", "assumed!", 1)
        assert parsed(**{table.replace(".", "_"): changed}).pack.digest != parsed().pack.digest


def test_words_that_are_not_utf8_say_how_to_save_the_file():
    content = GOOD["limits.csv"] + "20,main,filing,1,working_hours,出处\n"
    found = check(parse({**files(), "limits.csv": content.encode("gb18030")}))

    assert [fault.place for fault in errors(found)] == ["limits.csv:7"]
    assert "CSV UTF-8" in str(found[0])


def test_a_file_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 300)

    assert "categories.csv" in [fault.place for fault in errors(faults())]


def test_faults_are_told_in_the_readers_language():
    fault = errors(faults(**added("limits.csv", "200101,main,handling,5,working_hours,a")))[0]
    with translation.override("en"):
        assert "lines 5 and 7" in str(fault)


@given(st.dictionaries(st.sampled_from([*GOOD, "limits.yaml"]), st.binary(max_size=200)))
def test_no_bytes_make_the_reading_fail(changed):
    check(parse({**files(), **changed}), AROUND)
