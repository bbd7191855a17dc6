"""Positions closed at the venue while nothing can be written: sent once under an id that anybody derives again."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.errors import OrderRejected, TransientError
from vigie.domain.order import Intent, TradeRun, VenuePosition
from vigie.engine.live.memory import Memory
from vigie.engine.live.unwritten import MOST_ATTEMPTS, causes, closing
from vigie.ports.trading import NewOrder, TradingVenue


@dataclass(frozen=True, slots=True)
class UnwrittenClosing:
    """Closes positions at a venue while nothing can be written."""

    venue: TradingVenue
    run: TradeRun
    memory: Memory

    async def close(self, instrument: str, ts: int) -> None:
        """Send what closes a position; whether that is gone is seen at the next look.

        An id that the venue knows is not sent again: a process before this one may have sent it.

        Raises
        ------
        TransientError
            If the venue does not tell what is held, or what became of an earlier order.
        """
        held = await self._held(instrument)
        if held is None:
            return
        cause = self._cause(held)
        if cause is not None and await self._is_ordered(cause, held, ts):
            return
        await self.venue.flash_close(instrument, ts)

    async def close_now(self, instrument: str, ts: int) -> None:
        """Close a position also where the venue tells nothing: a position without a stop does not wait."""
        try:
            await self.close(instrument, ts)
        except TransientError:
            await self.venue.flash_close(instrument, ts)

    async def _held(self, instrument: str) -> VenuePosition | None:
        told = await self.venue.positions()
        return next((one for one in told if one.instrument == instrument and one.qty > 0), None)

    def _cause(self, held: VenuePosition) -> Intent | None:
        """Return what opened a position; None where the log knows of none in that direction."""
        memory = self.memory
        known = causes(self.run, memory.account, memory.open.values())
        found = (one for one in known if one.instrument == held.instrument)
        return next((one for one in found if closing(one, 1).side == -held.side), None)

    async def _is_ordered(self, cause: Intent, held: VenuePosition, ts: int) -> bool:
        """Place the first closing that the venue does not know; False where it takes none, or does not fill one."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            made = closing(cause, attempt)
            there = await self.venue.order(made.instrument, made.id)
            if there is not None and there.state in ("filled", "cancelled"):
                continue
            if there is not None:
                # A market order that still waits at the next look is not waited for.
                return False
            order = NewOrder(made.instrument, made.id, made.side, held.qty, is_reduce_only=True, ts=ts)
            try:
                await self.venue.place(order)
            except OrderRejected:
                return False
            return True
        return False
