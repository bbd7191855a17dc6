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

from vigie.domain.money import exact
from vigie.domain.order import FundingPayment
from vigie.domain.time import timeframe_ms
from vigie.engine.live import model, steps
from vigie.engine.live.blank import LiveSlot
from vigie.ports.feed import FeedBar, Instant

# Of each series so many opens are remembered, and of each instrument so many holders: rates are told within hours.
_OPENS: Final = 64
# A day of minutes.
_FINER: Final = 1_440
_TERMS: Final = 64
_EVER: Final = 2**62


@dataclass(frozen=True, slots=True)
class _Term:
    """How long a slot held its instrument: what is settled after `begun` and before `until` is its to bear."""

    slot: int
    record: Any
    begun: int
    until: int = _EVER


@dataclass(frozen=True, slots=True)
class Heard:
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
        if isinstance(step, steps.Opened):
            for number, price in step.prices:
                self.open(number, step.ts, price)
            self.tell(step.rates)
            self._forget()
        for bar in getattr(step, "bars", ()):
            self.open(bar.slot, bar.ts, bar.open)
        for one in getattr(step, "finer", ()):
            self.meet(one.slot, one.ts, one.open)

    def meet(self, number: int, ts: int, price: float) -> None:
        """Note the first price of a finer bar that has ended."""
        finer = self.finer.setdefault(number, {})
        finer[ts] = price
        if len(finer) > _FINER:
            del finer[next(iter(finer))]

    def open(self, number: int, ts: int, price: float) -> None:
        """Note the first price of a bar."""
        opens = self.opens.setdefault(number, {})
        opens[ts] = price
        if len(opens) > _OPENS:
            del opens[min(opens)]

    def tell(self, rates: Iterable[tuple[str, int, float]]) -> None:
        """Note settlements."""
        for name, ts, rate in rates:
            self.due.setdefault(name, []).append((ts, rate))

    def copy(self) -> Heard:
        """Return one that goes on by itself."""
        opens = {number: dict(known) for number, known in self.opens.items()}
        finer = {number: dict(known) for number, known in self.finer.items()}
        return Heard(self.slots, opens, {name: list(known) for name, known in self.due.items()}, finer)

    def _forget(self) -> None:
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
        self._terms: dict[str, list[_Term]] = defaultdict(list)
        self._heard = Heard(self._slots)

    def entered(self, number: int, record: Any, ts: int) -> None:
        """Note that a slot holds its instrument since the open at a time."""
        terms = self._terms[self._slots[number].id.instrument]
        terms.append(_Term(number, record, ts))
        del terms[:-_TERMS]

    def left(self, instrument: str, ts: int, *, is_inside: bool) -> None:
        """Note that a position ended: at an open, or inside a bar that ended at a time."""
        terms = self._terms[instrument]
        # What is settled at an open is booked before its exits; what is settled at a bar's end is the next bar's.
        terms[-1] = replace(terms[-1], until=ts if is_inside else ts + 1)

    def hear(self, instant: Instant) -> None:
        """Take the opens and the rates of an instant."""
        opened = dict(instant.opened)
        closed = {bar.series: bar for bar in instant.closed}
        for number, slot in enumerate(self._slots):
            bar = closed.get(slot.series)
            if bar is not None:
                self._heard.open(number, bar.ts, bar.open)
            if slot.series in opened:
                self._heard.open(number, instant.ts, opened[slot.series])
        self._heard.tell(instant.rates)

    def meet(self, number: int, bar: FeedBar) -> None:
        """Take a finer bar that a slot's position meets."""
        self._heard.meet(number, bar.ts, bar.open)

    def restore(self, heard: Heard) -> None:
        """Take what an earlier process heard, once it is known who holds what: what it charged is charged."""
        self._heard = heard
        for instrument, due in heard.due.items():
            term = self._terms[instrument][-1] if self._terms[instrument] else None
            is_held = term is not None and term.until == _EVER
            opens = heard.opens.get(term.slot, {}) if term is not None and is_held else {}
            since = max(opens, default=_EVER)
            heard.due[instrument] = [(ts, rate) for ts, rate in due if ts > since]

    def charged(self, instrument: str, until: int) -> list[FundingPayment]:
        """Return what was settled before a time and is to be paid by now, and forget what nobody has to bear."""
        found, later = [], []
        for ts, rate in self._heard.due.get(instrument, ()):
            terms = [one for one in self._terms[instrument] if one.begun < ts < one.until]
            if ts >= until:
                later.append((ts, rate))
            elif terms:
                price = self._price(terms[-1].slot, ts, until)
                if price is None:
                    later.append((ts, rate))
                    continue
                due = [(ts, rate, math.nan)]
                paid = model.fundings(terms[-1].slot, terms[-1].record, due, price)
                found += [
                    FundingPayment(instrument, f"{instrument}-{one.ts}", exact(one.amount), one.ts)
                    for one in paid
                ]
        self._heard.due[instrument] = later
        return found

    def _price(self, number: int, ts: int, until: int) -> float | None:
        """Return the open of the bar that a settlement fell into, or of its finer one; None while that goes on.

        At its open and in a gap before it, a bar's open is the price as soon as it is known.
        """
        opens, span = self._heard.opens.get(number, {}), self._slots[number].span_ms
        begun = max((one for one in opens if one <= ts), default=None)
        if begun is not None and begun < ts < begun + span:
            met = self._finer(number, ts, begun + span)
            if met is not None:
                return met
        if begun is not None and (begun == ts or ts < begun + span):
            return opens[begun] if begun == ts or begun + span <= until else None
        after = min((one for one in opens if one > ts), default=None)
        return None if after is None else opens[after]

    def _finer(self, number: int, ts: int, until: int) -> float | None:
        """Return the open of the first finer bar of a bar that ends after a time; None where none was met yet."""
        finer = self._heard.finer.get(number)
        if not finer:
            return None
        span = timeframe_ms(self._slots[number].detail)
        first = min((one for one in finer if ts < one + span and one < until), default=None)
        return None if first is None else finer[first]
