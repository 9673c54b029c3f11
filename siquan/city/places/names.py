"""Names of places as people type them: the same name in other spelling, with a slip, or inside a sentence."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# Only characters that stand in place names of the district: traditional form, then simplified.
_TRADITIONAL: Final = (
    "萬與專業東絲嚴豐臨爲麗義樂習鄉書於雲亞產親億倉價衆優會偉傳傷倫體餘側僑兒黨蘭關興養內岡寫軍農馮淨鳳凱劉剛創別剎劇辦務動勵勞勳區醫華協單賣盧臥衛廠廳歷壓廈廚縣叄雙發敘疊臺號喫後呂啓吳員團園國圖圓聖場塊壇"
    "壩塢牆聲處復頭夾奮奧婦嬌嬰孫學寧寶實宮寬賓寢對壽將爾層屜屬崗島巖嶽峯帥師簾幹廣莊慶牀廬庫應廟開張彌彎強歸當總恆悅懶戲戰執揚護報擔搖齋斷無舊時顯晉曉術機條來楊傑極樞棗柵標欄樹檔橋檢樓橫歐匯漢湯溝澤涇窪濟"
    "濤潤澗淵溫灣滿灤濱灘燈靈點煙煥愛犧獨貓瑪環現璽瓏瑤電疇療盞鹽監蓋礦碼磚禮禎祿禪稅窯窩筆籠築籃類粵糞糧紅級紀緯紗納紡紐線練細織紹經結絡統絛繼綺綜綠緞緣網羅羣聶聯肅勝臘騰藝節蕪蘆蘇榮蔭藥萊蓮營蕭蔥蔣藍薔雖"
    "袞觀視覺觸計認訓議記設評話諾調誼謨謝謙貝貞貢財賢貨質購貼貴貿費資賴賽趙車軒轉輪軸載轎輔輦輝轄邊遼達遷過運這進遠連跡適遺遙鄧郵鄰醬裏鑑鑾針釣鈔鍾鈐欽鈞錢鐵鉑鈴鐺銅銘銀鋪銷鎖錯錫鑼錦鍛鎮鏢鑲長門閃問閒間閘"
    "聞閩閣隊陽際陸陳陝靜韓頂順頌領顏風飛飯飲餌館馬駒駐駿騎魚魯鮮鴨鴿鴻鵓鶴鷹麥黃齊齡龍為眾啟裡衞敍"
)
_SIMPLIFIED: Final = (
    "万与专业东丝严丰临为丽义乐习乡书于云亚产亲亿仓价众优会伟传伤伦体余侧侨儿党兰关兴养内冈写军农冯净凤凯刘刚创别刹剧办务动励劳勋区医华协单卖卢卧卫厂厅历压厦厨县叁双发叙叠台号吃后吕启吴员团园国图圆圣场块坛"
    "坝坞墙声处复头夹奋奥妇娇婴孙学宁宝实宫宽宾寝对寿将尔层屉属岗岛岩岳峰帅师帘干广庄庆床庐库应庙开张弥弯强归当总恒悦懒戏战执扬护报担摇斋断无旧时显晋晓术机条来杨杰极枢枣栅标栏树档桥检楼横欧汇汉汤沟泽泾洼济"
    "涛润涧渊温湾满滦滨滩灯灵点烟焕爱牺独猫玛环现玺珑瑶电畴疗盏盐监盖矿码砖礼祯禄禅税窑窝笔笼筑篮类粤粪粮红级纪纬纱纳纺纽线练细织绍经结络统绦继绮综绿缎缘网罗群聂联肃胜腊腾艺节芜芦苏荣荫药莱莲营萧葱蒋蓝蔷虽"
    "衮观视觉触计认训议记设评话诺调谊谟谢谦贝贞贡财贤货质购贴贵贸费资赖赛赵车轩转轮轴载轿辅辇辉辖边辽达迁过运这进远连迹适遗遥邓邮邻酱里鉴銮针钓钞钟钤钦钧钱铁铂铃铛铜铭银铺销锁错锡锣锦锻镇镖镶长门闪问闲间闸"
    "闻闽阁队阳际陆陈陕静韩顶顺颂领颜风飞饭饮饵馆马驹驻骏骑鱼鲁鲜鸭鸽鸿鹁鹤鹰麦黄齐龄龙为众启里卫叙"
)
_SIMPLER: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_LONGEST_QUERY: Final = 60
_SHORTEST_IN_TEXT: Final = 3
_TYPO_FROM: Final = 3  # a slip in two characters could be anything


@dataclass(frozen=True, slots=True)
class Match:
    """A name and how well it fits what was typed: 1 is the name itself. `how`: name, prefix, part or slip."""

    position: int
    score: float
    how: str


def simpler(text: str) -> str:
    """Return text with the traditional characters of place names made simple."""
    return text.translate(_SIMPLER)


def plain(text: str) -> str:
    """Return text for comparison: width, case, spaces, punctuation, traditional characters made equal."""
    even = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, even)).translate(_SIMPLER)


def is_one_slip(typed: str, name: str) -> bool:
    """Tell whether one character is wrong, missing or too many, or two neighbours are swapped."""
    if typed == name or abs(len(typed) - len(name)) > 1:
        return typed == name
    start = _same(typed, name)
    end = _same(typed[start:][::-1], name[start:][::-1])
    left, right = typed[start : len(typed) - end], name[start : len(name) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


def _same(left: str, right: str) -> int:
    """Return how many characters the two begin with in common."""
    for count, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return count
    return min(len(left), len(right))


class NameIndex:
    """The names of a district, to be searched by what is typed or found inside a sentence."""

    def __init__(self, names: Sequence[str], *, typed_only: Container[int] = ()) -> None:
        """Index the names; answers are positions in `names`; those `typed_only` are not sought in texts."""
        self._plain = [plain(name) for name in names]
        self._by_start: dict[str, list[str]] = defaultdict(list)
        self._positions: dict[str, list[int]] = defaultdict(list)
        for position, name in enumerate(self._plain):
            if position not in typed_only:
                self._positions[name].append(position)
        for name in self._positions:
            if len(name) >= _SHORTEST_IN_TEXT:
                self._by_start[name[:2]].append(name)
        for same_start in self._by_start.values():
            same_start.sort(key=len, reverse=True)

    def search(self, typed: str, *, enough: int) -> list[Match]:
        """Return the names that fit what is typed, in no order, with slips when the rest is few."""
        wanted = plain(typed[:_LONGEST_QUERY])
        if not wanted:
            return []
        found = [
            m for i, name in enumerate(self._plain) if wanted in name for m in [_containing(i, wanted, name)]
        ]
        if len(found) < enough and len(wanted) >= _TYPO_FROM:
            found += self._slips(wanted)
        return found

    def in_text(self, text: str) -> Iterator[tuple[str, list[int]]]:
        """Give the names that stand in a text, the longest at each place, each with its positions."""
        rest, free = plain(text), 0
        # Most places of a letter begin no name at all; a list made in one go is ten times as fast as steps.
        for at in [at for at in range(len(rest) - 1) if rest[at : at + 2] in self._by_start]:
            if at < free:
                continue
            name = next((n for n in self._by_start[rest[at : at + 2]] if rest.startswith(n, at)), "")
            if name:
                yield name, self._positions[name]
                free = at + len(name)

    def _slips(self, wanted: str) -> Iterable[Match]:
        for position, name in enumerate(self._plain):
            if wanted in name or len(name) < len(wanted) - 1:
                continue
            # one slip leaves either the start or the end of what was typed as it is
            if name[:1] != wanted[:1] and name[1:2] not in wanted[:3]:
                continue
            if is_one_slip(wanted, name):
                yield Match(position, 0.6, "slip")
            elif any(is_one_slip(wanted, name[: len(wanted) + extra]) for extra in (0, 1, -1)):
                yield Match(position, 0.3 + 0.2 * len(wanted) / len(name), "slip")


def _containing(position: int, wanted: str, name: str) -> Match:
    if wanted == name:
        return Match(position, 1.0, "name")
    share = 0.2 * len(wanted) / len(name)
    return (
        Match(position, 0.8 + share, "prefix")
        if name.startswith(wanted)
        else Match(position, 0.6 + share, "part")
    )
