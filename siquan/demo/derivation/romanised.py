"""English names: the Chinese name in pinyin, with the English word for what it is."""

import re

from pypinyin import lazy_pinyin, load_phrases_dict  # development only: the result is in the files

load_phrases_dict({"朝阳门": [["chao"], ["yang"], ["men"]], "朝内": [["chao"], ["nei"]], "乐": [["le"]]})


_TAILS = {
    "东北片": "Northeast",
    "东南片": "Southeast",
    "西北片": "Northwest",
    "西南片": "Southwest",
    "东片": "East",
    "西片": "West",
    "南片": "South",
    "北片": "North",
    "中片": "Centre",
    "东": "East",
    "西": "West",
    "南": "South",
    "北": "North",
    "中": "Central",
    "胡同": "Hutong",
    "东路": "East Road",
    "北路": "North Road",
    "南路": "South Road",
    "路": "Road",
    "巷": "Lane",
}
_TAIL = re.compile(f"(.{{2,}}?)({'|'.join(_TAILS)})$")


def street(name: str) -> str:
    """Return 东华门街道 as Donghuamen Street."""
    return f"{pinyin(name.removesuffix('街道'))} Street"


def block(name: str) -> str:
    """Return 鼓楼东街区 as Gulou East Block."""
    stem = name.removesuffix("街区")
    found = _TAIL.match(stem)
    return f"{pinyin(found[1])} {_TAILS[found[2]]} Block" if found else f"{pinyin(stem)} Block"


def community(short_name: str) -> str:
    """Return 多福巷社区 as Duofuxiang Community."""
    return f"{pinyin(short_name.removesuffix('社区'))} Community"


def pinyin(name: str) -> str:
    """Return the name in pinyin as on maps: one word, an apostrophe where a syllable could be misread."""
    syllables = lazy_pinyin(name)
    parts = [f"'{s}" if i and s[0] in "aoe" else s for i, s in enumerate(syllables)]
    return "".join(parts).capitalize()
