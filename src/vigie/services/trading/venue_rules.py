"""The rules of an account's instruments as they are known now: asked again every hour, and when levels are refused.

What a person states in place of them on paper stays; an account at a venue keeps to the venue's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from vigie.data.instruments.refresh import refresh_rules
from vigie.data.instruments.versions import apply_stated, find_versions
from vigie.domain.errors import ConnectorError, DataError, StorageError, TransientError
from vigie.domain.instrument import Instrument
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.engine.live.rule_changes import order_rules
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.services.house import House
from vigie.services.trading.plan import TradePlan

# On the market, and never so often that a venue is bothered.
_EVERY_S: Final = HOUR_MS / SECOND_MS
_LEAST_S: Final = 60.0
# What came after the last one had stopped waiting for it is an answer for so long.
_NEW_S: Final = 15.0
_FAULTS: Final = (TransientError, ConnectorError, DataError, StorageError)


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question, which several may wait for; its result is why there is no answer, nothing where there is."""

    task: asyncio.Task[str]
    end: Deadline

    def is_good(self) -> bool:
        """Tell whether its answer is on its way, or came just now."""
        if not self.task.done():
            return True
        return not (
            self.end.is_over() or self.task.cancelled() or self.task.exception() or self.task.result()
        )


@dataclass(slots=True)
class VenueRules:
    """What orders of one account must keep to.

    Attributes
    ----------
    asks : bool
        Whether the venue is asked; else what others learnt from it is read.
    speed : callable
        Gives the seconds of the market in one on the wall.
    say : callable
        Told when the venue could not be asked, and when it could again.
    """

    house: House
    plan: TradePlan
    clock: PatientClock
    asks: bool
    speed: Callable[[], float]
    say: Callable[[str], None]
    _told: tuple[Instrument, ...] = ()
    _is_failing: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: dict[tuple[str, ...], _Asking] = field(default_factory=dict)

    def told(self) -> Sequence[Instrument]:
        """Return the newest rules of each instrument that somebody knows rules of."""
        return self._told

    async def run(self) -> None:
        """Ask again for ever."""
        while True:
            await self.clock.pause(max(_EVERY_S / max(self.speed(), 1e-9), _LEAST_S))
            await self.look()

    async def look(self) -> None:
        """Ask once, and read what is known."""
        # Said already; asked again when it is due.
        with suppress(TransientError):
            await self._hear(dict.fromkeys(one.slot.instrument for one in self.plan.slots))

    async def ask(self, instrument: str) -> None:
        """Ask for the rules of one instrument: what kept to those that are known was refused.

        Raises
        ------
        TransientError
            If the venue does not say, or what it says can be neither kept nor read.
        """
        await self._hear([instrument])

    async def _hear(self, names: Iterable[str]) -> None:
        """Wait for an answer: for the one that is on its way, or that came when nobody waited any more."""
        wanted = tuple(names)
        asking = self._asking.get(wanted)
        if asking is None or not asking.is_good():
            task = asyncio.ensure_future(self._learn(wanted))
            asking = self._asking[wanted] = _Asking(task, Deadline(self.clock, _NEW_S))
        # Who waits no longer does not end it: its thread goes on, and keeps what it hears.
        why = await asyncio.shield(asking.task)
        if self._asking.get(wanted) is asking:
            del self._asking[wanted]
        if why:
            raise TransientError(why)

    async def _learn(self, names: Sequence[str]) -> str:
        """Ask, and read what is known, whoever learnt it; return what came between."""
        venue, why = self.plan.venue, ""
        try:
            if self.asks:
                # Two at once would each keep what is new to both.
                async with self._turn:
                    await asyncio.to_thread(refresh_rules, self.house.data, venue, names)
        except _FAULTS as fault:
            why = str(fault) or type(fault).__name__
        try:
            self.read()
        except _FAULTS as fault:
            why = why or str(fault) or type(fault).__name__
        if why and not self._is_failing:
            self.say(f"rules of {venue} could not be asked, those that are known count: {why}")
        if self._is_failing and not why:
            self.say(f"rules of {venue} are known again")
        self._is_failing = bool(why)
        return why

    def read(self) -> None:
        """Read what is known."""
        first = {one.slot.instrument: one.versions[-1] for one in reversed(self.plan.slots)}
        found = ((name, given, self._versions(name)) for name, given in first.items())
        self._told = tuple(known[-1] for _, given, known in found if known and self._follows(given, known))

    def _versions(self, name: str) -> list[Instrument]:
        data, venue = self.house.data, self.plan.venue
        stated = data.stated if self.plan.mode == "paper" else ()
        return apply_stated(find_versions(data.instruments, venue, name), stated, venue, name)

    def _follows(self, given: Instrument, known: Sequence[Instrument]) -> bool:
        """Tell whether a run began with what was known then: else its run file says what holds."""
        then = [one for one in known if one.valid_from <= self.plan.begun] or [known[0]]
        return order_rules(then[-1]) == order_rules(given)
