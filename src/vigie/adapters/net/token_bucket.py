"""How many requests a host gets: a bucket that fills with time, and pauses that the host asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Two who ask at once may look at the clock in another order; more, and it ran ahead and was put right.
_SET_BACK_MS: Final = 1_000


@dataclass(slots=True)
class TokenBucket:
    """Requests to one host.

    Attributes
    ----------
    per_minute : float
        How fast the bucket fills.
    burst : float
        How many it holds, so how many may follow each other at once.
    """

    per_minute: float
    burst: float = 1.0
    _level: float = -1.0
    _updated_ms: int = 0
    _blocked_until_ms: int = 0

    def take(self, now_ms: int) -> float:
        """Take one request and return how many seconds to wait before it may be sent.

        The bucket may owe: who comes later waits longer, so nobody is passed by.
        """
        self._refill(now_ms)
        self._level -= 1
        owed_s = max(-self._level, 0.0) * 60 / self.per_minute
        return max(owed_s, (self._blocked_until_ms - now_ms) / 1_000, 0.0)

    def give_back(self) -> None:
        """Give back a request that never reached the host."""
        self._level = min(self._level + 1, self.burst)

    def block(self, until_ms: int) -> None:
        """Send nothing before a time, because the host said so."""
        self._blocked_until_ms = max(self._blocked_until_ms, until_ms)

    def blocked_s(self, now_ms: int) -> float:
        """Return how many seconds the host wants to be left alone from now on."""
        return max((self._blocked_until_ms - now_ms) / 1_000, 0.0)

    def remaining(self, now_ms: int) -> float:
        """Return how many requests could be sent at once."""
        self._refill(now_ms)
        return 0.0 if now_ms < self._blocked_until_ms else max(self._level, 0.0)

    def _refill(self, now_ms: int) -> None:
        set_back_ms = self._updated_ms - now_ms
        if set_back_ms > _SET_BACK_MS:
            self._updated_ms -= set_back_ms
            self._blocked_until_ms -= set_back_ms
        if self._level < 0 and not self._updated_ms:
            self._level = self.burst
        elif now_ms > self._updated_ms:
            level = self._level + (now_ms - self._updated_ms) / 60_000 * self.per_minute
            self._level = min(level, self.burst)
        self._updated_ms = max(now_ms, self._updated_ms)
