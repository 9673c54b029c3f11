"""Every word of the room has its English, and the English has no words left over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

from siquan.city import places

ROOM = Path(places.__file__).parent
IN_PAGE = re.compile(
    r'{%\s*translate "([^"]+)"|\b_\("([^"]+)"\)|{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate'
)


def words_of_code() -> set[str]:
    return {
        str(call.args[0].value)
        for file in ROOM.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"_", "gettext"} and call.args
        if isinstance(call.args[0], ast.Constant)
    }


def words_of_pages() -> set[str]:
    found = {
        next(part for part in match.groups() if part)
        for page in ROOM.rglob("*.html")
        for match in IN_PAGE.finditer(page.read_text())
    }
    return {re.sub(r"{{ (\w+) }}", r"%(\1)s", words) for words in found}


def test_every_word_has_its_english_and_the_same_blanks() -> None:
    with (ROOM / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file)
    english = {str(message.id): str(message.string) for message in catalog if message.id}

    assert english.keys() == words_of_code() | words_of_pages()
    for chinese, said in english.items():
        assert sorted(re.findall(r"%\(\w+\)\w", chinese)) == sorted(re.findall(r"%\(\w+\)\w", said))
        assert not re.search("[\u4e00-\u9fff]", said)
