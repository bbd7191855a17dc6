"""Between bars: whether orders, stops and positions are still what the account knows.

What it finds is booked, protected or told; nothing that is not ours is touched. It stops where an instant begins, so
there is never more than one hand at the account.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.domain import codes
from vigie.domain.errors import AuthError, ConnectorError
from vigie.domain.order import Balance
from vigie.engine.live.book.foreign import Ledger, money_steps, transfers_since
from vigie.engine.live.book.logbook import Logbook
from vigie.engine.live.book.position_differences import PositionDifference
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.execution import Execution
from vigie.engine.live.fold import steps
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import AuditNote

# Less is the rounding of a venue.
LEAST: Final = 1e-4
# After so long without a look somebody may have moved money in and out again.
AWAY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class CheckIntervals:
    """How often is looked, in seconds on the wall.

    Attributes
    ----------
    in_flight_s : float
        At what was sent and has not ended.
    orders_s : float
        At open orders; at the stops of positions, then also while an instant is met.
    positions_s : float
        At fills and positions.
    """

    in_flight_s: float = 5.0
    orders_s: float = 10.0
    positions_s: float = 15.0


@dataclass(slots=True)
class AccountMonitor:
    """Looks at the venue for as long as nothing else does."""

    intervals: CheckIntervals
    log: Logbook
    reconciler: Reconciler
    execution: Execution
    clock: PatientClock
    ledger: Ledger | None = None
    _reported: set[Any] = field(default_factory=set)
    _unreadable: set[str] = field(default_factory=set)
    _last_differences: frozenset[PositionDifference] = frozenset()
    _drift: float = 0.0
    _last_check: Deadline | None = None
    _due: list[Deadline] = field(default_factory=list)

    @property
    def n_different(self) -> int:
        """How many instruments the venue and the account saw differently when they were compared last."""
        return len(self._last_differences)

    async def run(self) -> None:
        """Look until it is cancelled."""
        checks = (
            (self.intervals.in_flight_s, self._check_in_flight),
            (self.intervals.orders_s, self._check_orders),
            (self.intervals.positions_s, self._check_positions),
        )
        # They go on over instants: where these come more often than a check is due, none would ever be made.
        due = self._due = self._due or [Deadline(self.clock, seconds) for seconds, _ in checks]
        while True:
            await self.clock.pause(max(min(deadline.left_s() for deadline in due), 0.001))
            # What has waited longest goes first: an instant may break off the others.
            for index in sorted(range(len(checks)), key=lambda index: due[index].left_s()):
                seconds, check = checks[index]
                if due[index].is_over():
                    await self._run_check(check)
                    due[index] = Deadline(self.clock, seconds)

    async def _run_check(self, check: Callable[[], Awaitable[None]]) -> None:
        try:
            await check()
        except AuthError:
            raise
        except ConnectorError as fault:
            # Maintenance, or something that cannot be read: looked again when it is due again.
            if check.__name__ not in self._unreadable:
                self._unreadable.add(check.__name__)
                account = self.log.writer.run.account
                self.log.commit(notes=[AuditNote("trade.unreadable", account, {"why": str(fault)})])
        else:
            self._unreadable.discard(check.__name__)

    # What is under way -----------------------------------------------------------------------------------------

    async def _check_in_flight(self) -> None:
        number, ts = self._last_instant()
        await self.execution.retry_exits(number, ts)
        await self.execution.flatten_remains(number, ts)
        targets = self.execution.targets
        ended, misplaced = await targets.check_orders()
        if ended:
            await self._check_positions()
            await targets.replace_lost(ended)
        await targets.regrid_orders(misplaced)
        # What the venue did not take before waits for no bar.
        await targets.place_new()
        await targets.cancel_orphaned()
        await self.execution.flatten_remains(number, ts)

    def _last_instant(self) -> tuple[int, int]:
        """Return the number and the time of what is written down between bars."""
        return max(self.log.memory.done_steps.values(), default=1), self.clock.market_now()

    # Orders ----------------------------------------------------------------------------------------------------

    async def _check_orders(self) -> None:
        intents = self.log.memory.intents
        orders = await self.reconciler.caller.until_answered(self.reconciler.venue.open_orders)
        self.log.halt_if_foreign(order.client_id for order in orders if order.kind in ("market", "limit"))
        for order in orders:
            if order.kind in ("market", "limit") and order.client_id not in intents:
                details = {
                    "order": order.order_id,
                    "side": order.side,
                    "qty": f"{order.qty:f}",
                    "kind": order.kind,
                }
                self._report_once("trade.unexplained_order", order.instrument, details)

    # Fills and positions ---------------------------------------------------------------------------------------

    async def _check_positions(self) -> None:
        differences = frozenset(await self.reconciler.find_differences(self.log.account))
        self.log.halt_if_foreign()
        self._book_exits()
        if self.log.flatten_surplus():
            await self.execution.flatten_remains(*self._last_instant())
        # What is seen twice is no fill that is late.
        for difference in differences & self._last_differences:
            details = {"ours": f"{difference.ours:f}", "theirs": f"{difference.theirs:f}"}
            self._report_once("trade.unexplained_position", difference.instrument, details)
        self._last_differences = differences
        is_calm = not (differences or self.log.memory.bookings.pending_fills() or self._under_way())
        if is_calm and self.log.writer.run.mode != "paper":
            await self._check_money()

    def _under_way(self) -> bool:
        return any(intent.leg != "target" for intent in self.log.memory.open.values())

    async def _check_money(self) -> None:
        """Book money that came or went without a trade of ours, once it is seen twice."""
        cash_known, ts = self.log.memory.cash_beside, self._last_instant()[1]
        balance, cash_beside = await self._read_cash_beside()
        if cash_known is None or abs(cash_beside - cash_known) >= LEAST:
            # Funding that was settled and not heard of yet moves money as well.
            await self.reconciler.fetch(with_fundings=True)
            balance, cash_beside = await self._read_cash_beside()
        if cash_known is None:
            self._book_movement(
                steps.CashAdjusted(ts, 0.0, "found", beside=cash_beside),
                f"{balance.cash:f}",
                balance.currency,
            )
            return
        drift, self._drift = self._drift, round(cash_beside - cash_known, 6)
        # What came and went again while nobody looked leaves no drift.
        was_away = self._last_check is None or self._last_check.is_over()
        self._last_check = Deadline(self.clock, AWAY_S)
        is_sure = self._drift == drift and abs(drift) >= LEAST
        if not (is_sure or (was_away and abs(self._drift) < LEAST)):
            return
        transfers = (
            [] if self.ledger is None else await transfers_since(self.ledger, self.log.memory.transfers_ts)
        )
        drift, self._drift = self._drift, 0.0
        # A movement that the balance does not show yet is looked for again.
        if is_sure or abs(sum(float(transfer.amount) for transfer in transfers)) < LEAST:
            for step in money_steps(drift, transfers, ts, LEAST):
                self._book_movement(step, f"{abs(step.amount):g}", balance.currency)

    async def _read_cash_beside(self) -> tuple[Balance, float]:
        """Return the venue's money, and how much more it is than the account knows of."""
        balance = await self.reconciler.caller.until_answered(self.reconciler.venue.balance)
        paid = sum(float(payment.amount) for payment in self.reconciler.fundings)
        return balance, round(float(balance.cash) - self.log.account.cash - paid, 6)

    def _book_movement(self, step: steps.CashAdjusted, money: str, currency: str) -> None:
        """Book a movement and tell of it: each is written by itself, so that whoever comes next knows of it."""
        self.log.take(step)
        details = {"amount": step.amount, "way": step.why, "money": money, "currency": currency}
        if step.moved:
            details["moved"] = step.moved
        self.log.commit([step], notes=[AuditNote("trade.money", self.log.writer.run.account, details)])

    def _book_exits(self) -> None:
        """Book positions that ended, and what else was filled."""
        exits = tuple(self.log.memory.bookings.take_exits())
        number, ts = self._last_instant()
        log_steps = self.log.read_commands(ts)
        if exits:
            # What was settled and seen until now is written down with this step.
            payments = tuple(self.log.memory.bookings.payments(self.reconciler.fundings))
            log_steps.append(steps.BarsClosed(number, ts, (), payments, exits))
        paused = len(self.log.memory.paused)
        self.log.take(*log_steps)
        notes = []
        if len(self.log.memory.paused) > paused:
            closed_outside = [
                position_exit.slot for position_exit in exits if position_exit.reason == codes.OUTSIDE
            ]
            names = [str(self.log.account.slots[number].id) for number in closed_outside]
            notes = [
                AuditNote("trade.paused", name, {"why": "somebody else closed its position"})
                for name in names
            ]
        self.log.commit(log_steps, notes=notes)

    def _report_once(self, kind: str, subject: str, details: dict[str, Any]) -> None:
        """Tell of something once."""
        key = kind, subject, *details.values()
        if key not in self._reported:
            self._reported.add(key)
            self.log.commit(notes=[AuditNote(kind, subject, details)])
