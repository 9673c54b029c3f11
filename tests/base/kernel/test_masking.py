"""What identifies a person by its form does not stay in words; what only looks a little like it does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siquan.base.kernel.masking import (
    dialled,
    is_personal,
    masked_address,
    masked_email,
    masked_name,
    masked_phone,
    masked_text,
    masked_values,
)

WORDS = st.text(st.sampled_from("东口堆了很多垃圾，一三。\n abc:;（）【】"), max_size=12)
MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("打13812345678找我", "打138****5678找我"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("一三八一二三四五六七八", "一三八****五六七八"),
        ("13812345678、13912345678", "138****5678、139****5678"),
        ("电话(010)6512-3456", "电话010****3456"),
        ("座机65123456", "座机******56"),
        ("身份证11010119900307231X", "身份证110********1X"),
        ("证号110101 19900307 2316。", "证号110********16。"),
        ("写信到zhang.san@example.com吧", "写信到z***@example.com吧"),
        ("京A12345挡路", "京A****5挡路"),
        ("京A·D12345", "京A****5"),
        ("微信号abc_12345", "微信号****"),
        ("QQ：12345678", "QQ：****"),
        ("我是欧阳晓泉，请回电", "我是欧阳**，请回电"),
        ("联系人：王小明 电话", "联系人：王** 电话"),
        ("我叫李明住三楼", "我叫李**住三楼"),
        ("卡号6222021234567890128", "卡号622********28"),
    ],
)
def test_what_names_a_person_is_blotted_out(said: str, shown: str) -> None:
    assert masked_text(said) == shown
    assert is_personal(said)
    assert not is_personal(shown)


@pytest.mark.parametrize(
    "words",
    [
        "12345热线",
        "案件2600012349",
        "116.41234567,39.912345678",
        "2026-09-23 10:11:12",
        "20260923",
        "编号BJ202609231234567",
        "订单号20260923131245",
        "9c13812345678ab1234567890",
        "2026-09-23T02:00:00+00:00",
        "3号楼2单元501室",
        "地铁5号线，新中街A口",
        "我是王府井的居民",
        "我是张家口来的，路过",
        "邻居高声唱歌到半夜",
        "本人认为不合理",
        "13812345",
        "",
    ],
)
def test_what_is_no_person_stays(words: str) -> None:
    assert masked_text(words) == words


@given(before=WORDS, number=MOBILE, gap=st.sampled_from(["", " ", "-"]), after=WORDS)
def test_a_mobile_number_is_found_wherever_it_stands(before: str, number: str, gap: str, after: str) -> None:
    written = gap.join((number[:3], number[3:7], number[7:]))
    shown = masked_text(f"{before}。{written}。{after}")

    assert number not in re.sub(r"[\s-]", "", shown)
    assert number[3:7] not in shown or number[3:7] in (number[:3] + number[-4:])


@given(st.text(max_size=80))
def test_masking_twice_is_masking_once_and_words_without_digits_stay(words: str) -> None:
    once = masked_text(words)

    assert masked_text(once) == once


@given(st.text(st.sampled_from("东口堆了很多垃圾请派人来看，。！？\n"), max_size=80))
def test_words_without_numbers_stay(words: str) -> None:
    assert masked_text(words) == words


@given(st.text(max_size=60))
def test_an_address_is_masked_once_and_for_all(address: str) -> None:
    once = masked_address(address)

    assert masked_address(once) == once


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("钱粮胡同12号院3号楼4单元501室", "钱粮胡同12号院3号楼**单元**室"),
        ("金宝街89号B座1203", "金宝街89号B座**"),
        ("甲22号5号楼3单元702", "甲22号5号楼**单元**"),
        ("和平里七区5号楼7门302号", "和平里七区5号楼**门**号"),
        ("安德里北街3-2-501", "安德里北街3**"),
        ("四单元七层702室", "**单元**层**室"),
        ("东四北大街107号", "东四北大街107号"),
        ("朝内大街12-14号", "朝内大街12-14号"),
        ("12号门口", "12号门口"),
        ("2号院东门", "2号院东门"),
        ("东口，找13812345678", "东口，找138****5678"),
    ],
)
def test_an_address_is_told_as_far_as_the_building(written: str, shown: str) -> None:
    assert masked_address(written) == shown


def test_the_name_that_was_told_beside_is_found_in_the_words() -> None:
    assert masked_text("我是张小三，请回电", ["张小三"]) == "我是张**，请回电"
    assert masked_text("王府井很脏", ["王"]) == "王府井很脏"


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("王小明", "王**"), ("欧阳小明", "欧**"), ("", "")]
)
def test_a_name_keeps_its_first_character(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("65123456", "******56"),
        ("123", "***"),
    ],
)
def test_a_number_is_known_again_by_its_owner(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_an_address_of_mail_keeps_its_host() -> None:
    assert masked_email("zhang@example.com") == "z***@example.com"


@pytest.mark.parametrize(
    "phone", ["138 1234 5678", "+86-13812345678", "008613812345678", "１３８１２３４５６７８"]
)
def test_a_number_has_one_form(phone: str) -> None:
    assert dialled(phone) == "13812345678"


def test_json_is_masked_text_by_text() -> None:
    found = masked_values(
        {"note": "打13812345678", "lon": 131.23456789, "list": ["a@example.com"], "n": None}
    )

    assert found == {"note": "打138****5678", "lon": 131.23456789, "list": ["a***@example.com"], "n": None}
