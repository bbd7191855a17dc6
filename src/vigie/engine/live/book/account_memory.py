"""What a trading process knows when it begins: the fold of its log, and what was under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.order import ENDED, Fill, Intent, TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.book.deduplicator import Deduplicator
from vigie.engine.live.book.fill_cache import FillCache
from vigie.engine.live.book.intent_cache import IntentCache
from vigie.engine.live.book.unwritten_intents import derive_intent
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.fold.paper_funding import FundingInputs
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import TradeBook

# Longer than a trader waits for the fills of an order.
FILLS_LATE_MS: Final = 600_000
FUNDINGS_LATE_MS: Final = 8 * HOUR_MS
# On paper funding is charged when the bar ends that it fell into: no bar is longer.
PAPER_FUNDINGS_LATE_MS: Final = 35 * DAY_MS


@dataclass(slots=True)
class AccountMemory:
    """What is known of an account.

    Attributes
    ----------
    account : LiveAccount or None
        None before the first instant.
    intents : mapping of str to Intent
        Every intent of the run, by id; those that nobody needed yet are in the book.
    inherited : frozenset of str
        Open intents that a process before this one wrote, and may have sent.
    open : dict of str to Intent
        Intents that have not ended.
    done_steps : dict
        By kind of step, the number of the last instant at which it was taken.
    rates : dict
        By instrument, the funding rates settled last.
    paused : set of int
        Slots whose position somebody else closed: they do not enter again before a person says so.
    ordered : int
        Number of the last order of a person that was heard.
    cash_beside : float or None
        What the venue held beside the account's money when it was compared first.
    transfers_ts : int
        Up to when movements of money at the venue are in the log.
    seen_runs : dict of str to int
        Runs whose limits this one goes on with, each up to the step of this number.
    lifted : int
        Number of the last lift that was heard.
    has_new_limits : bool
        Whether limits of another run came after the last decisions: entries decided before must pass them.
    unwritten : dict of str to Intent
        Closings that somebody sent who could not write them, by id, until they are written with their fills.
    """

    account: LiveAccount | None
    bookings: Bookings
    fills: Deduplicator
    fundings: Deduplicator
    intents: MutableMapping[str, Intent]
    inherited: frozenset[str]
    open: dict[str, Intent]
    done_steps: dict[type[Any], int] = field(default_factory=dict)
    rates: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    ordered: int = 0
    cash_beside: float | None = None
    transfers_ts: int = 0
    seen_runs: dict[str, int] = field(default_factory=dict)
    lifted: int = 0
    has_new_limits: bool = False
    unwritten: dict[str, Intent] = field(default_factory=dict)

    def start_account(self, account: LiveAccount) -> None:
        """Meet the first instant."""
        self.account, self.bookings = account, Bookings(account)

    def has_taken(self, kind: type[Any], number: int) -> bool:
        """Tell whether a step of a kind was taken at an instant."""
        return self.done_steps.get(kind) == number

    def note_step(self, step: steps.Step) -> None:
        """Note what a step changes beside the account."""
        self.bookings.note_step(step)
        if isinstance(step, steps.SlotsResumed):
            self.paused -= set(step.slots)
            self.ordered = step.ordered
        elif isinstance(step, steps.CashAdjusted):
            self.cash_beside = self.cash_beside if step.beside is None else step.beside
            if not step.instrument:
                self.transfers_ts = max(self.transfers_ts, step.moved or step.ts)
        elif isinstance(step, steps.LimitsInherited):
            self.seen_runs |= dict(step.seen)
            self.lifted, self.has_new_limits = max(step.lifted, self.lifted), True
        elif isinstance(step, steps.LimitsLifted):
            self.lifted = step.lifted
        elif isinstance(step, steps.BarsClosed) and step.bars:
            self.has_new_limits = False
        if not isinstance(step, steps.BESIDE_INSTANTS):
            self.done_steps[type(step)] = step.number
        for position_exit in getattr(step, "leaves", ()):
            if position_exit.reason == codes.OUTSIDE:
                self.paused.add(position_exit.slot)

    def add_rates(self, rates: Iterable[tuple[str, int, float]]) -> None:
        """Keep the last two funding rates of each instrument."""
        for name, ts, rate in rates:
            known = self.rates.get(name, ())
            if not known or known[-1][0] < ts:
                self.rates[name] = (*known[-1:], (ts, rate))

    @property
    def number(self) -> int:
        """The instant before the last one that was begun: that one is met again, where it was left."""
        return max(self.done_steps.values(), default=1) - 1


FindFill: TypeAlias = Callable[[tuple[str, str]], Fill | None]
"""Gives a booked fill by its instrument and id; None where there is none."""


class LogReplay:
    """What the log of a run says as far as it was taken, without what the venue told since.

    It is a function of the steps alone, and of the fills that they are made of: kept and taken up again it is the
    same as folded from the first step on.

    Attributes
    ----------
    memory : AccountMemory
        Knows of fills, funding and intents only what is in the log; `restore_memory` makes it whole.
    number : int
        Of the last step.
    used_fills : set of (str, str)
        Instruments and ids of the fills in it.
    settled : dict of str to int
        By instrument, when the last funding rate was settled that the log knows of.
    funding_inputs : FundingInputs
        What paper charges funding by.
    fill_cache : FillCache
        The fills that were read for it, as far as somebody may ask for them again.
    """

    def __init__(self, slots: Sequence[LiveSlot], protections: Protections | None) -> None:
        self._slots, self._protections = tuple(slots), protections
        no_facts = Deduplicator(0, FILLS_LATE_MS), Deduplicator(0, FUNDINGS_LATE_MS)
        self.memory = AccountMemory(None, Bookings(None), *no_facts, {}, frozenset(), {})
        self.number = 0
        self.used_fills: set[tuple[str, str]] = set()
        self.settled: dict[str, int] = {}
        self.funding_inputs = FundingInputs(self._slots)
        self.fill_cache = FillCache()

    @property
    def account(self) -> LiveAccount | None:
        """The account; None before the first step."""
        return self.memory.account

    def take(self, step: steps.Step, number: int, find_fill: FindFill) -> list[DecisionRow]:
        """Take the next step of the log and return what was decided."""
        memory, account = self.memory, self.memory.account
        if account is None:
            account = LiveAccount(self._slots, self._protections, step.ts)
            memory.start_account(account)
        for position_exit in getattr(step, "leaves", ()):
            closing = [find_fill(key) for key in self._fill_keys(position_exit)]
            memory.bookings.split_surplus(position_exit, [fill for fill in closing if fill is not None])
        rows = account.apply(step)
        memory.note_step(step)
        self._note_step(step, find_fill)
        self.funding_inputs.take(step)
        self.number = number
        return rows

    def drop_old_fills(self, late_ms: int = PAPER_FUNDINGS_LATE_MS) -> None:
        """Let go of the fills that nobody asks for any more: of positions that ended, and longer ago than that."""
        newest = max((known_fill.ts for known_fill in self.fill_cache.fills()), default=0)
        keep_since = dict.fromkeys((slot.id.instrument for slot in self._slots), newest - late_ms)
        for name, start in self._position_starts(newest - late_ms):
            # The first of several fills is a while before the last, which a position is booked to.
            keep_since[name] = min(keep_since[name], start - FILLS_LATE_MS)
        self.fill_cache.drop(self.used_fills, lambda fill: fill.ts < keep_since.get(fill.instrument, 0))

    def _position_starts(self, since: int) -> list[tuple[str, int]]:
        """Return by instrument the beginnings of the positions that were held after a time."""
        account = self.account
        if account is None:
            return []
        names = [slot.id.instrument for slot in account.slots]
        open_slots = [(names[k], account.slot(k)) for k in range(len(names)) if account.slot(k)["side"] != 0]
        ended = [
            (names[item["slot"]], item) for item in account.trades if item["exit_ts"] >= since - FILLS_LATE_MS
        ]
        return [(name, int(item["entry_ts"])) for name, item in (*open_slots, *ended)]

    def _note_step(self, step: steps.Step, find_fill: FindFill) -> None:
        memory = self.memory
        for bar in getattr(step, "bars", ()):
            memory.rates[self._slots[bar.slot].id.instrument] = bar.settlements
        if isinstance(step, steps.CashAdjusted):
            self.used_fills |= {(step.instrument, id_) for id_ in step.fills}
        if isinstance(step, steps.BarsOpened):
            memory.add_rates(step.rates)
            for name, ts, _ in step.rates:
                self.settled[name] = max(ts, self.settled.get(name, 0))
        for part in (*getattr(step, "leaves", ()), *getattr(step, "entries", ())):
            keys = self._fill_keys(part)
            if isinstance(part, steps.EntryResult) and part.lots:
                times = [fill.ts for fill in map(find_fill, keys) if fill is not None]
                memory.bookings.note_holder(part.slot, min(times, default=part.ts))
            self.used_fills.update(keys)

    def _fill_keys(self, part: steps.PositionExit | steps.EntryResult) -> list[tuple[str, str]]:
        return [(self._slots[part.slot].id.instrument, id_) for id_ in part.fills]


def restore_memory(
    run: TradeRun,
    slots: Sequence[LiveSlot],
    protections: Protections | None,
    book: TradeBook,
    replay: LogReplay | None = None,
) -> AccountMemory:
    """Fold the log of a run and find what was under way.

    Parameters
    ----------
    replay : LogReplay, optional
        How far the log was folded already; it goes into the answer and is nobody else's from then on.
    """
    replayed = LogReplay(slots, protections) if replay is None else replay
    records = list(book.steps(run.id, replayed.number))
    replayed.fill_cache.read_new(book, run.id)
    for step in records:
        replayed.take(steps.decode_step(step), step.number, replayed.fill_cache.find)
    memory, booked = replayed.memory, replayed.fill_cache.fills()
    late_ms = PAPER_FUNDINGS_LATE_MS if run.mode == "paper" else FUNDINGS_LATE_MS
    memory.fills, memory.fundings = Deduplicator(run.ts, FILLS_LATE_MS), Deduplicator(run.ts, late_ms)
    memory.fills.new(booked)
    # What is older than that is not asked for again, and whatever is told again is booked once.
    memory.fundings.new(book.fundings(run.id, newest_ms=late_ms))
    open_intents = book.intents(run.id, open_only=True)
    memory.open = {item.intent.id: item.intent for item in open_intents}

    def derive(id_: str) -> Intent | None:
        return derive_intent(run, memory.account, memory.open.values(), id_)

    memory.intents = IntentCache(book, run.id, open_intents, derive, memory.unwritten)
    memory.inherited = frozenset(memory.open)
    # Booked, but not yet the whole of an entry or of an exit.
    unassigned = tuple(item for item in booked if (item.instrument, item.id) not in replayed.used_fills)
    memory.bookings.restore_filled(replayed.fill_cache.dropped_by_order)
    memory.bookings.add_filled(item for item in booked if (item.instrument, item.id) in replayed.used_fills)
    memory.bookings.take(unassigned, memory.intents)
    _restore_unfinished(run, memory, book, unassigned, open_intents)
    return memory


def _restore_unfinished(
    run: TradeRun,
    memory: AccountMemory,
    book: TradeBook,
    unassigned: Sequence[Fill],
    unfinished: Sequence[KnownIntent],
) -> None:
    """Find what was being closed whatever its size, or was before the entry that opened it is booked."""
    entries = [item for item in memory.open.values() if item.leg == "entry"]
    entering = {(item.slot, item.ts_bar) for item in entries}
    # What closes what an entry opened is written after the entry.
    since = min((item.ts for item in entries), default=None)
    intents = dict(book.find_intents(item.client_id for item in unassigned))
    intents |= {} if since is None else {item.intent.id: item for item in book.changed_since(run.id, since)}
    intents |= {item.intent.id: item for item in unfinished}
    for item in sorted(intents.values(), key=lambda item: (item.intent.ts, item.intent.id)):
        is_entering = (item.intent.slot, item.intent.ts_bar) in entering
        if item.intent.leg == "flatten" and (item.move.state not in ENDED or is_entering):
            memory.bookings.mark_flattening(item.intent)
        if (
            item.intent.leg == "entry"
            and item.move.state in ENDED
            and memory.bookings.filled_qty(item.intent)
        ):
            memory.bookings.mark_dust(item.intent)
