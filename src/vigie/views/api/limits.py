"""How many requests a caller may send: a bucket that fills again by itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

PER_MINUTE: Final = 600
KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class RateLimitStatus:
    """What a caller has left.

    Attributes
    ----------
    limit, remaining : int
        Requests a minute.
    reset_s : int
        Until the bucket is full again.
    """

    limit: int
    remaining: int
    reset_s: int
    is_allowed: bool


class RateLimiter:
    """Counts requests by caller."""

    def __init__(self, per_minute: int = PER_MINUTE) -> None:
        self._limit = per_minute
        self._buckets: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, now_ms: int) -> RateLimitStatus:
        """Take one request out of a caller's bucket."""
        with self._lock:
            level, before = self._buckets.pop(caller, (float(self._limit), now_ms))
            level = min(self._limit, level + max(0, now_ms - before) * self._limit / 60_000)
            is_allowed = level >= 1
            level -= 1 if is_allowed else 0
            self._buckets[caller] = (level, now_ms)
            while len(self._buckets) > KEPT:
                self._buckets.pop(next(iter(self._buckets)))
        reset = int((self._limit - level) * 60 / self._limit) + 1
        return RateLimitStatus(self._limit, int(level), reset, is_allowed)
