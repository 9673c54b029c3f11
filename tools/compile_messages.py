"""Compile every translation in the tree, without gettext: `make messages`.

`--check` changes nothing and fails when a compiled file is missing or older than its words.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent / "siquan"


def compiled(source: Path) -> bytes:
    """Return the compiled form of a translation file."""
    with source.open("rb") as file:
        catalog = read_po(file)
    # Without a date in the file Babel writes the present minute, and no two runs would agree.
    catalog.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    """Compile, or check with `--check`."""
    stale = []
    for source in sorted(ROOT.rglob("locale/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        wanted = compiled(source)
        if target.exists() and target.read_bytes() == wanted:
            continue
        stale.append(source)
        if "--check" not in sys.argv:
            target.write_bytes(wanted)
    for source in stale:
        print(source.relative_to(ROOT))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
