"""Whatever is done, money and quantities add up to the last decimal, and the memory says the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.sandbox.exchange.worlds import ME, D, Desk, Wander, bars
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie_sandbox.exchange.core.entities import ZERO, ExchangeRefusal
from vigie_sandbox.exchange.core.exchange import Exchange
from vigie_sandbox.exchange.matchers.tracks import Track

YOU = "you"
_RATES = [(60_000 * i, D("0.00013") * (-1) ** (i // 3)) for i in range(1, 60)]
price = st.integers(900, 1_100).map(lambda ticks: ticks / 10)


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[float, float, float, float]]:
    drawn = draw(st.lists(st.tuples(price, price, price, price), min_size=4, max_size=10))
    return [(first, max(row), min(row), last) for row in drawn for first, *_, last in [row]]


action = st.tuples(
    st.sampled_from(
        [
            "market",
            "limit",
            "exit",
            "close",
            "levels",
            "cancel",
            "wait",
            "split",
            "adl",
            "deposit",
            "saved",
            "transfer",
            "margin",
            "send",
            "countdown",
        ]
    ),
    st.sampled_from([1, -1]),
    st.integers(1, 400).map(lambda lots: Decimal(lots) / 100),
    st.integers(850, 1_150).map(lambda ticks: Decimal(ticks) / 10),
    st.integers(0, 90_000),
)
Action = tuple[str, int, Decimal, Decimal, int]


def act(here: Wander | Desk, what: Action) -> None:
    name, side, qty, level, _ = what
    exchange, size = here.exchange, str(qty)
    try:
        if name == "market":
            here.order(side, size, stop=level if (level < 100) == (side > 0) else None)
        elif name == "limit":
            here.order(side, size, price=level)
        elif name == "exit":
            here.order(side, size, reduce_only=True)
        elif name == "close":
            exchange.close_position(ME, "BTCUSDT")
        elif name == "levels":
            exchange.set_levels(ME, "BTCUSDT", stop=level, target=None)
        elif name == "cancel":
            exchange.cancel(ME, client_id=f"c{here.count}")
        elif name == "split":
            exchange.split_next_orders(D("0.3"))
        elif name == "adl":
            exchange.force_close(ME, "BTCUSDT", "adl")
        elif name == "deposit":
            exchange.deposit(ME, qty * side)
        elif name == "saved":
            exchange.deposit(ME, level * side, wallet="main")
        elif name == "transfer":
            exchange.transfer(ME, qty * 100 * side)
        elif name == "margin":
            exchange.add_margin(ME, "BTCUSDT", level * side)
        elif name == "send":
            to = YOU if side > 0 else ""
            exchange.send(ME, level, address=to or "nobody", recipient=to, sender_address="me")
        elif name == "countdown":
            exchange.set_countdown(ME, "BTCUSDT", int(level) * 500)
    except ExchangeRefusal:
        pass


def came(exchange: Exchange, account: str) -> Decimal:
    """Return what came to an account from elsewhere, less what left it."""
    moves = exchange.moves(account, "deposit", "withdrawal", "sent", "received")
    return sum((one.amount - one.fee for one in moves), ZERO)


def outside(exchange: Exchange) -> Decimal:
    """Return what came to the venue, less what left it."""
    moves = [one for name in exchange.accounts() for one in exchange.moves(name, "deposit", "withdrawal")]
    return sum((one.amount - one.fee for one in moves), ZERO)


def adds_up(exchange: Exchange) -> None:
    bills, trades = exchange.bills(ME), exchange.trades(ME)
    cash = exchange.money(ME).cash
    moved = sum((bill.amount for bill in bills if bill.kind in ("deposit", "withdrawal")), ZERO)
    funding = sum((bill.amount for bill in bills if bill.kind == "funding"), ZERO)
    results = sum((trade.profit - trade.fee for trade in trades), ZERO)
    assert cash == moved + funding + results
    assert cash + exchange.get_main_balance(ME) == came(exchange, ME) + funding + results
    sent = sum((one.amount for one in exchange.moves(ME, "sent") if one.address == "you"), ZERO)
    there = exchange.money(YOU).cash if YOU in exchange.accounts() else ZERO
    assert there == (came(exchange, YOU) if YOU in exchange.accounts() else ZERO)
    lost = sum((one.amount for one in exchange.moves(ME, "sent")), ZERO) - sent
    assert cash + exchange.get_main_balance(ME) + there == outside(exchange) + lost + funding + results
    for one in exchange.positions(ME):
        assert abs(one.margin - one.qty * one.entry / one.leverage - one.added) < D("1e-20")
        assert one.margin > 0
    running = ZERO
    for bill in bills:
        running += bill.amount - bill.fee
        assert bill.cash == running
        assert bill.amount == bill.amount.quantize(D("1e-8"))
    held, ended = exchange.positions(ME), exchange.closed_positions(ME)
    assert sum(trade.side * trade.qty for trade in trades) == sum(one.side * one.qty for one in held)
    assert results == sum((one.realised - one.fees for one in (*held, *ended)), ZERO)
    assert funding == sum((one.funding for one in (*held, *ended)), ZERO)
    for order in exchange.order_history(ME):
        mine = [trade for trade in trades if trade.order_id == order.id]
        assert order.filled == sum((trade.qty for trade in mine), ZERO) <= order.qty
        assert order.fee == sum((trade.fee for trade in mine), ZERO)
    numbers = [trade.number for trade in trades] + [bill.number for bill in bills]
    assert len(set(numbers)) == len(numbers)
    if not held:
        assert not [plan for plan in exchange.open_plans(ME) if plan.kind != "trigger"]


def known(exchange: Exchange) -> object:
    with exchange.change() as books:
        return list(books.iterate_rows())


@settings(max_examples=60, derandomize=True, deadline=None)
@given(rows(), st.lists(action, max_size=15), st.integers(0, 9))
def test_money_adds_up_on_the_path(
    minutes: list[tuple[float, float, float, float]], actions: list[Action], seed: int
) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "memory"
        here = Wander(minutes, seed=seed, fundings={"BTCUSDT": _RATES}, memory=file)
        here.exchange.open_account(YOU, D(7))
        for what in actions:
            here.at(here.ts + what[4])
            act(here, what)
        here.at(here.ts + 20 * MINUTE_MS)
        adds_up(here.exchange)
        again = Wander(minutes, seed=seed, fundings={"BTCUSDT": _RATES}, memory=file, ts=here.ts)
        assert known(again.exchange) == known(here.exchange)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(rows(), st.lists(st.tuples(action, action, action), min_size=4, max_size=8))
def test_money_adds_up_in_lockstep_and_a_restart_before_every_step_changes_nothing(
    hours: list[tuple[float, float, float, float]], turns: list[tuple[Action, Action, Action]]
) -> None:
    rates = {"BTCUSDT": [(ts * HOUR_MS // (30 * MINUTE_MS), rate) for ts, rate in _RATES]}
    tracks = [Track("BTCUSDT", bars(hours))]
    with TemporaryDirectory() as folder:
        straight = Desk(tracks, fundings=rates)
        straight.exchange.open_account(YOU, D(7))
        Desk(tracks, fundings=rates, memory=Path(folder) / "memory").exchange.open_account(YOU, D(7))
        files = Path(folder) / "memory"
        for before, exits, entries in turns[: len(hours)]:
            broken = Desk(tracks, fundings=rates, memory=files)
            broken.count = straight.count
            for desk in (straight, broken):
                instant = desk.hands.step()
                act(desk, before)
                act(desk, exits)
                desk.hands.ack(instant.number, 1)
                act(desk, entries)
                desk.hands.ack(instant.number, 2)
        adds_up(straight.exchange)
        assert known(Desk(tracks, fundings=rates, memory=files).exchange) == known(straight.exchange)
