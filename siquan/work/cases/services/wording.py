"""What was said, in two versions: masked for everybody in the case, sealed as it was written beside it.

Everything that reads a case (lists, exports, search, programs, notices) meets the masked words only, so it
cannot give away more. `contact.unmask` opens what is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from siquan.base.kernel.masking import masked_address, masked_text
from siquan.base.kernel.sealedtext import print_field, sealed_field
from siquan.work.cases.models import Case, Comment, Reporter

NAME, PHONE, WORDS = (sealed_field(Reporter, each) for each in ("name", "phone", "words"))
PHONE_PRINT: Final = print_field(Reporter, "phone_print")
REPORTER_COLUMNS: Final = ("case_id", "name", "phone", "phone_print", "words", "user_id")


class Said(NamedTuple):
    """The words of a case, masked; `hidden` is JSON of those that had to be, as they were written."""

    title: str
    text: str
    address: str
    hidden: str


def said(title: str, text: str, address: str, *, name: str = "") -> Said:
    """Return what may stand in a case; `name` is the reporter's own, if it was told."""
    names = (name,) if name else ()
    given = {"title": title, "text": text, "address": address}
    shown = {
        "title": masked_text(title, names),
        "text": masked_text(text, names),
        "address": masked_address(address) if address else "",
    }
    hidden = {field: words for field, words in given.items() if words != shown[field]}
    return Said(**shown, hidden=json.dumps(hidden, ensure_ascii=False) if hidden else "")


def hidden_words(reporter: Reporter | None) -> Mapping[str, str]:
    """Return the words as they were written, where they had to be masked: title, text, address."""
    found: Mapping[str, str] = json.loads(reporter.words) if reporter and reporter.words else {}
    return found


def remark(text: str, *, name: str = "") -> dict[str, str]:
    """Return the words of a remark as its row keeps them; `name` is the reporter's own, if it was told."""
    shown = masked_text(text, (name,) if name else ())
    return {"text": shown, "original": text if shown != text else ""}


def keep_address(case: Case, address: str) -> None:
    """Put a new address into a case, masked, and keep it sealed as it was written."""
    case.address = masked_address(address)
    reporter = Reporter.objects.select_for_update(of=("self",)).filter(case=case).first()
    if reporter is None and case.address == address:
        return
    hidden = {**hidden_words(reporter)}
    hidden.pop("address", None)
    hidden |= {} if case.address == address else {"address": address}
    words = json.dumps(hidden, ensure_ascii=False) if hidden else ""
    Reporter.objects.update_or_create(case=case, defaults={"words": words})


def as_written(comment: Comment) -> str:
    """Return a remark as it was written."""
    return str(comment.original or comment.text)


def reporter_rows(
    ids: Sequence[int], lives: Iterable[Any], words: Sequence[Said]
) -> Iterator[tuple[int, bytes, bytes, str, bytes, int | None]]:
    """Yield the rows of the reporters of many cases, sealed, for COPY."""
    for key, life, each in zip(ids, lives, words, strict=True):
        if life.name or life.phone or each.hidden:
            sealed = (NAME.sealed(life.name), PHONE.sealed(life.phone))
            yield key, *sealed, PHONE_PRINT.print_of(life.phone), WORDS.sealed(each.hidden), life.by
