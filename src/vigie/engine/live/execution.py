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
from vigie.engine.live import steps
from vigie.engine.live.booking import Bookings
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.orders import Courier
from vigie.engine.live.present_levels import levels_of_entry
from vigie.engine.live.shield import Guarded, Guardian
from vigie.engine.live.targets import Targets
from vigie.engine.live.waiting import together
from vigie.engine.live.writing import MOST_ATTEMPTS
from vigie.ports.clock import PatientClock
from vigie.ports.feed import Instant, LiveFeed
from vigie.ports.tradebook import Note

# What a venue says can be of any length.
_LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True)
class Execution:
    """Carries out what was written down.

    Attributes
    ----------
    series : mapping
        Of each slot's name, what it trades on.
    late : set of str
        Intents of which was told that the venue does not carry them out now.
    """

    log: Logbook
    lookout: Lookout
    courier: Courier
    guardian: Guardian
    targets: Targets
    feed: LiveFeed
    clock: PatientClock
    series: Mapping[str, str]
    late: set[str] = field(default_factory=set)

    @property
    def _bookings(self) -> Bookings:
        return self.log.memory.bookings

    # Exits -----------------------------------------------------------------------------------------------------

    async def exits(self, instant: Instant) -> tuple[list[steps.Leave], list[IntentMove]]:
        """Bring the open exits to their ends; return the positions that ended and what became of the intents.

        One that the venue does not take for long stays open: it is tried again between bars and at the next instant.
        """
        moves = await self._exited(partial(self.feed.exits_placed, instant), waits_long=instant.is_last)
        await self.feed.exits_placed(instant)
        moves += await self._flattened()
        # Asked for once: an attempt that finds its position closed waits for the fills that closed it.
        return (self._bookings.leaves() if moves else []), moves

    async def overdue(self, number: int, ts: int) -> None:
        """Try the exits again that the venue did not take, and book them.

        Parameters
        ----------
        number, ts : int
            Of the instant that they are booked to.
        """
        moves = await self._exited(_nobody_minds, waits_long=False) if self.log.open("exit") else []
        taken = self._booked(number, ts) if moves else []
        self.log.take(*taken)
        self.log.commit(taken, moves=moves)

    def _booked(self, number: int, ts: int) -> list[steps.Step]:
        """Return what ended positions are booked by."""
        leaves = tuple(self._bookings.leaves())
        return [steps.Left(number, ts, leaves)] if leaves else []

    async def _exited(self, placed: Callable[[], Awaitable[None]], *, waits_long: bool) -> list[IntentMove]:
        """Carry the open exits; `placed` hears that every one of a round was sent."""
        moves: list[IntentMove] = []
        self._forget()
        exits = self.log.open("exit")
        resting = await self.targets.withdraw([one.instrument for one in exits], waits_long=waits_long)
        self._wait(one for one in exits if one.instrument in resting)
        exits = [one for one in exits if one.instrument not in resting]
        while exits:
            carried = await together(*(self._carried(one, waits_long=waits_long) for one in exits))
            await placed()
            self._wait(one for one, move in zip(exits, carried, strict=True) if move is None)
            sent = [(one, move) for one, move in zip(exits, carried, strict=True) if move is not None]
            ended = await together(*(self._ended(one, move) for one, move in sent))
            again, small = self._left([one for one, _ in sent], ended)
            moves += ended
            if again or small:
                self.log.commit(moves=moves, intents=[*again, *small])
                moves = []
            exits = again
        return moves

    def _forget(self) -> None:
        """Forget what was noted of intents that have ended."""
        known = self.log.memory.open
        self.late.intersection_update(known)
        self.courier.forget(known)

    def _wait(self, exits: Iterable[Intent]) -> None:
        """Tell of exits that the venue does not take, once each."""
        for one in exits:
            if one.id not in self.late:
                self.late.add(one.id)
                why = "the venue takes no orders now; it is tried again"
                self.log.commit(notes=[Note("trade.exit_waits", one.slot, {"why": why})])

    def _left(
        self, exits: Sequence[Intent], ended: Sequence[IntentMove]
    ) -> tuple[list[Intent], list[Intent]]:
        """Return what is tried again of exits that were not filled, and what is too small to be ordered."""
        again, small = [], []
        for intent, move in zip(exits, ended, strict=True):
            is_over = self._bookings.is_closed(self._bookings.number(intent))
            if move.state not in ("rejected", "cancelled") or is_over:
                continue
            left = intent.qty - move.filled
            if self._bookings.is_too_small(intent, left):
                small.append(self.log.flattening(intent, left, "dust"))
            elif intent.attempt < MOST_ATTEMPTS:
                again.append(self.log.writer.once_more(intent, move))
            else:
                tried = f"could not be closed in {intent.attempt} attempts: {move.reason or move.state}"
                self.log.halt(intent.slot, tried)
        return again, small

    # Entries ---------------------------------------------------------------------------------------------------

    async def entries(self, instant: Instant) -> None:
        """Send the entries and book what came of them; from the sending on every position is guarded."""
        entries = self.log.open("entry")
        if not entries:
            await self.feed.entries_placed(instant, {})
            return
        is_over = asyncio.Event()
        guarded = [self.guarded(one) for one in entries]
        await together(self._entered(instant, entries, is_over), self.guardian.over(guarded, is_over))

    def guarded(self, intent: Intent) -> Guarded:
        """Return an entry as it must be guarded from now on."""
        levels = levels_of_entry(self.log.account, self._bookings.number(intent), intent)
        is_held, now = partial(self._is_entered, intent), self.clock.wall_now()
        return Guarded(levels, Elapsed(now), is_held)

    def _is_entered(self, intent: Intent) -> bool:
        number = self._bookings.number(intent)
        return self._bookings.filled(intent) > 0 or bool(self.log.account.slot(number)["side"])

    async def _entered(self, instant: Instant, entries: Sequence[Intent], is_over: asyncio.Event) -> None:
        carried = await together(*(self._carried(one, waits_long=True) for one in entries))
        await self.feed.entries_placed(instant, {one.id: self.series[one.slot] for one in entries})
        moves = await together(*map(self._ended, entries, carried))
        opens, whys = dict(instant.opened), {move.id: move.reason for move in moves}
        made, small = [], []
        for one in entries:
            if self._bookings.is_dust(one):
                small.append(self.log.flattening(one, self._bookings.filled(one), "dust"))
            entry = self._bookings.entry(one, opens.get(self.series[one.slot], 0.0), instant.ts)
            made.append(entry if entry.lots else replace(entry, why=one_line(whys.get(one.id, ""))))
        step = steps.Entered(instant.number, instant.ts, tuple(made))
        self.log.take(step)
        account = self.log.account
        resting = [
            self.log.writer.rest(account, one.slot)
            for one in made
            if one.lots and account.rests_target(one.slot)
        ]
        self.log.commit([step], moves=moves, intents=[*small, *resting])
        is_over.set()

    # One order -------------------------------------------------------------------------------------------------

    async def _carried(self, intent: Intent, *, waits_long: bool) -> IntentMove | None:
        is_inherited = intent.id in self.log.memory.inherited
        return await self.courier.carry(intent, may_be_sent=is_inherited, waits_long=waits_long)

    async def _ended(self, intent: Intent, move: IntentMove | None) -> IntentMove:
        """Wait until an order has ended and all its fills are here; return the last move of its intent."""
        if move is None:
            raise InvariantBroken(f"entry {intent.id} was neither sent nor given up")
        if move.state != "acked":
            if move.state == "rejected" and intent.is_reduce_only:
                # What closed the position meanwhile is told a moment later.
                await self.clock.pause(self.lookout.patience.look_s)
                await self.lookout.look()
            if move.state == "expired" and intent.is_reduce_only:
                # Something else closed the position: its fills are on their way.
                number = self._bookings.number(intent)
                await self.lookout.until(lambda: self._bookings.is_closed(number))
            return move
        order = await self.courier.until_ended(intent)
        if order is None:
            return await self._denied(intent, move)
        # Its fills may be booked already, where the wait for its answer was broken off before.
        await self.lookout.until(lambda: self._bookings.heard(intent) >= order.filled)
        if order.filled >= intent.qty:
            return replace(move, state="filled", filled=order.filled)
        why = f"the venue ended the order: {order.ended_by or 'it says no reason'}"
        return replace(move, state="cancelled", filled=order.filled, reason=why)

    async def _denied(self, intent: Intent, move: IntentMove) -> IntentMove:
        """Halt: nobody knows what became of an order that the venue took."""
        await self.lookout.look()
        why = f"the venue took order {move.order_id or intent.id} and denies it since"
        self.log.halt(intent.slot, why)
        filled = self._bookings.heard(intent)
        state: IntentState = "filled" if filled >= intent.qty else "cancelled" if filled else "expired"
        return replace(move, state=state, filled=filled, reason=why)

    # What is closed whatever its size --------------------------------------------------------------------------

    async def sweep(self, number: int, ts: int) -> None:
        """Close what is to be closed at once, and book it.

        Parameters
        ----------
        number, ts : int
            Of the instant that it is booked to.
        """
        self.log.right()
        moves = await self._flattened()
        taken = self._booked(number, ts) if moves else []
        for intent, amount, fills in self._bookings.swept() if moves else ():
            why = f"{intent.slot} entered too little to be held, which was closed at once"
            taken.append(steps.Adjusted(ts, amount, why, intent.instrument, fills))
        for instrument, amount, fills in self._bookings.righted():
            why = f"the position in {instrument} was closed twice, what that left was closed at once"
            taken.append(steps.Adjusted(ts, amount, why, instrument, fills))
        if not (taken or moves):
            return
        self.log.take(*taken)
        self.log.commit(taken, moves=moves)

    async def _flattened(self) -> list[IntentMove]:
        moves = []
        for intent in self.log.open("flatten"):
            if not await self.courier.flatten(intent):
                # Said once, and again to whoever lets the account enter meanwhile.
                if intent.id not in self.late or self.log.may_enter():
                    self.late.add(intent.id)
                    self.log.halt(intent.slot, "a position could not be closed at once; it is tried again")
                continue
            number = self._bookings.number(intent)
            await self.lookout.until(partial(self._bookings.is_closed, number))
            self._bookings.flattened(number)
            now = self.clock.wall_now()
            moves.append(IntentMove(intent.id, "filled", now, "", intent.qty))
        return moves


def one_line(said: str) -> str:
    """Return what a venue said as one line that a terminal can show."""
    plain = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(plain.split())[:_LONGEST_WHY]


async def _nobody_minds() -> None:
    """Between bars no market waits for what is sent."""
