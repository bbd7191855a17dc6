"""The end that a person asks for: entries under way are led to their ends first, what rests of them is cancelled.

Takes the wish to stop; ends when trading may. A position that an entry opens has its stop by then, and is booked.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import ConnectorError, OrderRejected, OutcomeUnknown, TransientError
from vigie.domain.order import Intent, TradeRun
from vigie.engine.live.waiting import Deadline, gather_all, with_timeout
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import TradeBook
from vigie.ports.trading import TradingVenue

_LOOK_S: Final = 0.5
# An entry is filled and has its stop within seconds; who is not gone after half a minute is killed by systemd.
_LED_S: Final = 10.0
_CANCELLED_S: Final = 10.0
_FAULTS: Final = (ConnectorError, OrderRejected, OutcomeUnknown, TransientError)


@dataclass(frozen=True, slots=True)
class GracefulStop:
    """Waits for the wish to stop, and for what is under way then.

    Attributes
    ----------
    venue : TradingVenue or None
        None on paper, where nothing rests that somebody else could fill.
    """

    trades: TradeBook
    run: TradeRun
    venue: TradingVenue | None
    clock: PatientClock

    async def wait(self, stop: asyncio.Event) -> None:
        """End when trading may; whoever trades goes on meanwhile."""
        await stop.wait()
        if self.venue is None or not await self._remaining_entries(_LED_S):
            return
        deadline, requested = Deadline(self.clock, _CANCELLED_S), set[str]()
        while (remaining := self._open_entries()) and not deadline.is_over():
            # Those that the next bar brings meanwhile, too. What is not cancelled now is by the process that goes on.
            new = [intent for intent in remaining if intent.id not in requested]
            requested |= {intent.id for intent in new}
            with suppress(TransientError):
                await with_timeout(
                    self.clock, deadline.left_s(), gather_all(*(self._cancel(intent) for intent in new))
                )
            await self.clock.pause(_LOOK_S)

    async def _cancel(self, intent: Intent) -> None:
        """Cancel what rests of an entry; one that cannot be keeps no other from it."""
        with suppress(*_FAULTS):
            assert self.venue is not None
            await self.venue.cancel(intent.instrument, intent.id)

    async def _remaining_entries(self, seconds: float) -> list[Intent]:
        """Return the entries that are still under way after so long, or none as soon as there are none."""
        deadline = Deadline(self.clock, seconds)
        while (remaining := self._open_entries()) and not deadline.is_over():
            await self.clock.pause(_LOOK_S)
        return remaining

    def _open_entries(self) -> list[Intent]:
        items = self.trades.intents(self.run.id, open_only=True)
        return [item.intent for item in items if item.intent.leg == "entry"]
