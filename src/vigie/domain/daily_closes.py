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
class DailyCloses:
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
        return self.digest_with("")

    def digest_with(self, text: str) -> str:
        """Return the short hash of the closes and a text.

        Parameters
        ----------
        text : str
            Mixed in, such as a name that tells short histories apart; empty for the closes alone.

        Returns
        -------
        str
            16 hex digits.
        """
        head = f"{self.first_day}/{text}/".encode()
        return hashlib.blake2b(head + closes_bytes(self.closes), digest_size=8).hexdigest()


def closes_bytes(closes: Closes) -> bytes:
    """Return closes as bytes, in one order on every machine.

    Parameters
    ----------
    closes : float32 array
        NaN where a day has none.

    Returns
    -------
    bytes
        Little-endian float32, 4 bytes a day.
    """
    return closes.astype("<f4", copy=False).tobytes()


def closes_from_bytes(raw: bytes) -> Closes:
    """Read closes back.

    Parameters
    ----------
    raw : bytes
        As `closes_bytes` writes them.

    Returns
    -------
    float32 array
        float32, in the machine's own order.
    """
    closes: Any = np.frombuffer(raw, "<f4").astype(np.float32, copy=False)
    result: Closes = closes
    return result


def compute_daily_closes(bars: Bars) -> DailyCloses:
    """Return the closing price of each day, a bar belonging to the day in which it closes.

    Parameters
    ----------
    bars : Bars
        Of any timeframe; may be empty.

    Returns
    -------
    DailyCloses
        From the first bar's UTC day to the last bar's, NaN on days in which no bar closes; empty for no bars.
    """
    if not len(bars):
        return DailyCloses(0, np.zeros(0, np.float32))
    first, last = (int(ts + bars.span_ms - 1) // DAY_MS for ts in (bars.ts[0], bars.ts[-1]))
    # Looking up each day's end takes a fraction of dividing the times of 100,000 bars.
    ends = np.arange(first + 1, last + 2, dtype=np.int64) * DAY_MS - bars.span_ms
    at = np.searchsorted(bars.ts, ends, side="right") - 1
    closes = bars.close[at].astype(np.float32)
    closes[1:][at[1:] == at[:-1]] = np.nan
    return DailyCloses(first, closes)


def is_same_history(first: DailyCloses, second: DailyCloses) -> bool | None:
    """Tell whether two histories are one; None where they share too little to say.

    From 30 shared days on, half of their daily returns must agree within 1e-3. Fewer days are compared by content:
    one history where all shared closes, at least two, are equal; the last shared day may be unfinished in one of them
    and is left out of that.

    Parameters
    ----------
    first, second : DailyCloses
        In either order.

    Returns
    -------
    bool or None
        False only from 30 shared days on: fewer can confirm, never deny.
    """
    first_day, end = max(first.first_day, second.first_day), min(first.last_day, second.last_day) + 1
    if end - first_day < 2:
        return None
    a, b = (
        history.closes[first_day - history.first_day : end - history.first_day] for history in (first, second)
    )
    shared = ~(np.isnan(a) | np.isnan(b))
    days = np.count_nonzero(shared)
    if days < len(shared):
        a, b = a[shared], b[shared]
    if days < SHARED_DAYS:
        if shared[-1]:
            a, b = a[:-1], b[:-1]
        return True if len(a) >= 2 and bool((a == b).all()) else None
    with np.errstate(all="ignore"):
        distances = np.abs(a[1:].astype(np.float64) / a[:-1] - b[1:].astype(np.float64) / b[:-1])
    return bool(np.count_nonzero(distances <= TOLERANCE) >= AGREEING * (days - 1))


def match_histories(known: Sequence[DailyCloses], history: DailyCloses) -> list[bool | None]:
    """Return for each of many histories what `is_same_history` says, some microseconds each.

    Those that have a close on every day are compared together.

    Parameters
    ----------
    known : sequence of DailyCloses
        Histories to compare with.
    history : DailyCloses
        The one that is looked for.

    Returns
    -------
    list of bool or None
        One verdict each, in the order of `known`.
    """
    verdicts: list[bool | None] = []
    for begin in range(0, len(known), _TOGETHER):
        verdicts += _compare_block(known[begin : begin + _TOGETHER], history)
    return verdicts


def _compare_block(known: Sequence[DailyCloses], history: DailyCloses) -> list[bool | None]:
    table = np.full((len(known), len(history.closes)), np.nan)
    for row, closings in zip(table, known, strict=True):
        begin = max(closings.first_day, history.first_day)
        end = max(begin, min(closings.last_day, history.last_day) + 1)
        row[begin - history.first_day : end - history.first_day] = closings.closes[
            begin - closings.first_day : end - closings.first_day
        ]
    shared = np.count_nonzero(~np.isnan(table) & ~np.isnan(history.closes), axis=1)
    with np.errstate(all="ignore"):
        closes = history.closes.astype(np.float64)
        distances = np.abs(table[:, 1:] / table[:, :-1] - closes[1:] / closes[:-1])
    compared = np.count_nonzero(~np.isnan(distances), axis=1)
    agreeing = np.count_nonzero(distances <= TOLERANCE, axis=1) >= AGREEING * (shared - 1)
    is_comparable = (shared >= SHARED_DAYS) & (compared == shared - 1)
    return [
        bool(agreeing[row]) if is_comparable[row] else is_same_history(closings, history)
        for row, closings in enumerate(known)
    ]


def is_continuation(known: DailyCloses, later: DailyCloses) -> bool:
    """Tell whether the closes of both are the same prices where they meet, so that one series holds both.

    The last day of each may be unfinished and is not looked at.

    Parameters
    ----------
    known, later : DailyCloses
        Closes of the same series, read at two times.

    Returns
    -------
    bool
        False also where they share less than two days.
    """
    begin = max(known.first_day, later.first_day)
    end = min(known.last_day, later.last_day)
    if end - begin < 1:
        return False
    a, b = (history.closes[begin - history.first_day : end - history.first_day] for history in (known, later))
    return bool(np.array_equal(a, b, equal_nan=True))


def merge_closings(known: DailyCloses, later: DailyCloses) -> DailyCloses:
    """Return the days of both; where both have one, a finished day wins over one that may not be.

    Parameters
    ----------
    known, later : DailyCloses
        In either order; days between them stay NaN.

    Returns
    -------
    DailyCloses
        From the earlier first day to the later last day.
    """
    first, last = min(known.first_day, later.first_day), max(known.last_day, later.last_day)
    closes = np.full(last - first + 1, np.nan, np.float32)
    # Who ends later is laid over the other: its value of the other's last day is the finished one.
    for history in sorted((known, later), key=lambda item: item.last_day):
        target = closes[history.first_day - first : history.last_day - first + 1]
        target[:] = np.where(np.isnan(history.closes), target, history.closes)
    return DailyCloses(first, closes)
