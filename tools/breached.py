"""Make the list of breached passwords anew: `python tools/breached.py [zxcvbn/frequency_lists.py]`."""

from __future__ import annotations

import gzip
import runpy
import sys
from hashlib import sha1
from pathlib import Path

import django.contrib.auth

DATA = Path(__file__).resolve().parent.parent / "siquan/base/accounts/data"
WIDTH = 5


def main() -> None:
    """Write the file and say how many passwords it knows."""
    common = Path(django.contrib.auth.__file__).parent / "common-passwords.txt.gz"
    words = set(gzip.decompress(common.read_bytes()).decode().split())
    words |= set((DATA / "own.txt").read_text().split())
    for path in sys.argv[1:]:
        words |= set(runpy.run_path(path)["FREQUENCY_LISTS"]["passwords"])
    prints = sorted({sha1(word.encode(), usedforsecurity=False).digest()[:WIDTH] for word in words})
    (DATA / "breached.bin").write_bytes(b"".join(prints))
    print(f"{len(prints)} passwords")


if __name__ == "__main__":
    main()
