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
from vigie.engine.live import steps
from vigie.engine.live.execution import Execution
from vigie.engine.live.foreign import Ledger, money_steps, moved_since
from vigie.engine.live.logbook import Logbook
from vigie.engine.live.lookout import Lookout
from vigie.engine.live.reconcile import Difference
from vigie.engine.live.waiting import Deadline
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import Note

# Less is the rounding of a venue.
LEAST: Final = 1e-4
# After so long without a look somebody may have moved money in and out again.
AWAY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Rhythm:
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
class Watch:
    """Looks at the venue for as long as nothing else does."""

    rhythm: Rhythm
    log: Logbook
    lookout: Lookout
    execution: Execution
    clock: PatientClock
    ledger: Ledger | None = None
    _told: set[Any] = field(default_factory=set)
    _unread: set[str] = field(default_factory=set)
    _before: frozenset[Difference] = frozenset()
    _drift: float = 0.0
    _looked: Deadline | None = None
    _due: list[Deadline] = field(default_factory=list)

    @property
    def different(self) -> int:
        """How many instruments the venue and the account saw differently when they were compared last."""
        return len(self._before)

    async def go_on(self) -> None:
        """Look until it is cancelled."""
        checks = (
            (self.rhythm.in_flight_s, self._in_flight),
            (self.rhythm.orders_s, self._orders),
            (self.rhythm.positions_s, self._positions),
        )
        # They go on over instants: where these come more often than a check is due, none would ever be made.
        due = self._due = self._due or [Deadline(self.clock, seconds) for seconds, _ in checks]
        while True:
            await self.clock.pause(max(min(one.left_s() for one in due), 0.001))
            # What has waited longest goes first: an instant may break off the others.
            for place in sorted(range(len(checks)), key=lambda place: due[place].left_s()):
                seconds, check = checks[place]
                if due[place].is_over():
                    await self._checked(check)
                    due[place] = Deadline(self.clock, seconds)

    async def _checked(self, check: Callable[[], Awaitable[None]]) -> None:
        try:
            await check()
        except AuthError:
            raise
        except ConnectorError as fault:
            # Maintenance, or something that cannot be read: looked again when it is due again.
            if check.__name__ not in self._unread:
                self._unread.add(check.__name__)
                account = self.log.writer.run.account
                self.log.commit(notes=[Note("trade.unreadable", account, {"why": str(fault)})])
        else:
            self._unread.discard(check.__name__)

    # What is under way -----------------------------------------------------------------------------------------

    async def _in_flight(self) -> None:
        number, ts = self._instant()
        await self.execution.overdue(number, ts)
        await self.execution.sweep(number, ts)
        targets = self.execution.targets
        met, off = await targets.seen()
        if met:
            await self._positions()
            await targets.replace(met)
        await targets.regrid(off)
        # What the venue did not take before waits for no bar.
        await targets.place()
        await targets.settle()
        await self.execution.sweep(number, ts)

    def _instant(self) -> tuple[int, int]:
        """Return the number and the time of what is written down between bars."""
        return max(self.log.memory.done.values(), default=1), self.clock.market_now()

    # Orders ----------------------------------------------------------------------------------------------------

    async def _orders(self) -> None:
        ours = self.log.memory.intents
        told = await self.lookout.asker.until_answered(self.lookout.venue.open_orders)
        self.log.mind_others(one.client_id for one in told if one.kind in ("market", "limit"))
        for one in told:
            if one.kind in ("market", "limit") and one.client_id not in ours:
                said = {"order": one.order_id, "side": one.side, "qty": f"{one.qty:f}", "kind": one.kind}
                self._tell("trade.unexplained_order", one.instrument, said)

    # Fills and positions ---------------------------------------------------------------------------------------

    async def _positions(self) -> None:
        different = frozenset(await self.lookout.differences(self.log.account))
        self.log.mind_others()
        self._book()
        if self.log.right():
            await self.execution.sweep(*self._instant())
        # What is seen twice is no fill that is late.
        for one in different & self._before:
            said = {"ours": f"{one.ours:f}", "theirs": f"{one.theirs:f}"}
            self._tell("trade.unexplained_position", one.instrument, said)
        self._before = different
        is_calm = not (different or self.log.memory.bookings.waiting() or self._under_way())
        if is_calm and self.log.writer.run.mode != "paper":
            await self._money()

    def _under_way(self) -> bool:
        return any(one.leg != "target" for one in self.log.memory.open.values())

    async def _money(self) -> None:
        """Book money that came or went without a trade of ours, once it is seen twice."""
        known, ts = self.log.memory.beside, self._instant()[1]
        told, beside = await self._beside()
        if known is None or abs(beside - known) >= LEAST:
            # Funding that was settled and not heard of yet moves money as well.
            await self.lookout.look(with_fundings=True)
            told, beside = await self._beside()
        if known is None:
            self._adjust(steps.Adjusted(ts, 0.0, "found", beside=beside), f"{told.cash:f}", told.currency)
            return
        drift, self._drift = self._drift, round(beside - known, 6)
        # What came and went again while nobody looked leaves no drift.
        was_away = self._looked is None or self._looked.is_over()
        self._looked = Deadline(self.clock, AWAY_S)
        is_sure = self._drift == drift and abs(drift) >= LEAST
        if not (is_sure or (was_away and abs(self._drift) < LEAST)):
            return
        moved = [] if self.ledger is None else await moved_since(self.ledger, self.log.memory.moved_ts)
        drift, self._drift = self._drift, 0.0
        # A movement that the balance does not show yet is looked for again.
        if is_sure or abs(sum(float(one.amount) for one in moved)) < LEAST:
            for step in money_steps(drift, moved, ts, LEAST):
                self._adjust(step, f"{abs(step.amount):g}", told.currency)

    async def _beside(self) -> tuple[Balance, float]:
        """Return the venue's money, and how much more it is than the account knows of."""
        told = await self.lookout.asker.until_answered(self.lookout.venue.balance)
        paid = sum(float(one.amount) for one in self.lookout.fundings)
        return told, round(float(told.cash) - self.log.account.cash - paid, 6)

    def _adjust(self, step: steps.Adjusted, money: str, currency: str) -> None:
        """Book a movement and tell of it: each is written by itself, so that whoever comes next knows of it."""
        self.log.take(step)
        said = {"amount": step.amount, "way": step.why, "money": money, "currency": currency}
        if step.moved:
            said["moved"] = step.moved
        self.log.commit([step], notes=[Note("trade.money", self.log.writer.run.account, said)])

    def _book(self) -> None:
        """Book positions that ended, and what else was filled."""
        leaves = tuple(self.log.memory.bookings.leaves())
        number, ts = self._instant()
        taken = self.log.heard(ts)
        if leaves:
            # What was settled and seen until now is written down with this step.
            payments = tuple(self.log.memory.bookings.payments(self.lookout.fundings))
            taken.append(steps.Closed(number, ts, (), payments, leaves))
        paused = len(self.log.memory.paused)
        self.log.take(*taken)
        notes = []
        if len(self.log.memory.paused) > paused:
            strange = [one.slot for one in leaves if one.reason == codes.OUTSIDE]
            names = [str(self.log.account.slots[number].id) for number in strange]
            notes = [
                Note("trade.paused", name, {"why": "somebody else closed its position"}) for name in names
            ]
        self.log.commit(taken, notes=notes)

    def _tell(self, kind: str, subject: str, said: dict[str, Any]) -> None:
        """Tell of something once."""
        key = kind, subject, *said.values()
        if key not in self._told:
            self._told.add(key)
            self.log.commit(notes=[Note(kind, subject, said)])
