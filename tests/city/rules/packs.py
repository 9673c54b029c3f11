"""A small pack without a fault, as files; tests plant theirs in it."""

from __future__ import annotations

from datetime import date

from siquan.city.places.models import Division, Level
from siquan.city.rules.files import Parsed, parse

GOOD = {
    "pack.yaml": """\
name: small
version: "1"
district: "110101"
title: 小规则包
title_en: A small pack
note: 供测试用
source: assumed
valid_from: 2026-01-01
""",
    "categories.csv": """\
code,parent,level,kind,name_zh,name_en,filing_condition,closing_condition,urgent,source
20,,1,event,事件,Events,,,0,GB/T 30428.2
2001,20,2,,市容环境,City looks,,,0,assumed
200101,2001,3,,暴露垃圾,Exposed rubbish,成堆,彻底清理,0,assumed
200102,2001,3,,占道经营,Street trading,,,0,assumed
2002,20,2,,突发事件,Emergencies,,,1,assumed
""",
    "limits.csv": """\
category,road_class,clock,amount,unit,source
20,,filing,1,working_hours,assumed
20,,handling,3,working_days,assumed
20,,verification,4,working_hours,assumed
200101,main,handling,2,working_hours,seen in another city
2002,,handling,2,urgent_hours,assumed
""",
    "responsibilities.csv": """\
category,division,block_kind,lead,assists,valid_from,valid_to,source
20,,,CGW,,,,assumed
200102,110101001,,S01,CGW,,,assumed
200102,,culture,CGW,S01,,,assumed
2002,,,CGW,,2026-01-01,2026-07-01,assumed
2002,,,S01,,2026-07-01,,assumed
""",
    "units.csv": """\
code,name_zh,name_en,short_zh,kind,division,source
CGW,城市管理委员会,Urban Management Commission,城管委,bureau,,assumed
S01,东华门街道办事处,Donghuamen Street Office,,street_office,110101001,assumed
""",
    "calendar.yaml": """\
name: cn
version: "2026.1"
valid_from: 2026-01-01
office_hours: 09:00-12:00, 13:30-17:30
urgent_hours:
  - ["07:00", "22:00"]
days:
  - {date: 2026-03-02, working: false, name: 演练日, name_en: Drill, source: assumed}
source: assumed
first_year: 2025
last_year: 2027
""",
}
STREETS = {"110101001": "东华门街道", "110101002": "景山街道"}


def files(**changed: str | None) -> dict[str, bytes]:
    """Return the files of the small pack; `limits_csv=…` replaces one, None leaves it out."""
    texts = GOOD | {name.replace("_", "."): text for name, text in changed.items() if text is not None}
    left_out = {name.replace("_", ".") for name, text in changed.items() if text is None}
    return {name: text.encode() for name, text in texts.items() if name not in left_out}


def parsed(**changed: str | None) -> Parsed:
    """Return the small pack as read."""
    return parse(files(**changed))


def planted(name: str, line: int, text: str) -> dict[str, str]:
    """Return a change to one file: the line with this number is now `text`."""
    lines = GOOD[name].splitlines()
    lines[line - 1 : line] = [text]
    return {name.replace(".", "_"): "\n".join(lines) + "\n"}


def added(name: str, text: str) -> dict[str, str]:
    """Return a change to one file: more lines at its end."""
    return {name.replace(".", "_"): GOOD[name] + text + "\n"}


def make_streets() -> list[Division]:
    """Put the streets of the small pack into the database."""
    district = Division.objects.create(
        level=Level.DISTRICT,
        code="110101",
        name="东城区",
        valid_from=date(2020, 1, 1),
        source="test",
    )
    return Division.objects.bulk_create(
        Division(
            level=Level.STREET,
            code=code,
            name=name,
            parent=district,
            valid_from=date(2020, 1, 1),
            source="test",
        )
        for code, name in STREETS.items()
    )
