"""Limit targets: an order of their own that rests beside the stop; of the two the survivor is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from vigie.domain.order import Intent, IntentMove, IntentState, VenueOrder
from vigie.engine.live.ever_later import EverLater
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.orders import Courier
from vigie.engine.live.present_levels import is_off, tick_at
from vigie.engine.live.shield import Guardian
from vigie.engine.live.waiting import Deadline, together
from vigie.ports.tradebook import Note

# Between the first two times that one is put back; it is looked at more often.
_AGAIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Targets:
    """The resting targets of an account's positions.

    Attributes
    ----------
    limit : callable
        Gives the price at which the order of a target is taken now.
    """

    log: Logbook
    lookout: Lookout
    courier: Courier
    guardian: Guardian
    limit: Callable[[Intent], Decimal | None]
    _resting: set[str] = field(default_factory=set)
    _regridded: set[tuple[str, int, Decimal]] = field(default_factory=set)
    _moved: dict[tuple[str, int], EverLater] = field(default_factory=dict)
    _said: set[tuple[str, Decimal | None]] = field(default_factory=set)

    async def place(self) -> None:
        """Bring targets that were written down to the venue."""
        new = [one for one in self.log.open("target") if one.id not in self._resting and self._is_held(one)]
        inherited = self.log.memory.inherited
        carried = await together(*(self.courier.carry(one, may_be_sent=one.id in inherited) for one in new))
        # What the venue could not take stays open, and is brought there at the next look.
        moves = [one for one in carried if one is not None]
        self._resting.update(move.id for move in moves if move.state == "acked")
        for intent, move in zip(new, carried, strict=True):
            if move is not None and move.state == "rejected":
                await self._trigger(intent, move.reason)
        if moves:
            self.log.commit(moves=moves)

    async def _trigger(self, intent: Intent, why: str) -> None:
        """Let a target that does not rest be filled at the market when it is touched."""
        self.log.commit(notes=[Note("trade.target_refused", intent.slot, {"why": why})])
        await self.guardian.trigger(self.log.account, self.log.memory.bookings.number(intent))

    async def withdraw(self, instruments: Sequence[str], *, waits_long: bool) -> set[str]:
        """Cancel the targets of positions that are about to be closed; return where one still rests."""
        ours = [one for one in self.log.open("target") if one.instrument in instruments]
        ended = await together(*(self._end(one, waits_long=waits_long) for one in ours))
        return {one.instrument for one, is_over in zip(ours, ended, strict=True) if not is_over}

    async def settle(self) -> None:
        """End the targets whose position is gone; one that cannot be cancelled for long is tried again later."""
        gone = [one for one in self.log.open("target") if not self._is_held(one)]
        await together(*(self._end(one, waits_long=False) for one in gone))

    def left(self) -> dict[str, Intent]:
        """Return by slot the targets that still rest although their position is gone."""
        return {one.slot: one for one in self.log.open("target") if not self._is_held(one)}

    async def seen(self) -> tuple[list[Intent], list[Intent]]:
        """Return the targets that rest no more, filled or cancelled by somebody, and those that rest elsewhere.

        They are beside the grid, or somebody moved them, which is told once. One that was cancelled there counts as
        one of these: who put it where it belongs was killed.
        """
        met, off = [], []
        for intent in self.log.open("target"):
            order = await self._order(intent)
            if order is None:
                continue
            if order.state == "filled":
                met.append(intent)
            elif self._is_off(intent, order):
                off.append(intent)
            elif self._is_moved(intent, order):
                self._tell_moved(intent, order)
                off.append(intent)
            elif order.state == "cancelled":
                met.append(intent)
        return met, off

    async def regrid(self, off: Sequence[Intent]) -> None:
        """Mean targets once more where they belong now; each is to be placed, as the one before it has ended."""
        for intent in off:
            limit = self.limit(intent)
            if limit is None or not self._is_held(intent):
                continue
            # One that the venue does not cancel now rests where it is, and is tried again.
            if await self._end(intent, waits_long=False, is_again=True):
                self._regridded.add((intent.slot, intent.ts_bar, limit))
                # Only then: where a bar breaks this off, it goes on after that.
                if (tries := self._moved.get((intent.slot, intent.ts_bar))) is not None:
                    tries.did()

    async def replace(self, met: Sequence[Intent]) -> None:
        """Give positions that lost their resting target another one."""
        for intent in met:
            bookings = self.log.memory.bookings
            if self._is_held(intent) and not bookings.is_closed(bookings.number(intent)):
                await self._end(intent)
                await self._trigger(intent, "it was cancelled by somebody")

    def _is_held(self, intent: Intent) -> bool:
        return bool(self.log.account.slot(self.log.memory.bookings.number(intent))["side"])

    def _is_off(self, intent: Intent, order: VenueOrder) -> bool:
        """Tell whether a target rests off the grid of now, on which it was not put yet."""
        limit, number = self.limit(intent), self.log.memory.bookings.number(intent)
        if limit is None or order.price is None or limit == order.price:
            return False
        # A venue that tells another price than it was given is not asked for ever.
        is_new = (intent.slot, intent.ts_bar, limit) not in self._regridded
        return is_new and is_off(self.log.account, number, order.price)

    def _is_moved(self, intent: Intent, order: VenueOrder) -> bool:
        """Tell whether a target rests where nobody of us put it, and may be put back now."""
        limit, number, price = self.limit(intent), self.log.memory.bookings.number(intent), order.price
        if limit is None or price is None or intent.target is None or not self._is_held(intent):
            return False
        tick = tick_at(self.log.account.slots[number].versions[-1], limit)
        if (
            is_off(self.log.account, number, price)
            or min(abs(price - limit), abs(price - intent.target)) <= tick
        ):
            return False
        tries = self._moved.get((intent.slot, intent.ts_bar))
        return tries is None or tries.is_due()

    def _tell_moved(self, intent: Intent, order: VenueOrder) -> None:
        """Write down that a target was moved, once a place; it is put back ever later."""
        clock = self.lookout.asker.clock
        self._moved.setdefault((intent.slot, intent.ts_bar), EverLater(clock, _AGAIN_S))
        if (intent.id, order.price) not in self._said:
            self._said.add((intent.id, order.price))
            said = {"target": f"{order.price:f}", "meant": f"{self.limit(intent):f}", "begun": intent.ts_bar}
            self.log.commit(notes=[Note("trade.target_moved", intent.instrument, said)])

    async def _end(self, intent: Intent, *, waits_long: bool = True, is_again: bool = False) -> bool:
        """Cancel what rests and write down what became of it; its fills are booked with its position.

        False where the venue does not cancel it for so long that others need not wait.

        Parameters
        ----------
        is_again : bool
            What is left of it is meant once more, in the same write.
        """
        clock, patience = self.lookout.asker.clock, self.lookout.patience
        deadline = Deadline(clock, patience.exit_s)
        order = await self._order(intent)
        while order is not None and order.state not in ("filled", "cancelled"):
            if not waits_long and deadline.is_over():
                return False
            await self.courier.cancel(intent)
            order = await self.courier.until_ended(intent, most_s=patience.look_s)
        now = clock.wall_now()
        self._resting.discard(intent.id)
        if order is None:
            gone = IntentMove(intent.id, "expired", now, reason="never reached the venue")
            self.log.commit(moves=[gone])
            return True
        bookings = self.log.memory.bookings
        await self.lookout.until(lambda: bookings.heard(intent) >= order.filled)
        state: IntentState = "filled" if order.filled >= intent.qty else "cancelled"
        move = IntentMove(intent.id, state, now, order.order_id, order.filled)
        is_left = is_again and state == "cancelled" and not bookings.is_closed(bookings.number(intent))
        self.log.commit(moves=[move], intents=[self.log.writer.once_more(intent, move)] if is_left else [])
        return True

    async def _order(self, intent: Intent) -> VenueOrder | None:
        ask = self.lookout.venue.order
        return await self.lookout.asker.until_answered(lambda: ask(intent.instrument, intent.id))
