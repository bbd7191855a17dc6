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
from vigie.data.stores import DataStores
from vigie.domain.errors import ConnectorError, DataError, StorageError, TransientError
from vigie.domain.instrument import Instrument
from vigie.domain.time import HOUR_MS, SECOND_MS
from vigie.engine.live.fold.rule_changes import order_rules
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.services.trading.account_plans.account_plan import AccountPlan

# On the market, and never so often that a venue is bothered.
_EVERY_S: Final = HOUR_MS / SECOND_MS
_LEAST_S: Final = 60.0
# What came after the last one had stopped waiting for it is an answer for so long.
_NEW_S: Final = 15.0
_FAULTS: Final = (TransientError, ConnectorError, DataError, StorageError)


@dataclass(frozen=True, slots=True)
class _PendingQuery:
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
    is_venue_asked : bool
        Whether the venue is asked; else what others learnt from it is read.
    speed : callable
        Gives the seconds of the market in one on the wall.
    say : callable
        Told when the venue could not be asked, and when it could again.
    """

    data: DataStores
    plan: AccountPlan
    clock: PatientClock
    is_venue_asked: bool
    speed: Callable[[], float]
    say: Callable[[str], None]
    _newest: tuple[Instrument, ...] = ()
    _is_failing: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _pending: dict[tuple[str, ...], _PendingQuery] = field(default_factory=dict)

    def newest(self) -> Sequence[Instrument]:
        """Return the newest rules of each instrument that somebody knows rules of."""
        return self._newest

    async def run(self) -> None:
        """Ask again for ever."""
        while True:
            await self.clock.pause(max(_EVERY_S / max(self.speed(), 1e-9), _LEAST_S))
            await self.update()

    async def update(self) -> None:
        """Ask once, and read what is known."""
        # Said already; asked again when it is due.
        with suppress(TransientError):
            await self._await_answer(
                dict.fromkeys(plan_slot.slot.instrument for plan_slot in self.plan.slots)
            )

    async def ask(self, instrument: str) -> None:
        """Ask for the rules of one instrument: what kept to those that are known was refused.

        Raises
        ------
        TransientError
            If the venue does not say, or what it says can be neither kept nor read.
        """
        await self._await_answer([instrument])

    async def _await_answer(self, names: Iterable[str]) -> None:
        """Wait for an answer: for the one that is on its way, or that came when nobody waited any more."""
        key = tuple(names)
        pending = self._pending.get(key)
        if pending is None or not pending.is_good():
            task = asyncio.ensure_future(self._fetch(key))
            pending = self._pending[key] = _PendingQuery(task, Deadline(self.clock, _NEW_S))
        # Who waits no longer does not end it: its thread goes on, and keeps what it hears.
        why = await asyncio.shield(pending.task)
        if self._pending.get(key) is pending:
            del self._pending[key]
        if why:
            raise TransientError(why)

    async def _fetch(self, names: Sequence[str]) -> str:
        """Ask, and read what is known, whoever learnt it; return what came between."""
        venue, why = self.plan.venue, ""
        try:
            if self.is_venue_asked:
                # Two at once would each keep what is new to both.
                async with self._turn:
                    await asyncio.to_thread(refresh_rules, self.data, venue, names)
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
        first = {plan_slot.slot.instrument: plan_slot.versions[-1] for plan_slot in reversed(self.plan.slots)}
        candidates = ((name, given, self._versions(name)) for name, given in first.items())
        self._newest = tuple(
            versions[-1] for _, given, versions in candidates if versions and self._follows(given, versions)
        )

    def _versions(self, name: str) -> list[Instrument]:
        data, venue = self.data, self.plan.venue
        stated = data.stated if self.plan.mode == "paper" else ()
        return apply_stated(find_versions(data.instruments, venue, name), stated, venue, name)

    def _follows(self, given: Instrument, versions: Sequence[Instrument]) -> bool:
        """Tell whether a run began with what was known then: else its run file says what holds."""
        valid_then = [version for version in versions if version.valid_from <= self.plan.begun] or [
            versions[0]
        ]
        return order_rules(valid_then[-1]) == order_rules(given)
