"""Orders brought to their ends: exits again until they are filled, entries under the shield, dust swept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Intent, IntentMove, IntentState
from vigie.domain.time import Elapsed
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.book.intent_writer import MOST_ATTEMPTS
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.book.orders import OrderSender
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.fold import steps
from vigie.engine.live.stops.level_grid import entry_levels
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopGuard
from vigie.engine.live.targets import TargetOrders
from vigie.engine.live.waiting import gather_all
from vigie.ports.clock import PatientClock
from vigie.ports.feed import LiveFeed, MarketInstant
from vigie.ports.tradebook import AuditNote

# What a venue says can be of any length.
_LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True)
class Execution:
    """Carries out what was written down.

    Attributes
    ----------
    series : mapping
        Of each slot's name, what it trades on.
    reported : set of str
        Intents of which was told that the venue does not carry them out now.
    """

    log: Logbook
    reconciler: Reconciler
    sender: OrderSender
    stop_guard: StopGuard
    targets: TargetOrders
    feed: LiveFeed
    clock: PatientClock
    series: Mapping[str, str]
    reported: set[str] = field(default_factory=set)

    @property
    def _bookings(self) -> Bookings:
        return self.log.memory.bookings

    # Exits -----------------------------------------------------------------------------------------------------

    async def run_exits(self, instant: MarketInstant) -> tuple[list[steps.PositionExit], list[IntentMove]]:
        """Bring the open exits to their ends; return the positions that ended and what became of the intents.

        One that the venue does not take for long stays open: it is tried again between bars and at the next instant.
        """
        moves = await self._send_exits(partial(self.feed.exits_placed, instant), waits_long=instant.is_last)
        await self.feed.exits_placed(instant)
        moves += await self._flatten_open()
        # Asked for once: an attempt that finds its position closed waits for the fills that closed it.
        return (self._bookings.take_exits() if moves else []), moves

    async def retry_exits(self, number: int, ts: int) -> None:
        """Try the exits again that the venue did not take, and book them.

        Parameters
        ----------
        number, ts : int
            Of the instant that they are booked to.
        """
        moves = (
            await self._send_exits(_ignore_placed, waits_long=False) if self.log.open_intents("exit") else []
        )
        log_steps = self._exit_steps(number, ts) if moves else []
        self.log.take(*log_steps)
        self.log.commit(log_steps, moves=moves)

    def _exit_steps(self, number: int, ts: int) -> list[steps.Step]:
        """Return what ended positions are booked by."""
        exits = tuple(self._bookings.take_exits())
        return [steps.ExitsFilled(number, ts, exits)] if exits else []

    async def _send_exits(
        self, on_placed: Callable[[], Awaitable[None]], *, waits_long: bool
    ) -> list[IntentMove]:
        """Carry the open exits; `on_placed` hears that every one of a round was sent."""
        moves: list[IntentMove] = []
        self._forget_ended()
        exits = self.log.open_intents("exit")
        resting = await self.targets.cancel_for(
            [intent.instrument for intent in exits], waits_long=waits_long
        )
        self._report_waiting(intent for intent in exits if intent.instrument in resting)
        exits = [intent for intent in exits if intent.instrument not in resting]
        while exits:
            sent_moves = await gather_all(*(self._send(intent, waits_long=waits_long) for intent in exits))
            await on_placed()
            self._report_waiting(
                intent for intent, move in zip(exits, sent_moves, strict=True) if move is None
            )
            sent = [
                (intent, move) for intent, move in zip(exits, sent_moves, strict=True) if move is not None
            ]
            ended = await gather_all(*(self._finish(intent, move) for intent, move in sent))
            retries, dust = self._remaining([intent for intent, _ in sent], ended)
            moves += ended
            if retries or dust:
                self.log.commit(moves=moves, intents=[*retries, *dust])
                moves = []
            exits = retries
        return moves

    def _forget_ended(self) -> None:
        """Forget what was noted of intents that have ended."""
        known = self.log.memory.open
        self.reported.intersection_update(known)
        self.sender.forget(known)

    def _report_waiting(self, exits: Iterable[Intent]) -> None:
        """Tell of exits that the venue does not take, once each."""
        for intent in exits:
            if intent.id not in self.reported:
                self.reported.add(intent.id)
                why = "the venue takes no orders now; it is tried again"
                self.log.commit(notes=[AuditNote("trade.exit_waits", intent.slot, {"why": why})])

    def _remaining(
        self, exits: Sequence[Intent], ended: Sequence[IntentMove]
    ) -> tuple[list[Intent], list[Intent]]:
        """Return what is tried again of exits that were not filled, and what is too small to be ordered."""
        retries, dust = [], []
        for intent, move in zip(exits, ended, strict=True):
            is_over = self._bookings.is_closed(self._bookings.number(intent))
            if move.state not in ("rejected", "cancelled") or is_over:
                continue
            remaining = intent.qty - move.filled
            if self._bookings.is_too_small(intent, remaining):
                dust.append(self.log.flatten_intent(intent, remaining, "dust"))
            elif intent.attempt < MOST_ATTEMPTS:
                retries.append(self.log.writer.retry_intent(intent, move))
            else:
                reason = f"could not be closed in {intent.attempt} attempts: {move.reason or move.state}"
                self.log.halt(intent.slot, reason)
        return retries, dust

    # Entries ---------------------------------------------------------------------------------------------------

    async def run_entries(self, instant: MarketInstant) -> None:
        """Send the entries and book what came of them; from the sending on every position is guarded."""
        entries = self.log.open_intents("entry")
        if not entries:
            await self.feed.entries_placed(instant, {})
            return
        is_over = asyncio.Event()
        guarded = [self.guarded_entry(intent) for intent in entries]
        await gather_all(
            self._send_entries(instant, entries, is_over), self.stop_guard.guard_until(guarded, is_over)
        )

    def guarded_entry(self, intent: Intent) -> GuardedPosition:
        """Return an entry as it must be guarded from now on."""
        levels = entry_levels(self.log.account, self._bookings.number(intent), intent)
        is_held, now = partial(self._is_entered, intent), self.clock.wall_now()
        return GuardedPosition(levels, Elapsed(now), is_held)

    def _is_entered(self, intent: Intent) -> bool:
        number = self._bookings.number(intent)
        return self._bookings.filled_qty(intent) > 0 or bool(self.log.account.slot(number)["side"])

    async def _send_entries(
        self, instant: MarketInstant, entries: Sequence[Intent], is_over: asyncio.Event
    ) -> None:
        sent = await gather_all(*(self._send(item, waits_long=True) for item in entries))
        await self.feed.entries_placed(instant, {item.id: self.series[item.slot] for item in entries})
        moves = await gather_all(*map(self._finish, entries, sent))
        opens, reasons = dict(instant.opened), {move.id: move.reason for move in moves}
        results, dust = [], []
        for item in entries:
            if self._bookings.is_dust(item):
                dust.append(self.log.flatten_intent(item, self._bookings.filled_qty(item), "dust"))
            entry = self._bookings.take_entry(item, opens.get(self.series[item.slot], 0.0), instant.ts)
            results.append(entry if entry.lots else replace(entry, why=single_line(reasons.get(item.id, ""))))
        step = steps.EntriesFilled(instant.number, instant.ts, tuple(results))
        self.log.take(step)
        account = self.log.account
        resting = [
            self.log.writer.target_intent(account, item.slot)
            for item in results
            if item.lots and account.has_limit_target(item.slot)
        ]
        self.log.commit([step], moves=moves, intents=[*dust, *resting])
        is_over.set()

    # One order -------------------------------------------------------------------------------------------------

    async def _send(self, intent: Intent, *, waits_long: bool) -> IntentMove | None:
        is_inherited = intent.id in self.log.memory.inherited
        return await self.sender.send(intent, may_be_sent=is_inherited, waits_long=waits_long)

    async def _finish(self, intent: Intent, move: IntentMove | None) -> IntentMove:
        """Wait until an order has ended and all its fills are here; return the last move of its intent."""
        if move is None:
            raise InvariantBroken(
                "entry_neither_sent_nor_cancelled", "entry {id} was neither sent nor cancelled", id=intent.id
            )
        if move.state != "acked":
            if move.state == "rejected" and intent.is_reduce_only:
                # What closed the position meanwhile is told a moment later.
                await self.clock.pause(self.reconciler.timeouts.look_s)
                await self.reconciler.fetch()
            if move.state == "expired" and intent.is_reduce_only:
                # Something else closed the position: its fills are on their way.
                number = self._bookings.number(intent)
                await self.reconciler.wait_for_fills(lambda: self._bookings.is_closed(number))
            return move
        order = await self.sender.until_ended(intent)
        if order is None:
            return await self._halt_denied(intent, move)
        # Its fills may be booked already, where the wait for its answer was broken off before.
        await self.reconciler.wait_for_fills(lambda: self._bookings.total_filled(intent) >= order.filled)
        if order.filled >= intent.qty:
            return replace(move, state="filled", filled=order.filled)
        why = f"the venue ended the order: {order.ended_by or 'it says no reason'}"
        return replace(move, state="cancelled", filled=order.filled, reason=why)

    async def _halt_denied(self, intent: Intent, move: IntentMove) -> IntentMove:
        """Halt: nobody knows what became of an order that the venue took."""
        await self.reconciler.fetch()
        why = f"the venue took order {move.order_id or intent.id} and denies it since"
        self.log.halt(intent.slot, why)
        filled = self._bookings.total_filled(intent)
        state: IntentState = "filled" if filled >= intent.qty else "cancelled" if filled else "expired"
        return replace(move, state=state, filled=filled, reason=why)

    # What is closed whatever its size --------------------------------------------------------------------------

    async def flatten_remains(self, number: int, ts: int) -> None:
        """Close what is to be closed at once, and book it.

        Parameters
        ----------
        number, ts : int
            Of the instant that it is booked to.
        """
        self.log.flatten_surplus()
        moves = await self._flatten_open()
        log_steps = self._exit_steps(number, ts) if moves else []
        for intent, amount, fills in self._bookings.take_closed_dust() if moves else ():
            why = f"{intent.slot} entered too little to be held, which was closed at once"
            log_steps.append(steps.CashAdjusted(ts, amount, why, intent.instrument, fills))
        for instrument, amount, fills in self._bookings.take_closed_surplus():
            why = f"the position in {instrument} was closed twice, what that left was closed at once"
            log_steps.append(steps.CashAdjusted(ts, amount, why, instrument, fills))
        if not (log_steps or moves):
            return
        self.log.take(*log_steps)
        self.log.commit(log_steps, moves=moves)

    async def _flatten_open(self) -> list[IntentMove]:
        moves = []
        for intent in self.log.open_intents("flatten"):
            if not await self.sender.flatten(intent):
                # Said once, and again to whoever lets the account enter meanwhile.
                if intent.id not in self.reported or self.log.may_enter():
                    self.reported.add(intent.id)
                    self.log.halt(intent.slot, "a position could not be closed at once; it is tried again")
                continue
            number = self._bookings.number(intent)
            await self.reconciler.wait_for_fills(partial(self._bookings.is_closed, number))
            self._bookings.end_flattening(number)
            now = self.clock.wall_now()
            moves.append(IntentMove(intent.id, "filled", now, "", intent.qty))
        return moves


def single_line(text: str) -> str:
    """Return what a venue said as one line that a terminal can show."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_LONGEST_WHY]


async def _ignore_placed() -> None:
    """Between bars no market waits for what is sent."""
