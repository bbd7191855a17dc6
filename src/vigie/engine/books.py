"""What the shared account's loop reads and changes: histories laid one after the other, slots, the account's books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from vigie.domain.bar import BoolArray, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant import money

FAR: Final = 2**62
"""A time that never comes."""


class Histories(NamedTuple):
    """Bars of all distinct series, one after the other, with where each begins.

    Attributes
    ----------
    ts : int64 array, shape (n_rows,)
        Open times; series `s` is rows ``start[s]`` to ``start[s + 1]``.
    open, high, low, close : float64 arrays, shape (n_rows,)
        Quote currency.
    start : int64 array, shape (n_series + 1,)
        First row of each series.
    span : int64 array, shape (n_series,)
        Bar length, milliseconds.
    detail_ts, detail_open, detail_high, detail_low : arrays, shape (n_detail,)
        Finer bars of all series.
    detail_from, detail_to : int64 arrays, shape (n_rows,)
        Finer bars of row ``r`` are ``detail_from[r]`` to ``detail_to[r]``.
    detail_span : int64
        Length of a finer bar, milliseconds.
    funding_ts, funding_rate, funding_mark : arrays, shape (n_settlements,)
        Settlements of all series.
    funding_start : int64 array, shape (n_series + 1,)
        First settlement of each series.
    """

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    start: IntArray
    span: IntArray
    detail_ts: IntArray
    detail_open: FloatArray
    detail_high: FloatArray
    detail_low: FloatArray
    detail_from: IntArray
    detail_to: IntArray
    detail_span: int
    funding_ts: IntArray
    funding_rate: FloatArray
    funding_mark: FloatArray
    funding_start: IntArray


class Slots(NamedTuple):
    """What each slot trades and what its strategy said.

    Attributes
    ----------
    series, instrument, first : int64 arrays, shape (n_slots,)
        Which series and instrument; bars before `first` are for indicators only.
    flags : uint8 array, shape (n_flag_rows,)
        Flags of all slots, one after the other.
    units : float64 array, shape (n_unit_rows,)
        All distinct distance units, one after the other.
    flag_start, stop_start, target_start : int64 arrays, shape (n_slots,)
        First row of each slot in `flags`, and of its stop's and its target's unit in `units`.
    settings : record array of `SETTINGS`, shape (n_slots,)
        Settings of each slot.
    rules : record array of `RULES`
        Versions of all instruments, one after the other.
    rule_start : int64 array, shape (n_instruments + 1,)
        First version of each instrument.
    """

    series: IntArray
    instrument: IntArray
    first: IntArray
    flags: Any
    units: FloatArray
    flag_start: IntArray
    stop_start: IntArray
    target_start: IntArray
    settings: Any
    rules: Any
    rule_start: IntArray


class Books(NamedTuple):
    """The account's own records: what the run reads and changes.

    Attributes
    ----------
    account, slots, instruments, protections : record arrays
        Of `ACCOUNT` (1), `SLOT`, `INSTRUMENT`, `PROTECTIONS` (1).
    rings : int64 array, shape (n_instruments + 1, RING)
        Times of stop exits.
    peaks, peak_days : arrays, shape (window_days,)
        Highest sample of the remembered days.
    closes : float64 array, shape (correlation_days, n_instruments)
        Ring of daily closes.
    together : bool array, shape (n_instruments, n_instruments)
        Which instruments move together.
    equity_ts, equity : arrays, shape (n_samples,)
        Filled with the samples.
    row, end : int64 arrays, shape (n_slots,)
        The bar each slot is at, and where its bars end, in the rows of `Histories`.
    due : int64 array, shape (n_slots,)
        When that bar opens or, once it is open, closes; `FAR` after the last one.
    fine : int64 array, shape (n_slots,)
        The next finer bar of the bar that is open.
    opened, closed : bool arrays, shape (n_slots,)
        Whether that bar is open; whether it closed at this instant.
    counts : int64 array, shape (4,)
        Used rows of the samples, of the stored daily closes, of the trades and of the log.
    """

    account: Any
    slots: Any
    instruments: Any
    protections: Any
    rings: IntArray
    peaks: FloatArray
    peak_days: IntArray
    closes: FloatArray
    together: BoolArray
    equity_ts: IntArray
    equity: FloatArray
    row: IntArray
    end: IntArray
    due: IntArray
    fine: IntArray
    opened: BoolArray
    closed: BoolArray
    counts: IntArray


@njit(cache=True, nogil=True)
def book(account: Any, slot: Any, amount: int) -> None:
    """Add an amount in minor units to the cash of the account and to the result of a slot."""
    account["cash_minor"] = money.add(account["cash_minor"], amount)
    slot["result_minor"] = money.add(slot["result_minor"], amount)


def sums_of(books: Books) -> IntArray:
    """Return the cash of the account and the result of each slot, minor units."""
    return np.append(books.account["cash_minor"], books.slots["result_minor"])


def check_money(sums: IntArray, traded: Sequence[str]) -> None:
    """Refuse a run whose cash, or whose result of a slot, left the range in which money is added exactly.

    Parameters
    ----------
    sums : int64 array, shape (n,)
        Minor units.
    traded : sequence of str
        Instruments, for the message; bars that were handed over may have no name.

    Raises
    ------
    UsageError
        With the range.
    """
    if (np.abs(sums) > money.MOST).any():
        named = ", ".join(filter(None, traded))
        if not named:
            raise UsageError(
                "cash_went_beyond",
                "cash went beyond {most_quote:g}; start with less capital",
                most_quote=money.MOST_QUOTE,
            )
        raise UsageError(
            "cash_went_beyond_start",
            "cash went beyond {most_quote:g} on {named}; start with less capital",
            most_quote=money.MOST_QUOTE,
            named=named,
        )
