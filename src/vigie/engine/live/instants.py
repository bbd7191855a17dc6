"""From an instant, and what the venue told until then, to the steps it begins with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.engine.live import steps
from vigie.engine.live.blank import LiveSlot
from vigie.engine.live.judging import Judging
from vigie.engine.live.lookout import Lookout
from vigie.ports.feed import Instant


@dataclass(frozen=True, slots=True)
class Beginning:
    """Makes the first steps of instants."""

    slots: tuple[LiveSlot, ...]
    judge: Judging
    lookout: Lookout

    def closed(
        self, instant: Instant, ends: frozenset[int], leaves: Sequence[steps.Leave] | None = None
    ) -> list[steps.Step]:
        """Return what ends: bars, with what happened inside them; nothing where nothing does."""
        bookings = self.lookout.memory.bookings
        inside = [one for one in self.lookout.fundings if one.ts < instant.ts or instant.is_last]
        payments = tuple(bookings.payments(inside))
        ended = tuple(bookings.leaves() if leaves is None else leaves)
        bars, finer = tuple(self._bars(instant)), tuple(self._finer(instant))
        if not (bars or ended or payments or finer):
            return []
        over = ends if bars else frozenset()
        return [steps.Closed(instant.number, instant.ts, bars, payments, ended, over, finer)]

    def inside(self, instant: Instant) -> list[steps.Step]:
        """Return what finer bars did while the bars of slots go on; nothing where nobody meets them.

        What was met is written down whatever came of it, also that a bar was missing: who comes back meets no other.
        """
        closed = self.closed(instant, frozenset())
        if not closed and any(self._meets(number) for number, _ in enumerate(self.slots)):
            closed = [steps.Closed(instant.number, instant.ts, ())]
        rates = [steps.Opened(instant.number, instant.ts, (), (), instant.rates)] if instant.rates else []
        return [*closed, *rates]

    def _meets(self, number: int) -> bool:
        account = self.lookout.memory.account
        return account is not None and bool(self.slots[number].detail) and account.slot(number)["side"] != 0

    def _finer(self, instant: Instant) -> list[steps.FinerBar]:
        closed = {bar.series: bar for bar in instant.closed}
        met = [
            (number, closed[slot.finer])
            for number, slot in enumerate(self.slots)
            if slot.finer in closed and self._meets(number)
        ]
        return [steps.FinerBar(number, bar.ts, bar.open, bar.high, bar.low, bar.close) for number, bar in met]

    def _bars(self, instant: Instant) -> list[steps.ClosedBar]:
        closed = {bar.series: bar for bar in instant.closed}
        made = []
        for number, slot in enumerate(self.slots):
            bar = closed.get(slot.series)
            if bar is None:
                continue
            verdict = self.judge.at(number, bar.ts)
            prices = bar.open, bar.high, bar.low, bar.close
            said = verdict.flags, verdict.stop_unit, verdict.target_unit
            rates = self.lookout.memory.rates.get(slot.id.instrument, ())
            volume = bar.volume if bar.is_pushed else None
            made.append(steps.ClosedBar(number, bar.ts, *prices, *said, rates, verdict.features, volume))
        return made

    def opened(self, instant: Instant) -> steps.Opened:
        """Return what begins: first prices, and funding that is due now."""
        opens = dict(instant.opened)
        prices = tuple(
            (number, opens[slot.series]) for number, slot in enumerate(self.slots) if slot.series in opens
        )
        now = [one for one in self.lookout.fundings if one.ts >= instant.ts]
        payments = tuple(self.lookout.memory.bookings.payments(now))
        return steps.Opened(instant.number, instant.ts, prices, payments, instant.rates)
