"""Everything closed at once, whoever was trading before: taken over, closed at the venue, told to the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from vigie.data.live_feed import FeedTimeouts, MarketStores, StoredFeed
from vigie.domain import codes
from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
    UsageError,
)
from vigie.domain.order import Fill, FundingPayment, Intent, IntentMove, IntentState, Lease, VenuePosition
from vigie.engine.live.book.account_memory import AccountMemory, restore_memory
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.book.intent_writer import IntentWriter
from vigie.engine.live.book.orders import OrderSender, OrderTimeouts, SendChecks
from vigie.engine.live.book.unwritten_intents import recover_unwritten
from vigie.engine.live.fold import steps
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.waiting import Deadline, RetryingCaller, gather_all
from vigie.ports.feed import MarketInstant
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.ports.trading import TradingVenue
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process.trading import LEASE_S, Say, TradeJob

LOOKS: Final = 60
STRANGE: Final = "the log did not know of"


async def flatten(job: TradeJob, say: Say) -> int:
    """Close every position of an account and return how many were closed.

    The lease of the job was taken by force: whoever traded the account before cannot any more. What it sent before
    may still arrive: its open entries are seen to their end, and what they opened is closed as well. Killed half-way,
    the same again goes on; what was meant is written down before it is sent.

    Raises
    ------
    UsageError
        If a position is still there afterwards, or nobody can say whether one still comes.
    """
    flattening = await _Flattening.create(job, say)
    closed = await flattening.close_known()
    for intent in closed:
        say(f"closed {intent.instrument}")
    closed_names = await flattening.close_unknown()
    entries = flattening.open_entries()
    if entries:
        say("waiting until no order that is under way can arrive any more")
        unread = await flattening.end_entries(entries)
        closed_names += await flattening.close_unknown()
        check_ended(unread)
    for name in closed_names:
        by_entry = name in flattening.flatten_intents
        say(f"closed {name}, which {'an entry opened that was not booked yet' if by_entry else STRANGE}")
    return len(closed) + len(closed_names)


def check_ended(unread: Mapping[str, str]) -> None:
    """Refuse to call an account flat whose entries may still arrive.

    Parameters
    ----------
    unread : mapping of str to str
        By instrument, why an entry could not be read.

    Raises
    ------
    UsageError
        If there is one.
    """
    if unread:
        problems = "; ".join(f"{name} ({why})" for name, why in sorted(unread.items()))
        raise UsageError(
            "cannot_tell_whether_entry_still",
            "cannot tell whether an entry is still pending for {problems}; run this again",
            problems=problems,
        )


def _intent_note(intent: Intent) -> AuditNote:
    return AuditNote("trade.intent", intent.id, {"slot": intent.slot, "leg": intent.leg})


class _Flattening:
    def __init__(
        self,
        job: TradeJob,
        venue: TradingVenue,
        memory: AccountMemory,
        instant: MarketInstant | None,
        say: Say,
    ) -> None:
        self._job = job
        self._venue = venue
        self._memory = memory
        self._instant = instant
        self._lease = job.lease
        self._patience = OrderTimeouts()
        self._new_fills: list[Fill] = []
        self._absence_deadlines: dict[str, Deadline] = {}
        self.flatten_intents: dict[str, Intent] = {}
        asker = RetryingCaller(
            job.clock, self._patience.look_s, lambda why: say(f"the venue does not answer: {why}")
        )
        counsel = SendChecks(self._confirm_lease, lambda: False, self._is_closed)
        self._order_sender = OrderSender(venue, asker, counsel, asyncio.Event(), self._patience)

    @classmethod
    async def create(cls, job: TradeJob, say: Say) -> _Flattening:
        slots, book = job.plan.live_slots(), job.stores.trades
        fold = load_event_log(job.stores.results, job.stores.trades, job.run).replay
        if job.venue is not None:
            memory = restore_memory(job.run, slots, job.plan.protections, book, fold)
            return cls(job, job.venue, memory, None, say)
        stores = MarketStores(job.stores.data.bars, job.stores.quotes, job.stores.facts)
        present = StoredFeed(
            job.plan.series, job.clock.market_now(), stores, job.clock, FeedTimeouts(wait_s=0.0)
        )
        paper = PaperVenue(job.run, slots, present, book, job.clock, fold)
        memory = restore_memory(job.run, slots, job.plan.protections, book, fold)
        # Instant 1 of a feed that begins now: present prices, and no bar that could act on what is held.
        return cls(job, paper, memory, await paper.after(0), say)

    async def close_known(self) -> list[Intent]:
        """Close what the log knows of."""
        await self._cancel_targets()
        account = self._memory.account
        if account is None:
            return []
        ts = self._job.clock.market_now()
        writer = IntentWriter(self._job.run, self._job.clock, 0.0)
        open_numbers = [k for k, _ in enumerate(account.slots) if account.slot(k)["side"] != 0]
        under_way = [intent for intent in self._memory.open.values() if intent.leg == "exit"]
        waiting_slots = {intent.slot for intent in under_way}
        new_exits = [
            writer.exit_intent(account, k, ts, codes.PROTECTION)
            for k in open_numbers
            if str(account.slots[k].id) not in waiting_slots
        ]
        self._commit(TradeChange(intents=tuple(new_exits), notes=tuple(map(_intent_note, new_exits))))
        self._memory.intents.update({intent.id: intent for intent in new_exits})
        intents = [*under_way, *new_exits]
        inherited = {intent.id for intent in under_way}
        moves = await gather_all(
            *(self._order_sender.send(intent, may_be_sent=intent.id in inherited) for intent in intents)
        )
        if isinstance(self._venue, PaperVenue) and self._instant is not None:
            await self._venue.exits_placed(self._instant)
        # What the venue does not take as an order is closed with whatever else is held there.
        sent = [(intent, move) for intent, move in zip(intents, moves, strict=True) if move is not None]
        await self._book_exits(sent, ts)
        return [intent for intent, _ in sent]

    async def _cancel_targets(self) -> None:
        """Cancel the targets that rest: nobody would know them any more; whoever trades next notes their ends."""
        if not isinstance(self._venue, PaperVenue):
            targets = [intent for intent in self._memory.open.values() if intent.leg == "target"]
            await gather_all(*(self._order_sender.cancel(intent) for intent in targets))

    async def close_unknown(self) -> list[str]:
        """Close what is held at the venue although the log does not know of it; one that fails keeps no other open."""
        own_instruments = {item.slot.instrument for item in self._job.plan.slots}
        closed: list[str] = []
        for _ in range(LOOKS):
            open_positions = [
                item
                for item in await self._positions()
                if item.instrument in own_instruments and item.qty > 0
            ]
            if not open_positions:
                self._record_closed()
                return closed
            refused: dict[str, str] = {}
            for item in open_positions:
                self._record_intent(item)
                seen_ts = await self._confirm_lease()
                try:
                    await self._venue.flash_close(item.instrument, seen_ts)
                except AuthError:
                    raise
                except (OutcomeUnknown, TransientError):
                    continue  # what became of it is seen at the next look
                except (ConnectorError, OrderRejected) as fault:
                    refused[item.instrument] = f" ({fault})"
                    continue
                closed += [item.instrument] if item.instrument not in closed else []
            await self._job.clock.pause(self._patience.look_s)
        still_open = ", ".join(
            f"{item.instrument}{refused.get(item.instrument, '')}" for item in open_positions
        )
        raise UsageError(
            "still_open_venue",
            "still open at the venue: {still_open}; close it there, then run this again",
            still_open=still_open,
        )

    def _record_intent(self, position: VenuePosition) -> None:
        """Write down that what an entry opened that is not booked yet is closed by us, before it is."""
        name, memory = position.instrument, self._memory
        cause = next((intent for intent in self.open_entries() if intent.instrument == name), None)
        if cause is None or name in self.flatten_intents:
            return
        # Of somebody who was killed here.
        before = [
            intent for intent in memory.open.values() if intent.leg == "flatten" and intent.instrument == name
        ]
        if before:
            self.flatten_intents[name] = before[0]
            return
        writer, attempt = IntentWriter(self._job.run, self._job.clock, 0.0), 1
        while (
            flatten_intent := writer.flatten_intent(cause, position.qty, "flatten", attempt)
        ).id in memory.intents:
            attempt += 1
        self._commit(TradeChange(intents=(flatten_intent,), notes=(_intent_note(flatten_intent),)))
        memory.intents[flatten_intent.id] = self.flatten_intents[name] = flatten_intent

    def _record_closed(self) -> None:
        """Write down that nothing is left of what was closed so."""
        now = self._job.clock.wall_now()
        moves = tuple(
            IntentMove(intent.id, "filled", now, "", intent.qty) for intent in self.flatten_intents.values()
        )
        if moves:
            self._commit(TradeChange(moves=moves))

    def open_entries(self) -> list[Intent]:
        """Return the entries that may still reach the venue: paper's wait in the process that is gone."""
        if isinstance(self._venue, PaperVenue):
            return []
        return [intent for intent in self._memory.open.values() if intent.leg == "entry"]

    async def end_entries(self, entries: Sequence[Intent]) -> dict[str, str]:
        """See entries to their end; return by instrument why one could not be read.

        What they became is booked by whoever trades the account next.
        """
        keeping = asyncio.ensure_future(self._keep_lease())
        try:
            whys = await gather_all(*map(self._end_entry, entries))
        finally:
            keeping.cancel()
        return {intent.instrument: why for intent, why in zip(entries, whys, strict=True) if why}

    async def _end_entry(self, intent: Intent) -> str:
        try:
            move = await self._order_sender.send(intent, may_be_sent=True)
            if move is not None and move.state == "acked":
                await self._order_sender.cancel(intent)
                await self._order_sender.until_ended(intent)
        except AuthError:
            raise
        except ConnectorError as fault:
            return str(fault)
        return ""

    async def _keep_lease(self) -> None:
        """Keep the lease while is waited: nobody may begin to trade meanwhile."""
        while True:
            await self._job.clock.pause(LEASE_S / 3)
            await self._confirm_lease()

    async def _book_exits(self, sent: Sequence[tuple[Intent, IntentMove]], ts: int) -> None:
        """Wait for the ends of orders and their fills, and write both down together."""
        bookings = self._memory.bookings
        ended = []
        for intent, move in sent:
            if move.state != "acked":
                ended.append(move)
                continue
            order = await self._order_sender.until_ended(intent)
            if order is None:
                ended.append(replace(move, state="expired", reason="the venue took it and denies it since"))
                continue
            state: IntentState = "filled" if order.filled >= intent.qty else "cancelled"
            ended.append(replace(move, state=state, filled=order.filled))
        new, leaves = await self._fills(bookings, count=sum(item.filled > 0 for item in ended))
        number = max(self._memory.done_steps.values(), default=1)
        leaves = [
            replace(item, reason=codes.PROTECTION) if item.reason == codes.END_OF_DATA else item
            for item in leaves
        ]
        # What was settled since the last instant belongs to the positions that end here.
        fundings = await self._fundings()
        payments = tuple(bookings.payments(fundings))
        closed = steps.BarsClosed(number, ts, (), payments, tuple(leaves))
        new_steps = (steps.encode_step(closed),) if leaves or payments else ()
        memory, now = self._memory, self._job.clock.wall_now()
        late_intents, late_moves = recover_unwritten(memory.unwritten, bookings, new, now)
        moves, notes = (*ended, *late_moves), tuple(map(_intent_note, late_intents))
        self._commit(TradeChange(new_steps, late_intents, moves, tuple(new), fundings, notes=notes))
        memory.intents.update({item.id: item for item in late_intents})

    async def _fills(self, bookings: Bookings, *, count: int) -> tuple[list[Fill], list[steps.PositionExit]]:
        leaves: list[steps.PositionExit] = []
        for _ in range(LOOKS):
            with suppress(TransientError):
                await self._read_fills()
            leaves += bookings.take_exits()
            if len(leaves) >= count:
                break
            await self._job.clock.pause(self._patience.look_s)
        return self._new_fills, leaves

    async def _read_fills(self) -> None:
        new_fills = self._memory.fills.new(await self._venue.fills(self._memory.fills.since))
        self._memory.bookings.take(new_fills, self._memory.intents)
        self._new_fills += new_fills

    async def _is_closed(self, intent: Intent) -> bool:
        """Whether fills say so, or the venue has denied the position for some seconds."""
        with suppress(TransientError):
            await self._read_fills()
        bookings = self._memory.bookings
        denied = self._absence_deadlines.setdefault(
            intent.id, Deadline(self._job.clock, self._patience.absent_s)
        )
        return bookings.is_closed(bookings.number(intent)) or denied.is_over()

    async def _fundings(self) -> tuple[FundingPayment, ...]:
        cursor = self._memory.fundings
        for _ in range(LOOKS):
            try:
                return cursor.new(await self._venue.fundings(cursor.since))
            except TransientError:
                await self._job.clock.pause(self._patience.look_s)
        return ()  # booked by whoever trades the account next

    async def _positions(self) -> Sequence[VenuePosition]:
        for _ in range(LOOKS):
            try:
                return await self._venue.positions()
            except TransientError:
                await self._job.clock.pause(self._patience.look_s)
        return await self._venue.positions()

    async def _confirm_lease(self) -> int:
        now = self._job.clock.wall_now()
        self._lease = self._extend_lease()
        return now

    def _extend_lease(self) -> Lease:
        return self._job.stores.trades.keep(self._lease, for_s=LEASE_S)

    def _commit(self, change: TradeChange) -> None:
        self._lease = self._extend_lease()
        self._job.stores.trades.commit(self._lease, change)
