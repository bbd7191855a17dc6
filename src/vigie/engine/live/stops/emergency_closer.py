"""Positions closed at the venue while nothing can be written: sent once under an id that anybody derives again."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.errors import OrderRejected, TransientError
from vigie.domain.order import Intent, TradeRun, VenuePosition
from vigie.engine.live.book.account_memory import AccountMemory
from vigie.engine.live.book.unwritten_intents import MOST_ATTEMPTS, closing_intent, opening_intents
from vigie.ports.trading import NewOrder, TradingVenue


@dataclass(frozen=True, slots=True)
class EmergencyCloser:
    """Closes positions at a venue while nothing can be written."""

    venue: TradingVenue
    run: TradeRun
    memory: AccountMemory

    async def close(self, instrument: str, ts: int) -> None:
        """Send what closes a position; whether that is gone is seen at the next look.

        An id that the venue knows is not sent again: a process before this one may have sent it.

        Raises
        ------
        TransientError
            If the venue does not tell what is held, or what became of an earlier order.
        """
        position = await self._position(instrument)
        if position is None:
            return
        cause = self._opening_intent(position)
        if cause is not None and await self._place_closing(cause, position, ts):
            return
        await self.venue.flash_close(instrument, ts)

    async def close_now(self, instrument: str, ts: int) -> None:
        """Close a position also where the venue tells nothing: a position without a stop does not wait."""
        try:
            await self.close(instrument, ts)
        except TransientError:
            await self.venue.flash_close(instrument, ts)

    async def _position(self, instrument: str) -> VenuePosition | None:
        positions = await self.venue.positions()
        return next(
            (position for position in positions if position.instrument == instrument and position.qty > 0),
            None,
        )

    def _opening_intent(self, position: VenuePosition) -> Intent | None:
        """Return what opened a position; None where the log knows of none in that direction."""
        memory = self.memory
        intents = opening_intents(self.run, memory.account, memory.open.values())
        matching = (intent for intent in intents if intent.instrument == position.instrument)
        return next((intent for intent in matching if closing_intent(intent, 1).side == -position.side), None)

    async def _place_closing(self, cause: Intent, position: VenuePosition, ts: int) -> bool:
        """Place the first closing that the venue does not know; False where it takes none, or does not fill one."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            closing_order = closing_intent(cause, attempt)
            known_order = await self.venue.order(closing_order.instrument, closing_order.id)
            if known_order is not None and known_order.state in ("filled", "cancelled"):
                continue
            if known_order is not None:
                # A market order that still waits at the next look is not waited for.
                return False
            order = NewOrder(
                closing_order.instrument,
                closing_order.id,
                closing_order.side,
                position.qty,
                is_reduce_only=True,
                ts=ts,
            )
            try:
                await self.venue.place(order)
            except OrderRejected:
                return False
            return True
        return False
