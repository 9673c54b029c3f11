"""Make the model that comes along: `python -m tools.train_suggestion`.

It learns the categories of the demo pack from texts made here: the categories' names in frames, what people
say instead of the names (`everyday_words.csv`, made up), filing conditions, the demo year's own sentences. No
letter of anybody is read. The same code gives the same bytes.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from pathlib import Path

from siquan.demo.words import SENTENCES, sentences_for
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.made import MADE, made_letters, write_made
from siquan.work.cases.suggestion.measuring import figures
from siquan.work.cases.suggestion.training import judge_unseen, learn, prune

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "siquan/demo/pack/categories.csv"
TARGET = MADE.with_name("demo-pack.model")
PLACES = (
    *(
        "东四北大街",
        "钱粮胡同",
        "史家胡同",
        "南锣鼓巷",
        "簋街",
        "雍和宫大街",
        "灯市口",
        "王府井",
        "前门东大街",
    ),
    *(
        "小区门口",
        "学校旁边",
        "胡同东口",
        "地铁站外",
        "菜市场",
        "公园里",
        "三号楼下",
        "单元门口",
        "路口",
        "桥下",
    ),
)
FRAMES = {
    "component": (
        "{place}的{name}坏了，请派人看看。",
        "{place}{name}不见了。",
        "{place}{name}歪了，快要倒了。",
        "{name}破损，有安全隐患，在{place}。",
        "{place}那个{name}掉了一块，没人修。",
        "{place}{name}松动，走过去会响。",
        "{name}缺失好几天了，就在{place}。",
        "麻烦修一下{place}的{name}。",
    ),
    "event": (
        "{place}有{name}。",
        "{place}{name}，一直没人管。",
        "{place}{name}很严重，影响大家走路。",
        "我要反映{place}{name}。",
        "天天都这样，{place}{name}。",
        "{name}，在{place}，请来看看。",
        "{place}又出现{name}了，管一管吧。",
        "{place}附近居民都说{name}。",
    ),
    "service": (
        "反映{place}{name}的问题。",
        "{place}{name}，找了好几次都没有解决。",
        "想问一下{name}归谁管，住在{place}。",
        "{name}，请帮助协调。",
        "家住{place}，{name}已经很久了。",
        "投诉{place}{name}。",
        "{place}居民希望解决{name}。",
        "关于{name}，有没有人能答复？",
    ),
}
EVERYDAY = Path(__file__).with_name("everyday_words.csv")
SAID = ("{place}{words}。", "{words}，在{place}，请来看看。", "{words}")
TOO_GENERAL = {"", "90", "1001", "1002", "1003"}  # these sentences only frame a name
TIMES = 2  # each frame with so many places


def leaves() -> list[dict[str, str]]:
    """Return the finest categories of the pack."""
    with PACK.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    above = {row["parent"] for row in rows}
    return [row for row in rows if row["code"] not in above]


def names(row: dict[str, str]) -> list[str]:
    """Return what a category is called: its whole name, and the parts people would say."""
    parts = [each for each in re.split("[（）()、/／及]", row["name_zh"]) if len(each) > 1]
    return list(dict.fromkeys([row["name_zh"], *parts]))


def own_sentences(code: str) -> tuple[str, ...]:
    """Return the sentences written for this very category, if any."""
    known = sentences_for(code)
    return () if any(SENTENCES.get(each) == known for each in TOO_GENERAL) else known


def everyday() -> dict[str, list[str]]:
    """Return what people say instead of a category's name."""
    with EVERYDAY.open(encoding="utf-8") as file:
        return {row["code"]: row["words"].split("|") for row in csv.DictReader(file)}


def texts() -> Iterator[tuple[str, str, str, bool]]:
    """Give text, category, which way of saying it is, and whether people speak like that."""
    chosen = random.Random(20260923)
    told = everyday()
    for row in leaves():
        for text, way in framed(row, chosen):
            yield text, row["code"], way, False
        for text, way in said(row, told.get(row["code"], []), chosen):
            yield text, row["code"], way, True


def framed(row: dict[str, str], chosen: random.Random) -> Iterator[tuple[str, str]]:
    """Give texts made of a category's name, and which way of saying it each is."""
    for way in FRAMES[row["kind"]]:
        for name in names(row) * TIMES:
            yield way.format(place=chosen.choice(PLACES), name=name), way
    for name in names(row):
        yield name, name
    yield f"{row['name_zh']}，{row['filing_condition']}", "condition"


def said(row: dict[str, str], words: list[str], chosen: random.Random) -> Iterator[tuple[str, str]]:
    """Give texts as people say it, and which way of saying it each is."""
    for way in own_sentences(row["code"]):
        for place in chosen.sample(PLACES, 4):
            yield way.format(place=place, name=row["name_zh"]), way
    for each in words:
        for way in SAID:
            yield way.format(place=chosen.choice(PLACES), words=each), each


def main() -> None:
    """Learn, measure on the everyday ways that were left out in turn, and write texts and model."""
    made = list(texts())
    write_made(((text, code, way, said) for text, code, way, said in made), MADE)
    given = made_letters()
    is_said = given.trusted
    assert is_said is not None
    about = {"made_by": "tools/train_suggestion.py", "pack": "siquan/demo/pack", "letters": len(made)}
    unseen = judge_unseen(given, seed=0)
    model = prune(learn(given, unseen, about=about))
    modelfile.save_to(model, TARGET)
    chances = model.calibration.probabilities(unseen.scores[is_said])
    sure = model.is_sure(chances, unseen.known[is_said])
    found = figures(chances, sure, given.label[is_said], given.names)
    lines = [
        f"{len(made)} texts, {len(model.labels)} categories, {len(model.vocabulary.hashes)} runs",
        f"{TARGET.stat().st_size / 1e6:.2f} MB, sure from {model.calibration.threshold:.2f}",
        f"everyday ways, each left out in turn: {found.letters} texts, right {found.accuracy:.3f}",
        f"called sure {found.sure_share:.3f}, of which right {found.sure_precision:.3f}",
    ]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
