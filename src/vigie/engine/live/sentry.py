"""Whether positions have their stops: looked at for as long as a process trades, whatever else it waits for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.order import VenuePosition
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.shield import Guarded, Guardian
from vigie.engine.live.waiting import within
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import Note
from vigie.ports.trading import TradingVenue

# A venue that does not answer this question at once is asked again, not waited for.
ANSWER_S: Final = 10.0


@dataclass(slots=True)
class Sentry:
    """Looks at the levels of positions.

    Attributes
    ----------
    every_s : float
        Between two looks, on the wall.
    is_busy : bool
        An instant is being met: exits and entries are on their way, and a stop may be seen a moment before or after
        its position. What is seen without one must be so for some seconds.
    """

    every_s: float
    log: Logbook
    venue: TradingVenue
    guardian: Guardian
    clock: PatientClock
    is_busy: bool = False
    _at_work: set[asyncio.Task[None]] = field(default_factory=set)
    _told: set[tuple[str, str]] = field(default_factory=set)
    _without_target: set[int] = field(default_factory=set)

    async def stand(self) -> None:
        """Look until it is cancelled."""
        try:
            while True:
                await self.clock.pause(self.every_s)
                for task in [one for one in self._at_work if one.done()]:
                    self._at_work.remove(task)
                    task.result()
                if self.log.memory.account is not None:
                    await self._look()
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)

    async def _look(self) -> None:
        try:
            told = await within(self.clock, ANSWER_S, _positions(self.venue))
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            # Nothing is known of stops now: whoever reads the log has to know that.
            self._tell("trade.blind", "", str(fault))
            return
        held = {one.instrument: one for one in told if one.qty > 0}
        naked, without_target = [], set()
        for number, slot in enumerate(self.log.account.slots):
            there = held.get(slot.id.instrument)
            is_ours = self.log.account.slot(number)["side"] != 0
            if not is_ours or there is None or slot.id.instrument in self.guardian.guarded:
                continue
            if there.stop is None:
                naked.append(self.guardian.position(self.log.account, number, is_late=not self.is_busy))
            elif self._lacks_target(number, there):
                without_target.add(number)
        self._guard(naked)
        # What is met and being filled right now is gone at the next look.
        for number in without_target & self._without_target:
            await self._put_target(number)
        self._without_target = without_target

    def _guard(self, naked: list[Guarded]) -> None:
        """Protect beside the next looks: another position may lose its stop meanwhile."""
        for one in naked:
            self._at_work.add(asyncio.ensure_future(self.guardian.now([one])))

    def _lacks_target(self, number: int, there: VenuePosition) -> bool:
        """Tell whether a trigger is gone; a target that rests is an order, which others look after."""
        is_calm = not self.is_busy and self.log.account.slot(number)["exit_reason"] == 0
        return is_calm and there.target is None and not self.log.account.rests_target(number)

    async def _put_target(self, number: int) -> None:
        """Put a trigger again that somebody took away."""
        account = self.log.account
        slot = account.slots[number].id
        self._tell("trade.target_lost", str(slot), f"entered at {int(account.slot(number)['entry_ts'])}")
        await self.guardian.trigger(account, number)

    def _tell(self, kind: str, subject: str, why: str) -> None:
        """Tell of something once."""
        if (kind + subject, why) not in self._told:
            self._told.add((kind + subject, why))
            name = subject or self.log.writer.run.account
            self.log.commit(notes=[Note(kind, name, {"why": why})])


async def _positions(venue: TradingVenue) -> list[VenuePosition]:
    return list(await venue.positions())
