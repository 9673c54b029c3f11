"""Write rows as the text that PostgreSQL's COPY reads: the fastest way in, and no driver has to guess types.

Source: PostgreSQL documentation, COPY, "Text Format".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from types import NoneType
from typing import Any, Final

ROWS_AT_ONCE: Final = 500
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def blocks(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the rows as text, many at a time. Raises TypeError for a value COPY does not know."""
    lines = ("\t".join([_WRITTEN[type(value)](value) for value in row]) + "\n" for row in rows)
    while block := "".join(islice(lines, ROWS_AT_ONCE)):
        yield block


def _text(value: str) -> str:
    if "\\" not in value and value.isprintable():  # nearly always
        return value
    return value.translate(_ESCAPES)


class _Writers(dict[type, Callable[[Any], str]]):
    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if not issubclass(kind, str):  # a member of an enumeration is a text too
            raise TypeError(f"COPY cannot write a {kind.__name__}.")
        self[kind] = lambda value: _text(str(value))
        return self[kind]


_WRITTEN: Final = _Writers(
    {
        str: _text,
        int: str,
        float: repr,
        NoneType: lambda _: "\\N",
        bool: lambda value: "t" if value else "f",
        bytes: lambda value: f"\\\\x{value.hex()}",  # COPY takes one of the two backslashes away
        datetime: lambda value: value.isoformat(),
        list: lambda numbers: f"{{{','.join(map(str, numbers))}}}",
    }
)
