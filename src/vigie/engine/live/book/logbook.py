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
from vigie.engine.live.book.account_memory import AccountMemory
from vigie.engine.live.book.foreign import foreign_fills
from vigie.engine.live.book.intent_writer import IntentWriter
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.book.unwritten_intents import recover_unwritten
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import AuditNote, TradeBook, TradeChange
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
    reconciler : Reconciler
        What it has seen is written down with the next change.
    lease : Lease
        The right to trade.
    lease_s : float
        How long it lasts without being kept.
    bar_fingerprint : callable
        What the bars that a slot was decided on are known by; asked where it enters.
    """

    def __init__(
        self,
        book: TradeBook,
        clock: PatientClock,
        writer: IntentWriter,
        reconciler: Reconciler,
        lease: Lease,
        lease_s: float,
        bar_fingerprint: Callable[[int], str],
    ) -> None:
        self._book = book
        self._clock = clock
        self.writer = writer
        self._reconciler = reconciler
        self._lease = lease
        self._lease_s = lease_s
        self._bar_fingerprint = bar_fingerprint
        # Reading the log takes its time: the right is confirmed before the first order.
        self._renewed_ts, self._since_renewed = 0, Elapsed(0)
        self._foreign_ids: set[str] = set()
        self._state: TradingState | None = None
        self._state_ts = 0

    @property
    def memory(self) -> AccountMemory:
        """What is known."""
        return self._reconciler.memory

    @property
    def account(self) -> LiveAccount:
        """The account as far as its log goes.

        Raises
        ------
        InvariantBroken
            Before the first instant: there is none yet.
        """
        if self.memory.account is None:
            raise InvariantBroken(
                "account_not_processed_anything_yet", "the account has not processed anything yet"
            )
        return self.memory.account

    # Steps and intents -----------------------------------------------------------------------------------------

    def take(self, *log_steps: steps.Step) -> list[DecisionRow]:
        """Let the account take steps and return what was decided."""
        rows = []
        for step in log_steps:
            rows += self.account.apply(step)
            self.memory.note_step(step)
        return rows

    def commit(
        self,
        log_steps: Sequence[steps.Step] = (),
        *,
        moves: Sequence[IntentMove] = (),
        intents: Sequence[Intent] = (),
        notes: Sequence[AuditNote] = (),
        state: TradingState | None = None,
    ) -> None:
        """Write down what was taken, seen and meant, in one durable transaction; `Conflict` as in `confirm_lease`."""
        reconciler, memory = self._reconciler, self.memory
        if not (log_steps or moves or intents or notes or state or reconciler.fills):
            return
        # A right that ended while the machine slept is ours still where nobody wanted it.
        self._confirm_if_stale(self._clock.wall_now())
        is_paid = any(isinstance(step, steps.BarsClosed | steps.BarsOpened) for step in log_steps)
        recovered, ended = recover_unwritten(
            memory.unwritten, memory.bookings, reconciler.fills, self._clock.wall_now()
        )
        intents, moves = [*intents, *recovered], [*moves, *ended]
        # The audit chain says what happened; a replay did not.
        all_notes = (
            ()
            if self.writer.run.is_replayed
            else (*map(self._intent_note, intents), *self._foreign_notes(), *notes)
        )
        change = TradeChange(
            steps=tuple(steps.encode_step(step) for step in log_steps),
            intents=tuple(intents),
            moves=tuple(moves),
            fills=reconciler.fills,
            fundings=reconciler.fundings if is_paid else (),
            state=state,
            notes=all_notes,
        )
        self._book.commit(self._lease, change)
        self._state = state or self._state
        reconciler.fills = ()
        if is_paid:
            reconciler.fundings = ()
        memory.intents.update({intent.id: intent for intent in intents})
        memory.open.update({intent.id: intent for intent in intents})
        for move in moves:
            if move.state in ENDED:
                memory.open.pop(move.id, None)

    def _foreign_notes(self) -> list[AuditNote]:
        fills = self._reconciler.fills
        # On paper nobody else trades.
        if not fills or self.writer.run.mode == "paper":
            return []
        return foreign_fills(fills, self.memory, self._book)

    def _intent_note(self, intent: Intent) -> AuditNote:
        details = {"slot": intent.slot, "leg": intent.leg}
        if intent.leg == "entry":
            details["bars"] = self._bar_fingerprint(self.memory.bookings.number(intent))
        return AuditNote("trade.intent", intent.id, details)

    def read_commands(self, ts: int) -> list[steps.Step]:
        """Return what a person ordered since it was asked last, and which limits were lifted."""
        account, memory = self._lease.account, self.memory
        lifts = self._book.lifts(account, memory.lifted)
        commands: list[steps.Step] = [steps.LimitsLifted(ts, lift.limits, lift.number) for lift in lifts]
        order_number = self._book.last_order_number(account)
        if order_number > memory.ordered:
            is_active = self._book.state(account) == "active"
            slots = tuple(sorted(memory.paused)) if is_active else ()
            commands.append(steps.SlotsResumed(ts, slots, order_number))
        return commands

    def open_intents(self, leg: Leg) -> list[Intent]:
        """Return the intents for something that have not ended."""
        return [intent for intent in self.memory.open.values() if intent.leg == leg]

    def has_resting_target(self, number: int) -> bool:
        """Tell whether the target of a slot's position is an order of its own."""
        name = str(self.account.slots[number].id)
        return any(intent.slot == name for intent in self.open_intents("target"))

    # What is out of the ordinary -------------------------------------------------------------------------------

    def note_protection(self, what: str, instrument: str) -> None:
        """Write down what is done about a position without a stop, before it is done."""
        if what == "flatten":
            self.write_flatten(instrument, "unprotected")
        else:
            self.commit(notes=[AuditNote("trade.unprotected", instrument, {"done": what})])

    def write_flatten(self, instrument: str, reason: str) -> None:
        """Write down that a position is closed whatever its size; once, until that has ended."""
        if any(intent.instrument == instrument for intent in self.open_intents("flatten")):
            return
        memory = self.memory
        cause = next(
            (intent for intent in self.open_intents("entry") if intent.instrument == instrument), None
        )
        number = None if cause is not None else memory.bookings.holder(instrument)
        if number is not None:
            ts = int(self.account.slot(number)["entry_ts"])
            cause = self.writer.exit_intent(self.account, number, ts, codes.PROTECTION)
        if cause is not None:
            qty = memory.bookings.filled_qty(cause) or cause.qty
            self.commit(intents=[self.flatten_intent(cause, qty, reason)])

    def flatten_surplus(self) -> bool:
        """Write down that what closed a position more than once is closed itself; whether there is such a thing."""
        memory = self.memory
        surplus = memory.bookings.open_surplus()
        for number, qty in surplus:
            name = str(self.account.slots[number].id)
            if any(intent.slot == name for intent in self.open_intents("flatten")):
                continue
            cause = self._book.newest(self.writer.run.id, name).intent
            closing = replace(self.flatten_intent(cause, abs(qty), "reversed"), side=-1 if qty > 0 else 1)
            why = "its position was closed twice, as by stop and target: what that left is closed at once"
            details = {"qty": f"{qty:f}", "why": why}
            self.commit(intents=[closing], notes=[AuditNote("trade.reversed", name, details)])
        return bool(surplus)

    def flatten_intent(self, cause: Intent, qty: Decimal, reason: str) -> Intent:
        """Return the intent that closes what an entry or an exit left, and let its fills be known as ours."""
        attempt = 1
        while (closing := self.writer.flatten_intent(cause, qty, reason, attempt)).id in self.memory.intents:
            attempt += 1
        self.memory.bookings.mark_flattening(closing)
        return closing

    def halt(self, subject: str, why: str, moves: Sequence[IntentMove] = ()) -> None:
        """Let nothing be entered until a person says so, and say why; a person's stricter word stays."""
        is_active = self._book.state(self._lease.account) == "active"
        note = AuditNote("trade.halted", subject, {"why": why})
        self.commit(moves=moves, state="halted" if is_active else None, notes=[note])

    def halt_if_foreign(self, order_ids: Iterable[str] = ()) -> None:
        """Halt the account where another program trades it: orders that are named as ours are, and nobody here wrote.

        Parameters
        ----------
        order_ids : iterable of str
            Our names of orders that were seen; those of new fills are looked at anyway.
        """
        order_ids_seen = {*order_ids, *self._reconciler.order_ids} - self._foreign_ids
        self._reconciler.order_ids.clear()
        # An order of an earlier run, or of another account of this book, is explained.
        foreign = {
            order_id
            for order_id in order_ids_seen
            if is_foreign(order_id) and order_id not in self.memory.intents
        }
        foreign = {order_id for order_id in foreign if self._book.intent(order_id) is None}
        is_reported = bool(self._foreign_ids) and self._book.state(self._lease.account) != "active"
        self._foreign_ids |= foreign
        if foreign and not is_reported:
            self.halt(self._lease.account, _ANOTHER.format(min(foreign)))

    def may_enter(self) -> bool:
        """Tell whether entries are taken, as it was not long ago: a person may halt an account at any time."""
        now = self._clock.wall_now()
        # Where the clock was set back nobody knows how long ago it was.
        if self._state is None or not 0 <= now - self._state_ts < FRESH_MS:
            self._state, self._state_ts = self._book.state(self._lease.account), now
        return self._state == "active"

    def note_unanswered(self, why: str) -> None:
        """Write down that the venue does not answer."""
        self.commit(notes=[AuditNote("trade.unanswered", self._lease.account, {"why": why})])

    # The right to trade ----------------------------------------------------------------------------------------

    async def confirm_lease(self) -> int:
        """See that the right to trade is ours and fresh, and return when that was; `Conflict` where somebody took it.

        The time is read first: whoever stands still after any line of this signs with a time that is over.
        """
        now = self._clock.wall_now()
        self._confirm_if_stale(now)
        self._reconciler.note_sending()
        return now

    async def last_lease_time(self) -> int:
        """Return when the right to trade was confirmed last, for where the book cannot be asked about it.

        Nobody but a person takes a right that has not ended, and the venue refuses what was signed long ago.

        Raises
        ------
        StorageError
            If it has ended since.
        """
        if self._since_renewed.passed_ms(self._clock.wall_now()) >= self._lease_s * 1_000:
            raise StorageError(
                "lease_trade_expired_cannot_renewed",
                "the lease to trade has expired and cannot be renewed: nothing more is sent",
            )
        return self._renewed_ts

    def _confirm_if_stale(self, now: int) -> None:
        if not 0 <= now - self._renewed_ts < FRESH_MS:
            self.renew_lease()

    def renew_lease(self) -> None:
        """Make the right to trade last longer."""
        # Read before: a process that stands still after the book was asked has not just seen its right.
        now = self._clock.wall_now()
        self._lease = self._book.keep(self._lease, for_s=self._lease_s)
        self._renewed_ts, self._since_renewed = now, Elapsed(now)
