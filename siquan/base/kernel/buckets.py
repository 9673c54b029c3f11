"""Token buckets: so many acts at once, and then so many in a time. In memory, bounded, pure arithmetic."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

MOST_KEYS = 20_000  # about 4 MB; those asked for longest ago are forgotten first


@dataclass(frozen=True)
class Allowance:
    """How much is allowed: `amount` at once, and the same again in `seconds`."""

    amount: float
    seconds: float

    @property
    def per_second(self) -> float:
        """Return how fast what was used comes back."""
        return self.amount / self.seconds

    def shared_by(self, processes: int) -> Allowance:
        """Return one process's share; at least one act."""
        return Allowance(max(1.0, self.amount / processes), self.seconds)


def parse_allowance(text: str) -> Allowance:
    """Return the allowance written as `60/600`: sixty in ten minutes. Raises ValueError."""
    amount, _slash, seconds = text.partition("/")
    allowance = Allowance(float(amount), float(seconds))
    if not (allowance.amount >= 1 and allowance.seconds > 0):
        raise ValueError(f"“{text}” is no allowance: write 60/600 for sixty in ten minutes")
    return allowance


class Buckets:
    """One bucket a key. A new key's bucket is full."""

    def __init__(self, allowance: Allowance, most_keys: int = MOST_KEYS) -> None:
        self.allowance = allowance
        self._most_keys = most_keys
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, at: float) -> float:
        """Take one act out of the key's bucket; return 0, or the seconds until there is one to take."""
        amount, speed = self.allowance.amount, self.allowance.per_second
        with self._lock:
            left, seen_at = self._left.get(key, (amount, at))
            left = min(amount, left + max(0.0, at - seen_at) * speed)
            is_let_in = left >= 1.0
            self._left[key] = (left - 1.0 if is_let_in else left, at)
            self._left.move_to_end(key)
            if len(self._left) > self._most_keys:
                self._left.popitem(last=False)
        return 0.0 if is_let_in else (1.0 - left) / speed

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._left)
