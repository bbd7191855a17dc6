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
from vigie.engine.live.account_monitor import AccountMonitor
from vigie.engine.live.book.account_memory import restore_memory
from vigie.engine.live.book.intent_writer import IntentWriter
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.book.orders import OrderSender, SendChecks
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.execution import Execution
from vigie.engine.live.fold import rule_changes, steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.engine.live.step_builder import StepBuilder
from vigie.engine.live.stops.emergency_closer import EmergencyCloser
from vigie.engine.live.stops.level_grid import regrid_levels, target_limit
from vigie.engine.live.stops.outage_guard import OutageGuard
from vigie.engine.live.stops.stop_guard import GuardedPosition, StopGuard
from vigie.engine.live.stops.stop_monitor import StopMonitor
from vigie.engine.live.targets import TargetOrders
from vigie.engine.live.trader_config import TraderConfig as TraderConfig
from vigie.engine.live.waiting import Answer, RetryingCaller, run_with_background, until_one_ends
from vigie.ports.clock import PatientClock
from vigie.ports.feed import LiveFeed, MarketInstant
from vigie.ports.tradebook import AuditNote, TradeBook
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
        config: TraderConfig,
        book: TradeBook,
        venue: TradingVenue,
        feed: LiveFeed,
        clock: PatientClock,
        lease: Lease,
    ) -> None:
        self._config = config
        self._venue = venue
        self._feed = feed
        self._clock = clock
        self._has_hint = asyncio.Event()
        memory = restore_memory(config.run, config.slots, config.protections, book, config.replay)
        caller = RetryingCaller(clock, config.timeouts.look_s, lambda why: log.note_unanswered(why))
        self._reconciler = Reconciler(venue, caller, config.timeouts, memory)
        writer = IntentWriter(config.run, clock, config.entry_age_s)
        bar_fingerprint = config.evaluator.fingerprint
        self._log = log = Logbook(
            book, clock, writer, self._reconciler, lease, config.lease_s, bar_fingerprint
        )
        checks = SendChecks(
            log.confirm_lease,
            log.may_enter,
            self._is_closed,
            self._is_allowed,
            self._target_limit,
            self._is_revised,
        )
        sender = OrderSender(venue, caller, checks, self._has_hint, config.timeouts)
        # Where stops are orders of their own none is under way that could be waited for.
        deadlines = config.deadlines if venue.attaches_levels else replace(config.deadlines, protect_s=0.0)
        self._stop_guard = StopGuard(
            deadlines,
            venue,
            clock,
            log.confirm_lease,
            log.note_protection,
            has_resting_target=log.has_resting_target,
            regrid=self._regrid,
        )
        series = {str(slot.id): slot.series for slot in config.slots}
        self._targets = targets = TargetOrders(
            log, self._reconciler, sender, self._stop_guard, self._target_limit
        )
        self._execution = Execution(
            log, self._reconciler, sender, self._stop_guard, targets, feed, clock, series
        )
        self._account_monitor = AccountMonitor(
            config.intervals, log, self._reconciler, self._execution, clock, config.ledger
        )
        self._stop_monitor = StopMonitor(
            config.intervals.orders_s, log, venue, self._stop_guard, clock, config.last_price
        )
        self._step_builder = StepBuilder(config.slots, config.evaluator, self._reconciler)

    @property
    def account(self) -> LiveAccount:
        """The account as far as its log goes; `InvariantBroken` before its first instant."""
        return self._log.account

    def standing(self) -> dict[str, int]:
        """Say what is not as it must be, for those who watch from outside: counts of instruments, and what is told."""
        return {
            "without_stop": len(self._stop_guard.unprotected),
            "differences": self._account_monitor.n_different,
            **self._config.tell(),
        }

    async def trade(self) -> None:
        """See what became of what was under way, and trade on until the feed ends."""
        await until_one_ends(
            (self._run(), self._follow_hints(), self._keep_lease(), self._stop_monitor.run())
        )

    async def guard_until_writable(self, report: Callable[[str], None], least_s: float = 0.0) -> None:
        """Guard what is held or was entered until the book can be written; what goes on then is another trader.

        Parameters
        ----------
        report : callable
            Told what is done meanwhile.
        least_s : float
            How long in any case.
        """
        await self._outage_guard(report).guard_until_writable(self._guarded_positions(), least_s)

    async def guard_while(self, work: Coroutine[Any, Any, Answer], report: Callable[[str], None]) -> Answer:
        """Guard what is held or was entered while somebody takes the account up again from its log."""
        return await self._outage_guard(report).guard_during(self._guarded_positions(), work)

    def _outage_guard(self, report: Callable[[str], None]) -> OutageGuard:
        closer = EmergencyCloser(self._venue, self._config.run, self._log.memory)
        # A model holds nothing that the log does not say.
        close = None if self._config.run.mode == "paper" else closer.close_now
        return OutageGuard(self._log, self._stop_guard, self._clock, report, close)

    def _guarded_positions(self) -> list[GuardedPosition]:
        open_slots = self._open_slots()
        positions = [self._stop_guard.guarded_position(self.account, k, is_late=True) for k in open_slots]
        names = {str(self._config.slots[k].id) for k in open_slots}
        entries = [
            self._execution.guarded_entry(intent)
            for intent in self._log.open_intents("entry")
            if intent.slot not in names
        ]
        return [*positions, *entries]

    async def _run(self) -> None:
        # What an earlier process sent may be filled since, and have no stop before it is booked.
        entries = [self._execution.guarded_entry(intent) for intent in self._log.open_intents("entry")]
        positions = [self._stop_guard.guarded_position(self.account, k) for k in self._open_slots()]
        await self._stop_guard.guard_now([*positions, *entries])
        instant = await self._feed.after(self._log.memory.number)
        while instant is not None:
            self._stop_monitor.is_busy = True
            await self._handle_instant(instant)
            self._stop_monitor.is_busy = False
            instant = await run_with_background(self._feed.after(instant.number), self._account_monitor.run())

    async def _follow_hints(self) -> None:
        async for _ in self._venue.hints():
            self._has_hint.set()

    async def _keep_lease(self) -> None:
        """Keep the right to trade; ends this trader where somebody took it."""
        while True:
            await self._clock.pause(self._config.lease_s / 4)
            self._log.renew_lease()

    def _open_slots(self) -> list[int]:
        account = self._log.memory.account
        return (
            []
            if account is None
            else [k for k, _ in enumerate(self._config.slots) if account.slot(k)["side"]]
        )

    # An instant ------------------------------------------------------------------------------------------------

    async def _handle_instant(self, instant: MarketInstant) -> None:
        log = self._log
        if log.memory.account is None:
            log.memory.start_account(LiveAccount(self._config.slots, self._config.protections, instant.ts))
        log.memory.add_rates(instant.rates)
        if instant.is_last:
            await self._close_all(instant)
            return
        if instant.is_inside:
            await self._handle_inside(instant)
            return
        if not log.memory.has_taken(steps.BarsOpened, instant.number):
            await self._reconciler.fetch(with_fundings=True)
            changed_rules = rule_changes.find_changes(self.account.slots, self._config.rules(), instant.ts)
            closed, opened = (
                self._step_builder.build_closed(instant, frozenset()),
                self._step_builder.build_opened(instant),
            )
            first_steps: list[steps.Step] = [*changed_rules, *closed, opened]
            first_steps += log.read_commands(instant.ts)
            log.take(*first_steps)
            log.commit(first_steps, intents=self._exit_intents(instant.ts), notes=_rule_notes(changed_rules))
            for step in changed_rules:
                self._config.on_rules(step)
        await self._exit_and_enter(instant)
        await self._cancel_orphaned(instant)
        await self._execution.run_entries(instant)
        self._close_ending()
        await self._execution.flatten_remains(instant.number, instant.ts)
        await self._targets.place_new()

    async def _handle_inside(self, instant: MarketInstant) -> None:
        """Book what finer bars did: nothing is decided, and nothing is sent."""
        if instant.number not in self._log.memory.done_steps.values():
            await self._reconciler.fetch(with_fundings=True)
            first_steps = self._step_builder.build_inside(instant)
            self._log.take(*first_steps)
            self._log.commit(first_steps)
        await self._cancel_orphaned(instant)

    def _exit_intents(self, ts: int) -> list[Intent]:
        """Return the exits that are decided; one that the venue did not take yet is the same exit."""
        account, write = self.account, self._log.writer.exit_intent
        return [write(account, k, ts) for k in self._without_exit(account.slots_to_exit())]

    def _without_exit(self, slots: Sequence[int]) -> list[int]:
        """Return the slots of which no exit is open: a second one would close what the first one closes."""
        exiting = {intent.slot for intent in self._log.open_intents("exit")}
        return [k for k in slots if str(self._config.slots[k].id) not in exiting]

    def _is_allowed(self, intent: Intent) -> bool:
        """Tell whether an entry is of a slot of the run, on its own instrument, and of what the account may order."""
        known = {str(slot.id): slot.id for slot in self._config.slots}
        slot = known.get(intent.slot)
        return slot is not None and slot.instrument == intent.instrument and self._config.is_allowed(slot)

    def _is_revised(self, intent: Intent) -> bool:
        """Tell whether the bar that an entry was decided on was corrected since."""
        return self._config.is_revised(self._log.memory.bookings.number(intent))

    def _target_limit(self, intent: Intent) -> Decimal | None:
        """Return the price at which a target's order is taken now; paper takes what was decided, as a backtest does."""
        if self._config.run.mode == "paper":
            return intent.target
        return target_limit(self.account, self._log.memory.bookings.number(intent), intent)

    async def _regrid(self, levels: Levels) -> Levels:
        """Ask for the rules of an instrument, and return its levels as they want them."""
        await self._config.ask_rules(levels.instrument)
        rules = next((rule for rule in self._config.rules() if rule.name == levels.instrument), None)
        return levels if rules is None else regrid_levels(levels, rules)

    async def _is_closed(self, intent: Intent) -> bool:
        """Hear what was filled, and tell whether that closes what an intent would close."""
        await self._reconciler.fetch()
        bookings = self._log.memory.bookings
        return bookings.is_closed(bookings.number(intent))

    async def _cancel_orphaned(self, instant: MarketInstant) -> None:
        """End the targets of positions that are gone; what was closed twice is righted before anything enters."""
        await self._targets.cancel_orphaned()
        if self._log.flatten_surplus():
            await self._execution.flatten_remains(instant.number, instant.ts)

    async def _exit_and_enter(self, instant: MarketInstant) -> None:
        """Send the decided exits and, when they are filled, let the entries meet the market."""
        log = self._log
        exits, moves = await self._execution.run_exits(instant)
        first_steps: list[steps.Step] = []
        if exits:
            first_steps.append(steps.ExitsFilled(instant.number, instant.ts, tuple(exits)))
            log.take(first_steps[-1])
        rows: list[DecisionRow] = []
        entering = self.account.slots_to_enter()
        if entering and not log.memory.has_taken(steps.EntriesVetted, instant.number):
            if self._targets.orphaned():
                # Nothing enters beside a target that would make it smaller.
                log.commit(first_steps, moves=moves)
                first_steps, moves = [], []
                await self._targets.cancel_orphaned()
            ended_ids = {item.id for item in moves}
            pending_exits = {item.slot: item for item in log.open_intents("exit") if item.id not in ended_ids}
            vetoes = await self._find_vetoes(entering, instant, pending_exits)
            first_steps.append(steps.EntriesVetted(instant.number, instant.ts, vetoes))
            rows = log.take(first_steps[-1])
        if first_steps or moves:
            log.commit(first_steps, moves=moves, intents=log.writer.entry_intents(self.account, rows))

    async def _find_vetoes(
        self, entering: Sequence[int], instant: MarketInstant, pending_exits: Mapping[str, Intent]
    ) -> tuple[steps.EntryVeto, ...]:
        """Judge what only the gateway can: who may not enter now, and why; the first reason counts.

        Parameters
        ----------
        pending_exits : mapping of str to Intent
            By slot the exits that the venue has not taken: sent later, one would close what enters now.
        """
        vetoes = {
            number: steps.EntryVeto(number, codes.SLOT_PAUSED, 0.0, 1.0)
            for number in entering
            if number in self._log.memory.paused
        }
        ending = self._config.ending_instruments()
        for number in entering:
            if self._config.slots[number].id.instrument in ending:
                vetoes.setdefault(number, steps.EntryVeto(number, codes.INSTRUMENT_STATE, 0.0, 1.0))
        differences = {
            difference.instrument: difference
            for difference in await self._reconciler.find_differences(self.account)
        }
        self._log.halt_if_foreign()
        for number in entering:
            difference = differences.get(self._config.slots[number].id.instrument)
            if difference is not None:
                veto = steps.EntryVeto(
                    number, codes.NOT_RECONCILED, float(difference.ours), float(difference.theirs)
                )
                vetoes.setdefault(number, veto)
        resting = {**pending_exits, **self._targets.orphaned()}
        for number in entering:
            order = resting.get(str(self._config.slots[number].id))
            if order is not None:
                veto = steps.EntryVeto(number, codes.NOT_RECONCILED, 0.0, float(order.side * order.qty))
                vetoes.setdefault(number, veto)
        if self._log.memory.has_new_limits:
            # Decided before the limits of another run came: the kernel has not judged it by them.
            refusals = {number: self.account.find_refusal(number, instant.ts) for number in entering}
            new = {number: steps.EntryVeto(number, *why) for number, why in refusals.items() if why[0]}
            vetoes = {**new, **vetoes}
        # After every question: the venue's history confirms bars meanwhile.
        for number in entering:
            if self._config.is_revised(number):
                vetoes.setdefault(number, steps.EntryVeto(number, codes.BAR_REVISED, 0.0, 1.0))
        for veto in self._config.find_vetoes(self.account, entering, instant):
            vetoes.setdefault(veto.slot, veto)
        return tuple(vetoes[number] for number in sorted(vetoes))

    def _close_ending(self) -> None:
        """Write down that positions are closed before their instruments are taken away."""
        ending = self._config.ending_instruments()
        for number in self._open_slots():
            instrument = self._config.slots[number].id.instrument
            if instrument in ending:
                self._log.write_flatten(instrument, "delisting")

    async def _close_all(self, instant: MarketInstant) -> None:
        """Close what is open at the last prices: nothing goes on after this instant."""
        log = self._log
        if log.memory.has_taken(steps.BarsClosed, instant.number):
            await self._cancel_orphaned(instant)
            return
        await self._execution.flatten_remains(instant.number, instant.ts)
        await self._reconciler.fetch(with_fundings=True)
        # What an exit of an earlier process filled stays with it until that is ended.
        open_slots = [number for number in self._open_slots() if not log.memory.bookings.is_whole(number)]
        exit_intents = [
            log.writer.exit_intent(self.account, k, instant.ts, codes.END_OF_DATA)
            for k in self._without_exit(open_slots)
        ]
        log.commit(intents=[intent for intent in exit_intents if intent.id not in log.memory.intents])
        exits, moves = await self._execution.run_exits(instant)
        ends = frozenset(range(len(self._config.slots)))
        closed = self._step_builder.build_closed(instant, ends, (*exits, *log.memory.bookings.take_exits()))
        log.take(*closed)
        log.commit(closed, moves=moves)
        await self._cancel_orphaned(instant)
        await self._feed.entries_placed(instant, {})


def _rule_notes(changes: Sequence[steps.RulesChanged]) -> list[AuditNote]:
    """Return what is recorded of rules that hold from now on."""
    return [
        AuditNote(
            "trade.rules", rule.instrument, {"tick": rule.tick, "lot": rule.lot, "least": f"{rule.min_qty:g}"}
        )
        for step in changes
        for rule in step.rules
    ]
