"""Every word the product shows has its English, in the translations of some room."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.test_building import ROOT, SIQUAN, python_files

# function → which of its arguments are words, and which is their context
MARKS: dict[str, tuple[tuple[int, ...], int | None]] = {
    "_": ((0,), None),
    "gettext": ((0,), None),
    "gettext_lazy": ((0,), None),
    "gettext_noop": ((0,), None),
    "ngettext": ((0, 1), None),
    "ngettext_lazy": ((0, 1), None),
    "pgettext": ((1,), 0),
    "pgettext_lazy": ((1,), 0),
}
# Characters and the marks between them.
CHINESE: Final = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
# What `templatize` makes of a page: the same calls, among blanked text.
LITERAL: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
CALL: Final = re.compile(
    rf"(?<!\w)(?P<name>_|gettext|ngettext|pgettext)\((?P<said>(?:\s*u?(?:{LITERAL.pattern})\s*,?)+)"
)


def marked_in_python(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield (line, context, words) of everything a file marks for translation."""
    tree = ast.parse(path.read_text())
    names = {
        each.asname or each.name: each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for each in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        places, context = MARKS.get(names.get(node.func.id, ""), ((), None))
        said = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        for place in places:
            if place < len(said) and isinstance(said[place], str):
                yield node.lineno, str(said[context]) if context is not None else "", str(said[place])


def marked_in_template(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield (line, context, words) of everything a page marks for translation."""
    source = templatize(path.read_text())
    for call in CALL.finditer(source):
        places, context = MARKS[call["name"]]
        said = [str(ast.literal_eval(each)) for each in LITERAL.findall(call["said"])]
        line = source.count("\n", 0, call.start()) + 1
        for place in places:
            yield line, said[context] if context is not None else "", said[place]


@functools.cache
def english() -> dict[tuple[str, str], str]:
    """Return every translation of the tree: context and words → English; empty when one form is missing."""
    known: dict[tuple[str, str], str] = {}
    for path in sorted(SIQUAN.rglob("locale/en/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                said = "" if message.fuzzy or not all(forms) else str(forms[0])
                known |= {(message.context or "", each): said for each in ids}
    return known


def without_english(path: Path) -> list[str]:
    """Return where a file says something that has no English."""
    marked = marked_in_python(path) if path.suffix == ".py" else marked_in_template(path)
    return [
        f"{path.relative_to(ROOT)}:{line} {words!r}"
        for line, context, words in marked
        if CHINESE.search(words) and not english().get((context, words))
    ]


def test_every_word_in_python_has_its_english() -> None:
    assert [each for path in python_files() for each in without_english(path)] == []


def test_every_word_in_a_page_has_its_english() -> None:
    pages = [*SIQUAN.rglob("templates/**/*.html"), *SIQUAN.rglob("templates/**/*.txt")]

    assert [each for path in pages for each in without_english(path)] == []


# Pages shown when nothing else works carry both languages themselves.
IN_BOTH: Final = {"500.html", "503.html", "full.html"}
MARKED: Final = re.compile(
    r"\{% (comment|blocktranslate)\b.*?\{% end\1 %\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL
)


def test_no_page_puts_a_chinese_mark_between_english_words() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in SIQUAN.rglob("templates/**/*.html")
        if path.name not in IN_BOTH
        for found in re.finditer(r".{0,20}[。，；：？！、（）].{0,10}", MARKED.sub("…", path.read_text()))
    ]

    assert bare == []


def test_the_same_words_have_one_english_in_every_room() -> None:
    # Rooms share one catalogue: of two translations whichever room loads first wins on every page.
    # Words that mean two things get a context.
    said: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted(SIQUAN.rglob("locale/en/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    room = str(path.relative_to(SIQUAN).parents[3])
                    key = (message.context or "", str(message.id))
                    said.setdefault(key, {})[room] = str(message.string)
    different = {key: rooms for key, rooms in said.items() if len(set(rooms.values())) > 1}

    assert different == {}


def test_the_english_fills_the_same_gaps() -> None:
    wrong = []
    for (_context, words), said in english().items():
        for gap in (r"%\(\w+\)[sd]", r"\{\w+\}"):
            if said and not set(re.findall(gap, said)) <= set(re.findall(gap, words)):
                wrong.append(f"{words!r} → {said!r}")

    assert wrong == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ('{% translate "你好" %}', ["你好"]),
        ("{% blocktranslate with a=b %}共{{ a }}件{% endblocktranslate %}", ["共%(a)s件"]),
        ("{% blocktranslate count n=b %}{{ n }}件{% plural %}{{ n }}件们{% endblocktranslate %}",
         ["%(n)s件", "%(n)s件们"]),
        ('{% notice "ok" _("好的") _("再见") %}', ["好的", "再见"]),
        ('{{ a|default:_("没有") }}', ["没有"]),
    ],
)  # fmt: skip
def test_this_test_reads_pages_rightly(page: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page)

    assert [said for _line, _context, said in marked_in_template(path)] == words


def test_this_test_reads_python_rightly(tmp_path: Path) -> None:
    path = tmp_path / "words.py"
    path.write_text(
        "from django.utils.translation import gettext as say, ngettext, pgettext_lazy\n"
        'a = say("你好" "世界"), pgettext_lazy("状态", "挂账"), ngettext("一件", "几件", 2), other("不算")\n'
    )

    found = {(context, said) for _line, context, said in marked_in_python(path)}

    assert found == {("", "你好世界"), ("状态", "挂账"), ("", "一件"), ("", "几件")}
