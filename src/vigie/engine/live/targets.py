"""Limit targets: an order of their own that rests beside the stop; of the two the survivor is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from vigie.domain.order import Intent, IntentMove, IntentState, VenueOrder
from vigie.engine.live.backoff import Backoff
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.book.orders import OrderSender
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.stops.level_grid import is_off_grid, tick_at
from vigie.engine.live.stops.stop_guard import StopGuard
from vigie.engine.live.waiting import Deadline, gather_all
from vigie.ports.tradebook import AuditNote

# Between the first two times that one is put back; it is looked at more often.
_AGAIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class TargetOrders:
    """The resting targets of an account's positions.

    Attributes
    ----------
    target_limit : callable
        Gives the price at which the order of a target is taken now.
    """

    log: Logbook
    reconciler: Reconciler
    sender: OrderSender
    stop_guard: StopGuard
    target_limit: Callable[[Intent], Decimal | None]
    _resting: set[str] = field(default_factory=set)
    _regridded_orders: set[tuple[str, int, Decimal]] = field(default_factory=set)
    _backoffs: dict[tuple[str, int], Backoff] = field(default_factory=dict)
    _reported: set[tuple[str, Decimal | None]] = field(default_factory=set)

    async def place_new(self) -> None:
        """Bring targets that were written down to the venue."""
        new_targets = [
            item
            for item in self.log.open_intents("target")
            if item.id not in self._resting and self._is_held(item)
        ]
        inherited = self.log.memory.inherited
        sent = await gather_all(
            *(self.sender.send(item, may_be_sent=item.id in inherited) for item in new_targets)
        )
        # What the venue could not take stays open, and is brought there at the next look.
        moves = [item for item in sent if item is not None]
        self._resting.update(move.id for move in moves if move.state == "acked")
        for intent, move in zip(new_targets, sent, strict=True):
            if move is not None and move.state == "rejected":
                await self._put_trigger(intent, move.reason)
        if moves:
            self.log.commit(moves=moves)

    async def _put_trigger(self, intent: Intent, why: str) -> None:
        """Let a target that does not rest be filled at the market when it is touched."""
        self.log.commit(notes=[AuditNote("trade.target_refused", intent.slot, {"why": why})])
        await self.stop_guard.put_triggers(self.log.account, self.log.memory.bookings.number(intent))

    async def cancel_for(self, instruments: Sequence[str], *, waits_long: bool) -> set[str]:
        """Cancel the targets of positions that are about to be closed; return where one still rests."""
        targets = [intent for intent in self.log.open_intents("target") if intent.instrument in instruments]
        ended = await gather_all(*(self._end_order(intent, waits_long=waits_long) for intent in targets))
        return {intent.instrument for intent, is_over in zip(targets, ended, strict=True) if not is_over}

    async def cancel_orphaned(self) -> None:
        """End the targets whose position is gone; one that cannot be cancelled for long is tried again later."""
        orphaned = [intent for intent in self.log.open_intents("target") if not self._is_held(intent)]
        await gather_all(*(self._end_order(intent, waits_long=False) for intent in orphaned))

    def orphaned(self) -> dict[str, Intent]:
        """Return by slot the targets that still rest although their position is gone."""
        return {
            intent.slot: intent for intent in self.log.open_intents("target") if not self._is_held(intent)
        }

    async def check_orders(self) -> tuple[list[Intent], list[Intent]]:
        """Return the targets that rest no more, filled or cancelled by somebody, and those that rest elsewhere.

        They are beside the grid, or somebody moved them, which is told once. One that was cancelled there counts as
        one of these: who put it where it belongs was killed.
        """
        ended, misplaced = [], []
        for intent in self.log.open_intents("target"):
            order = await self._read_order(intent)
            if order is None:
                continue
            if order.state == "filled":
                ended.append(intent)
            elif self._is_off(intent, order):
                misplaced.append(intent)
            elif self._is_moved(intent, order):
                self._report_moved(intent, order)
                misplaced.append(intent)
            elif order.state == "cancelled":
                ended.append(intent)
        return ended, misplaced

    async def regrid_orders(self, misplaced: Sequence[Intent]) -> None:
        """Mean targets once more where they belong now; each is to be placed, as the one before it has ended."""
        for intent in misplaced:
            limit = self.target_limit(intent)
            if limit is None or not self._is_held(intent):
                continue
            # One that the venue does not cancel now rests where it is, and is tried again.
            if await self._end_order(intent, waits_long=False, is_repeated=True):
                self._regridded_orders.add((intent.slot, intent.ts_bar, limit))
                # Only then: where a bar breaks this off, it goes on after that.
                if (backoff := self._backoffs.get((intent.slot, intent.ts_bar))) is not None:
                    backoff.record_try()

    async def replace_lost(self, ended: Sequence[Intent]) -> None:
        """Give positions that lost their resting target another one."""
        for intent in ended:
            bookings = self.log.memory.bookings
            if self._is_held(intent) and not bookings.is_closed(bookings.number(intent)):
                await self._end_order(intent)
                await self._put_trigger(intent, "it was cancelled by somebody")

    def _is_held(self, intent: Intent) -> bool:
        return bool(self.log.account.slot(self.log.memory.bookings.number(intent))["side"])

    def _is_off(self, intent: Intent, order: VenueOrder) -> bool:
        """Tell whether a target rests off the grid of now, on which it was not put yet."""
        limit, number = self.target_limit(intent), self.log.memory.bookings.number(intent)
        if limit is None or order.price is None or limit == order.price:
            return False
        # A venue that tells another price than it was given is not asked for ever.
        is_new = (intent.slot, intent.ts_bar, limit) not in self._regridded_orders
        return is_new and is_off_grid(self.log.account, number, order.price)

    def _is_moved(self, intent: Intent, order: VenueOrder) -> bool:
        """Tell whether a target rests where nobody of us put it, and may be put back now."""
        limit, number, price = self.target_limit(intent), self.log.memory.bookings.number(intent), order.price
        if limit is None or price is None or intent.target is None or not self._is_held(intent):
            return False
        tick = tick_at(self.log.account.slots[number].versions[-1], limit)
        if (
            is_off_grid(self.log.account, number, price)
            or min(abs(price - limit), abs(price - intent.target)) <= tick
        ):
            return False
        backoff = self._backoffs.get((intent.slot, intent.ts_bar))
        return backoff is None or backoff.is_due()

    def _report_moved(self, intent: Intent, order: VenueOrder) -> None:
        """Write down that a target was moved, once a place; it is put back ever later."""
        clock = self.reconciler.caller.clock
        self._backoffs.setdefault((intent.slot, intent.ts_bar), Backoff(clock, _AGAIN_S))
        if (intent.id, order.price) not in self._reported:
            self._reported.add((intent.id, order.price))
            details = {
                "target": f"{order.price:f}",
                "meant": f"{self.target_limit(intent):f}",
                "begun": intent.ts_bar,
            }
            self.log.commit(notes=[AuditNote("trade.target_moved", intent.instrument, details)])

    async def _end_order(self, intent: Intent, *, waits_long: bool = True, is_repeated: bool = False) -> bool:
        """Cancel what rests and write down what became of it; its fills are booked with its position.

        False where the venue does not cancel it for so long that others need not wait.

        Parameters
        ----------
        is_repeated : bool
            What is left of it is meant once more, in the same write.
        """
        clock, timeouts = self.reconciler.caller.clock, self.reconciler.timeouts
        deadline = Deadline(clock, timeouts.exit_s)
        order = await self._read_order(intent)
        while order is not None and order.state not in ("filled", "cancelled"):
            if not waits_long and deadline.is_over():
                return False
            await self.sender.cancel(intent)
            order = await self.sender.until_ended(intent, most_s=timeouts.look_s)
        now = clock.wall_now()
        self._resting.discard(intent.id)
        if order is None:
            expired = IntentMove(intent.id, "expired", now, reason="never reached the venue")
            self.log.commit(moves=[expired])
            return True
        bookings = self.log.memory.bookings
        await self.reconciler.wait_for_fills(lambda: bookings.total_filled(intent) >= order.filled)
        state: IntentState = "filled" if order.filled >= intent.qty else "cancelled"
        move = IntentMove(intent.id, state, now, order.order_id, order.filled)
        is_unfilled = is_repeated and state == "cancelled" and not bookings.is_closed(bookings.number(intent))
        self.log.commit(
            moves=[move], intents=[self.log.writer.retry_intent(intent, move)] if is_unfilled else []
        )
        return True

    async def _read_order(self, intent: Intent) -> VenueOrder | None:
        read_order = self.reconciler.venue.order
        return await self.reconciler.caller.until_answered(lambda: read_order(intent.instrument, intent.id))
