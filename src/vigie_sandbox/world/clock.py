"""The market's time: it runs faster than the wall's, pauses and jumps, and never goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, iso

MonotonicClock = Callable[[], float]
"""Seconds that only grow, such as ``time.monotonic``; tests pass their own."""

MAX_SPEED: Final = 3_600.0
MAX_JUMP_MS: Final = 31 * DAY_MS


class VirtualClock:
    """Market time from a hand, a speed and a place where it began.

    Parameters
    ----------
    monotonic : callable
        Seconds that only grow.
    market_ms : int
        Market time at the beginning, epoch milliseconds.
    speed : float
        Market seconds in one second of the hand.
    paused : bool
        Whether it stands still at first.
    """

    def __init__(
        self, monotonic: MonotonicClock, market_ms: int, speed: float = 1.0, *, paused: bool = False
    ) -> None:
        self._monotonic = monotonic
        self._anchor = monotonic()
        self._at_anchor = float(market_ms)
        self._speed = _check_speed(speed)
        self._paused = paused

    @property
    def speed(self) -> float:
        """Market seconds a second, also while paused."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether it stands still."""
        return self._paused

    def now_ms(self) -> int:
        """Return the market's time in epoch milliseconds."""
        return int(self._exact_ms())

    def seconds_until(self, market_ms: int) -> float | None:
        """Return how many seconds of the hand until a market time; None while paused."""
        if self._paused:
            return None
        return max(0.0, (market_ms - self._exact_ms()) / 1_000.0 / self._speed)

    def change(
        self, *, speed: float | None = None, paused: bool | None = None, jump_to: int | None = None
    ) -> None:
        """Change the speed, pause or go on, and jump forward.

        Raises
        ------
        UsageError
            If the speed is outside 0..3600, or the jump goes back or farther than 31 days.
        """
        new_speed = self._speed if speed is None else _check_speed(speed)
        now = self._exact_ms()
        if jump_to is not None:
            if not now <= jump_to <= now + MAX_JUMP_MS:
                latest = iso(int(now) + MAX_JUMP_MS)
                raise UsageError(f"jump must go to {iso(int(now))}..{latest}, was {iso(jump_to)}")
            now = float(jump_to)
        self._anchor = self._monotonic()
        self._at_anchor = now
        self._speed = new_speed
        self._paused = self._paused if paused is None else paused

    def _exact_ms(self) -> float:
        if self._paused:
            return self._at_anchor
        return self._at_anchor + (self._monotonic() - self._anchor) * 1_000.0 * self._speed


def _check_speed(speed: float) -> float:
    if not 0.0 < speed <= MAX_SPEED:
        raise UsageError(f"speed must be above 0 and at most {MAX_SPEED:g}, was {speed:g}")
    return float(speed)
