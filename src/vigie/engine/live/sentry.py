"""Whether positions have their stops: looked at for as long as a process trades, whatever else it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError
from vigie.domain.order import Intent, VenuePosition
from vigie.domain.time import Elapsed
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.memory import Memory
from vigie.engine.live.moved_levels import LEVELS, Level, Meant, Place, Stood, meant_of, stood_of
from vigie.engine.live.present_levels import levels_of_entry
from vigie.engine.live.put_back import ANSWER_S, PutBack, begun_of
from vigie.engine.live.shield import Guarded, Guardian
from vigie.engine.live.waiting import within
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import Note
from vigie.ports.trading import TradingVenue

# A stop that the price has passed for so long does not act: the position is closed.
PASSED_S: Final = 5.0
Priced: TypeAlias = Callable[[str], float | None]


def unpriced(_instrument: str) -> float | None:
    """Know no price."""
    return None


@dataclass(slots=True)
class _Seen:
    """How the levels of positions stood at a look, and the slots where something is to be done about them."""

    stood: dict[Place, Stood] = field(default_factory=dict)
    left: set[Place] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)
    several: set[int] = field(default_factory=set)
    without_target: set[int] = field(default_factory=set)


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
    priced : callable
        Gives the last price of an instrument as it was heard just now; None where nobody knows one.
    """

    every_s: float
    log: Logbook
    venue: TradingVenue
    guardian: Guardian
    clock: PatientClock
    priced: Priced = unpriced
    is_busy: bool = False
    _at_work: set[asyncio.Task[None]] = field(default_factory=set)
    _is_blind: bool = False
    _passed: dict[int, int] = field(default_factory=dict)
    _before: _Seen = field(default_factory=_Seen)
    _levels: PutBack = field(init=False)

    def __post_init__(self) -> None:
        self._levels = PutBack(self.log, self.guardian, self.clock, self.every_s, self._is_calm)

    async def stand(self) -> None:
        """Look until it is cancelled."""
        try:
            while True:
                await self.clock.pause(min(self.every_s, PASSED_S) if self._passed else self.every_s)
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
        asked, begun = self.clock.wall_now(), self._begun()
        told = await self._told(asked)
        if told is None:
            return
        held = {one.instrument: one for one in told if one.qty > 0}
        seen, naked = _Seen(), []
        for number, slot in enumerate(self.log.account.slots):
            there = held.get(slot.id.instrument)
            is_ours = self.log.account.slot(number)["side"] != 0
            if not is_ours or there is None or self.guardian.guarded[slot.id.instrument]:
                continue
            self._see(number, begun[number], there, seen)
            if there.stop is None:
                is_late = not self.is_busy
                naked.append(self.guardian.position(self.log.account, number, is_naked=True, is_late=is_late))
        self._guard([*naked, *self._entered(held)])
        # Where one is being put in the place of another, both stand for a moment.
        for number in sorted(seen.several & self._before.several):
            self._levels.several(number, held[self.log.account.slots[number].id.instrument])
        await self._levels.look(seen.stood, seen.left)
        # What is met and being filled right now is gone at the next look.
        for number in sorted(seen.without_target & self._before.without_target):
            if self._is_calm(number):
                await self._levels.lost(number)
        self._before = seen
        await self._close_passed(seen.passed, asked)

    async def _told(self, asked: int) -> Sequence[VenuePosition] | None:
        """Return the venue's positions; None where it does not say, which is told once."""
        try:
            self.guardian.quiet.check(asked)
            told = await within(self.clock, ANSWER_S, self.venue.positions())
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            self.guardian.quiet.hear(fault, asked)
            # Nothing is known of stops now: whoever reads the log has to know that.
            if not self._is_blind:
                self._is_blind = True
                account = self.log.writer.run.account
                self.log.commit(notes=[Note("trade.blind", account, {"why": str(fault)})])
            return None
        if self._is_blind:
            self._is_blind = False
            self.log.commit(notes=[Note("trade.sighted", self.log.writer.run.account, {})])
        return told

    def _see(self, number: int, begun: int, there: VenuePosition, seen: _Seen) -> None:
        """Take down how the levels of a position stand."""
        for level in LEVELS:
            meant = self._meant(number, level, begun, there)
            one = None if meant is None else stood_of(meant, level, begun, there)
            if meant is None or one is None:
                continue
            seen.stood[number, level] = one
            is_passed = level == "stop" and self._is_passed(number, there, meant)
            if is_passed:
                seen.passed.add(number)
            if is_passed or (level == "target" and meant.is_beyond(there.mark)):
                seen.left.add((number, level))
        if there.stops > 1:
            seen.several.add(number)
        if there.stop is not None and self._lacks_target(number, there):
            seen.without_target.add(number)

    def _begun(self) -> list[int]:
        """Return by slot when its position was entered; 0 where nothing is held."""
        account = self.log.account
        return [begun_of(account, number) for number, _ in enumerate(account.slots)]

    def _meant(self, number: int, level: Level, begun: int, there: VenuePosition) -> Meant | None:
        """Return where a level of a position may stand; None where what was answered is about another one."""
        account, taken = self.log.account, self.guardian.taken_of(there.instrument)
        if begun_of(account, number) != begun or (level == "target" and self.guardian.rests(number)):
            return None
        return meant_of(account, number, level, taken, there)

    def _is_passed(self, number: int, there: VenuePosition, meant: Meant) -> bool:
        """Tell whether both the price that was heard and the venue's mark are beyond where a stop had to act."""
        price = self.priced(there.instrument)
        if price is None or there.mark is None or there.stop is None or not self._is_calm(number):
            return False
        stop = float(meant.acts_at(there.stop))
        return all(there.side * (one - stop) < 0 for one in (price, float(there.mark)))

    async def _close_passed(self, passed: set[int], asked: int) -> None:
        """Close the positions whose stop does not act though the price has passed it for some seconds."""
        # Where the clock was set back, seconds are counted anew.
        self._passed = {number: min(self._passed.get(number, asked), asked) for number in passed}
        for number, since in self._passed.items():
            if asked - since < PASSED_S * 1_000 or not self._is_calm(number):
                continue
            name = self.log.account.slots[number].id.instrument
            if all(one.instrument != name for one in self.log.open("flatten")):
                self.log.commit(notes=[Note("trade.stop_passed", name, {})])
                self.log.flatten(name, "stop_passed")
            seen_ts = await self.guardian.guard()
            try:
                await within(self.clock, ANSWER_S, self.venue.flash_close(name, seen_ts))
            except AuthError:
                raise
            except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
                # Whether it worked is seen at the next look.
                continue

    def _guard(self, naked: list[Guarded]) -> None:
        """Protect beside the next looks: another position may lose its stop meanwhile."""
        for one in naked:
            self._at_work.add(asyncio.ensure_future(self.guardian.now([one])))

    def _lacks_target(self, number: int, there: VenuePosition) -> bool:
        """Tell whether a trigger is gone; a target that rests is an order, which others look after."""
        is_gone = there.target is None and not self.guardian.rests(number)
        return is_gone and self._is_calm(number)

    def _is_calm(self, number: int) -> bool:
        """Tell whether a position is held that nothing is being done about."""
        slot = self.log.account.slot(number)
        return not self.is_busy and slot["side"] != 0 and slot["exit_reason"] == 0

    def _entered(self, held: Mapping[str, VenuePosition]) -> list[Guarded]:
        """Return what entries of an earlier process opened without a stop, and nobody has booked yet."""
        memory = self.log.memory
        known = [one for one in self.log.open("entry") if one.id in memory.inherited]
        found = []
        for one in known:
            there = held.get(one.instrument)
            is_bare = there is not None and there.side == one.side and there.stop is None
            if is_bare and not self.guardian.guarded[one.instrument]:
                levels = levels_of_entry(self.log.account, memory.bookings.number(one), one)
                is_over, now = partial(_is_settled, memory, one), self.clock.wall_now()
                found.append(Guarded(levels, Elapsed(now), lambda: True, is_naked=True, is_over=is_over))
        return found


def _is_settled(memory: Memory, intent: Intent) -> bool:
    return intent.id not in memory.open
