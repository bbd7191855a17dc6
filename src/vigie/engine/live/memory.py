"""What a trading process knows when it begins: the fold of its log, and what was under way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.order import ENDED, Fill, Intent, TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live import steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.blank import LiveSlot
from vigie.engine.live.booking import Bookings, Sight
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
    intents : dict of str to Intent
        Every intent of the run, by id.
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
    """

    account: LiveAccount | None
    bookings: Bookings
    fills: Sight
    fundings: Sight
    intents: dict[str, Intent]
    inherited: frozenset[str]
    open: dict[str, Intent]
    done: dict[type[Any], int] = field(default_factory=dict)
    rates: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    ordered: int = 0
    beside: float | None = None

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
        else:
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


def remembered(
    run: TradeRun, slots: Sequence[LiveSlot], protections: Protections | None, book: TradeBook
) -> Memory:
    """Fold the log of a run and find what was under way."""
    taken = [steps.read(step) for step in book.steps(run.id)]
    booked, fundings = book.fills(run.id), book.fundings(run.id)
    late = PAPER_FUNDINGS_LATE_MS if run.mode == "paper" else FUNDINGS_LATE_MS
    seen = Sight(run.ts, FILLS_LATE_MS), Sight(run.ts, late)
    seen[0].new(booked)
    seen[1].new(fundings)
    known = book.intents(run.id)
    intents = {one.intent.id: one.intent for one in known}
    waiting = {one.intent.id: one.intent for one in known if one.move.state not in ENDED}
    begun = next((step.ts for step in taken if not isinstance(step, steps.BESIDE_INSTANTS)), None)
    account = None if begun is None else LiveAccount(slots, protections, begun)
    memory = Memory(account, Bookings(account), *seen, intents, frozenset(waiting), waiting)
    used = _fold(memory, taken, slots, booked)
    # Booked, but not yet the whole of an entry or of an exit.
    loose = tuple(one for one in booked if (one.instrument, one.id) not in used)
    memory.bookings.hear(one for one in booked if (one.instrument, one.id) in used)
    memory.bookings.take(loose, intents)
    _go_on(memory, known)
    return memory


def _fold(
    memory: Memory, taken: Sequence[steps.Step], slots: Sequence[LiveSlot], booked: Sequence[Fill]
) -> set[tuple[str, str]]:
    """Take the steps again and return the fills that are in them."""
    used: set[tuple[str, str]] = set()
    told = {(one.instrument, one.id): one for one in booked}
    for step in taken:
        for leave in getattr(step, "leaves", ()):
            instrument = slots[leave.slot].id.instrument
            closing = [told[instrument, id_] for id_ in leave.fills if (instrument, id_) in told]
            memory.bookings.was_closed(leave, closing)
        if memory.account is not None:
            memory.account.apply(step)
        memory.took(step)
        for bar in getattr(step, "bars", ()):
            memory.rates[slots[bar.slot].id.instrument] = bar.settlements
        if isinstance(step, steps.Adjusted):
            used |= {(step.instrument, id_) for id_ in step.fills}
        if isinstance(step, steps.Opened):
            memory.learn(step.rates)
        for part in (*getattr(step, "leaves", ()), *getattr(step, "entries", ())):
            keys = {(slots[part.slot].id.instrument, id_) for id_ in part.fills}
            if isinstance(part, steps.Entry) and part.lots:
                memory.bookings.held(
                    part.slot, min((told[key].ts for key in keys if key in told), default=part.ts)
                )
            used |= keys
    return used


def _go_on(memory: Memory, known: Sequence[KnownIntent]) -> None:
    """Find what was being closed whatever its size."""
    for one in known:
        if one.intent.leg == "flatten" and one.move.state not in ENDED:
            memory.bookings.flatten(one.intent)
        if one.intent.leg == "entry" and one.move.state in ENDED and memory.bookings.filled(one.intent):
            memory.bookings.leave_over(one.intent)
