"""Phrases that tell a place, made from the demo's files with a fixed seed, each with what it means.

They are made without the recogniser: from the files alone, with templates and slips of their own.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import siquan.demo

DATA: Final = Path(siquan.demo.__file__).parent / "data"
SAMPLES: Final = Path(__file__).parent / "samples"
SEED: Final = 20260923
Point = tuple[float, float]

# Characters that are typed for one another: the same sound, or nearly the same look.
LETTERS: Final = (
    "您好，我是附近的居民。最近几天{}总是有人乱倒垃圾，味道很大，老人和孩子路过都要捂着鼻子，反映过几次也没有人管，希望尽快处理，谢谢！",
    "领导好：本人于上周三下班途中经过{}，发现路面塌陷，晚上没有照明，差点摔倒。请有关部门派人查看并修复，我们都会感谢的。",
    "市民来电反映：{}，长期有车辆占道停放，影响居民通行，要求相关部门给予答复，市民可以配合提供照片。",
    "请问{}的井盖什么时候能修好？已经翘起来快一个月了，车轮一压就响，住在楼上的人整夜睡不着觉。",
)
PLAIN: Final = (
    "{}",
    "{}附近",
    "在{}",
    "{}有人乱停车",
    "北京市东城区{}",
    "{}旁边的垃圾桶满了",
    "{} 路灯不亮",
    "位于{}。",
)
METRES_NORTH: Final = 111_195.0
AWAY: Final = {"南": (0, -1), "北": (0, 1), "东": (1, 0), "西": (-1, 0)}


@dataclass(frozen=True)
class Phrase:
    """A text, what it means (points any of which is right; none: nothing may be chosen), and its sort."""

    text: str
    sort: str
    points: tuple[Point, ...] = ()
    names: tuple[str, ...] = ()


class Files:
    """The demo's files as plain rows."""

    def __init__(self) -> None:
        """Read them."""
        self.sites = _rows("sites.csv.gz")
        self.crossings = _rows("crossings.csv.gz")
        self.doors = _rows("doors.csv.gz")
        self.aliases = _rows("aliases.csv")
        self.at: dict[str, list[Point]] = defaultdict(list)
        for row in self.sites:
            self.at[row["name"]].append(_point(row))
        self.meet: dict[frozenset[str], list[Point]] = defaultdict(list)
        for row in self.crossings:
            self.meet[frozenset((row["one"], row["other"]))].append(_point(row))
        self.names = sorted({*self.at, *(row["alias"] for row in self.aliases)})

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the names of sites of some kinds."""
        return sorted({row["name"] for row in self.sites if row["type"] in kinds})

    def is_one_place(self, name: str) -> bool:
        """Tell whether all sites of a name lie together."""
        return all(metres(self.at[name][0], other) <= 250 for other in self.at[name])


def phrases() -> list[Phrase]:
    """Return all phrases, made and written by hand; the same every time."""
    files, chance = Files(), random.Random(SEED)
    made: list[Phrase] = []
    for make in (
        _names,
        _crossings,
        _walks,
        _doors,
        _other_names,
        _ends,
        _slips,
        _slips_at_crossings,
        _letters,
        _ambiguous,
        _outside,
    ):
        made += make(files, chance)
    return [*made, *by_hand(files)]


def metres(one: Point, other: Point) -> float:
    """Return the distance of two points."""
    wide = math.cos(math.radians(one[1]))
    return math.hypot((one[0] - other[0]) * wide, one[1] - other[1]) * METRES_NORTH


def is_right(phrase: Phrase, name: str, at: Point) -> bool:
    """Tell whether a place found is the one meant: the right site, or within 100 m."""
    return name in phrase.names or any(metres(at, point) <= 100 for point in phrase.points)


def _names(files: Files, chance: random.Random) -> Iterator[Phrase]:
    kinds = ("road", "alley", "compound", "metro_station", "park", "heritage", "parking", "courtyard")
    long = [n for n in files.of_kind(*kinds) if len(n) >= 4 and "（" not in n and files.is_one_place(n)]
    for name in chance.sample(long, 120):
        yield _meant(files, chance.choice(PLAIN).format(name), "name", name)


def _crossings(files: Files, chance: random.Random) -> Iterator[Phrase]:
    ways = (
        "{}与{}交叉口", "{}和{}路口", "{}{}口", "{}与{}交汇处", "{}、{}十字路口", "{}跟{}交叉路口东北角",
        "{}{}路口", "{} {}路口西侧", "{}与{}交叉口西南角有积水",
    )  # fmt: skip
    for pair, points in _single(files, chance, 110):
        one, other = chance.sample(sorted(pair), 2)
        yield Phrase(chance.choice(ways).format(one, other), "crossing", tuple(points))


def _walks(files: Files, chance: random.Random) -> Iterator[Phrase]:
    ways = (
        "{}与{}交叉口往{}{}米", "{}和{}路口{}{}米", "{}{}口以{}约{}米处", "{}与{}交叉口向{}走{}米路边",
        "{}与{}路口{}侧{}米", "{} 与 {} 交叉口 往{} {} m",
    )  # fmt: skip
    for pair, points in _single(files, chance, 60):
        one, other = chance.sample(sorted(pair), 2)
        direction, far = chance.choice("东南西北"), chance.choice((20, 30, 50, 80, 100, 150))
        goal = tuple(_away(point, direction, far) for point in points)
        told = str(far) if chance.random() < 0.7 else _in_chinese(far)
        yield Phrase(chance.choice(ways).format(one, other, direction, told), "walk", goal)


def _doors(files: Files, chance: random.Random) -> Iterator[Phrase]:
    ways = ("{}{}号", "东城区{}{}号院", "{} {} 号门口", "{}{}号对面", "{}门牌{}号", "{}{}号附近有噪音")
    for row in chance.sample(files.doors, 60):
        number = row["number"]
        if number.isdigit() and int(number) < 100 and chance.random() < 0.2:
            number = _in_chinese(int(number))
        wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and chance.random() < 0.2 else c for c in number)
        yield Phrase(chance.choice(ways).format(row["road"], wide), "door", (_point(row),))


def _other_names(files: Files, chance: random.Random) -> Iterator[Phrase]:
    named = [row for row in files.aliases if row["sort"] in ("old", "short", "crossing") and row["name"]]
    counts: dict[str, int] = defaultdict(int)
    for row in named:
        counts[row["alias"]] += 1
    one_each = [row for row in named if counts[row["alias"]] == 1 and len(row["alias"]) >= 3]
    for row in chance.sample(one_each, 50):
        text = chance.choice(PLAIN).format(row["alias"])
        if row["sort"] == "crossing":
            one, _, other = row["name"].partition("×")
            yield Phrase(text, "other name", tuple(files.meet[frozenset((one, other))]))
        elif files.is_one_place(row["name"]):
            yield _meant(files, text, "other name", row["name"])


def _ends(files: Files, chance: random.Random) -> Iterator[Phrase]:
    """Give 甲胡同东口 where the alley meets a road at a crossing that lies east of all its others."""
    met: dict[str, list[Point]] = defaultdict(list)
    for pair, points in files.meet.items():
        for name in pair:
            met[name] += points
    alleys = [a for a in files.of_kind("alley") if a.endswith("胡同") and len(met[a]) >= 2]
    for name in chance.sample(alleys, 60):
        axis = max((0, 1), key=lambda i: max(p[i] for p in met[name]) - min(p[i] for p in met[name]))
        if max(p[axis] for p in met[name]) - min(p[axis] for p in met[name]) < 0.0025:
            continue
        last = chance.random() < 0.5
        goal = (max if last else min)(met[name], key=lambda p: p[axis])
        word = ("西东", "南北")[axis][last]
        text = chance.choice(("{}{}口", "{}的{}口", "{}{}口堆放杂物")).format(name, word)
        yield Phrase(text, "end", (goal,))


def _slips(files: Files, chance: random.Random) -> Iterator[Phrase]:
    pool = [
        n
        for n in files.of_kind("road", "alley", "compound", "metro_station")
        if len(n) >= 4 and "（" not in n and files.is_one_place(n)
    ]
    for name in chance.sample(pool, 110):
        wrong = chance.choice((_confused, _confused, _confused, _less, _swapped, _twice))(name, chance)
        near = [n for n in files.names if n != name and _steps(wrong, n) <= 1]
        if wrong == name or wrong in files.names:
            continue
        text = chance.choice(PLAIN[:4]).format(wrong)
        if near:
            continue  # two names are as near: right or left open would both do, so it measures nothing
        yield _meant(files, text, "slip", name)


def _slips_at_crossings(files: Files, chance: random.Random) -> Iterator[Phrase]:
    for pair, points in _single(files, chance, 40):
        one, other = chance.sample(sorted(pair), 2)
        if len(one) >= 4:
            text = f"{_confused(one, chance)}与{other}交叉口"
            yield Phrase(text, "slip at a crossing", tuple(points))


def _letters(files: Files, chance: random.Random) -> Iterator[Phrase]:
    pool = [n for n in files.of_kind("road", "alley", "compound") if len(n) >= 4 and files.is_one_place(n)]
    for name in chance.sample(pool, 40):
        yield _meant(files, chance.choice(LETTERS).format(name), "letter", name)
    for pair, points in _single(files, chance, 25):
        one, other = chance.sample(sorted(pair), 2)
        yield Phrase(chance.choice(LETTERS).format(f"{one}与{other}交叉口"), "letter", tuple(points))


def _ambiguous(files: Files, chance: random.Random) -> Iterator[Phrase]:
    same_kind: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for row in files.sites:
        same_kind[row["name"], row["type"]].append(_point(row))
    ways = set(files.of_kind("road", "alley"))
    several = [
        name
        for (name, _kind), at in sorted(same_kind.items())
        if len(name) >= 3 and name not in ways and "（" not in name
        if any(metres(at[0], p) > 400 for p in at)
    ]
    for name in chance.sample(several, min(25, len(several))):
        yield Phrase(chance.choice(PLAIN[:4]).format(name), "ambiguous")
    for less in chance.sample(_cut_short(files), 40):
        yield Phrase(chance.choice(PLAIN[:4]).format(less), "ambiguous")
    alleys = [n for n in files.of_kind("alley") if len(n) >= 4 and files.is_one_place(n)]
    for _ in range(20):
        one, other = chance.sample(alleys, 2)
        if metres(files.at[one][0], files.at[other][0]) > 800:
            text = chance.choice(("{}与{}交叉口", "{}和{}都有人乱停车", "{}或者{}")).format(one, other)
            yield Phrase(text, "ambiguous")


def _cut_short(files: Files) -> list[str]:
    """Return road names without the character that tells them from a neighbour, as 东四大街."""
    pool = [n for n in files.of_kind("road", "alley") if len(n) >= 4]
    lost = {
        name[:i] + name[i + 1 :]
        for name in pool
        for i, character in enumerate(name)
        if character in "东西南北中前后一二三四五六七八九十头"
    }
    lost -= set(files.names)
    return sorted(less for less in lost if sum(_steps(less, n) <= 1 for n in pool) >= 2)


def _outside(files: Files, chance: random.Random) -> Iterator[Phrase]:
    for road in _lines("outside.txt"):
        text = chance.choice(
            ("{}", "{}88号", "朝阳区{}", "西城区{}12号院", "{}路口往南50米", "{}附近有人乱停车")
        )
        yield Phrase(text.format(road), "outside")
    for words in (
        "路面有坑",
        "楼道里堆了很多东西",
        "小区门口有狗",
        "请尽快处理",
        "公园里的椅子坏了",
        "12345",
    ):
        yield Phrase(words, "outside")


def by_hand(files: Files) -> Iterator[Phrase]:
    """Give the phrases written by hand.

    What they mean: `site:NAME`, `cross:ONE×OTHER[>方向米]`, `door:ROAD NUMBER`, or `open`.
    """
    with (SAMPLES / "wording.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            kind, _, what = row["meant"].partition(":")
            sort = f"by hand, {'open' if kind == 'open' else 'one place'}"
            if kind == "site":
                yield _meant(files, row["text"], sort, what)
            elif kind == "cross":
                pair, _, walk = what.partition(">")
                points = files.meet[frozenset(pair.split("×"))]
                assert points, what
                goal = [_away(p, walk[0], float(walk[1:])) if walk else p for p in points]
                yield Phrase(row["text"], sort, tuple(goal))
            elif kind == "door":
                road, number = what.split(" ")
                at = [_point(r) for r in files.doors if (r["road"], r["number"]) == (road, number)]
                assert at, what
                yield Phrase(row["text"], sort, tuple(at))
            else:
                yield Phrase(row["text"], sort)


def _meant(files: Files, text: str, sort: str, name: str) -> Phrase:
    assert name in files.at, name
    return Phrase(text, sort, tuple(files.at[name]), (name,))


def _single(files: Files, chance: random.Random, count: int) -> list[tuple[frozenset[str], list[Point]]]:
    """Return pairs of roads that meet once."""
    once = sorted(((p, at) for p, at in files.meet.items() if len(at) == 1), key=lambda pair: sorted(pair[0]))
    return chance.sample(once, count)


def _away(at: Point, direction: str, far: float) -> Point:
    east, north = AWAY[direction]
    wide = math.cos(math.radians(at[1]))
    return at[0] + east * far / (METRES_NORTH * wide), at[1] + north * far / METRES_NORTH


def _in_chinese(count: int) -> str:
    digits = "零一二三四五六七八九"
    if count >= 100:
        hundreds, rest = divmod(count, 100)
        return f"{digits[hundreds]}百" + (
            _in_chinese(rest) if rest >= 10 else f"零{digits[rest]}" if rest else ""
        )
    tens, ones = divmod(count, 10)
    return (("" if tens == 1 else digits[tens]) + "十" if tens else "") + (digits[ones] if ones else "")


def _lines(name: str) -> list[str]:
    lines = (SAMPLES / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


Slip = Callable[[str, random.Random], str]
# Characters that are typed for one another: the same sound, or nearly the same look.
CONFUSED: Final = {line[2]: line[0] for line in _lines("confused.txt")}


def _confused(name: str, chance: random.Random) -> str:
    places = [i for i, c in enumerate(name) if c in CONFUSED]
    if not places:
        return name
    i = chance.choice(places)
    return name[:i] + CONFUSED[name[i]] + name[i + 1 :]


def _less(name: str, chance: random.Random) -> str:
    i = chance.randrange(1, len(name))
    return name[:i] + name[i + 1 :]


def _twice(name: str, chance: random.Random) -> str:
    i = chance.randrange(len(name))
    return name[: i + 1] + name[i:]


def _swapped(name: str, chance: random.Random) -> str:
    i = chance.randrange(len(name) - 1)
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


def _steps(one: str, other: str) -> int:
    """Return how many characters must be put in, taken out, changed or swapped with the next."""
    if abs(len(one) - len(other)) > 1:
        return 2
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, row, older = row, [i], before
        for j, b in enumerate(other, start=1):
            step = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                step = min(step, older[j - 2] + 1)
            row.append(step)
        before = last
    return row[-1]


def _point(row: dict[str, str]) -> Point:
    return float(row["lon"]), float(row["lat"])


def _rows(name: str) -> Sequence[dict[str, str]]:
    raw = (DATA / name).read_bytes()
    text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))
