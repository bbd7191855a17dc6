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
from vigie.engine.live.book.account_memory import AccountMemory
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.stops.level_grid import entry_levels
from vigie.engine.live.stops.level_restorer import ANSWER_S, LevelRestorer, entry_time
from vigie.engine.live.stops.moved_levels import (
    LEVELS,
    Level,
    LevelBounds,
    LevelKey,
    LevelState,
    level_bounds,
    level_state,
)
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopGuard
from vigie.engine.live.waiting import with_timeout
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import AuditNote
from vigie.ports.trading import TradingVenue

# A stop that the price has passed for so long does not act: the position is closed.
PASSED_S: Final = 5.0
LastPrice: TypeAlias = Callable[[str], float | None]


def no_price(_instrument: str) -> float | None:
    """Know no price."""
    return None


@dataclass(slots=True)
class _LevelScan:
    """How the levels of positions stood at a look, and the slots where something is to be done about them."""

    states: dict[LevelKey, LevelState] = field(default_factory=dict)
    not_restored: set[LevelKey] = field(default_factory=set)
    passed_stops: set[int] = field(default_factory=set)
    several_stops: set[int] = field(default_factory=set)
    without_target: set[int] = field(default_factory=set)


@dataclass(slots=True)
class StopMonitor:
    """Looks at the levels of positions.

    Attributes
    ----------
    every_s : float
        Between two looks, on the wall.
    is_busy : bool
        An instant is being met: exits and entries are on their way, and a stop may be seen a moment before or after
        its position. What is seen without one must be so for some seconds.
    last_price : callable
        Gives the last price of an instrument as it was heard just now; None where nobody knows one.
    """

    every_s: float
    log: Logbook
    venue: TradingVenue
    stop_guard: StopGuard
    clock: PatientClock
    last_price: LastPrice = no_price
    is_busy: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _is_blind: bool = False
    _passed: dict[int, int] = field(default_factory=dict)
    _last_scan: _LevelScan = field(default_factory=_LevelScan)
    _level_restorer: LevelRestorer = field(init=False)

    def __post_init__(self) -> None:
        self._level_restorer = LevelRestorer(
            self.log, self.stop_guard, self.clock, self.every_s, self._is_calm
        )

    async def run(self) -> None:
        """Look until it is cancelled."""
        try:
            while True:
                await self.clock.pause(min(self.every_s, PASSED_S) if self._passed else self.every_s)
                for task in [item for item in self._tasks if item.done()]:
                    self._tasks.remove(task)
                    task.result()
                if self.log.memory.account is not None:
                    await self._scan()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _scan(self) -> None:
        asked_ts, entry_times = self.clock.wall_now(), self._entry_times()
        positions = await self._read_positions(asked_ts)
        if positions is None:
            return
        by_instrument = {position.instrument: position for position in positions if position.qty > 0}
        scan, naked = _LevelScan(), []
        for number, slot in enumerate(self.log.account.slots):
            held_position = by_instrument.get(slot.id.instrument)
            is_ours = self.log.account.slot(number)["side"] != 0
            if not is_ours or held_position is None or self.stop_guard.guarded[slot.id.instrument]:
                continue
            self._scan_position(number, entry_times[number], held_position, scan)
            if held_position.stop is None:
                is_late = not self.is_busy
                naked.append(
                    self.stop_guard.guarded_position(self.log.account, number, is_naked=True, is_late=is_late)
                )
        self._protect([*naked, *self._unprotected_entries(by_instrument)])
        # Where one is being put in the place of another, both stand for a moment.
        for number in sorted(scan.several_stops & self._last_scan.several_stops):
            self._level_restorer.report_several_stops(
                number, by_instrument[self.log.account.slots[number].id.instrument]
            )
        await self._level_restorer.restore(scan.states, scan.not_restored)
        # What is met and being filled right now is gone at the next look.
        for number in sorted(scan.without_target & self._last_scan.without_target):
            if self._is_calm(number):
                await self._level_restorer.restore_target(number)
        self._last_scan = scan
        await self._close_passed(scan.passed_stops, asked_ts)

    async def _read_positions(self, asked_ts: int) -> Sequence[VenuePosition] | None:
        """Return the venue's positions; None where it does not say, which is told once."""
        try:
            self.stop_guard.request_pause.check(asked_ts)
            positions = await with_timeout(self.clock, ANSWER_S, self.venue.positions())
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            self.stop_guard.request_pause.note_fault(fault, asked_ts)
            # Nothing is known of stops now: whoever reads the log has to know that.
            if not self._is_blind:
                self._is_blind = True
                account = self.log.writer.run.account
                self.log.commit(notes=[AuditNote("trade.blind", account, {"why": str(fault)})])
            return None
        if self._is_blind:
            self._is_blind = False
            self.log.commit(notes=[AuditNote("trade.sighted", self.log.writer.run.account, {})])
        return positions

    def _scan_position(self, number: int, entry_ts: int, position: VenuePosition, scan: _LevelScan) -> None:
        """Take down how the levels of a position stand."""
        for level in LEVELS:
            bounds = self._level_bounds(number, level, entry_ts, position)
            state = None if bounds is None else level_state(bounds, level, entry_ts, position)
            if bounds is None or state is None:
                continue
            scan.states[number, level] = state
            is_passed = level == "stop" and self._is_passed(number, position, bounds)
            if is_passed:
                scan.passed_stops.add(number)
            if is_passed or (level == "target" and bounds.is_beyond(position.mark)):
                scan.not_restored.add((number, level))
        if position.stops > 1:
            scan.several_stops.add(number)
        if position.stop is not None and self._lacks_target(number, position):
            scan.without_target.add(number)

    def _entry_times(self) -> list[int]:
        """Return by slot when its position was entered; 0 where nothing is held."""
        account = self.log.account
        return [entry_time(account, number) for number, _ in enumerate(account.slots)]

    def _level_bounds(
        self, number: int, level: Level, entry_ts: int, position: VenuePosition
    ) -> LevelBounds | None:
        """Return where a level of a position may stand; None where what was answered is about another one."""
        account, taken_levels = self.log.account, self.stop_guard.last_taken(position.instrument)
        if entry_time(account, number) != entry_ts or (
            level == "target" and self.stop_guard.has_resting_target(number)
        ):
            return None
        return level_bounds(account, number, level, taken_levels, position)

    def _is_passed(self, number: int, position: VenuePosition, bounds: LevelBounds) -> bool:
        """Tell whether both the price that was heard and the venue's mark are beyond where a stop had to act."""
        price = self.last_price(position.instrument)
        if price is None or position.mark is None or position.stop is None or not self._is_calm(number):
            return False
        stop = float(bounds.trigger_price(position.stop))
        return all(position.side * (value - stop) < 0 for value in (price, float(position.mark)))

    async def _close_passed(self, passed: set[int], asked_ts: int) -> None:
        """Close the positions whose stop does not act though the price has passed it for some seconds."""
        # Where the clock was set back, seconds are counted anew.
        self._passed = {number: min(self._passed.get(number, asked_ts), asked_ts) for number in passed}
        for number, since in self._passed.items():
            if asked_ts - since < PASSED_S * 1_000 or not self._is_calm(number):
                continue
            name = self.log.account.slots[number].id.instrument
            if all(intent.instrument != name for intent in self.log.open_intents("flatten")):
                self.log.commit(notes=[AuditNote("trade.stop_passed", name, {})])
                self.log.write_flatten(name, "stop_passed")
            seen_ts = await self.stop_guard.confirm_lease()
            try:
                await with_timeout(self.clock, ANSWER_S, self.venue.flash_close(name, seen_ts))
            except AuthError:
                raise
            except (OrderRejected, OutcomeUnknown, TransientError, ConnectorError):
                # Whether it worked is seen at the next look.
                continue

    def _protect(self, naked: list[GuardedPosition]) -> None:
        """Protect beside the next looks: another position may lose its stop meanwhile."""
        for guarded in naked:
            self._tasks.add(asyncio.ensure_future(self.stop_guard.guard_now([guarded])))

    def _lacks_target(self, number: int, position: VenuePosition) -> bool:
        """Tell whether a trigger is gone; a target that rests is an order, which others look after."""
        is_gone = position.target is None and not self.stop_guard.has_resting_target(number)
        return is_gone and self._is_calm(number)

    def _is_calm(self, number: int) -> bool:
        """Tell whether a position is held that nothing is being done about."""
        slot = self.log.account.slot(number)
        return not self.is_busy and slot["side"] != 0 and slot["exit_reason"] == 0

    def _unprotected_entries(self, by_instrument: Mapping[str, VenuePosition]) -> list[GuardedPosition]:
        """Return what entries of an earlier process opened without a stop, and nobody has booked yet."""
        memory = self.log.memory
        inherited = [intent for intent in self.log.open_intents("entry") if intent.id in memory.inherited]
        unprotected = []
        for intent in inherited:
            position = by_instrument.get(intent.instrument)
            is_bare = position is not None and position.side == intent.side and position.stop is None
            if is_bare and not self.stop_guard.guarded[intent.instrument]:
                levels = entry_levels(self.log.account, memory.bookings.number(intent), intent)
                is_over, now = partial(_has_ended, memory, intent), self.clock.wall_now()
                unprotected.append(
                    GuardedPosition(levels, Elapsed(now), lambda: True, is_naked=True, is_over=is_over)
                )
        return unprotected


def _has_ended(memory: AccountMemory, intent: Intent) -> bool:
    return intent.id not in memory.open
