"""Everything closed at a venue while nothing can be written: the log is only read, and learns of it later.

What goes out can only make a position smaller. Its ids follow from the log, so that whoever trades the account next
knows the fills as ours. No entry can be sent meanwhile by anybody: an entry is written first.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
    UsageError,
)
from vigie.domain.order import Intent, VenuePosition
from vigie.domain.refusal import Refusal
from vigie.engine.live.book.account_memory import AccountMemory, restore_memory
from vigie.engine.live.book.orders import OrderSender, OrderTimeouts, SendChecks
from vigie.engine.live.stops.emergency_closer import EmergencyCloser
from vigie.engine.live.waiting import RetryingCaller, gather_all
from vigie.ports.clock import PatientClock
from vigie.ports.trading import TradingVenue
from vigie.services.trading.flattening.flattening import LOOKS, check_ended
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process.trading import Say, TradeJob

_PAPER: Final = (
    "account {} trades on paper: it holds nothing at a venue, and nothing can be written; make room, then run "
    "this again"
)


async def flatten_unwritten(job: TradeJob, say: Say) -> int:
    """Close every position of an account at its venue, writing nothing; return how many were closed.

    The lease of the job is not looked at. Killed half-way, the same again goes on.

    Raises
    ------
    UsageError
        If the account trades on paper, a position is still there afterwards, or nobody can say whether one still comes.
    """
    if job.venue is None:
        raise UsageError(_PAPER.format(job.run.account))
    fold = load_event_log(job.stores.results, job.stores.trades, job.run).replay
    memory = restore_memory(job.run, job.plan.live_slots(), job.plan.protections, job.stores.trades, fold)
    ours = frozenset(plan_slot.slot.instrument for plan_slot in job.plan.slots)
    return await _Closing(job, job.venue, memory, ours, say).run()


@dataclass(slots=True)
class _Closing:
    """Closes what one account holds.

    Attributes
    ----------
    ours : frozenset of str
        Instruments of the account's slots.
    closed : dict of str to None
        Instruments that were closed, in their order.
    refused : dict of str to str
        By instrument, why the venue did not close it at the last look.
    """

    job: TradeJob
    venue: TradingVenue
    memory: AccountMemory
    ours: frozenset[str]
    say: Say
    patience: OrderTimeouts = field(default_factory=OrderTimeouts)
    closed: dict[str, None] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> PatientClock:
        return self.job.clock

    async def run(self) -> int:
        order_sender = self._order_sender()
        entries, targets = self._under_way("entry"), self._under_way("target")
        # A target that rests would be nobody's any more.
        await gather_all(*(order_sender.cancel(intent) for intent in targets))
        await self._close_positions()
        if entries:
            self.say("waiting until no order that is under way can arrive any more")
            whys = await gather_all(*(self._end_entry(order_sender, intent) for intent in entries))
            await self._close_positions()
            check_ended({intent.instrument: why for intent, why in zip(entries, whys, strict=True) if why})
        for name in self.closed:
            self.say(f"closed {name}")
        return len(self.closed)

    def _under_way(self, leg: str) -> list[Intent]:
        return [intent for intent in self.memory.open.values() if intent.leg == leg]

    def _order_sender(self) -> OrderSender:
        counsel = SendChecks(self._now, lambda: False, self._is_closed)
        asker = RetryingCaller(
            self.clock, self.patience.look_s, lambda why: self.say(f"the venue does not answer: {why}")
        )
        return OrderSender(self.venue, asker, counsel, asyncio.Event(), self.patience)

    async def _now(self) -> int:
        return self.clock.wall_now()

    async def _is_closed(self, _intent: Intent) -> bool:
        # Nothing but cancelling and reading back goes through this order sender.
        return False

    async def _end_entry(self, order_sender: OrderSender, entry: Intent) -> str:
        """See an entry to its end, and cancel what rests of it; return why it could not be read."""
        try:
            move = await order_sender.send(entry, may_be_sent=True)
            if move is not None and move.state == "acked":
                await order_sender.cancel(entry)
                await order_sender.until_ended(entry)
        except AuthError:
            raise
        except ConnectorError as fault:
            return str(fault)
        return ""

    async def _close_positions(self) -> None:
        """Close what is held, look by look; one that fails keeps no other open."""
        positions: list[VenuePosition] = []
        for _ in range(LOOKS):
            try:
                reported = await self.venue.positions()
            except TransientError:
                await self.clock.pause(self.patience.look_s)
                continue
            positions = [
                position for position in reported if position.instrument in self.ours and position.qty > 0
            ]
            if not positions:
                return
            self.refused.clear()
            await gather_all(*(self._close_position(position.instrument) for position in positions))
            await self.clock.pause(self.patience.look_s)
        still_open = ", ".join(
            f"{position.instrument}{self.refused.get(position.instrument, '')}" for position in positions
        )
        raise UsageError(
            "still_open_venue",
            "still open at the venue: {still_open}; close it there, then run this again",
            still_open=still_open or Refusal("not_known", "unknown"),
        )

    async def _close_position(self, instrument: str) -> None:
        closing = EmergencyCloser(self.venue, self.job.run, self.memory)
        try:
            await closing.close(instrument, self.clock.wall_now())
        except AuthError:
            raise
        except (OutcomeUnknown, TransientError):
            return  # what became of it is seen at the next look
        except (ConnectorError, OrderRejected) as fault:
            self.refused[instrument] = f" ({fault})"
            return
        self.closed[instrument] = None
