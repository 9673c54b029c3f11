"""Every word of the kernel has its English, and a refusal speaks the reader's language."""

import ast
from pathlib import Path

import pytest
from django.utils import translation

from siquan.base import kernel
from siquan.base.kernel.errors import NotPossible, SiquanError, UnknownDatum
from siquan.base.kernel.workflow import next_state

ROOM = Path(kernel.__file__).parent


def is_translated(call: ast.AST) -> bool:
    """Whether a node of the source marks words for translation."""
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "gettext")


WORDS = sorted(
    {
        str(call.args[0].value)
        for file in ROOM.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if is_translated(call) and isinstance(call, ast.Call) and isinstance(call.args[0], ast.Constant)
    }
)


@pytest.mark.parametrize("words", WORDS)
def test_all_words_have_their_english(words: str) -> None:
    with translation.override("en"):
        english = translation.gettext(words)

    assert english.isascii() or set("“”") & set(english)
    assert english != words


@pytest.mark.parametrize("kind", [SiquanError, UnknownDatum])
def test_a_refusal_is_put_into_words_when_it_is_shown(kind: type[SiquanError]) -> None:
    refusal = kind()

    with translation.override("en"):
        english = str(refusal)
    with translation.override("zh-hans"):
        assert str(refusal) != english


def test_a_verb_that_is_not_possible_is_refused_in_english_too() -> None:
    with pytest.raises(NotPossible) as refusal:
        next_state({"filed": {"close": "closed", "void": "void"}, "closed": {}}, "filed", "accept")

    with translation.override("en"):
        assert str(refusal.value) == (
            "“accept” is not possible in the state “filed”. Possible now: close, void."
        )
