"""From an instant, and what the venue told until then, to the steps it begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.fold.evaluation import Evaluator
from vigie.ports.feed import MarketInstant


@dataclass(frozen=True, slots=True)
class StepBuilder:
    """Makes the first steps of instants."""

    slots: tuple[LiveSlot, ...]
    evaluator: Evaluator
    reconciler: Reconciler

    def build_closed(
        self, instant: MarketInstant, ends: frozenset[int], exits: Sequence[steps.PositionExit] | None = None
    ) -> list[steps.Step]:
        """Return what ends: bars, with what happened inside them; nothing where nothing does."""
        bookings = self.reconciler.memory.bookings
        fundings = [
            funding for funding in self.reconciler.fundings if funding.ts < instant.ts or instant.is_last
        ]
        payments = tuple(bookings.payments(fundings))
        ended_positions = tuple(bookings.take_exits() if exits is None else exits)
        bars, finer = tuple(self._bars(instant)), tuple(self._finer_bars(instant))
        if not (bars or ended_positions or payments or finer):
            return []
        ended_slots = ends if bars else frozenset()
        return [
            steps.BarsClosed(instant.number, instant.ts, bars, payments, ended_positions, ended_slots, finer)
        ]

    def build_inside(self, instant: MarketInstant) -> list[steps.Step]:
        """Return what finer bars did while the bars of slots go on; nothing where nobody meets them.

        What was met is written down whatever came of it, also that a bar was missing: who comes back meets no other.
        """
        closed = self.build_closed(instant, frozenset())
        if not closed and any(self._watches_levels(number) for number, _ in enumerate(self.slots)):
            closed = [steps.BarsClosed(instant.number, instant.ts, ())]
        rates = [steps.BarsOpened(instant.number, instant.ts, (), (), instant.rates)] if instant.rates else []
        return [*closed, *rates]

    def _watches_levels(self, number: int) -> bool:
        account = self.reconciler.memory.account
        return account is not None and bool(self.slots[number].detail) and account.slot(number)["side"] != 0

    def _finer_bars(self, instant: MarketInstant) -> list[steps.FinerBar]:
        closed = {bar.series: bar for bar in instant.closed}
        watched = [
            (number, closed[slot.finer])
            for number, slot in enumerate(self.slots)
            if slot.finer in closed and self._watches_levels(number)
        ]
        return [
            steps.FinerBar(number, bar.ts, bar.open, bar.high, bar.low, bar.close) for number, bar in watched
        ]

    def _bars(self, instant: MarketInstant) -> list[steps.ClosedBar]:
        closed = {bar.series: bar for bar in instant.closed}
        bars = []
        for number, slot in enumerate(self.slots):
            bar = closed.get(slot.series)
            if bar is None:
                continue
            verdict = self.evaluator.evaluate_at(number, bar.ts)
            prices = bar.open, bar.high, bar.low, bar.close
            distances = verdict.flags, verdict.stop_unit, verdict.target_unit
            rates = self.reconciler.memory.rates.get(slot.id.instrument, ())
            volume = bar.volume if isfinite(bar.volume) else None
            bars.append(steps.ClosedBar(number, bar.ts, *prices, *distances, rates, verdict.features, volume))
        return bars

    def build_opened(self, instant: MarketInstant) -> steps.BarsOpened:
        """Return what begins: first prices, and funding that is due now."""
        opens = dict(instant.opened)
        prices = tuple(
            (number, opens[slot.series]) for number, slot in enumerate(self.slots) if slot.series in opens
        )
        fundings = [funding for funding in self.reconciler.fundings if funding.ts >= instant.ts]
        payments = tuple(self.reconciler.memory.bookings.payments(fundings))
        return steps.BarsOpened(instant.number, instant.ts, prices, payments, instant.rates)
