"""Blot out personal data: in words by pattern, in names, numbers and addresses by their form. Pure.

Patterns find what has a form of its own: telephone numbers, identity cards, bank cards, e-mail addresses,
number plates, accounts of chat services. A person's name has hardly a form: it is masked where
a field says that it is one, in words where the field beside them told it, and behind "I am" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

STAR: Final = "*"
SHORTEST_NAME: Final = 2  # one character stands in half of all sentences

_NUMERAL = r"[\d〇零一二三四五六七八九幺]"
_GAP = r"[\s\-－—–]?"
_FREE = r"(?<![\d.])"  # not in the middle of a longer number, nor behind its decimal point
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使"

_MAIL = r"(?P<mail>[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)"
# Letters and digits around keep a checksum in hexadecimal from being read as a card.
_ALONE, _ENDS = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
_CARD = rf"(?P<card>{_ALONE}\d{{6}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}[01]\d[0-3]\d{_GAP}\d{{3}}[\dXx]{_ENDS})"
_BANK = rf"(?P<bank>{_ALONE}\d{{4}}(?:[ -]?\d{{4}}){{3}}[ -]?\d{{0,3}}{_ENDS})"
_OLD_CARD = rf"(?P<old>{_ALONE}\d{{6}}[2-9]\d[01]\d[0-3]\d\d{{3}}{_ENDS})"
_MOBILE = (
    rf"(?P<mobile>{_FREE}(?<![0-9a-fA-F])(?:(?:\+|00)?[8８][6６]{_GAP})?"
    rf"[1１一幺]{_GAP}[3-9３-９三四五六七八九](?:{_GAP}{_NUMERAL}){{9}}(?!\d)(?![a-fA-F][0-9a-fA-F]))"
)
_LANDLINE = (
    rf"(?P<line>{_FREE}(?:[(（]\s?0\d{{2,3}}\s?[)）]|0\d{{2,3}}[\s\-－—]){_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)"
    rf"|{_FREE}(?<![0-9A-Za-z])(?:0\d{{2,3}})?[4-8]\d{{3}}[\s\-－—]?\d{{4}}(?![0-9A-Za-z]))"
)
NUMBERED: Final = re.compile("|".join((_MAIL, _CARD, _BANK, _OLD_CARD, _MOBILE, _LANDLINE)))
PLATE: Final = re.compile(
    rf"[{_PROVINCES}][A-Za-z][\s\-－—–·.]?(?:[A-Za-z0-9]{{4,5}}[0-9]|[A-Za-z0-9]{{4,5}}[A-Za-z挂学警])(?![0-9A-Za-z])"
)
CHAT: Final = re.compile(
    r"((?:微信|QQ|qq|[Ww]e[Cc]hat)(?:号码?)?\s?(?:是|为|[:：])?\s?)[A-Za-z0-9][A-Za-z0-9_\-]{4,19}"
)
# "I am …", "my name is …", "contact: …": a family name, one or two characters more, then the name is over.
_SURNAMES = (
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
)
_TOLD_BY = "我叫|我是|我姓名|本人|姓名|联系人|反映人|户主|租户|邻居"
NAMED: Final = re.compile(
    rf"((?:{_TOLD_BY})[:：是叫为]?\s?(?:{_SURNAMES}))[一-鿿]{{1,2}}(?=[，。,.;；、！!：:（(\s]|$|电话|手机|身份|住|家住|联系)"
)
_NAME_HINTS: Final = tuple(_TOLD_BY.split("|"))
# Numbers and addresses lie in runs of such signs; the slow patterns look nowhere else.
_RUN: Final = re.compile(r"[\d〇零一二三四五六七八九幺A-Za-z@._%+\-\s－—–·()（）]{7,}")
# Without so many digits on end, or an @, there is no such run: most words are passed over at once.
_HINT: Final = re.compile(rf"{_NUMERAL}(?:{_GAP}{_NUMERAL}){{5}}")
_CHATS: Final = ("微信", "QQ", "qq", "hat")
_SIGNS: Final = re.compile(rf"[0-9A-Za-z]|{_NUMERAL}")


def masked_text(text: str, names: Iterable[str] = ()) -> str:
    """Return the words with what identifies a person blotted out; the same words where nothing does.

    `names` are names that somebody has told beside the words.
    """
    if "@" in text or _HINT.search(text):
        text = _RUN.sub(_run_blotted, text)
    text = PLATE.sub(lambda found: f"{found[0][:2]}{STAR * 4}{found[0][-1]}", text)
    if any(each in text for each in _CHATS):
        text = CHAT.sub(lambda found: f"{found[1]}{STAR * 4}", text)
    if any(each in text for each in _NAME_HINTS):
        text = NAMED.sub(lambda found: f"{found[1]}{STAR * 2}", text)
    for name in names:
        if len(name) >= SHORTEST_NAME and name in text:
            text = text.replace(name, masked_name(name))
    return text


def masked_values(value: Any) -> Any:
    """Return JSON with every text in it masked; names of fields and numbers stay."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, dict):
        return {name: masked_values(each) for name, each in value.items()}
    return [masked_values(each) for each in value] if isinstance(value, list | tuple) else value


def is_personal(text: str) -> bool:
    """Tell whether the words hold something that identifies a person by its form."""
    return masked_text(text) != text


def masked_name(name: str) -> str:
    """Return a name with only its first character: 张**."""
    return f"{name[0]}{STAR * max(1, min(len(name) - 1, 2))}" if name else ""


def masked_phone(phone: str) -> str:
    """Return a number by which its owner knows it: 138****5678; short ones keep less."""
    signs = _SIGNS.findall(phone)
    if len(signs) < 7:
        return STAR * len(signs)
    if len(signs) < 11:
        return f"{STAR * (len(signs) - 2)}{''.join(signs[-2:])}"
    signs = signs[-11:]
    return f"{''.join(signs[:3])}{STAR * 4}{''.join(signs[-4:])}"


def masked_email(address: str) -> str:
    """Return an e-mail address with the first letter of its name."""
    name, at, host = address.partition("@")
    return f"{name[:1]}{STAR * 3}{at}{host}"


_DOOR: Final = re.compile(
    r"[0-9０-９A-Za-z一二三四五六七八九十百零〇甲乙丙丁]{1,8}(?=\s?(?:单元|楼层|层|室|户|房间|号房))"
    r"|[0-9０-９]{1,5}(?=\s?门(?![口外前头面诊])|\s?門)"
    r"|(?<=[座厦楼栋幢])\s?[A-Za-z]?[0-9０-９]{2,5}+(?!号?[楼院栋幢座路米])(?!号)"
    r"|(?<=[元层门])\s?[A-Za-z]?[0-9０-９]{2,5}"
    r"|(?<=[0-9０-９])(?:\s?[-－—–#]\s?[0-9０-９]{1,5}+){1,3}+(?!\s?[号米])"
)


def masked_address(address: str) -> str:
    """Return an address as far as the building: unit, floor and door are blotted out."""
    return _DOOR.sub(STAR * 2, masked_text(address))


def dialled(phone: str) -> str:
    """Return a number as it is dialled: digits only, without the country's code; empty for no number."""
    digits = "".join(str(int(each)) for each in phone if each.isdecimal())
    for code in ("0086", "86"):
        if digits.startswith(code) and len(digits) == len(code) + 11:
            return digits[len(code) :]
    return digits


def _run_blotted(run: re.Match[str]) -> str:
    # The run is as long as it can be, so nothing beyond its ends could change what is found inside.
    return NUMBERED.sub(_blotted, run[0])


def _blotted(found: re.Match[str]) -> str:
    kind, words = found.lastgroup, found[0]
    if kind == "mail":
        return masked_email(words)
    if kind in ("mobile", "line"):
        return masked_phone(words)
    signs = _SIGNS.findall(words)
    if kind == "bank" and not _is_bank_card(signs):
        return words
    return f"{''.join(signs[:3])}{STAR * 8}{''.join(signs[-2:])}"


def _is_bank_card(digits: list[str]) -> bool:
    """Tell whether the last digit is the check digit of the others (Luhn, ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed([int(each) for each in digits])):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
