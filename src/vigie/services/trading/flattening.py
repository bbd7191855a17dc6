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
from vigie.engine.live import steps
from vigie.engine.live.account_memory import AccountMemory, restore_memory
from vigie.engine.live.booking import Bookings
from vigie.engine.live.intent_writer import IntentWriter
from vigie.engine.live.orders import OrderSender, OrderTimeouts, SendChecks
from vigie.engine.live.paper_venue import PaperVenue
from vigie.engine.live.unwritten_intents import recover_unwritten
from vigie.engine.live.waiting import Deadline, RetryingCaller, gather_all
from vigie.ports.feed import MarketInstant
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.ports.trading import TradingVenue
from vigie.services.trading.kept_folds import folded
from vigie.services.trading.trading import LEASE_S, Say, TradeJob

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
    flattening = await _Flattening.begun(job, say)
    closed = await flattening.close_ours()
    for one in closed:
        say(f"closed {one.instrument}")
    left = await flattening.close_rest()
    entries = flattening.under_way()
    if entries:
        say("waiting until no order that is under way can arrive any more")
        lost = await flattening.end_entries(entries)
        left += await flattening.close_rest()
        check_ended(lost)
    for name in left:
        by_entry = name in flattening.meant
        say(f"closed {name}, which {'an entry opened that was not booked yet' if by_entry else STRANGE}")
    return len(closed) + len(left)


def check_ended(lost: Mapping[str, str]) -> None:
    """Refuse to call an account flat whose entries may still arrive.

    Parameters
    ----------
    lost : mapping of str to str
        By instrument, why an entry could not be read.

    Raises
    ------
    UsageError
        If there is one.
    """
    if lost:
        told = "; ".join(f"{name} ({why})" for name, why in sorted(lost.items()))
        raise UsageError(f"whether an entry still arrives cannot be read for {told}; run this again")


def _note(intent: Intent) -> AuditNote:
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
        self._seen: list[Fill] = []
        self._denied: dict[str, Deadline] = {}
        self.meant: dict[str, Intent] = {}
        asker = RetryingCaller(
            job.clock, self._patience.look_s, lambda why: say(f"the venue does not answer: {why}")
        )
        counsel = SendChecks(self._guard, lambda: False, self._is_closed)
        self._courier = OrderSender(venue, asker, counsel, asyncio.Event(), self._patience)

    @classmethod
    async def begun(cls, job: TradeJob, say: Say) -> _Flattening:
        slots, book = job.plan.live_slots(), job.house.trades
        fold = folded(job.house, job.run).fold
        if job.venue is not None:
            memory = restore_memory(job.run, slots, job.plan.protections, book, fold)
            return cls(job, job.venue, memory, None, say)
        stores = MarketStores(job.house.data.bars, job.house.quotes, job.house.facts)
        present = StoredFeed(
            job.plan.series, job.clock.market_now(), stores, job.clock, FeedTimeouts(wait_s=0.0)
        )
        paper = PaperVenue(job.run, slots, present, book, job.clock, fold)
        memory = restore_memory(job.run, slots, job.plan.protections, book, fold)
        # Instant 1 of a feed that begins now: present prices, and no bar that could act on what is held.
        return cls(job, paper, memory, await paper.after(0), say)

    async def close_ours(self) -> list[Intent]:
        """Close what the log knows of."""
        await self._withdraw()
        account = self._memory.account
        if account is None:
            return []
        ts = self._job.clock.market_now()
        writer = IntentWriter(self._job.run, self._job.clock, 0.0)
        held = [k for k, _ in enumerate(account.slots) if account.slot(k)["side"] != 0]
        under_way = [one for one in self._memory.open.values() if one.leg == "exit"]
        waiting = {one.slot for one in under_way}
        wanted = [
            writer.exit_intent(account, k, ts, codes.PROTECTION)
            for k in held
            if str(account.slots[k].id) not in waiting
        ]
        self._commit(TradeChange(intents=tuple(wanted), notes=tuple(map(_note, wanted))))
        self._memory.intents.update({one.id: one for one in wanted})
        intents = [*under_way, *wanted]
        inherited = {one.id for one in under_way}
        carried = await gather_all(
            *(self._courier.send(one, may_be_sent=one.id in inherited) for one in intents)
        )
        if isinstance(self._venue, PaperVenue) and self._instant is not None:
            await self._venue.exits_placed(self._instant)
        # What the venue does not take as an order is closed with whatever else is held there.
        sent = [(one, move) for one, move in zip(intents, carried, strict=True) if move is not None]
        await self._book(sent, ts)
        return [one for one, _ in sent]

    async def _withdraw(self) -> None:
        """Cancel the targets that rest: nobody would know them any more; whoever trades next notes their ends."""
        if not isinstance(self._venue, PaperVenue):
            targets = [one for one in self._memory.open.values() if one.leg == "target"]
            await gather_all(*(self._courier.cancel(one) for one in targets))

    async def close_rest(self) -> list[str]:
        """Close what is held at the venue although the log does not know of it; one that fails keeps no other open."""
        ours = {one.slot.instrument for one in self._job.plan.slots}
        closed: list[str] = []
        for _ in range(LOOKS):
            rest = [one for one in await self._positions() if one.instrument in ours and one.qty > 0]
            if not rest:
                self._told()
                return closed
            refused: dict[str, str] = {}
            for one in rest:
                self._mean(one)
                seen_ts = await self._guard()
                try:
                    await self._venue.flash_close(one.instrument, seen_ts)
                except AuthError:
                    raise
                except (OutcomeUnknown, TransientError):
                    continue  # what became of it is seen at the next look
                except (ConnectorError, OrderRejected) as no:
                    refused[one.instrument] = f" ({no})"
                    continue
                closed += [one.instrument] if one.instrument not in closed else []
            await self._job.clock.pause(self._patience.look_s)
        left = ", ".join(f"{one.instrument}{refused.get(one.instrument, '')}" for one in rest)
        raise UsageError(f"still open at the venue: {left}; close it there, then run this again")

    def _mean(self, held: VenuePosition) -> None:
        """Write down that what an entry opened that is not booked yet is closed by us, before it is."""
        name, memory = held.instrument, self._memory
        cause = next((one for one in self.under_way() if one.instrument == name), None)
        if cause is None or name in self.meant:
            return
        # Of somebody who was killed here.
        before = [one for one in memory.open.values() if one.leg == "flatten" and one.instrument == name]
        if before:
            self.meant[name] = before[0]
            return
        writer, attempt = IntentWriter(self._job.run, self._job.clock, 0.0), 1
        while (made := writer.flatten_intent(cause, held.qty, "flatten", attempt)).id in memory.intents:
            attempt += 1
        self._commit(TradeChange(intents=(made,), notes=(_note(made),)))
        memory.intents[made.id] = self.meant[name] = made

    def _told(self) -> None:
        """Write down that nothing is left of what was closed so."""
        now = self._job.clock.wall_now()
        moves = tuple(IntentMove(one.id, "filled", now, "", one.qty) for one in self.meant.values())
        if moves:
            self._commit(TradeChange(moves=moves))

    def under_way(self) -> list[Intent]:
        """Return the entries that may still reach the venue: paper's wait in the process that is gone."""
        if isinstance(self._venue, PaperVenue):
            return []
        return [one for one in self._memory.open.values() if one.leg == "entry"]

    async def end_entries(self, entries: Sequence[Intent]) -> dict[str, str]:
        """See entries to their end; return by instrument why one could not be read.

        What they became is booked by whoever trades the account next.
        """
        keeping = asyncio.ensure_future(self._kept())
        try:
            whys = await gather_all(*map(self._end_entry, entries))
        finally:
            keeping.cancel()
        return {one.instrument: why for one, why in zip(entries, whys, strict=True) if why}

    async def _end_entry(self, intent: Intent) -> str:
        try:
            move = await self._courier.send(intent, may_be_sent=True)
            if move is not None and move.state == "acked":
                await self._courier.cancel(intent)
                await self._courier.until_ended(intent)
        except AuthError:
            raise
        except ConnectorError as fault:
            return str(fault)
        return ""

    async def _kept(self) -> None:
        """Keep the lease while is waited: nobody may begin to trade meanwhile."""
        while True:
            await self._job.clock.pause(LEASE_S / 3)
            await self._guard()

    async def _book(self, sent: Sequence[tuple[Intent, IntentMove]], ts: int) -> None:
        """Wait for the ends of orders and their fills, and write both down together."""
        bookings = self._memory.bookings
        ended = []
        for intent, move in sent:
            if move.state != "acked":
                ended.append(move)
                continue
            order = await self._courier.until_ended(intent)
            if order is None:
                ended.append(replace(move, state="expired", reason="the venue took it and denies it since"))
                continue
            state: IntentState = "filled" if order.filled >= intent.qty else "cancelled"
            ended.append(replace(move, state=state, filled=order.filled))
        new, leaves = await self._fills(bookings, wanted=sum(one.filled > 0 for one in ended))
        number = max(self._memory.done_steps.values(), default=1)
        leaves = [
            replace(one, reason=codes.PROTECTION) if one.reason == codes.END_OF_DATA else one
            for one in leaves
        ]
        # What was settled since the last instant belongs to the positions that end here.
        fundings = await self._fundings()
        payments = tuple(bookings.payments(fundings))
        closed = steps.BarsClosed(number, ts, (), payments, tuple(leaves))
        taken = (steps.written(closed),) if leaves or payments else ()
        memory, now = self._memory, self._job.clock.wall_now()
        late, over = recover_unwritten(memory.unwritten, bookings, new, now)
        moves, notes = (*ended, *over), tuple(map(_note, late))
        self._commit(TradeChange(taken, late, moves, tuple(new), fundings, notes=notes))
        memory.intents.update({one.id: one for one in late})

    async def _fills(self, bookings: Bookings, *, wanted: int) -> tuple[list[Fill], list[steps.PositionExit]]:
        leaves: list[steps.PositionExit] = []
        for _ in range(LOOKS):
            with suppress(TransientError):
                await self._look()
            leaves += bookings.take_exits()
            if len(leaves) >= wanted:
                break
            await self._job.clock.pause(self._patience.look_s)
        return self._seen, leaves

    async def _look(self) -> None:
        fresh = self._memory.fills.new(await self._venue.fills(self._memory.fills.since))
        self._memory.bookings.take(fresh, self._memory.intents)
        self._seen += fresh

    async def _is_closed(self, intent: Intent) -> bool:
        """Whether fills say so, or the venue has denied the position for some seconds."""
        with suppress(TransientError):
            await self._look()
        bookings = self._memory.bookings
        denied = self._denied.setdefault(intent.id, Deadline(self._job.clock, self._patience.absent_s))
        return bookings.is_closed(bookings.number(intent)) or denied.is_over()

    async def _fundings(self) -> tuple[FundingPayment, ...]:
        sight = self._memory.fundings
        for _ in range(LOOKS):
            try:
                return sight.new(await self._venue.fundings(sight.since))
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

    async def _guard(self) -> int:
        now = self._job.clock.wall_now()
        self._lease = self._keep()
        return now

    def _keep(self) -> Lease:
        return self._job.house.trades.keep(self._lease, for_s=LEASE_S)

    def _commit(self, change: TradeChange) -> None:
        self._lease = self._keep()
        self._job.house.trades.commit(self._lease, change)
