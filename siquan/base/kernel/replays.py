"""Replay a random draw from a file that says everything: without a database, without Django, on any machine.

    python -m siquan.base.kernel.replays FILE        (or: siquan draws replay FILE)

The file is JSON: `seed` and, where one was published before, its `commitment`; `members`, the list of those
who could be drawn, by stratum, with its fingerprint `members_sha256`; `rule`, how many are wanted; `drawn`,
who was.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from siquan.base.kernel import draws

FORMAT: Final = "siquan-draw/1"
Strata = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Rule:
    """How many are drawn: `total` in all in proportion, or a `fraction` of each stratum (or its own)."""

    total: int | None = None
    fraction: float | None = None
    fractions: Mapping[str, float] = field(default_factory=dict)
    at_least: int = 0

    def sizes(self, members: Strata) -> dict[str, int]:
        """Return how many are wanted of each stratum."""
        population = {name: len(each) for name, each in members.items()}
        if self.total is not None:
            return draws.sizes_by_total(population, self.total, at_least=self.at_least)
        own = {name: share for name, share in self.fractions.items() if name in population}
        return draws.sizes_by_fraction(
            population, self.fraction or 0.0, fractions=own, at_least=self.at_least
        )


@dataclass(frozen=True)
class Told:
    """A draw as it is told: what it was drawn from, by what, and who was drawn."""

    title: str
    seed: str
    members: Strata
    members_sha256: str
    rule: Rule
    drawn: Strata
    commitment: str = ""

    def as_json(self) -> str:
        """Return the file with which anybody can replay the draw."""
        told = {"format": FORMAT} | asdict(self)
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True)


@dataclass(frozen=True)
class Check:
    """One thing that was checked, and what was found."""

    code: str
    agrees: bool
    told: str
    found: str


def digest_of(members: Strata) -> str:
    """Return the fingerprint of a list: SHA-256 of its lines `stratum<TAB>member`, sorted."""
    lines = sorted(f"{name}\t{each}\n" for name, listed in members.items() for each in listed)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def replay(told: Told) -> list[Check]:
    """Draw once more, and return what agrees with what was told and what does not."""
    chosen = draws.drawn(told.seed, told.members, told.rule.sizes(told.members))
    checks = []
    if told.commitment:
        found = draws.commitment(told.seed)
        checks.append(Check("commitment", draws.keeps(told.commitment, told.seed), told.commitment, found))
    digest = digest_of(told.members)
    checks.append(Check("members", digest == told.members_sha256, told.members_sha256, digest))
    was, now = _plain(told.drawn), _plain(chosen)
    checks.append(Check("drawn", was == now, _count(was), _count(now)))
    return checks


def read(text: str) -> Told:
    """Return the draw a file tells of. Raises ValueError when it is no such file."""
    given = json.loads(text)
    if not isinstance(given, dict) or given.pop("format", None) != FORMAT:
        raise ValueError(f"not a file of a draw ({FORMAT})")
    try:
        return Told(**given | {"rule": Rule(**given["rule"])})
    except (TypeError, KeyError) as error:
        raise ValueError("parts of the draw are missing or unknown") from error


def _plain(strata: Strata) -> dict[str, list[str]]:
    return {name: sorted(listed) for name, listed in sorted(strata.items()) if listed}


def _count(strata: Mapping[str, Sequence[Any]]) -> str:
    digest = digest_of(strata)[:12]
    return f"{sum(map(len, strata.values()))} ({digest})"


def main(words: Sequence[str]) -> int:
    """Replay the draw of a file and say what agrees; return 0 when all does, 1 when not, 2 without a file."""
    if len(words) != 1:
        print("siquan draws replay FILE", file=sys.stderr)
        return 2
    try:
        told = read(Path(words[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{words[0]}: {error}", file=sys.stderr)
        return 2
    checks = replay(told)
    print(f"{told.title}: {sum(map(len, told.members.values()))} members, seed {told.seed}")
    for each in checks:
        print(f"{each.code:<12}{'agrees' if each.agrees else 'DOES NOT AGREE':<16}{each.told} / {each.found}")
    return 0 if all(each.agrees for each in checks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
