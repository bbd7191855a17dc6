"""The closing prices of a history by day: what a history is known by, whatever it is called and however it was cut.

Takes bars of any timeframe; says whether two histories are one. Returns are compared, not prices, so that another
price scale or another venue makes no other history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS

SHARED_DAYS: Final = 30
TOLERANCE: Final = 1e-3
AGREEING: Final = 0.5
# Rows of a table that stays within the processor's caches.
_TOGETHER: Final = 64

Closes = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Closings:
    """One close a day.

    Attributes
    ----------
    first_day : int
        Days since 1970-01-01 UTC.
    closes : float32 array
        The last close of each day from `first_day` on; NaN where a day has none.
    """

    first_day: int
    closes: Closes

    @property
    def last_day(self) -> int:
        """The last day with a close."""
        return self.first_day + len(self.closes) - 1

    @cached_property
    def days(self) -> int:
        """How many days have a close."""
        return int(np.count_nonzero(~np.isnan(self.closes)))

    @cached_property
    def digest(self) -> str:
        """A short hash of all of it, equal on every machine."""
        return self.mixed_with("")

    def mixed_with(self, text: str) -> str:
        """Return the short hash of the closes and a text."""
        head = f"{self.first_day}/{text}/".encode()
        return hashlib.blake2b(head + closes_bytes(self.closes), digest_size=8).hexdigest()


def closes_bytes(closes: Closes) -> bytes:
    """Return closes as bytes, in one order on every machine."""
    return closes.astype("<f4", copy=False).tobytes()


def closes_from(raw: bytes) -> Closes:
    """Read closes back."""
    closes: Any = np.frombuffer(raw, "<f4").astype(np.float32, copy=False)
    found: Closes = closes
    return found


def closings_of(bars: Bars) -> Closings:
    """Return the closing price of each day, a bar belonging to the day in which it closes."""
    if not len(bars):
        return Closings(0, np.zeros(0, np.float32))
    first, last = (int(ts + bars.span_ms - 1) // DAY_MS for ts in (bars.ts[0], bars.ts[-1]))
    # Looking up each day's end takes a fraction of dividing the times of 100,000 bars.
    ends = np.arange(first + 1, last + 2, dtype=np.int64) * DAY_MS - bars.span_ms
    at = np.searchsorted(bars.ts, ends, side="right") - 1
    closes = bars.close[at].astype(np.float32)
    closes[1:][at[1:] == at[:-1]] = np.nan
    return Closings(first, closes)


def is_one_history(one: Closings, other: Closings) -> bool | None:
    """Tell whether two histories are one; None where they share too little to say.

    From 30 shared days on, half of their daily returns must agree within 1e-3. Fewer days are compared by content:
    one history where all shared closes, at least two, are equal; the last shared day may be unfinished in one of them
    and is left out of that.
    """
    begin, end = max(one.first_day, other.first_day), min(one.last_day, other.last_day) + 1
    if end - begin < 2:
        return None
    a, b = (given.closes[begin - given.first_day : end - given.first_day] for given in (one, other))
    shared = ~(np.isnan(a) | np.isnan(b))
    days = np.count_nonzero(shared)
    if days < len(shared):
        a, b = a[shared], b[shared]
    if days < SHARED_DAYS:
        if shared[-1]:
            a, b = a[:-1], b[:-1]
        return True if len(a) >= 2 and bool((a == b).all()) else None
    with np.errstate(all="ignore"):
        apart = np.abs(a[1:].astype(np.float64) / a[:-1] - b[1:].astype(np.float64) / b[:-1])
    return bool(np.count_nonzero(apart <= TOLERANCE) >= AGREEING * (days - 1))


def which_are_one(known: Sequence[Closings], other: Closings) -> list[bool | None]:
    """Return for each of many histories what `is_one_history` says, some microseconds each.

    Those that have a close on every day are compared together.
    """
    found: list[bool | None] = []
    for begin in range(0, len(known), _TOGETHER):
        found += _compared(known[begin : begin + _TOGETHER], other)
    return found


def _compared(known: Sequence[Closings], other: Closings) -> list[bool | None]:
    table = np.full((len(known), len(other.closes)), np.nan)
    for row, one in zip(table, known, strict=True):
        begin = max(one.first_day, other.first_day)
        end = max(begin, min(one.last_day, other.last_day) + 1)
        row[begin - other.first_day : end - other.first_day] = one.closes[
            begin - one.first_day : end - one.first_day
        ]
    shared = np.count_nonzero(~np.isnan(table) & ~np.isnan(other.closes), axis=1)
    with np.errstate(all="ignore"):
        closes = other.closes.astype(np.float64)
        apart = np.abs(table[:, 1:] / table[:, :-1] - closes[1:] / closes[:-1])
    compared = np.count_nonzero(~np.isnan(apart), axis=1)
    agreeing = np.count_nonzero(apart <= TOLERANCE, axis=1) >= AGREEING * (shared - 1)
    together = (shared >= SHARED_DAYS) & (compared == shared - 1)
    return [
        bool(agreeing[row]) if together[row] else is_one_history(one, other) for row, one in enumerate(known)
    ]


def is_continuation(known: Closings, other: Closings) -> bool:
    """Tell whether the closes of both are the same prices where they meet, so that one series holds both.

    The last day of each may be unfinished and is not looked at.
    """
    begin = max(known.first_day, other.first_day)
    end = min(known.last_day, other.last_day)
    if end - begin < 1:
        return False
    a, b = (given.closes[begin - given.first_day : end - given.first_day] for given in (known, other))
    return bool(np.array_equal(a, b, equal_nan=True))


def joined(known: Closings, other: Closings) -> Closings:
    """Return the days of both; where both have one, a finished day wins over one that may not be."""
    first, last = min(known.first_day, other.first_day), max(known.last_day, other.last_day)
    closes = np.full(last - first + 1, np.nan, np.float32)
    # Who ends later is laid over the other: its value of the other's last day is the finished one.
    for given in sorted((known, other), key=lambda one: one.last_day):
        place = closes[given.first_day - first : given.last_day - first + 1]
        place[:] = np.where(np.isnan(given.closes), place, given.closes)
    return Closings(first, closes)
