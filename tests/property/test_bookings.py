"""What the live account books is what fills and funding come to, in any order of arrival, duplicates included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.order import Fill, FundingPayment, Intent
from vigie.engine.live.book.booking import Bookings
from vigie.engine.live.book.deduplicator import Deduplicator
from vigie.engine.live.fold.steps import CashAdjusted, EntriesFilled, ExitsFilled, Step

INSTRUMENTS = ("btc-usdt-perp", "eth-usdt-perp")
LOT, MINUTE = Decimal("0.001"), 60_000
ALWAYS = settings(derandomize=True, deadline=None, max_examples=60)


@dataclass(frozen=True)
class Name:
    """Of a slot, as accounts name them."""

    instrument: str

    def __str__(self) -> str:
        return f"{self.instrument}/1h/any"


class Account:
    """One slot of each instrument, and the money that steps bring."""

    def __init__(self) -> None:
        self.slots = tuple(SimpleNamespace(id=Name(name), span_ms=MINUTE) for name in INSTRUMENTS)
        self.records = [
            {
                "side": 0,
                "entry_ts": 0,
                "lots": 0,
                "exit_reason": 0,
                "pending_side": 0,
                "pending_ts": 0,
                "price": 0.0,
            }
            for _ in self.slots
        ]
        self.trades: list[dict[str, int]] = []
        self.cash = 0.0

    def slot(self, number: int) -> dict[str, float]:
        return self.records[number]

    def qty(self, number: int, ts: int, lots: int) -> Decimal:
        return lots * LOT

    def rule(self, number: int, ts: int) -> dict[str, float]:
        return {"lot_multiple": 1, "lot_scale": 1_000, "lot": 0.001, "min_qty": 0.001, "min_notional": 0.0}

    def last_open(self, number: int) -> float:
        return 100.0

    def take(self, step: Step) -> None:
        for entry in getattr(step, "entries", ()):
            self.cash -= entry.fee
            self.records[entry.slot] |= {"lots": entry.lots, "price": entry.price, "entry_ts": entry.ts}
        for leave in getattr(step, "leaves", ()):
            held = self.records[leave.slot]
            qty = held["side"] * float(self.qty(leave.slot, 0, int(held["lots"])))
            self.cash += qty * (leave.price - held["price"]) - leave.fee
            self.trades.append(
                {"slot": leave.slot, "side": int(held["side"]), "entry_ts": int(held["entry_ts"])}
            )
            held["side"] = 0
        if isinstance(step, CashAdjusted):
            self.cash += step.amount


@dataclass
class Position:
    """What happens to one: how it is entered, how it ends, what is settled meanwhile."""

    number: int
    entry: Intent
    leave: Intent
    slots_to_enter: list[Fill] = field(default_factory=list)
    closing: list[Fill] = field(default_factory=list)
    righting: list[Fill] = field(default_factory=list)
    fundings: list[FundingPayment] = field(default_factory=list)


@st.composite
def positions(draw: st.DrawFn) -> list[Position]:
    """Draw positions one after the other, each closed by an order, a level, a person, or twice."""
    found, ts, ids = [], MINUTE, iter(range(10**6))
    for turn in range(draw(st.integers(1, 6))):
        number, side = draw(st.integers(0, 1)), draw(st.sampled_from([1, -1]))
        name, lots = INSTRUMENTS[number], draw(st.integers(1, 40))
        entry = Intent(
            f"in{turn}", "r", "main", str(Name(name)), name, "entry", side, lots, lots * LOT, ts, ts
        )
        leave = replace(entry, id=f"out{turn}", leg="exit", side=-side)
        one = Position(number, entry, leave)

        def parts(
            into: list[Fill], side: int, lots: int, client_id: str, cause: str, name: str = name
        ) -> None:
            nonlocal ts
            while lots:
                now = draw(st.integers(1, lots))
                lots -= now
                ts += draw(st.sampled_from([0, 1, MINUTE]))
                price, fee = draw(st.integers(1, 10**7)), draw(st.integers(-(10**4), 10**6))
                given_ = (now * LOT, Decimal(price).scaleb(-2), Decimal(fee).scaleb(-6), ts)
                into.append(Fill(name, f"{next(ids):06}", "", client_id, side, *given_, cause=cause))

        filled = draw(st.integers(1, lots))
        parts(one.slots_to_enter, side, filled, entry.id, "order")
        for _ in range(draw(st.integers(0, 3))):
            ts += 2 * MINUTE
            amount = Decimal(draw(st.integers(-(10**6), 10**6))).scaleb(-6)
            one.fundings.append(FundingPayment(name, f"f{next(ids):06}", amount, ts))
        ts += 2 * MINUTE
        how = draw(st.sampled_from(["order", "stop", "target", "other", "both"]))
        if how == "both":
            parts(one.closing, -side, filled, "", "stop")
            parts(one.closing, -side, filled, leave.id, "order")
            ts += 1
            parts(one.righting, side, filled, "", "other")
        else:
            parts(one.closing, -side, filled, leave.id if how == "order" else "", how)
        ts += 3 * MINUTE
        found.append(one)
    return found


class Process:
    """Hears what a venue tells, as it comes, and books it as the trader does."""

    def __init__(self, chance: Random) -> None:
        self.account = Account()
        self.bookings = Bookings(self.account)  # type: ignore[arg-type]
        self.intents: dict[str, Intent] = {}
        # All that is drawn lies within what is asked for again.
        self.fills, self.fundings = Deduplicator(0, 10**9), Deduplicator(0, 10**9)
        self._random, self._shown = chance, list[Fill]()

    def _stirred(self, facts: Sequence) -> list:
        more = [*facts, *self._random.choices(facts, k=len(facts))] if facts else []
        self._random.shuffle(more)
        return more

    def hear(self, fills: Sequence[Fill]) -> None:
        """Hear fills in some looks, each of which tells again what was told."""
        late = list(fills)
        self._random.shuffle(late)
        while late:
            count = self._random.randint(1, len(late))
            self._shown, late = [*self._shown, *late[:count]], late[count:]
            self.bookings.take(self.fills.new(self._stirred(self._shown)), self.intents)

    def book(self, *taken: Step) -> None:
        for step in taken:
            self.account.take(step)
            self.bookings.note_step(step)

    def live(self, one: Position) -> None:
        record = self.account.records[one.number]
        self.intents |= {one.entry.id: one.entry, one.leave.id: one.leave}
        record |= {"pending_side": one.entry.side, "pending_ts": one.entry.ts_bar - MINUTE}
        # A level may be met, or a person may close, before anything is heard of the entry.
        soon = self._random.random() < 0.5 and not any(fill.client_id for fill in one.closing)
        self.hear([*one.slots_to_enter, *(one.closing if soon else [])])
        assert self.bookings.filled_qty(one.entry) == sum(fill.qty for fill in one.slots_to_enter)
        entry = self.bookings.take_entry(one.entry, 0.0, one.slots_to_enter[-1].ts)
        record |= {"side": one.entry.side, "pending_side": 0}
        self.book(EntriesFilled(1, entry.ts, (entry,)))
        if not soon:
            self.hear(one.closing)
        leaves = tuple(self.bookings.take_exits())
        assert [leave.slot for leave in leaves] == [one.number]
        self.book(ExitsFilled(1, leaves[0].ts, leaves))
        self.hear(one.righting)
        for instrument, amount, fills in self.bookings.take_closed_surplus():
            self.book(CashAdjusted(0, amount, "closed twice", instrument, fills))

    def settle(self, fundings: Sequence[FundingPayment]) -> None:
        """Hear what was settled, however late."""
        late = self._stirred(fundings)
        while late:
            told, late = late[:3], late[3:]
            for payment in self.bookings.payments(self.fundings.new(told)):
                self.account.cash += payment.amount


@ALWAYS
@given(lived=positions(), seed=st.integers(0, 2**32))
def test_what_is_booked_is_what_fills_and_funding_come_to(lived, seed):
    process = Process(Random(seed))
    for one in lived:
        process.live(one)
    process.settle([payment for one in lived for payment in one.fundings])
    fills = [fill for one in lived for fill in (*one.slots_to_enter, *one.closing, *one.righting)]
    flows = -sum((fill.side * Fraction(fill.qty) * Fraction(fill.price) for fill in fills), Fraction(0))
    fees = sum((Fraction(fill.fee) for fill in fills), Fraction(0))
    paid = sum((Fraction(payment.amount) for one in lived for payment in one.fundings), Fraction(0))
    assert process.account.cash == pytest.approx(float(flows - fees + paid), abs=1e-6)
    assert process.bookings.pending_fills() == []
    assert not process.bookings.open_surplus()
