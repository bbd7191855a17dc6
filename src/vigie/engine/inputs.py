"""What the kernel reads of one slot, and what it could not walk: refused here, by name, before anything is traded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from vigie.compiled import BORROWING
from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.time import MINUTE_MS
from vigie.engine.signals import Flags

EXACT = 2.0**53
_NO_TIMES = np.zeros(0, np.int64)
_NO_VALUES = np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Settlements:
    """Settlements of one instrument.

    Attributes
    ----------
    ts : int64 array, shape (n,)
        Settlement times, ascending, floored to the minute.
    rate : float64 array, shape (n,)
        Fraction of notional that longs pay.
    mark : float64 array, shape (n,)
        Open of the mark bar that starts at the settlement; NaN where there is none.
    """

    ts: IntArray = field(default_factory=lambda: _NO_TIMES)
    rate: FloatArray = field(default_factory=lambda: _NO_VALUES)
    mark: FloatArray = field(default_factory=lambda: _NO_VALUES)


def settlements_of(
    ts: IntArray, rate: FloatArray, mark_ts: IntArray | None = None, mark_open: FloatArray | None = None
) -> Settlements:
    """Prepare a funding series: floor its times to the minute, sort it, find each settlement's mark price.

    Parameters
    ----------
    ts, rate : arrays, shape (n,)
        Settlement times (epoch milliseconds) and rates.
    mark_ts, mark_open : arrays, shape (m,), optional
        Open times and opens of mark-price bars.
    """
    floored = np.asarray(ts, np.int64) // MINUTE_MS * MINUTE_MS
    order = np.argsort(floored, kind="stable")
    floored, rates = floored[order], np.asarray(rate, np.float64)[order]
    marks = np.full(len(floored), np.nan)
    if mark_ts is not None and mark_open is not None and len(mark_ts):
        index = np.minimum(np.searchsorted(mark_ts, floored), len(mark_ts) - 1)
        is_found = mark_ts[index] == floored
        marks[is_found] = mark_open[index][is_found]
    return Settlements(ts=floored, rate=rates, mark=marks)


@dataclass(frozen=True, slots=True, eq=False)
class SlotInput:
    """One slot with everything the kernel reads.

    Attributes
    ----------
    bars : Bars
        The history, indicator-only bars included.
    flags : uint8 array, shape (n_bars,)
        Entry and exit flags.
    stop_unit, target_unit : float64 arrays, shape (n_bars,)
        Distance units, usually ATR(14) twice.
    versions : tuple of Instrument
        Rules of the instrument, ascending in `valid_from`.
    first : int
        Bars before it are for indicators only.
    detail : Bars or None
        Finer bars of the same instrument.
    """

    bars: Bars
    flags: Flags
    stop_unit: FloatArray
    target_unit: FloatArray
    versions: tuple[Instrument, ...]
    sizing: Sizing = field(default_factory=Sizing)
    costs: Costs = field(default_factory=Costs)
    funding: Settlements = field(default_factory=Settlements)
    first: int = 0
    detail: Bars | None = None


def check_input(slot: SlotInput) -> None:
    """Refuse an input the kernel could not walk.

    Raises
    ------
    UsageError
        If there are no bars, arrays differ in length, times do not ascend, or prices are not finite.
    """
    n = len(slot.bars)
    # Where the grid surely holds every price, one pass says all.
    is_plain = _can_be_walked(slot.bars, *_sure_bounds(slot))
    if not is_plain:
        _check_bars(slot.bars, "bars")
    for name in ("flags", "stop_unit", "target_unit"):
        length = len(getattr(slot, name))
        if length != n:
            raise UsageError(
                "must_values_like_bars",
                "{name} must have {n} values like the bars, had {length}",
                name=name,
                n=n,
                length=length,
            )
    # Mostly the same array twice.
    for name in ("stop_unit",) if slot.target_unit is slot.stop_unit else ("stop_unit", "target_unit"):
        unit = getattr(slot, name)
        if not are_distances(unit):
            bar = int(np.argmax((unit < 0) | np.isinf(unit)))
            raise UsageError(
                "criterion_value_not_finite",
                "{name} must be >= 0 and finite, or NaN where not known, was {unit} at bar {bar}",
                name=name,
                unit=unit[bar],
                bar=bar,
            )
    if not 0 <= slot.first < n:
        raise UsageError(
            "warm_up_must_leave_least",
            "warm-up must leave at least one of {n} bars, was {first}",
            n=n,
            first=slot.first,
        )
    if not slot.versions:
        raise UsageError(
            "instrument_needs_least_one_version", "an instrument needs at least one version of its rules"
        )
    if not is_plain:
        _check_grid(slot)
    _check_funding(slot.funding)
    if slot.detail is not None and len(slot.detail):
        _check_bars(slot.detail, "finer bars")


@njit(**BORROWING)
def can_be_walked(
    ts: IntArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    span: int,
    floor: float,
    ceiling: float,
) -> bool:
    """Tell whether bars follow one another without overlap and have prices between bounds; every bar is looked at.

    Parameters
    ----------
    floor, ceiling : float
        Lows are above the one (at least 0), highs below the other.
    """
    good = 0
    # A comparison with NaN is false; the sum of truths becomes vector code, a stop at the first fault does not.
    for i in range(len(ts)):
        good += (
            (low[i] > floor) & (high[i] >= low[i]) & (high[i] < ceiling)
            & (open_[i] > 0.0) & (open_[i] < np.inf) & (close[i] > 0.0) & (close[i] < np.inf)
        )  # fmt: skip
    apart = 1
    for i in range(1, len(ts)):
        apart += ts[i] - ts[i - 1] >= span
    return good == len(ts) and apart == len(ts)


@njit(**BORROWING)
def are_distances(unit: FloatArray) -> bool:
    """Tell whether distances are not negative and finite, or NaN where not known."""
    bad = 0
    for i in range(len(unit)):
        bad += (unit[i] < 0.0) | (unit[i] == np.inf)
    return bad == 0


def _can_be_walked(bars: Bars, floor: float, ceiling: float) -> bool:
    columns = bars.ts, bars.open, bars.high, bars.low, bars.close
    return len(bars) > 0 and can_be_walked(*columns, bars.span_ms, floor, ceiling)


def _sure_bounds(slot: SlotInput) -> tuple[float, float]:
    # Half and twice what `_check_grid` refuses, whatever a quotient is rounded to.
    position = slot.sizing.capital * slot.sizing.leverage
    floors = [2.0 * position * version.lot.scale / EXACT for version in slot.versions]
    ceilings = [EXACT / version.tick.scale / 2.0 for version in slot.versions]
    return max(floors, default=0.0), min(ceilings, default=np.inf)


def _check_bars(bars: Bars, what: str) -> None:
    n = len(bars)
    if n == 0:
        raise UsageError("must_not_empty", "{what} must not be empty", what=what)
    if _can_be_walked(bars, 0.0, np.inf):
        return
    steps = np.diff(bars.ts)
    if n > 1 and steps.min() < bars.span_ms:
        bar = int(np.argmax(steps < bars.span_ms)) + 1
        if steps[bar - 1] <= 0:
            raise UsageError(
                "times_not_ascending_at_bar",
                "times of {what} must ascend, bar {bar} does not come after bar {bar_2}",
                what=what,
                bar=bar,
                bar_2=bar - 1,
            )
        raise UsageError(
            "must_not_overlap",
            "{what} must not overlap, bar {bar} opens {steps} ms after bar {bar_2}, which lasts {span_ms} ms",
            what=what,
            bar=bar,
            steps=steps[bar - 1],
            bar_2=bar - 1,
            span_ms=bars.span_ms,
        )
    # The least and the greatest also find NaN: a comparison with it is false.
    for name in ("open", "high", "low", "close"):
        prices = getattr(bars, name)
        if not (prices.min() > 0 and prices.max() < np.inf):
            bar = int(np.argmin((prices > 0) & (prices < np.inf)))
            raise UsageError(
                "must_positive_finite",
                "{name} of {what} must be positive and finite, was {prices} at bar {bar}",
                name=name,
                what=what,
                prices=prices[bar],
                bar=bar,
            )
    if not (bars.high >= bars.low).all():
        bar = int(np.argmin(bars.high >= bars.low))
        raise UsageError(
            "high_must_low",
            "high of {what} must be >= low, was {high} < {low} at bar {bar}",
            what=what,
            high=bars.high[bar],
            low=bars.low[bar],
            bar=bar,
        )


def _check_grid(slot: SlotInput) -> None:
    # A grid point is a number of the step's last digit, divided once: float64 must hold it exactly.
    highest, lowest = float(slot.bars.high.max()), float(slot.bars.low.min())
    for version in slot.versions:
        ticks = highest * version.tick.scale
        if ticks >= EXACT:
            raise UsageError(
                "tick_too_fine",
                "tick is too fine: a price may have at most 2**53 of its last digit, {tick} "
                "makes {ticks:.3g} of {highest:g}",
                tick=version.tick,
                ticks=ticks,
                highest=highest,
            )
        lots = slot.sizing.capital * slot.sizing.leverage / lowest * version.lot.scale
        if lots >= EXACT:
            raise UsageError(
                "lot_too_fine",
                "lot is too fine: a position may have at most 2**53 of its last digit, {lot} "
                "makes {lots:.3g}",
                lot=version.lot,
                lots=lots,
            )


def _check_funding(funding: Settlements) -> None:
    if len(funding.ts) == 0:
        return
    if not (np.diff(funding.ts) > 0).all():
        index = int(np.argmin(np.diff(funding.ts) > 0)) + 1
        raise UsageError(
            "settlements_must_distinct_minute",
            "settlements must be distinct in the minute, {index} is at {ts} like the one before",
            index=index,
            ts=funding.ts[index],
        )
    if not np.isfinite(funding.rate).all():
        raise UsageError(
            "funding_rates_must_finite",
            "funding rates must be finite, was {rate}",
            rate=funding.rate[~np.isfinite(funding.rate)][0],
        )
    if (funding.mark <= 0).any() or np.isinf(funding.mark).any():
        raise UsageError("mark_prices_must_positive_finite", "mark prices must be positive and finite")
