"""One account, traded: instants come in, intents are written down and go out, fills come back.

What a process does at an instant is a row of small stages, and each ends in one durable write. A process that is
killed anywhere comes back to the stage it was in: the log says which steps were taken, the book which intents were
written, the venue which of them arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.errors import InvariantBroken
from vigie.domain.order import Intent, IntentMove, IntentState, Lease, TradeRun
from vigie.engine.live import steps
from vigie.engine.live.account import Decided, LiveAccount
from vigie.engine.live.blank import LiveSlot
from vigie.engine.live.booking import Bookings, Sight
from vigie.engine.live.judging import Judging
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.memory import Memory, remembered
from vigie.engine.live.orders import Courier, Patience
from vigie.engine.live.shield import Shield
from vigie.engine.live.writing import Writer
from vigie.ports.clock import PatientClock
from vigie.ports.feed import Instant, LiveFeed
from vigie.ports.tradebook import Note, TradeBook, TradeChange
from vigie.ports.trading import TradingVenue

Vetoing = Callable[[LiveAccount, Sequence[int], Instant], Sequence[steps.Veto]]
# A right to trade that was not confirmed for longer is confirmed before anything is sent.
FRESH_MS = 2_000


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a trader trades.

    Attributes
    ----------
    vetoing : callable
        The gateway: which of the entering slots are refused, and why.
    lease_s : float
        How long the right to trade lasts without being kept.
    entry_age_s : float
        An entry that could not be sent for so long is not sent any more.
    """

    run: TradeRun
    slots: tuple[LiveSlot, ...]
    protections: Protections | None
    judge: Judging
    vetoing: Vetoing
    patience: Patience = field(default_factory=Patience)
    shield: Shield = field(default_factory=Shield)
    lease_s: float = 10.0
    entry_age_s: float = 60.0


class Trader:
    """Trades one account until its feed ends.

    Parameters
    ----------
    lease : Lease
        The right to trade; kept for as long as this runs.
    """

    def __init__(
        self,
        given: Assignment,
        book: TradeBook,
        venue: TradingVenue,
        feed: LiveFeed,
        clock: PatientClock,
        lease: Lease,
    ) -> None:
        self._given = given
        self._book = book
        self._venue = venue
        self._feed = feed
        self._clock = clock
        self._lease = lease
        self._kept_ts = clock.wall_now()
        self._hinted = asyncio.Event()
        self._writer = Writer(given.run, clock, given.entry_age_s)
        self._courier = Courier(venue, clock, self._guard, self._hinted, given.patience)
        self._series = {str(slot.id): slot.series for slot in given.slots}
        nothing = Sight(given.run.ts)
        self._memory = Memory(None, Bookings(None), nothing, nothing, {}, frozenset(), {})
        self._lookout = Lookout(venue, clock, given.patience, self._memory)

    @property
    def account(self) -> LiveAccount:
        """The account as far as its log goes.

        Raises
        ------
        InvariantBroken
            Before the first instant: there is none yet.
        """
        if self._memory.account is None:
            raise InvariantBroken("the account has met no instant yet")
        return self._memory.account

    async def trade(self) -> None:
        """Read the log, see what became of what was under way, and trade on until the feed ends."""
        self._know(remembered(self._given.run, self._given.slots, self._given.protections, self._book))
        tasks = [asyncio.ensure_future(one) for one in (self._go_on(), self._listen(), self._stay())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _know(self, memory: Memory) -> None:
        self._memory = memory
        self._lookout = Lookout(self._venue, self._clock, self._given.patience, memory)

    async def _go_on(self) -> None:
        await self._shield_all()
        at = self._memory.number
        while (instant := await self._feed.after(at)) is not None:
            await self._meet(instant)
            at = instant.number

    async def _listen(self) -> None:
        async for _ in self._venue.hints():
            self._hinted.set()

    async def _stay(self) -> None:
        """Keep the right to trade; ends this trader where somebody took it."""
        while True:
            await self._clock.pause(self._given.lease_s / 4)
            self._keep()

    async def _shield_all(self) -> None:
        """See that every position an earlier process left behind is protected."""
        if self._memory.account is None:
            return
        held = [k for k, _ in enumerate(self._given.slots) if self.account.slot(k)["side"] != 0]
        await self._given.shield.over(self.account, held, self._venue, self._clock, self._guard)

    # An instant ------------------------------------------------------------------------------------------------

    async def _meet(self, instant: Instant) -> None:
        if self._memory.account is None:
            account = LiveAccount(self._given.slots, self._given.protections, instant.ts)
            self._know(replace(self._memory, account=account, bookings=Bookings(account)))
        for name, ts, rate in instant.rates:
            known = self._memory.rates.get(name, ())
            if not known or known[-1][0] < ts:
                self._memory.rates[name] = (*known[-1:], (ts, rate))
        if instant.is_last:
            await self._close_all(instant)
            return
        if not self._memory.has(steps.Opened, instant.number):
            await self._lookout.look(with_fundings=True)
            begun = [*self._closed(instant, frozenset()), self._opened(instant)]
            self._take(*begun)
            leaving = [
                self._writer.leave(self.account, number, instant.ts) for number in self.account.leaving()
            ]
            self._commit(begun, intents=leaving)
        await self._leave(instant)
        await self._enter(instant)

    async def _leave(self, instant: Instant) -> None:
        """Send the decided exits and, when they are filled, let the entries meet the market."""
        leaves, moves = await self._executed_exits(instant)
        begun: list[steps.Step] = []
        if leaves:
            begun.append(steps.Left(instant.number, instant.ts, tuple(leaves)))
            self._take(begun[-1])
        rows: list[Decided] = []
        entering = self.account.entering()
        if entering and not self._memory.has(steps.Asked, instant.number):
            vetoes = await self._vetoes(entering, instant)
            begun.append(steps.Asked(instant.number, instant.ts, vetoes))
            rows = self._take(begun[-1])
        if begun or moves:
            self._commit(begun, moves=moves, intents=self._writer.enter(self.account, rows))

    async def _vetoes(self, entering: Sequence[int], instant: Instant) -> tuple[steps.Veto, ...]:
        """Judge what only the gateway can: who may not enter now, and why; the first reason counts."""
        found = {
            number: steps.Veto(number, codes.SLOT_PAUSED, 0.0, 1.0)
            for number in entering
            if number in self._memory.paused
        }
        different = {one.instrument: one for one in await self._lookout.differences(self.account)}
        for number in entering:
            one = different.get(self._given.slots[number].id.instrument)
            if one is not None:
                veto = steps.Veto(number, codes.NOT_RECONCILED, float(one.ours), float(one.theirs))
                found.setdefault(number, veto)
        for veto in self._given.vetoing(self.account, entering, instant):
            found.setdefault(veto.slot, veto)
        return tuple(found[number] for number in sorted(found))

    async def _executed_exits(self, instant: Instant) -> tuple[list[steps.Leave], list[IntentMove]]:
        """Bring every open exit to its end; return the positions that ended and what became of the intents."""
        moves: list[IntentMove] = []
        exits = self._open("exit")
        while exits:
            carried = await self._carried(exits)
            await self._feed.exits_placed(instant)
            ended = await self._all_filled(exits, carried)
            again = [
                self._writer.once_more(intent, move)
                for intent, move in zip(exits, ended, strict=True)
                if move.state in ("rejected", "cancelled")
            ]
            moves += ended
            if again:
                self._commit([], moves=moves, intents=again)
                moves = []
            exits = again
        await self._feed.exits_placed(instant)
        # Asked for once: an attempt that finds its position closed waits for the fills that closed it.
        return (self._memory.bookings.leaves() if moves else []), moves

    async def _enter(self, instant: Instant) -> None:
        """Send the entries, book what came of them, and see that every position is protected."""
        entries = self._open("entry")
        moves = await self._carried(entries)
        await self._feed.entries_placed(instant, {one.id: self._series[one.slot] for one in entries})
        if not entries:
            return
        moves = await self._all_filled(entries, moves)
        opens = dict(instant.opened)
        bookings = self._memory.bookings
        made = tuple(
            bookings.entry(one, opens.get(self._series[one.slot], 0.0), instant.ts) for one in entries
        )
        step = steps.Entered(instant.number, instant.ts, made)
        self._take(step)
        self._commit([step], moves=moves)
        entered = [entry.slot for entry in made if entry.lots]
        await self._given.shield.over(self.account, entered, self._venue, self._clock, self._guard)

    async def _close_all(self, instant: Instant) -> None:
        """Close what is open at the last prices: nothing goes on after this instant."""
        if self._memory.has(steps.Closed, instant.number):
            return
        await self._lookout.look(with_fundings=True)
        leaves = self._memory.bookings.leaves()
        gone = {leave.slot for leave in leaves}
        held = [
            number
            for number, _ in enumerate(self._given.slots)
            if self.account.slot(number)["side"] != 0 and number not in gone
        ]
        wanted = [self._writer.leave(self.account, number, instant.ts, codes.END_OF_DATA) for number in held]
        self._commit([], intents=[one for one in wanted if one.id not in self._memory.intents])
        more, moves = await self._executed_exits(instant)
        ends = frozenset(range(len(self._given.slots)))
        closed = self._closed(instant, ends, (*leaves, *more))
        self._take(*closed)
        self._commit(closed, moves=moves)
        await self._feed.entries_placed(instant, {})

    # Orders ----------------------------------------------------------------------------------------------------

    async def _carried(self, intents: Sequence[Intent]) -> list[IntentMove]:
        inherited = self._memory.inherited
        return list(
            await asyncio.gather(
                *(self._courier.carry(one, may_be_sent=one.id in inherited) for one in intents)
            )
        )

    async def _all_filled(self, intents: Sequence[Intent], moves: Sequence[IntentMove]) -> list[IntentMove]:
        """Wait until orders have ended and all their fills are here; return the last move of each intent."""
        ended = []
        for intent, move in zip(intents, moves, strict=True):
            if move.state != "acked":
                ended.append(move)
                if move.state == "expired" and intent.is_reduce_only:
                    # Something else closed the position: its fills are on their way.
                    await self._lookout.until(lambda one=intent: self._is_closed(one))  # type: ignore[misc]
                continue
            order = await self._courier.until_ended(intent)
            await self._lookout.until(
                lambda one=intent, qty=order.filled: self._memory.bookings.filled(one) >= qty  # type: ignore[misc]
            )
            state: IntentState = "filled" if order.filled >= intent.qty else "cancelled"
            ended.append(replace(move, state=state, filled=order.filled))
        return ended

    def _is_closed(self, intent: Intent) -> bool:
        number = self._number(intent)
        return self.account.slot(number)["side"] == 0 or self._memory.bookings.is_whole(number)

    # The log ---------------------------------------------------------------------------------------------------

    def _closed(
        self, instant: Instant, ends: frozenset[int], leaves: Sequence[steps.Leave] | None = None
    ) -> list[steps.Step]:
        bookings = self._memory.bookings
        inside = [one for one in self._lookout.fundings if one.ts < instant.ts or instant.is_last]
        payments = tuple(bookings.payments(inside))
        ended = tuple(bookings.leaves() if leaves is None else leaves)
        bars = tuple(self._bars(instant))
        if not (bars or ended or payments):
            return []
        return [
            steps.Closed(instant.number, instant.ts, bars, payments, ended, ends if bars else frozenset())
        ]

    def _bars(self, instant: Instant) -> list[steps.ClosedBar]:
        closed = {bar.series: bar for bar in instant.closed}
        made = []
        for number, slot in enumerate(self._given.slots):
            bar = closed.get(slot.series)
            if bar is None:
                continue
            verdict = self._given.judge.at(number, bar.ts)
            prices = bar.open, bar.high, bar.low, bar.close
            said = verdict.flags, verdict.stop_unit, verdict.target_unit
            rates = self._memory.rates.get(slot.id.instrument, ())
            made.append(steps.ClosedBar(number, bar.ts, *prices, *said, rates))
        return made

    def _opened(self, instant: Instant) -> steps.Opened:
        opens = dict(instant.opened)
        prices = tuple(
            (number, opens[slot.series])
            for number, slot in enumerate(self._given.slots)
            if slot.series in opens
        )
        now = [one for one in self._lookout.fundings if one.ts >= instant.ts]
        payments = tuple(self._memory.bookings.payments(now))
        return steps.Opened(instant.number, instant.ts, prices, payments)

    def _take(self, *taken: steps.Step) -> list[Decided]:
        rows = []
        for step in taken:
            rows += self.account.apply(step)
            self._memory.pause(step)
            if not isinstance(step, steps.Adjusted):
                self._memory.done[type(step)] = step.number
        return rows

    def _commit(
        self,
        taken: Sequence[steps.Step],
        *,
        moves: Sequence[IntentMove] = (),
        intents: Sequence[Intent] = (),
    ) -> None:
        """Write down what was taken and what is meant, in one durable transaction."""
        if not (taken or moves or intents or self._lookout.fills):
            return
        is_paid = any(isinstance(step, steps.Closed | steps.Opened) for step in taken)
        notes = [Note("trade.intent", one.id, {"slot": one.slot, "leg": one.leg}) for one in intents]
        change = TradeChange(
            steps=tuple(steps.written(step) for step in taken),
            intents=tuple(intents),
            moves=tuple(moves),
            fills=self._lookout.fills,
            fundings=self._lookout.fundings if is_paid else (),
            notes=tuple(notes),
        )
        self._book.commit(self._lease, change)
        self._lookout.fills = ()
        if is_paid:
            self._lookout.fundings = ()
        self._memory.intents.update({one.id: one for one in intents})
        self._memory.open.update({one.id: one for one in intents})
        for move in moves:
            self._memory.open.pop(move.id, None)

    def _open(self, leg: str) -> list[Intent]:
        return [one for one in self._memory.open.values() if one.leg == leg]

    def _number(self, intent: Intent) -> int:
        return next(k for k, slot in enumerate(self._given.slots) if str(slot.id) == intent.slot)

    async def _guard(self) -> None:
        """See that the right to trade is ours and fresh; `Conflict` where somebody took it."""
        if self._clock.wall_now() - self._kept_ts >= FRESH_MS:
            self._keep()

    def _keep(self) -> None:
        self._lease = self._book.keep(self._lease, for_s=self._given.lease_s)
        self._kept_ts = self._clock.wall_now()
