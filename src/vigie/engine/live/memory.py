"""What a trading process knows when it begins: the fold of its log, and what was under way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.order import ENDED, Fill, Intent, TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live import steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.blank import LiveSlot
from vigie.engine.live.booking import Bookings, Sight
from vigie.engine.live.decided import Decided
from vigie.engine.live.known_intents import KnownIntents
from vigie.engine.live.met_fills import MetFills
from vigie.engine.live.paper_funding import Heard
from vigie.engine.live.unwritten import derived
from vigie.ports.tradebook import KnownIntent, TradeBook

# Longer than a trader waits for the fills of an order.
FILLS_LATE_MS: Final = 600_000
FUNDINGS_LATE_MS: Final = 8 * HOUR_MS
# On paper funding is charged when the bar ends that it fell into: no bar is longer.
PAPER_FUNDINGS_LATE_MS: Final = 35 * DAY_MS


@dataclass(slots=True)
class Memory:
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
    done : dict
        By kind of step, the number of the last instant at which it was taken.
    rates : dict
        By instrument, the funding rates settled last.
    paused : set of int
        Slots whose position somebody else closed: they do not enter again before a person says so.
    ordered : int
        Number of the last order of a person that was heard.
    beside : float or None
        What the venue held beside the account's money when it was compared first.
    moved_ts : int
        Up to when movements of money at the venue are in the log.
    seen : dict of str to int
        Runs whose limits this one goes on with, each up to the step of this number.
    lifted : int
        Number of the last lift that was heard.
    is_limited_anew : bool
        Whether limits of another run came after the last decisions: entries decided before must pass them.
    unwritten : dict of str to Intent
        Closings that somebody sent who could not write them, by id, until they are written with their fills.
    """

    account: LiveAccount | None
    bookings: Bookings
    fills: Sight
    fundings: Sight
    intents: MutableMapping[str, Intent]
    inherited: frozenset[str]
    open: dict[str, Intent]
    done: dict[type[Any], int] = field(default_factory=dict)
    rates: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    ordered: int = 0
    beside: float | None = None
    moved_ts: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    lifted: int = 0
    is_limited_anew: bool = False
    unwritten: dict[str, Intent] = field(default_factory=dict)

    def begin(self, account: LiveAccount) -> None:
        """Meet the first instant."""
        self.account, self.bookings = account, Bookings(account)

    def has(self, kind: type[Any], number: int) -> bool:
        """Tell whether a step of a kind was taken at an instant."""
        return self.done.get(kind) == number

    def took(self, step: steps.Step) -> None:
        """Note what a step changes beside the account."""
        self.bookings.took(step)
        if isinstance(step, steps.Resumed):
            self.paused -= set(step.slots)
            self.ordered = step.ordered
        elif isinstance(step, steps.Adjusted):
            self.beside = self.beside if step.beside is None else step.beside
            if not step.instrument:
                self.moved_ts = max(self.moved_ts, step.moved or step.ts)
        elif isinstance(step, steps.Carried):
            self.seen |= dict(step.seen)
            self.lifted, self.is_limited_anew = max(step.lifted, self.lifted), True
        elif isinstance(step, steps.Lifted):
            self.lifted = step.lifted
        elif isinstance(step, steps.Closed) and step.bars:
            self.is_limited_anew = False
        if not isinstance(step, steps.BESIDE_INSTANTS):
            self.done[type(step)] = step.number
        for leave in getattr(step, "leaves", ()):
            if leave.reason == codes.OUTSIDE:
                self.paused.add(leave.slot)

    def learn(self, rates: Iterable[tuple[str, int, float]]) -> None:
        """Keep the last two funding rates of each instrument."""
        for name, ts, rate in rates:
            known = self.rates.get(name, ())
            if not known or known[-1][0] < ts:
                self.rates[name] = (*known[-1:], (ts, rate))

    @property
    def number(self) -> int:
        """The instant before the last one that was begun: that one is met again, where it was left."""
        return max(self.done.values(), default=1) - 1


Told: TypeAlias = Callable[[tuple[str, str]], Fill | None]
"""Gives a booked fill by its instrument and id; None where there is none."""


class Fold:
    """What the log of a run says as far as it was taken, without what the venue told since.

    It is a function of the steps alone, and of the fills that they are made of: kept and taken up again it is the
    same as folded from the first step on.

    Attributes
    ----------
    memory : Memory
        Knows of fills, funding and intents only what is in the log; `remembered` makes it whole.
    number : int
        Of the last step.
    used : set of (str, str)
        Instruments and ids of the fills in it.
    settled : dict of str to int
        By instrument, when the last funding rate was settled that the log knows of.
    heard : Heard
        What paper charges funding by.
    met : MetFills
        The fills that were read for it, as far as somebody may ask for them again.
    """

    def __init__(self, slots: Sequence[LiveSlot], protections: Protections | None) -> None:
        self._slots, self._protections = tuple(slots), protections
        nothing = Sight(0, FILLS_LATE_MS), Sight(0, FUNDINGS_LATE_MS)
        self.memory = Memory(None, Bookings(None), *nothing, {}, frozenset(), {})
        self.number = 0
        self.used: set[tuple[str, str]] = set()
        self.settled: dict[str, int] = {}
        self.heard = Heard(self._slots)
        self.met = MetFills()

    @property
    def account(self) -> LiveAccount | None:
        """The account; None before the first step."""
        return self.memory.account

    def take(self, step: steps.Step, number: int, told: Told) -> list[Decided]:
        """Take the next step of the log and return what was decided."""
        memory, account = self.memory, self.memory.account
        if account is None:
            account = LiveAccount(self._slots, self._protections, step.ts)
            memory.begin(account)
        for leave in getattr(step, "leaves", ()):
            closing = [told(key) for key in self._keys(leave)]
            memory.bookings.was_closed(leave, [one for one in closing if one is not None])
        rows = account.apply(step)
        memory.took(step)
        self._note(step, told)
        self.heard.take(step)
        self.number = number
        return rows

    def let_go(self, late_ms: int = PAPER_FUNDINGS_LATE_MS) -> None:
        """Let go of the fills that nobody asks for any more: of positions that ended, and longer ago than that."""
        newest = max((one.ts for one in self.met.fills()), default=0)
        until = dict.fromkeys((slot.id.instrument for slot in self._slots), newest - late_ms)
        for name, begun in self._spans(newest - late_ms):
            # The first of several fills is a while before the last, which a position is booked to.
            until[name] = min(until[name], begun - FILLS_LATE_MS)
        self.met.let_go(self.used, lambda fill: fill.ts < until.get(fill.instrument, 0))

    def _spans(self, since: int) -> list[tuple[str, int]]:
        """Return by instrument the beginnings of the positions that were held after a time."""
        account = self.account
        if account is None:
            return []
        names = [slot.id.instrument for slot in account.slots]
        held = [(names[k], account.slot(k)) for k in range(len(names)) if account.slot(k)["side"] != 0]
        ended = [
            (names[one["slot"]], one) for one in account.trades if one["exit_ts"] >= since - FILLS_LATE_MS
        ]
        return [(name, int(one["entry_ts"])) for name, one in (*held, *ended)]

    def _note(self, step: steps.Step, told: Told) -> None:
        memory = self.memory
        for bar in getattr(step, "bars", ()):
            memory.rates[self._slots[bar.slot].id.instrument] = bar.settlements
        if isinstance(step, steps.Adjusted):
            self.used |= {(step.instrument, id_) for id_ in step.fills}
        if isinstance(step, steps.Opened):
            memory.learn(step.rates)
            for name, ts, _ in step.rates:
                self.settled[name] = max(ts, self.settled.get(name, 0))
        for part in (*getattr(step, "leaves", ()), *getattr(step, "entries", ())):
            keys = self._keys(part)
            if isinstance(part, steps.Entry) and part.lots:
                begun = [one.ts for one in map(told, keys) if one is not None]
                memory.bookings.held(part.slot, min(begun, default=part.ts))
            self.used.update(keys)

    def _keys(self, part: steps.Leave | steps.Entry) -> list[tuple[str, str]]:
        return [(self._slots[part.slot].id.instrument, id_) for id_ in part.fills]


def remembered(
    run: TradeRun,
    slots: Sequence[LiveSlot],
    protections: Protections | None,
    book: TradeBook,
    fold: Fold | None = None,
) -> Memory:
    """Fold the log of a run and find what was under way.

    Parameters
    ----------
    fold : Fold, optional
        How far the log was folded already; it goes into the answer and is nobody else's from then on.
    """
    whole = Fold(slots, protections) if fold is None else fold
    taken = list(book.steps(run.id, whole.number))
    whole.met.read(book, run.id)
    for step in taken:
        whole.take(steps.read(step), step.number, whole.met.find)
    memory, booked = whole.memory, whole.met.fills()
    late = PAPER_FUNDINGS_LATE_MS if run.mode == "paper" else FUNDINGS_LATE_MS
    memory.fills, memory.fundings = Sight(run.ts, FILLS_LATE_MS), Sight(run.ts, late)
    memory.fills.new(booked)
    # What is older than that is not asked for again, and whatever is told again is booked once.
    memory.fundings.new(book.fundings(run.id, newest_ms=late))
    known = book.intents(run.id, open_only=True)
    memory.open = {one.intent.id: one.intent for one in known}

    def derive(id_: str) -> Intent | None:
        return derived(run, memory.account, memory.open.values(), id_)

    memory.intents = KnownIntents(book, run.id, known, derive, memory.unwritten)
    memory.inherited = frozenset(memory.open)
    # Booked, but not yet the whole of an entry or of an exit.
    loose = tuple(one for one in booked if (one.instrument, one.id) not in whole.used)
    memory.bookings.heard_before(whole.met.by_order)
    memory.bookings.hear(one for one in booked if (one.instrument, one.id) in whole.used)
    memory.bookings.take(loose, memory.intents)
    _go_on(run, memory, book, loose, known)
    return memory


def _go_on(
    run: TradeRun, memory: Memory, book: TradeBook, loose: Sequence[Fill], unfinished: Sequence[KnownIntent]
) -> None:
    """Find what was being closed whatever its size, or was before the entry that opened it is booked."""
    entries = [one for one in memory.open.values() if one.leg == "entry"]
    entering = {(one.slot, one.ts_bar) for one in entries}
    # What closes what an entry opened is written after the entry.
    since = min((one.ts for one in entries), default=None)
    known = dict(book.named(one.client_id for one in loose))
    known |= {} if since is None else {one.intent.id: one for one in book.touched(run.id, since)}
    known |= {one.intent.id: one for one in unfinished}
    for one in sorted(known.values(), key=lambda one: (one.intent.ts, one.intent.id)):
        is_coming = (one.intent.slot, one.intent.ts_bar) in entering
        if one.intent.leg == "flatten" and (one.move.state not in ENDED or is_coming):
            memory.bookings.flatten(one.intent)
        if one.intent.leg == "entry" and one.move.state in ENDED and memory.bookings.filled(one.intent):
            memory.bookings.leave_over(one.intent)
