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
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.present_levels import levels_of
from vigie.engine.live.waiting import Deadline, either, together, within
from vigie.ports.clock import PatientClock
from vigie.ports.trading import Levels, TradingVenue

# A venue may ban for minutes who goes on asking; for longer than this nobody shuts their eyes.
MOST_QUIET_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Shield:
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
class Guarded:
    """A position, or an entry that may become one at any time.

    Attributes
    ----------
    levels : Levels
        That it must have.
    unwell : Elapsed
        Since all was well with it last, on the wall: nothing was held, or it had its stop.
    is_held : callable
        Whether a fill of it is known: then it is closed also where the venue does not show positions.
    is_naked : bool
        It was seen without a stop.
    is_tried : bool
        A stop was put on it since: a process that was asleep has not tried yet.
    is_taken : bool
        The venue took that stop: where positions cannot be read, that is what is known of it.
    is_over : callable
        Whether the position has ended meanwhile: what is held now is somebody else's to guard.
    had_stop : bool
        It had its stop when it was known last: it is not closed for not being seen.
    is_asked : bool
        The venue refused its levels and has said since what it asks of prices.
    """

    levels: Levels
    unwell: Elapsed
    is_held: Callable[[], bool]
    is_naked: bool = False
    is_tried: bool = False
    is_taken: bool = False
    is_over: Callable[[], bool] = lambda: False
    had_stop: bool = False
    is_asked: bool = False


async def as_they_are(levels: Levels) -> Levels:
    """Know no other rules than those that levels were rounded by."""
    return levels


@dataclass(slots=True)
class Quiet:
    """For how long a venue that asked for patience is not asked for positions: what must be sent still is."""

    until: int = 0

    def check(self, now: int) -> None:
        """Raise `TransientError` while the venue wants to be left alone."""
        # A clock that was set back makes nobody wait for longer.
        self.until = min(self.until, now + round(MOST_QUIET_S * 1_000))
        if now < self.until:
            raise TransientError("the venue asked for patience")

    def hear(self, fault: Exception, now: int) -> None:
        """Take what a venue asked for when it refused a question."""
        after_s = getattr(fault, "after_s", None)
        if after_s is not None:
            self.until = max(self.until, now + round(min(after_s, MOST_QUIET_S) * 1_000))


@dataclass(frozen=True, slots=True)
class Guardian:
    """Holds the shield over positions.

    Attributes
    ----------
    guard : callable
        Called before anything is sent; gives the time that is signed with, raises where this process may not trade
        any more.
    tell : callable
        Told what is done about an instrument before it is: ``protect`` or ``flatten``.
    naked : set of str
        Instruments that were without their stop when they were looked at last.
    guarded : Counter
        How many shields are held over instruments now.
    rests : callable
        Whether the target of a slot's position is an order of its own, which others look after.
    regrid : callable
        Asks the venue for its rules and gives levels as those of now want them; `TransientError` where it does not say.
    triggered : dict of int to tuple
        By slot, entry and levels that were put as triggers last, and who guards them: those that stay refused ask the
        venue for its rules once.
    taken : dict of str to Guarded
        By instrument, whose levels the venue took last.
    nearer : dict of int to tuple
        By slot, entry and the stop that somebody moved nearer to the price: it is kept where a target is put anew.
    close : callable, optional
        Closes a position in place of the venue's own way, which gives its fills no id of ours.
    """

    shield: Shield
    venue: TradingVenue
    clock: PatientClock
    guard: Callable[[], Awaitable[int]]
    tell: Callable[[str, str], None]
    naked: set[str] = field(default_factory=set)
    guarded: Counter[str] = field(default_factory=Counter)
    rests: Callable[[int], bool] = lambda _: False
    quiet: Quiet = field(default_factory=Quiet)
    regrid: Callable[[Levels], Coroutine[Any, Any, Levels]] = as_they_are
    triggered: dict[int, tuple[tuple[int, Levels], Guarded]] = field(default_factory=dict)
    taken: dict[str, Guarded] = field(default_factory=dict)
    nearer: dict[int, tuple[int, Decimal]] = field(default_factory=dict)
    close: Callable[[str, int], Awaitable[None]] | None = None

    async def over(self, guarded: Sequence[Guarded], is_over: asyncio.Event) -> None:
        """Look until it is over and every position has its stop, or is gone; not longer than others can wait."""
        names = Counter(one.levels.instrument for one in guarded)
        self.guarded.update(names)
        try:
            await self._over(guarded, is_over)
        finally:
            self.guarded.subtract(names)

    async def _over(self, guarded: Sequence[Guarded], is_over: asyncio.Event) -> None:
        await either(self.clock, self.shield.look_s, is_over)
        held: Deadline | None = None
        while True:
            is_ending = is_over.is_set()
            if await self._is_well(guarded) and is_ending:
                return
            if is_ending:
                held = held or Deadline(self.clock, self.shield.hold_s)
                if held.is_over():
                    return
                await self.clock.pause(self.shield.look_s)
            else:
                await either(self.clock, self.shield.look_s, is_over)

    async def now(self, guarded: Sequence[Guarded]) -> None:
        """See to it that positions that are held have their stops."""
        is_over = asyncio.Event()
        is_over.set()
        if guarded:
            await self.over(guarded, is_over)

    def position(
        self, account: LiveAccount, number: int, *, is_naked: bool = False, is_late: bool = False
    ) -> Guarded:
        """Return the position of a slot as it must be guarded from now on.

        Parameters
        ----------
        is_naked : bool
            It was seen without its stop.
        is_late : bool
            Its stop is gone for nobody knows how long: nothing is waited for.
        """
        levels = levels_of(account, number)
        levels = replace(levels, target=None) if self.rests(number) else levels
        now = self.clock.wall_now()
        unwell = Elapsed(now - (round(self.shield.protect_s * 1_000) if is_late else 0), now)
        begun = int(account.slot(number)["entry_ts"])
        is_over = partial(_has_ended, account, number, begun)
        return Guarded(levels, unwell, lambda: True, is_naked, is_over=is_over, had_stop=not is_naked)

    def taken_of(self, instrument: str) -> Levels | None:
        """Return the levels that the venue took last for a position that is still held."""
        one = self.taken.get(instrument)
        return None if one is None or one.is_over() else one.levels

    async def again(self, account: LiveAccount, number: int) -> bool:
        """Put stop and target of a position as they were, a resting target stays what it is; whether they are taken."""
        levels = levels_of(account, number)
        return await self._trigger(
            account, number, replace(levels, target=None) if self.rests(number) else levels
        )

    async def trigger(self, account: LiveAccount, number: int) -> bool:
        """Put stop and target of a position as triggers, and tell whether they are taken; else it keeps its stop."""
        levels, begun = levels_of(account, number), int(account.slot(number)["entry_ts"])
        entry_ts, stop = self.nearer.get(number, (0, None))
        levels = replace(levels, stop=stop) if entry_ts == begun else levels
        return await self._trigger(account, number, levels)

    async def _trigger(self, account: LiveAccount, number: int, levels: Levels) -> bool:
        meant = int(account.slot(number)["entry_ts"]), levels
        before, guarded = self.triggered.get(number, (None, None))
        if guarded is None or before != meant:
            guarded = self.position(account, number)
            guarded.levels = meant[1]
            self.triggered[number] = meant, guarded
        try:
            seen_ts = await self.guard()
            if guarded.is_over():
                # It ended while the right was asked for: what is held there now has other levels.
                return False
            await self._put(guarded, seen_ts)
            # Taken now, so that the venue may have changed its rules where they are refused again.
            guarded.is_asked = False
        except AuthError:
            raise
        except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
            return False
        return True

    async def _is_well(self, guarded: Sequence[Guarded]) -> bool:
        """Look once and do what is due; whether everything is as it must be."""
        asked = self.clock.wall_now()
        for one in guarded:
            one.unwell.passed_ms(asked)
        self.naked.difference_update(one.levels.instrument for one in guarded if one.is_over())
        guarded = [one for one in guarded if not one.is_over()]
        try:
            self.quiet.check(asked)
            told = await within(self.clock, self.shield.read_s, self.venue.positions())
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            self.quiet.hear(fault, asked)
            bare = [one for one in guarded if not one.is_taken and (one.is_naked or one.is_held())]
            await together(*map(self._act, bare))
            return not guarded
        held = {one.instrument: one for one in told if one.qty > 0}
        for one in guarded:
            there = held.get(one.levels.instrument)
            one.is_naked = there is not None and there.stop is None
            if not one.is_naked:
                one.unwell, one.is_tried, one.is_taken, one.is_asked = Elapsed(asked), False, False, False
        naked = [one for one in guarded if one.is_naked]
        self.naked.difference_update(one.levels.instrument for one in guarded)
        self.naked.update(one.levels.instrument for one in naked)
        await together(*(self._act(one) for one in naked))
        return not naked

    async def _act(self, one: Guarded) -> None:
        waited_s = one.unwell.passed_ms(self.clock.wall_now()) / 1_000
        if waited_s < self.shield.protect_s:
            return
        seen_ts = await self.guard()
        if one.is_over():
            # It ended while the venue was asked: what is held there now has other levels.
            return
        is_bare = one.is_naked or not one.had_stop
        try:
            if waited_s >= self.shield.flatten_s and one.is_tried and is_bare:
                self.tell("flatten", one.levels.instrument)
                await (self.close or self.venue.flash_close)(one.levels.instrument, seen_ts)
            else:
                least_s = self.shield.protect_s
                if not one.is_tried:
                    self.tell("protect", one.levels.instrument)
                    # Who slept beyond all deadlines gives the first stop the time of an answer.
                    least_s = max(least_s, self.shield.read_s)
                one.is_tried = True
                # The next deadline does not wait for the answer.
                left_s = max(self.shield.flatten_s - waited_s, least_s)
                await within(self.clock, left_s, self._put(one, seen_ts))
                one.is_taken = True
        except AuthError:
            raise
        except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
            # Whether it worked is seen at the next look; the deadline goes on.
            pass

    async def _put(self, one: Guarded, seen_ts: int) -> None:
        """Put levels on a position; where they are refused, once more as the venue's rules of now want them."""
        try:
            await self.venue.protect(one.levels, seen_ts)
        except OrderRejected:
            if one.is_asked:
                raise
            fresh = await within(self.clock, self.shield.read_s, self.regrid(one.levels))
            one.is_asked = True
            if fresh == one.levels:
                raise
            one.levels = fresh
            seen_ts = await self.guard()
            if one.is_over():
                return
            await self.venue.protect(one.levels, seen_ts)
        self.taken[one.levels.instrument] = one


def _has_ended(account: LiveAccount, number: int, begun: int) -> bool:
    slot = account.slot(number)
    return slot["side"] == 0 or int(slot["entry_ts"]) != begun
