"""What one process knows of an account and writes down of it, as long as it has the right to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from vigie.domain import codes
from vigie.domain.errors import InvariantBroken, StorageError
from vigie.domain.order import ENDED, Intent, IntentMove, Lease, Leg, TradingState
from vigie.domain.time import Elapsed
from vigie.engine.live import steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.decided import Decided
from vigie.engine.live.foreign import foreign_fills
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.memory import Memory
from vigie.engine.live.unwritten import caught_up
from vigie.engine.live.writing import Writer
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import Note, TradeBook, TradeChange
from vigie.trading.intents import is_foreign

# A right to trade that was not confirmed for longer is confirmed before anything is sent or written.
FRESH_MS: Final = 2_000
_ANOTHER: Final = (
    "another program trades this account at the venue: order {} is named as Vigie's are, and of no run here; end one "
    "of the two, or give each an account of its own at the venue, then let this one enter again"
)


class Logbook:
    """The account's log and book, and the right to write them.

    Parameters
    ----------
    lookout : Lookout
        What it has seen is written down with the next change.
    lease : Lease
        The right to trade.
    lease_s : float
        How long it lasts without being kept.
    frozen : callable
        What the bars that a slot was decided on are known by; asked where it enters.
    """

    def __init__(
        self,
        book: TradeBook,
        clock: PatientClock,
        writer: Writer,
        lookout: Lookout,
        lease: Lease,
        lease_s: float,
        frozen: Callable[[int], str],
    ) -> None:
        self._book = book
        self._clock = clock
        self.writer = writer
        self._lookout = lookout
        self._lease = lease
        self._lease_s = lease_s
        self._frozen = frozen
        # Reading the log takes its time: the right is confirmed before the first order.
        self._kept_ts, self._kept = 0, Elapsed(0)
        self._others: set[str] = set()
        self._state: TradingState | None = None
        self._state_ts = 0

    @property
    def memory(self) -> Memory:
        """What is known."""
        return self._lookout.memory

    @property
    def account(self) -> LiveAccount:
        """The account as far as its log goes.

        Raises
        ------
        InvariantBroken
            Before the first instant: there is none yet.
        """
        if self.memory.account is None:
            raise InvariantBroken("the account has met no instant yet")
        return self.memory.account

    # Steps and intents -----------------------------------------------------------------------------------------

    def take(self, *taken: steps.Step) -> list[Decided]:
        """Let the account take steps and return what was decided."""
        rows = []
        for step in taken:
            rows += self.account.apply(step)
            self.memory.took(step)
        return rows

    def commit(
        self,
        taken: Sequence[steps.Step] = (),
        *,
        moves: Sequence[IntentMove] = (),
        intents: Sequence[Intent] = (),
        notes: Sequence[Note] = (),
        state: TradingState | None = None,
    ) -> None:
        """Write down what was taken, seen and meant, in one durable transaction; `Conflict` as in `guard`."""
        lookout, memory = self._lookout, self.memory
        if not (taken or moves or intents or notes or state or lookout.fills):
            return
        # A right that ended while the machine slept is ours still where nobody wanted it.
        self._confirm(self._clock.wall_now())
        is_paid = any(isinstance(step, steps.Closed | steps.Opened) for step in taken)
        late, ended = caught_up(memory.unwritten, memory.bookings, lookout.fills, self._clock.wall_now())
        intents, moves = [*intents, *late], [*moves, *ended]
        meant = [self._meant(one) for one in intents]
        change = TradeChange(
            steps=tuple(steps.written(step) for step in taken),
            intents=tuple(intents),
            moves=tuple(moves),
            fills=lookout.fills,
            fundings=lookout.fundings if is_paid else (),
            state=state,
            notes=(*meant, *self._foreign(), *notes),
        )
        self._book.commit(self._lease, change)
        self._state = state or self._state
        lookout.fills = ()
        if is_paid:
            lookout.fundings = ()
        memory.intents.update({one.id: one for one in intents})
        memory.open.update({one.id: one for one in intents})
        for move in moves:
            if move.state in ENDED:
                memory.open.pop(move.id, None)

    def _foreign(self) -> list[Note]:
        fills = self._lookout.fills
        # On paper nobody else trades.
        if not fills or self.writer.run.mode == "paper":
            return []
        return foreign_fills(fills, self.memory, self._book)

    def _meant(self, intent: Intent) -> Note:
        said = {"slot": intent.slot, "leg": intent.leg}
        if intent.leg == "entry":
            said["bars"] = self._frozen(self.memory.bookings.number(intent))
        return Note("trade.intent", intent.id, said)

    def heard(self, ts: int) -> list[steps.Step]:
        """Return what a person ordered since it was asked last, and which limits were lifted."""
        account, memory = self._lease.account, self.memory
        lifts = self._book.lifts(account, memory.lifted)
        found: list[steps.Step] = [steps.Lifted(ts, one.limits, one.number) for one in lifts]
        ordered = self._book.ordered(account)
        if ordered > memory.ordered:
            is_active = self._book.state(account) == "active"
            slots = tuple(sorted(memory.paused)) if is_active else ()
            found.append(steps.Resumed(ts, slots, ordered))
        return found

    def open(self, leg: Leg) -> list[Intent]:
        """Return the intents for something that have not ended."""
        return [one for one in self.memory.open.values() if one.leg == leg]

    def rests(self, number: int) -> bool:
        """Tell whether the target of a slot's position is an order of its own."""
        name = str(self.account.slots[number].id)
        return any(one.slot == name for one in self.open("target"))

    # What is out of the ordinary -------------------------------------------------------------------------------

    def protected(self, what: str, instrument: str) -> None:
        """Write down what is done about a position without a stop, before it is done."""
        if what == "flatten":
            self.flatten(instrument, "unprotected")
        else:
            self.commit(notes=[Note("trade.unprotected", instrument, {"done": what})])

    def flatten(self, instrument: str, reason: str) -> None:
        """Write down that a position is closed whatever its size; once, until that has ended."""
        if any(one.instrument == instrument for one in self.open("flatten")):
            return
        memory = self.memory
        cause = next((one for one in self.open("entry") if one.instrument == instrument), None)
        number = None if cause is not None else memory.bookings.holder(instrument)
        if number is not None:
            ts = int(self.account.slot(number)["entry_ts"])
            cause = self.writer.leave(self.account, number, ts, codes.PROTECTION)
        if cause is not None:
            qty = memory.bookings.filled(cause) or cause.qty
            self.commit(intents=[self.flattening(cause, qty, reason)])

    def right(self) -> bool:
        """Write down that what closed a position more than once is closed itself; whether there is such a thing."""
        memory = self.memory
        found = memory.bookings.reversed()
        for number, qty in found:
            name = str(self.account.slots[number].id)
            if any(one.slot == name for one in self.open("flatten")):
                continue
            cause = self._book.newest(self.writer.run.id, name).intent
            made = replace(self.flattening(cause, abs(qty), "reversed"), side=-1 if qty > 0 else 1)
            why = "its position was closed twice, as by stop and target: what that left is closed at once"
            said = {"qty": f"{qty:f}", "why": why}
            self.commit(intents=[made], notes=[Note("trade.reversed", name, said)])
        return bool(found)

    def flattening(self, cause: Intent, qty: Decimal, reason: str) -> Intent:
        """Return the intent that closes what an entry or an exit left, and let its fills be known as ours."""
        attempt = 1
        while (made := self.writer.flatten(cause, qty, reason, attempt)).id in self.memory.intents:
            attempt += 1
        self.memory.bookings.flatten(made)
        return made

    def halt(self, subject: str, why: str, moves: Sequence[IntentMove] = ()) -> None:
        """Let nothing be entered until a person says so, and say why; a person's stricter word stays."""
        is_active = self._book.state(self._lease.account) == "active"
        note = Note("trade.halted", subject, {"why": why})
        self.commit(moves=moves, state="halted" if is_active else None, notes=[note])

    def mind_others(self, order_ids: Iterable[str] = ()) -> None:
        """Halt the account where another program trades it: orders that are named as ours are, and nobody here wrote.

        Parameters
        ----------
        order_ids : iterable of str
            Our names of orders that were seen; those of new fills are looked at anyway.
        """
        named = {*order_ids, *self._lookout.named} - self._others
        self._lookout.named.clear()
        # An order of an earlier run, or of another account of this book, is explained.
        others = {one for one in named if is_foreign(one) and one not in self.memory.intents}
        others = {one for one in others if self._book.intent(one) is None}
        is_said = bool(self._others) and self._book.state(self._lease.account) != "active"
        self._others |= others
        if others and not is_said:
            self.halt(self._lease.account, _ANOTHER.format(min(others)))

    def may_enter(self) -> bool:
        """Tell whether entries are taken, as it was not long ago: a person may halt an account at any time."""
        now = self._clock.wall_now()
        # Where the clock was set back nobody knows how long ago it was.
        if self._state is None or not 0 <= now - self._state_ts < FRESH_MS:
            self._state, self._state_ts = self._book.state(self._lease.account), now
        return self._state == "active"

    def unanswered(self, why: str) -> None:
        """Write down that the venue does not answer."""
        self.commit(notes=[Note("trade.unanswered", self._lease.account, {"why": why})])

    # The right to trade ----------------------------------------------------------------------------------------

    async def guard(self) -> int:
        """See that the right to trade is ours and fresh, and return when that was; `Conflict` where somebody took it.

        The time is read first: whoever stands still after any line of this signs with a time that is over.
        """
        now = self._clock.wall_now()
        self._confirm(now)
        self._lookout.sends()
        return now

    async def last_right(self) -> int:
        """Return when the right to trade was confirmed last, for where the book cannot be asked about it.

        Nobody but a person takes a right that has not ended, and the venue refuses what was signed long ago.

        Raises
        ------
        StorageError
            If it has ended since.
        """
        if self._kept.passed_ms(self._clock.wall_now()) >= self._lease_s * 1_000:
            raise StorageError("the right to trade has ended and cannot be kept: nothing is sent any more")
        return self._kept_ts

    def _confirm(self, now: int) -> None:
        if not 0 <= now - self._kept_ts < FRESH_MS:
            self.keep()

    def keep(self) -> None:
        """Make the right to trade last longer."""
        # Read before: a process that stands still after the book was asked has not just seen its right.
        now = self._clock.wall_now()
        self._lease = self._book.keep(self._lease, for_s=self._lease_s)
        self._kept_ts, self._kept = now, Elapsed(now)
