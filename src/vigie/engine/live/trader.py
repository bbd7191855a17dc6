"""One account, traded: instants come in, intents are written down and go out, fills come back.

What a process does at an instant is a row of small stages, and each ends in one durable write. A process that is
killed anywhere comes back to the stage it was in: the log says which steps were taken, the book which intents were
written, the venue which of them arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from vigie.domain import codes
from vigie.domain.order import Intent, Lease
from vigie.engine.live import new_rules, steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.assignment import Assignment as Assignment
from vigie.engine.live.decided import Decided
from vigie.engine.live.execution import Execution
from vigie.engine.live.holding_out import HoldingOut
from vigie.engine.live.instants import Beginning
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.memory import remembered
from vigie.engine.live.orders import Counsel, Courier
from vigie.engine.live.present_levels import limit_of, regridded
from vigie.engine.live.sentry import Sentry
from vigie.engine.live.shield import Guarded, Guardian
from vigie.engine.live.targets import Targets
from vigie.engine.live.unwritten_closing import UnwrittenClosing
from vigie.engine.live.waiting import Answer, Asker, beside, until_one_ends
from vigie.engine.live.watch import Watch
from vigie.engine.live.writing import Writer
from vigie.ports.clock import PatientClock
from vigie.ports.feed import Instant, LiveFeed
from vigie.ports.tradebook import Note, TradeBook
from vigie.ports.trading import Levels, TradingVenue


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
        self._venue = venue
        self._feed = feed
        self._clock = clock
        self._hinted = asyncio.Event()
        memory = remembered(given.run, given.slots, given.protections, book, given.fold)
        asker = Asker(clock, given.patience.look_s, lambda why: log.unanswered(why))
        self._lookout = Lookout(venue, asker, given.patience, memory)
        writer = Writer(given.run, clock, given.entry_age_s)
        frozen = given.judge.fingerprint
        self._log = log = Logbook(book, clock, writer, self._lookout, lease, given.lease_s, frozen)
        counsel = Counsel(
            log.guard, log.may_enter, self._is_closed, self._allows, self._limit, self._is_revised
        )
        courier = Courier(venue, asker, counsel, self._hinted, given.patience)
        # Where stops are orders of their own none is under way that could be waited for.
        shield = given.shield if venue.attaches_levels else replace(given.shield, protect_s=0.0)
        self._guardian = Guardian(
            shield, venue, clock, log.guard, log.protected, rests=log.rests, regrid=self._regridded
        )
        series = {str(slot.id): slot.series for slot in given.slots}
        self._targets = targets = Targets(log, self._lookout, courier, self._guardian, self._limit)
        self._execution = Execution(log, self._lookout, courier, self._guardian, targets, feed, clock, series)
        self._watch = Watch(given.rhythm, log, self._lookout, self._execution, clock, given.ledger)
        self._sentry = Sentry(given.rhythm.orders_s, log, venue, self._guardian, clock, given.priced)
        self._beginning = Beginning(given.slots, given.judge, self._lookout)

    @property
    def account(self) -> LiveAccount:
        """The account as far as its log goes; `InvariantBroken` before its first instant."""
        return self._log.account

    def standing(self) -> dict[str, int]:
        """Say what is not as it must be, for those who watch from outside: counts of instruments."""
        return {"without_stop": len(self._guardian.naked), "differences": self._watch.different}

    async def trade(self) -> None:
        """See what became of what was under way, and trade on until the feed ends."""
        await until_one_ends((self._go_on(), self._listen(), self._stay(), self._sentry.stand()))

    async def hold_out(self, tell: Callable[[str], None], least_s: float = 0.0) -> None:
        """Guard what is held or was entered until the book can be written; what goes on then is another trader.

        Parameters
        ----------
        tell : callable
            Told what is done meanwhile.
        least_s : float
            How long in any case.
        """
        await self._holding(tell).until_kept(self._guarded(), least_s)

    async def guard_while(self, work: Coroutine[Any, Any, Answer], tell: Callable[[str], None]) -> Answer:
        """Guard what is held or was entered while somebody takes the account up again from its log."""
        return await self._holding(tell).beside(self._guarded(), work)

    def _holding(self, tell: Callable[[str], None]) -> HoldingOut:
        closing = UnwrittenClosing(self._venue, self._given.run, self._log.memory)
        # A model holds nothing that the log does not say.
        close = None if self._given.run.mode == "paper" else closing.close_now
        return HoldingOut(self._log, self._guardian, self._clock, tell, close)

    def _guarded(self) -> list[Guarded]:
        held = self._held()
        late = [self._guardian.position(self.account, k, is_late=True) for k in held]
        names = {str(self._given.slots[k].id) for k in held}
        entries = [self._execution.guarded(one) for one in self._log.open("entry") if one.slot not in names]
        return [*late, *entries]

    async def _go_on(self) -> None:
        # What an earlier process sent may be filled since, and have no stop before it is booked.
        entries = [self._execution.guarded(one) for one in self._log.open("entry")]
        held = [self._guardian.position(self.account, k) for k in self._held()]
        await self._guardian.now([*held, *entries])
        instant = await self._feed.after(self._log.memory.number)
        while instant is not None:
            self._sentry.is_busy = True
            await self._meet(instant)
            self._sentry.is_busy = False
            instant = await beside(self._feed.after(instant.number), self._watch.go_on())

    async def _listen(self) -> None:
        async for _ in self._venue.hints():
            self._hinted.set()

    async def _stay(self) -> None:
        """Keep the right to trade; ends this trader where somebody took it."""
        while True:
            await self._clock.pause(self._given.lease_s / 4)
            self._log.keep()

    def _held(self) -> list[int]:
        account = self._log.memory.account
        return (
            [] if account is None else [k for k, _ in enumerate(self._given.slots) if account.slot(k)["side"]]
        )

    # An instant ------------------------------------------------------------------------------------------------

    async def _meet(self, instant: Instant) -> None:
        log = self._log
        if log.memory.account is None:
            log.memory.begin(LiveAccount(self._given.slots, self._given.protections, instant.ts))
        log.memory.learn(instant.rates)
        if instant.is_last:
            await self._close_all(instant)
            return
        if instant.is_inside:
            await self._meet_inside(instant)
            return
        if not log.memory.has(steps.Opened, instant.number):
            await self._lookout.look(with_fundings=True)
            ruled = new_rules.changed(self.account.slots, self._given.rules(), instant.ts)
            closed, opened = self._beginning.closed(instant, frozenset()), self._beginning.opened(instant)
            begun: list[steps.Step] = [*ruled, *closed, opened]
            begun += log.heard(instant.ts)
            log.take(*begun)
            log.commit(begun, intents=self._leaving(instant.ts), notes=_told(ruled))
            for step in ruled:
                self._given.heed(step)
        await self._leave(instant)
        await self._settle(instant)
        await self._execution.entries(instant)
        self._close_ending()
        await self._execution.sweep(instant.number, instant.ts)
        await self._targets.place()

    async def _meet_inside(self, instant: Instant) -> None:
        """Book what finer bars did: nothing is decided, and nothing is sent."""
        if instant.number not in self._log.memory.done.values():
            await self._lookout.look(with_fundings=True)
            begun = self._beginning.inside(instant)
            self._log.take(*begun)
            self._log.commit(begun)
        await self._settle(instant)

    def _leaving(self, ts: int) -> list[Intent]:
        """Return the exits that are decided; one that the venue did not take yet is the same exit."""
        account, write = self.account, self._log.writer.leave
        return [write(account, k, ts) for k in self._without_exit(account.leaving())]

    def _without_exit(self, slots: Sequence[int]) -> list[int]:
        """Return the slots of which no exit is open: a second one would close what the first one closes."""
        known = {one.slot for one in self._log.open("exit")}
        return [k for k in slots if str(self._given.slots[k].id) not in known]

    def _allows(self, intent: Intent) -> bool:
        """Tell whether an entry is of a slot of the run, on its own instrument, and of what the account may order."""
        known = {str(slot.id): slot.id for slot in self._given.slots}
        slot = known.get(intent.slot)
        return slot is not None and slot.instrument == intent.instrument and self._given.allowed(slot)

    def _is_revised(self, intent: Intent) -> bool:
        """Tell whether the bar that an entry was decided on was corrected since."""
        return self._given.is_revised(self._log.memory.bookings.number(intent))

    def _limit(self, intent: Intent) -> Decimal | None:
        """Return the price at which a target's order is taken now; paper takes what was decided, as a backtest does."""
        if self._given.run.mode == "paper":
            return intent.target
        return limit_of(self.account, self._log.memory.bookings.number(intent), intent)

    async def _regridded(self, levels: Levels) -> Levels:
        """Ask for the rules of an instrument, and return its levels as they want them."""
        await self._given.ask_rules(levels.instrument)
        rules = next((one for one in self._given.rules() if one.name == levels.instrument), None)
        return levels if rules is None else regridded(levels, rules)

    async def _is_closed(self, intent: Intent) -> bool:
        """Hear what was filled, and tell whether that closes what an intent would close."""
        await self._lookout.look()
        bookings = self._log.memory.bookings
        return bookings.is_closed(bookings.number(intent))

    async def _settle(self, instant: Instant) -> None:
        """End the targets of positions that are gone; what was closed twice is righted before anything enters."""
        await self._targets.settle()
        if self._log.right():
            await self._execution.sweep(instant.number, instant.ts)

    async def _leave(self, instant: Instant) -> None:
        """Send the decided exits and, when they are filled, let the entries meet the market."""
        log = self._log
        leaves, moves = await self._execution.exits(instant)
        begun: list[steps.Step] = []
        if leaves:
            begun.append(steps.Left(instant.number, instant.ts, tuple(leaves)))
            log.take(begun[-1])
        rows: list[Decided] = []
        entering = self.account.entering()
        if entering and not log.memory.has(steps.Asked, instant.number):
            if self._targets.left():
                # Nothing enters beside a target that would make it smaller.
                log.commit(begun, moves=moves)
                begun, moves = [], []
                await self._targets.settle()
            over = {one.id for one in moves}
            put_off = {one.slot: one for one in log.open("exit") if one.id not in over}
            vetoes = await self._vetoes(entering, instant, put_off)
            begun.append(steps.Asked(instant.number, instant.ts, vetoes))
            rows = log.take(begun[-1])
        if begun or moves:
            log.commit(begun, moves=moves, intents=log.writer.enter(self.account, rows))

    async def _vetoes(
        self, entering: Sequence[int], instant: Instant, put_off: Mapping[str, Intent]
    ) -> tuple[steps.Veto, ...]:
        """Judge what only the gateway can: who may not enter now, and why; the first reason counts.

        Parameters
        ----------
        put_off : mapping of str to Intent
            By slot the exits that the venue has not taken: sent later, one would close what enters now.
        """
        found = {
            number: steps.Veto(number, codes.SLOT_PAUSED, 0.0, 1.0)
            for number in entering
            if number in self._log.memory.paused
        }
        ending = self._given.ending()
        for number in entering:
            if self._given.slots[number].id.instrument in ending:
                found.setdefault(number, steps.Veto(number, codes.INSTRUMENT_STATE, 0.0, 1.0))
        different = {one.instrument: one for one in await self._lookout.differences(self.account)}
        self._log.mind_others()
        for number in entering:
            one = different.get(self._given.slots[number].id.instrument)
            if one is not None:
                veto = steps.Veto(number, codes.NOT_RECONCILED, float(one.ours), float(one.theirs))
                found.setdefault(number, veto)
        left = {**put_off, **self._targets.left()}
        for number in entering:
            order = left.get(str(self._given.slots[number].id))
            if order is not None:
                veto = steps.Veto(number, codes.NOT_RECONCILED, 0.0, float(order.side * order.qty))
                found.setdefault(number, veto)
        if self._log.memory.is_limited_anew:
            # Decided before the limits of another run came: the kernel has not judged it by them.
            refused = {number: self.account.refusal(number, instant.ts) for number in entering}
            new = {number: steps.Veto(number, *why) for number, why in refused.items() if why[0]}
            found = {**new, **found}
        # After every question: the venue's history confirms bars meanwhile.
        for number in entering:
            if self._given.is_revised(number):
                found.setdefault(number, steps.Veto(number, codes.BAR_REVISED, 0.0, 1.0))
        for veto in self._given.vetoing(self.account, entering, instant):
            found.setdefault(veto.slot, veto)
        return tuple(found[number] for number in sorted(found))

    def _close_ending(self) -> None:
        """Write down that positions are closed before their instruments are taken away."""
        ending = self._given.ending()
        for number in self._held():
            instrument = self._given.slots[number].id.instrument
            if instrument in ending:
                self._log.flatten(instrument, "delisting")

    async def _close_all(self, instant: Instant) -> None:
        """Close what is open at the last prices: nothing goes on after this instant."""
        log = self._log
        if log.memory.has(steps.Closed, instant.number):
            await self._settle(instant)
            return
        await self._execution.sweep(instant.number, instant.ts)
        await self._lookout.look(with_fundings=True)
        # What an exit of an earlier process filled stays with it until that is ended.
        held = [number for number in self._held() if not log.memory.bookings.is_whole(number)]
        wanted = [
            log.writer.leave(self.account, k, instant.ts, codes.END_OF_DATA) for k in self._without_exit(held)
        ]
        log.commit(intents=[one for one in wanted if one.id not in log.memory.intents])
        more, moves = await self._execution.exits(instant)
        ends = frozenset(range(len(self._given.slots)))
        closed = self._beginning.closed(instant, ends, (*more, *log.memory.bookings.leaves()))
        log.take(*closed)
        log.commit(closed, moves=moves)
        await self._settle(instant)
        await self._feed.entries_placed(instant, {})


def _told(ruled: Sequence[steps.Ruled]) -> list[Note]:
    """Return what is recorded of rules that hold from now on."""
    return [
        Note("trade.rules", one.instrument, {"tick": one.tick, "lot": one.lot, "least": f"{one.min_qty:g}"})
        for step in ruled
        for one in step.rules
    ]
