"""What paper positions pay for funding: each settlement once, by who held the instrument when it was settled (rule 8).

Takes who held what from when to when, the opens of their bars, and rates as they are told, perhaps hours late; gives
payments at the price that the fill model counts with. A settlement inside a bar is charged when that bar has ended.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.money import to_decimal
from vigie.domain.order import FundingPayment
from vigie.domain.time import timeframe_ms
from vigie.engine.live.fold import model, steps
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.ports.feed import FeedBar, MarketInstant

# Of each series so many opens are remembered, and of each instrument so many holders: rates are told within hours.
_OPENS: Final = 64
# A day of minutes.
_FINER: Final = 1_440
_TERMS: Final = 64
_EVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class _FundedPeriod:
    """How long a slot held its instrument: what is settled after `start` and before `end` is its to bear."""

    slot: int
    record: Any
    start: int
    end: int = _EVER


@dataclass(frozen=True, slots=True)
class FundingInputs:
    """What a log says of the market: the newest opens of every slot's bars, and rates that may still be charged.

    Attributes
    ----------
    opens : dict
        By slot, price by open time.
    due : dict
        By instrument, time and rate of settlements since the last open of its slots.
    finer : dict
        As `opens`, of the finer bars that positions met.
    """

    slots: tuple[LiveSlot, ...]
    opens: dict[int, dict[int, float]] = field(default_factory=dict)
    due: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    finer: dict[int, dict[int, float]] = field(default_factory=dict)

    def take(self, step: steps.Step) -> None:
        """Take the next step of the log."""
        if isinstance(step, steps.BarsOpened):
            for number, price in step.prices:
                self.add_open(number, step.ts, price)
            self.add_rates(step.rates)
            self._drop_charged()
        for bar in getattr(step, "bars", ()):
            self.add_open(bar.slot, bar.ts, bar.open)
        for finer_bar in getattr(step, "finer", ()):
            self.add_finer_open(finer_bar.slot, finer_bar.ts, finer_bar.open)

    def add_finer_open(self, number: int, ts: int, price: float) -> None:
        """Note the first price of a finer bar that has ended."""
        finer = self.finer.setdefault(number, {})
        finer[ts] = price
        if len(finer) > _FINER:
            del finer[next(iter(finer))]

    def add_open(self, number: int, ts: int, price: float) -> None:
        """Note the first price of a bar."""
        opens = self.opens.setdefault(number, {})
        opens[ts] = price
        if len(opens) > _OPENS:
            del opens[min(opens)]

    def add_rates(self, rates: Iterable[tuple[str, int, float]]) -> None:
        """Note settlements."""
        for name, ts, rate in rates:
            self.due.setdefault(name, []).append((ts, rate))

    def copy(self) -> FundingInputs:
        """Return one that goes on by itself."""
        opens = {number: dict(values) for number, values in self.opens.items()}
        finer = {number: dict(values) for number, values in self.finer.items()}
        return FundingInputs(
            self.slots, opens, {name: list(values) for name, values in self.due.items()}, finer
        )

    def _drop_charged(self) -> None:
        """Forget what was charged when the bars ended that it fell into: before the last open of every holder."""
        since: dict[str, int] = {}
        for number, opens in self.opens.items():
            name = self.slots[number].id.instrument
            since[name] = min(since.get(name, _EVER), max(opens))
        for name, due in self.due.items():
            self.due[name] = [(ts, rate) for ts, rate in due if ts > since.get(name, -1)]


class PaperFunding:
    """The settlements that paper positions still have to bear."""

    def __init__(self, slots: Sequence[LiveSlot]) -> None:
        self._slots = tuple(slots)
        self._periods: dict[str, list[_FundedPeriod]] = defaultdict(list)
        self._inputs = FundingInputs(self._slots)

    def open_period(self, number: int, record: Any, ts: int) -> None:
        """Note that a slot holds its instrument since the open at a time."""
        periods = self._periods[self._slots[number].id.instrument]
        periods.append(_FundedPeriod(number, record, ts))
        del periods[:-_TERMS]

    def close_period(self, instrument: str, ts: int, *, is_inside: bool) -> None:
        """Note that a position ended: at an open, or inside a bar that ended at a time."""
        periods = self._periods[instrument]
        # What is settled at an open is booked before its exits; what is settled at a bar's end is the next bar's.
        periods[-1] = replace(periods[-1], end=ts if is_inside else ts + 1)

    def take_instant(self, instant: MarketInstant) -> None:
        """Take the opens and the rates of an instant."""
        opened = dict(instant.opened)
        closed = {bar.series: bar for bar in instant.closed}
        for number, slot in enumerate(self._slots):
            bar = closed.get(slot.series)
            if bar is not None:
                self._inputs.add_open(number, bar.ts, bar.open)
            if slot.series in opened:
                self._inputs.add_open(number, instant.ts, opened[slot.series])
        self._inputs.add_rates(instant.rates)

    def take_finer_bar(self, number: int, bar: FeedBar) -> None:
        """Take a finer bar that a slot's position meets."""
        self._inputs.add_finer_open(number, bar.ts, bar.open)

    def restore(self, inputs: FundingInputs) -> None:
        """Take what an earlier process heard, once it is known who holds what: what it charged is charged."""
        self._inputs = inputs
        for instrument, due in inputs.due.items():
            period = self._periods[instrument][-1] if self._periods[instrument] else None
            is_held = period is not None and period.end == _EVER
            opens = inputs.opens.get(period.slot, {}) if period is not None and is_held else {}
            since = max(opens, default=_EVER)
            inputs.due[instrument] = [(ts, rate) for ts, rate in due if ts > since]

    def charge(self, instrument: str, until: int) -> list[FundingPayment]:
        """Return what was settled before a time and is to be paid by now, and forget what nobody has to bear."""
        payments, postponed = [], []
        for ts, rate in self._inputs.due.get(instrument, ()):
            periods = [item for item in self._periods[instrument] if item.start < ts < item.end]
            if ts >= until:
                postponed.append((ts, rate))
            elif periods:
                price = self._settlement_price(periods[-1].slot, ts, until)
                if price is None:
                    postponed.append((ts, rate))
                    continue
                due = [(ts, rate, math.nan)]
                paid = model.fundings(periods[-1].slot, periods[-1].record, due, price)
                payments += [
                    FundingPayment(instrument, f"{instrument}-{item.ts}", to_decimal(item.amount), item.ts)
                    for item in paid
                ]
        self._inputs.due[instrument] = postponed
        return payments

    def _settlement_price(self, number: int, ts: int, until: int) -> float | None:
        """Return the open of the bar that a settlement fell into, or of its finer one; None while that goes on.

        At its open and in a gap before it, a bar's open is the price as soon as it is known.
        """
        opens, span = self._inputs.opens.get(number, {}), self._slots[number].span_ms
        bar_start = max((ts_open for ts_open in opens if ts_open <= ts), default=None)
        if bar_start is not None and bar_start < ts < bar_start + span:
            finer_price = self._finer_open(number, ts, bar_start + span)
            if finer_price is not None:
                return finer_price
        if bar_start is not None and (bar_start == ts or ts < bar_start + span):
            return opens[bar_start] if bar_start == ts or bar_start + span <= until else None
        next_open = min((ts_open for ts_open in opens if ts_open > ts), default=None)
        return None if next_open is None else opens[next_open]

    def _finer_open(self, number: int, ts: int, until: int) -> float | None:
        """Return the open of the first finer bar of a bar that ends after a time; None where none was met yet."""
        finer = self._inputs.finer.get(number)
        if not finer:
            return None
        span = timeframe_ms(self._slots[number].detail)
        first = min((ts_open for ts_open in finer if ts < ts_open + span and ts_open < until), default=None)
        return None if first is None else finer[first]
