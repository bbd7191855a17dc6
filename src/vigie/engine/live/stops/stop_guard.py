"""No position without a stop: confirmed in time, else placed, else the position is closed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError
from vigie.domain.time import Elapsed
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.stops.level_grid import position_levels
from vigie.engine.live.waiting import Deadline, gather_all, wait_for_event, with_timeout
from vigie.ports.clock import PatientClock
from vigie.ports.trading import Levels, TradingVenue

# A venue may ban for minutes who goes on asking; for longer than this nobody shuts their eyes.
MOST_QUIET_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class StopDeadlines:
    """Deadlines on the wall.

    Attributes
    ----------
    look_s : float
        Between two looks.
    read_s : float
        A look that takes longer has seen nothing.
    protect_s : float
        Without a confirmed stop after so long, a stop is put on the whole position.
    flatten_s : float
        Without one after so long, the position is closed.
    hold_s : float
        So long everything else waits for a position that is not well yet; then it goes on, and this one is looked
        after beside it.
    """

    look_s: float = 0.5
    read_s: float = 3.0
    protect_s: float = 3.0
    flatten_s: float = 10.0
    hold_s: float = 15.0


@dataclass(slots=True)
class GuardedPosition:
    """A position, or an entry that may become one at any time.

    Attributes
    ----------
    levels : Levels
        That it must have.
    since_protected : Elapsed
        Since all was well with it last, on the wall: nothing was held, or it had its stop.
    is_held : callable
        Whether a fill of it is known: then it is closed also where the venue does not show positions.
    is_naked : bool
        It was seen without a stop.
    has_tried : bool
        A stop was put on it since: a process that was asleep has not tried yet.
    is_taken : bool
        The venue took that stop: where positions cannot be read, that is what is known of it.
    is_over : callable
        Whether the position has ended meanwhile: what is held now is somebody else's to guard.
    had_stop : bool
        It had its stop when it was known last: it is not closed for not being seen.
    has_asked_rules : bool
        The venue refused its levels and has said since what it asks of prices.
    """

    levels: Levels
    since_protected: Elapsed
    is_held: Callable[[], bool]
    is_naked: bool = False
    has_tried: bool = False
    is_taken: bool = False
    is_over: Callable[[], bool] = lambda: False
    had_stop: bool = False
    has_asked_rules: bool = False


async def keep_levels(levels: Levels) -> Levels:
    """Know no other rules than those that levels were rounded by."""
    return levels


@dataclass(slots=True)
class RequestPause:
    """For how long a venue that asked for patience is not asked for positions: what must be sent still is."""

    until: int = 0

    def check(self, now: int) -> None:
        """Raise `TransientError` while the venue wants to be left alone."""
        # A clock that was set back makes nobody wait for longer.
        self.until = min(self.until, now + round(MOST_QUIET_S * 1_000))
        if now < self.until:
            raise TransientError("venue_asked_slow_down", "the venue asked to slow down")

    def note_fault(self, fault: Exception, now: int) -> None:
        """Take what a venue asked for when it refused a question."""
        after_s = getattr(fault, "after_s", None)
        if after_s is not None:
            self.until = max(self.until, now + round(min(after_s, MOST_QUIET_S) * 1_000))


@dataclass(frozen=True, slots=True)
class StopGuard:
    """Holds the shield over positions.

    Attributes
    ----------
    confirm_lease : callable
        Called before anything is sent; gives the time that is signed with, raises where this process may not trade
        any more.
    report : callable
        Told what is done about an instrument before it is: ``protect`` or ``flatten``.
    unprotected : set of str
        Instruments that were without their stop when they were looked at last.
    guarded : Counter
        How many shields are held over instruments now.
    has_resting_target : callable
        Whether the target of a slot's position is an order of its own, which others look after.
    regrid : callable
        Asks the venue for its rules and gives levels as those of now want them; `TransientError` where it does not say.
    triggered : dict of int to tuple
        By slot, entry and levels that were put as triggers last, and who guards them: those that stay refused ask the
        venue for its rules once.
    taken_levels : dict of str to GuardedPosition
        By instrument, whose levels the venue took last.
    moved_nearer : dict of int to tuple
        By slot, entry and the stop that somebody moved nearer to the price: it is kept where a target is put anew.
    close : callable, optional
        Closes a position in place of the venue's own way, which gives its fills no id of ours.
    """

    deadlines: StopDeadlines
    venue: TradingVenue
    clock: PatientClock
    confirm_lease: Callable[[], Awaitable[int]]
    report: Callable[[str, str], None]
    unprotected: set[str] = field(default_factory=set)
    guarded: Counter[str] = field(default_factory=Counter)
    has_resting_target: Callable[[int], bool] = lambda _: False
    request_pause: RequestPause = field(default_factory=RequestPause)
    regrid: Callable[[Levels], Coroutine[Any, Any, Levels]] = keep_levels
    triggered: dict[int, tuple[tuple[int, Levels], GuardedPosition]] = field(default_factory=dict)
    taken_levels: dict[str, GuardedPosition] = field(default_factory=dict)
    moved_nearer: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    close: Callable[[str, int], Awaitable[None]] | None = None

    async def guard_until(self, guarded: Sequence[GuardedPosition], is_over: asyncio.Event) -> None:
        """Look until it is over and every position has its stop, or is gone; not longer than others can wait."""
        names = Counter(item.levels.instrument for item in guarded)
        self.guarded.update(names)
        try:
            await self._guard_until(guarded, is_over)
        finally:
            self.guarded.subtract(names)

    async def _guard_until(self, guarded: Sequence[GuardedPosition], is_over: asyncio.Event) -> None:
        await wait_for_event(self.clock, self.deadlines.look_s, is_over)
        deadline: Deadline | None = None
        while True:
            is_ending = is_over.is_set()
            if await self._check_all(guarded) and is_ending:
                return
            if is_ending:
                deadline = deadline or Deadline(self.clock, self.deadlines.hold_s)
                if deadline.is_over():
                    return
                await self.clock.pause(self.deadlines.look_s)
            else:
                await wait_for_event(self.clock, self.deadlines.look_s, is_over)

    async def guard_now(self, guarded: Sequence[GuardedPosition]) -> None:
        """See to it that positions that are held have their stops."""
        is_over = asyncio.Event()
        is_over.set()
        if guarded:
            await self.guard_until(guarded, is_over)

    def guarded_position(
        self, account: LiveAccount, number: int, *, is_naked: bool = False, is_late: bool = False
    ) -> GuardedPosition:
        """Return the position of a slot as it must be guarded from now on.

        Parameters
        ----------
        is_naked : bool
            It was seen without its stop.
        is_late : bool
            Its stop is gone for nobody knows how long: nothing is waited for.
        """
        levels = position_levels(account, number)
        levels = replace(levels, target=None) if self.has_resting_target(number) else levels
        now = self.clock.wall_now()
        unwell = Elapsed(now - (round(self.deadlines.protect_s * 1_000) if is_late else 0), now)
        entry_ts = int(account.slot(number)["entry_ts"])
        is_over = partial(_has_ended, account, number, entry_ts)
        return GuardedPosition(levels, unwell, lambda: True, is_naked, is_over=is_over, had_stop=not is_naked)

    def last_taken(self, instrument: str) -> Levels | None:
        """Return the levels that the venue took last for a position that is still held."""
        guarded = self.taken_levels.get(instrument)
        return None if guarded is None or guarded.is_over() else guarded.levels

    async def restore_levels(self, account: LiveAccount, number: int) -> bool:
        """Put stop and target of a position as they were, a resting target stays what it is; whether they are taken."""
        levels = position_levels(account, number)
        return await self._put_triggers(
            account, number, replace(levels, target=None) if self.has_resting_target(number) else levels
        )

    async def put_triggers(self, account: LiveAccount, number: int) -> bool:
        """Put stop and target of a position as triggers, and tell whether they are taken; else it keeps its stop."""
        levels, position_ts = position_levels(account, number), int(account.slot(number)["entry_ts"])
        entry_ts, stop = self.moved_nearer.get(number, (0, None))
        levels = replace(levels, stop=stop) if entry_ts == position_ts else levels
        return await self._put_triggers(account, number, levels)

    async def _put_triggers(self, account: LiveAccount, number: int, levels: Levels) -> bool:
        wanted = int(account.slot(number)["entry_ts"]), levels
        last_wanted, guarded = self.triggered.get(number, (None, None))
        if guarded is None or last_wanted != wanted:
            guarded = self.guarded_position(account, number)
            guarded.levels = wanted[1]
            self.triggered[number] = wanted, guarded
        try:
            seen_ts = await self.confirm_lease()
            if guarded.is_over():
                # It ended while the right was asked for: what is held there now has other levels.
                return False
            await self._put_levels(guarded, seen_ts)
            # Taken now, so that the venue may have changed its rules where they are refused again.
            guarded.has_asked_rules = False
        except AuthError:
            raise
        except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
            return False
        return True

    async def _check_all(self, guarded: Sequence[GuardedPosition]) -> bool:
        """Look once and do what is due; whether everything is as it must be."""
        asked_ts = self.clock.wall_now()
        for item in guarded:
            item.since_protected.passed_ms(asked_ts)
        self.unprotected.difference_update(item.levels.instrument for item in guarded if item.is_over())
        guarded = [item for item in guarded if not item.is_over()]
        try:
            self.request_pause.check(asked_ts)
            positions = await with_timeout(self.clock, self.deadlines.read_s, self.venue.positions())
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            self.request_pause.note_fault(fault, asked_ts)
            unconfirmed = [
                item for item in guarded if not item.is_taken and (item.is_naked or item.is_held())
            ]
            await gather_all(*map(self._protect, unconfirmed))
            return not guarded
        by_instrument = {item.instrument: item for item in positions if item.qty > 0}
        for item in guarded:
            position = by_instrument.get(item.levels.instrument)
            item.is_naked = position is not None and position.stop is None
            if not item.is_naked:
                item.since_protected, item.has_tried, item.is_taken, item.has_asked_rules = (
                    Elapsed(asked_ts),
                    False,
                    False,
                    False,
                )
        unprotected = [item for item in guarded if item.is_naked]
        self.unprotected.difference_update(item.levels.instrument for item in guarded)
        self.unprotected.update(item.levels.instrument for item in unprotected)
        await gather_all(*(self._protect(item) for item in unprotected))
        return not unprotected

    async def _protect(self, guarded: GuardedPosition) -> None:
        waited_s = guarded.since_protected.passed_ms(self.clock.wall_now()) / 1_000
        if waited_s < self.deadlines.protect_s:
            return
        seen_ts = await self.confirm_lease()
        if guarded.is_over():
            # It ended while the venue was asked: what is held there now has other levels.
            return
        is_bare = guarded.is_naked or not guarded.had_stop
        try:
            if waited_s >= self.deadlines.flatten_s and guarded.has_tried and is_bare:
                self.report("flatten", guarded.levels.instrument)
                await (self.close or self.venue.flash_close)(guarded.levels.instrument, seen_ts)
            else:
                least_s = self.deadlines.protect_s
                if not guarded.has_tried:
                    self.report("protect", guarded.levels.instrument)
                    # Who slept beyond all deadlines gives the first stop the time of an answer.
                    least_s = max(least_s, self.deadlines.read_s)
                guarded.has_tried = True
                # The next deadline does not wait for the answer.
                left_s = max(self.deadlines.flatten_s - waited_s, least_s)
                await with_timeout(self.clock, left_s, self._put_levels(guarded, seen_ts))
                guarded.is_taken = True
        except AuthError:
            raise
        except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
            # Whether it worked is seen at the next look; the deadline goes on.
            pass

    async def _put_levels(self, guarded: GuardedPosition, seen_ts: int) -> None:
        """Put levels on a position; where they are refused, once more as the venue's rules of now want them."""
        try:
            await self.venue.protect(guarded.levels, seen_ts)
        except OrderRejected:
            if guarded.has_asked_rules:
                raise
            regridded = await with_timeout(self.clock, self.deadlines.read_s, self.regrid(guarded.levels))
            guarded.has_asked_rules = True
            if regridded == guarded.levels:
                raise
            guarded.levels = regridded
            seen_ts = await self.confirm_lease()
            if guarded.is_over():
                return
            await self.venue.protect(guarded.levels, seen_ts)
        self.taken_levels[guarded.levels.instrument] = guarded


def _has_ended(account: LiveAccount, number: int, entry_ts: int) -> bool:
    slot = account.slot(number)
    return slot["side"] == 0 or int(slot["entry_ts"]) != entry_ts
