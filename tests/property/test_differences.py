"""A difference report adds up exactly between any two runs, and names the one thing that was changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.material import HOUR, plan, walk
from vigie.domain.account import AccountSettings, Costs
from vigie.domain.errors import DataError
from vigie.domain.money import to_decimal
from vigie.domain.order import Fill, FundingPayment, Intent
from vigie.engine.booked_trades import (
    BookedRun,
    BookedTrade,
    RefusedEntry,
    bar_open_time,
    booked_run_from_records,
    booked_run_from_statement,
)
from vigie.engine.differences import CAUSES, Differences, differences
from vigie.engine.run import Run, execute, with_account
from vigie.trading.balances import balances
from vigie.trading.statement import booked, rounded

A, B = "btc-usdt-perp/1h/macd_cross", "eth-usdt-perp/1h/macd_cross"
REASONS = "signal time stop target liquidation protection outside end_of_data".split()
ALWAYS = settings(derandomize=True, deadline=None, max_examples=150)


def trade(bar: int = 10, **more: object) -> BookedTrade:
    """A long over three bars from 100 to 104 with a fee of a thousandth on both sides."""
    given: dict[str, object] = {
        "slot": A, "side": 1, "qty": Decimal(2), "decided": bar - 1, "entry_bar": bar, "exit_bar": bar + 3,
        "entry": Fraction(100), "exit": Fraction(104), "gross": Decimal(8), "fees": Decimal("0.408"),
        "funding": Decimal("-0.2"), "reason": "target",
    }  # fmt: skip
    return BookedTrade(**{**given, **more})  # type: ignore[arg-type]


def run(*trades: BookedTrade, name: str = "run", **more: object) -> BookedRun:
    return BookedRun(name, trades, **more)  # type: ignore[arg-type]


def parts(found: Differences) -> dict[str, Decimal]:
    return {cause: amount for cause, amount in found.parts.items() if amount}


def assert_adds_up(found: Differences, first: BookedRun, second: BookedRun) -> None:
    """Compare sums without any rounding."""
    gap = sum((Fraction(one.pnl) for one in second.trades), Fraction(0)) - sum(
        (Fraction(one.pnl) for one in first.trades), Fraction(0)
    )
    assert Fraction(found.gap) == gap
    assert sum(map(Fraction, found.parts.values()), Fraction(0)) == gap
    assert tuple(found.parts) == CAUSES
    for row in found.rows:
        assert sum(map(Fraction, row.parts.values()), Fraction(0)) == Fraction(row.gap)
    slots = [amount for mine in found.by_slot().values() for amount in mine.values()]
    assert sum(map(Fraction, slots), Fraction(0)) == gap
    for side, trades in (("first", first.trades), ("second", second.trades)):
        seen = [id(getattr(row, side)) for row in found.rows if getattr(row, side) is not None]
        assert sorted(seen) == sorted(map(id, trades)), "each trade counts once"


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda number: Decimal(number).scaleb(-places))


PRICES = st.builds(Fraction, st.integers(1, 10**7), st.sampled_from([1, 10, 1000, 3, 7]))
TRADES = st.builds(
    BookedTrade,
    slot=st.sampled_from([A, B]),
    side=st.sampled_from([1, -1]),
    qty=decimals(1, 10**6, 3),
    decided=st.integers(0, 12),
    entry_bar=st.integers(1, 14),
    exit_bar=st.integers(1, 20),
    entry=PRICES,
    exit=PRICES,
    gross=decimals(-(10**14), 10**14, 8),
    fees=decimals(-(10**9), 10**12, 10),
    funding=decimals(-(10**12), 10**12, 11),
    reason=st.sampled_from(REASONS),
    entry_market=st.none() | PRICES,
    exit_market=st.none() | PRICES,
)
RUNS = st.builds(
    BookedRun,
    st.just("run"),
    st.lists(TRADES, max_size=12).map(tuple),
    st.lists(
        st.builds(RefusedEntry, st.sampled_from([A, B]), st.integers(0, 12), st.sampled_from([-1, 0, 1]), st.just("x")),
        max_size=4,
    ).map(tuple),
    st.frozensets(
        st.tuples(st.sampled_from([A, B]), st.integers(0, 12), st.sampled_from([-1, 1])), max_size=4
    ),
)  # fmt: skip


@ALWAYS
@given(first=RUNS, second=RUNS)
def test_parts_add_up_exactly_between_any_two_runs(first, second):
    assert_adds_up(differences(first, second), first, second)


@ALWAYS
@given(first=RUNS, second=RUNS)
def test_the_other_way_round_the_gap_is_the_opposite(first, second):
    there, back = differences(first, second), differences(second, first)
    assert there.gap == -back.gap
    assert {(id(a.first), id(a.second)) for a in there.rows} == {
        (id(b.second), id(b.first)) for b in back.rows
    }


@ALWAYS
@given(one=RUNS, seed=st.integers(0, 2**32))
def test_a_run_does_not_differ_from_itself_in_another_order(one, seed):
    trades = list(one.trades)
    Random(seed).shuffle(trades)
    keys = [(t.slot, t.side, t.decided) for t in trades]
    if len(set(keys)) == len(keys):
        found = differences(one, replace(one, trades=tuple(trades)))
        assert parts(found) == {}
        assert all(row.first is row.second for row in found.rows)


# One change at a time

LOWER_EXIT = {"exit": Fraction(103), "gross": Decimal(6), "fees": Decimal("0.406")}
HIGHER_ENTRY = {"entry": Fraction(101), "gross": Decimal(6), "fees": Decimal("0.410")}
CHANGED = [
    ("size", trade(qty=Decimal(1), gross=Decimal(4), fees=Decimal("0.204"), funding=Decimal("-0.1")), "-3.696"),
    ("price", trade(**LOWER_EXIT), "-1.998"),
    ("price", trade(**HIGHER_ENTRY), "-2.002"),
    ("price", trade(exit=Fraction(96), gross=Decimal(-8), fees=Decimal("0.392"), reason="stop"), "-15.984"),
    ("timing", trade(exit_bar=15, **LOWER_EXIT), "-1.998"),
    ("timing", trade(entry_bar=11, **HIGHER_ENTRY), "-2.002"),
    ("timing", trade(decided=10, entry_bar=11, **HIGHER_ENTRY), "-2.002"),
    ("signal", trade(exit_bar=12, **LOWER_EXIT, reason="signal"), "-1.998"),
    ("signal", trade(exit_bar=13, **LOWER_EXIT, reason="outside"), "-1.998"),
    ("fee", trade(fees=Decimal("0.5")), "-0.092"),
    ("funding", trade(funding=Decimal("0.3")), "0.5"),
    ("price", trade(gross=Decimal(-40), reason="liquidation"), "-48"),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "changed", "amount"), CHANGED)
@pytest.mark.parametrize("way", [1, -1])
def test_one_change_is_one_part(cause, changed, amount, way):
    around = (trade(2), trade(30, slot=B))
    one, other = run(*around, trade()), run(*around, changed)
    found = differences(one, other) if way > 0 else differences(other, one)
    assert parts(found) == {cause: way * Decimal(amount)}


@pytest.mark.parametrize("changed", [LOWER_EXIT, LOWER_EXIT | {"exit_bar": 15}])
@pytest.mark.parametrize("way", [1, -1])
def test_an_exit_where_finer_bars_do_not_show_the_bar_is_their_doing(changed, way):
    one, other = run(trade()), run(trade(**changed), unshown=frozenset({(A, 13)}))
    found = differences(one, other) if way > 0 else differences(other, one)
    assert parts(found) == {"detail": way * Decimal("-1.998")}
    elsewhere = replace(other, unshown=frozenset({(A, 12), (B, 13)}))
    assert "detail" not in parts(differences(one, elsewhere))


def test_a_trade_that_only_one_run_made_is_another_signal_or_a_rejection():
    alone, pnl = run(trade(2), trade()), trade().pnl
    assert parts(differences(alone, run(trade(2)))) == {"signal": -pnl}
    assert parts(differences(run(trade(2)), alone)) == {"signal": pnl}
    refused = run(trade(2), refused=(RefusedEntry(A, 9, 1, "max_positions"),))
    assert parts(differences(alone, refused)) == {"rejection": -pnl}
    assert parts(differences(refused, alone)) == {"rejection": pnl}


@pytest.mark.parametrize(
    ("refused", "cause"),
    [
        (RefusedEntry(A, 9, 1, "x"), "rejection"), (RefusedEntry(A, 9, 0, "both_sides"), "rejection"),
        (RefusedEntry(A, 10, 1, "gap_through_level"), "rejection"), (RefusedEntry(A, 9, -1, "x"), "signal"),
        (RefusedEntry(A, 8, 1, "x"), "signal"), (RefusedEntry(B, 9, 1, "x"), "signal"),
    ],
)  # fmt: skip
def test_a_refusal_explains_the_trade_of_its_bar_and_side_only(refused, cause):
    assert set(parts(differences(run(trade()), run(refused=(refused,))))) == {cause}


def test_an_entry_that_was_decided_and_never_filled_is_a_rejection():
    assert set(parts(differences(run(trade()), run(decided=frozenset({(A, 9, 1)}))))) == {"rejection"}
    assert set(parts(differences(run(trade()), run(decided=frozenset({(A, 9, -1)}))))) == {"signal"}


def test_an_entry_that_was_refused_first_and_made_later_is_a_rejection():
    late = trade(decided=10, entry_bar=11, **HIGHER_ENTRY)
    found = differences(run(trade()), run(late, refused=(RefusedEntry(A, 9, 1, "loss_streak"),)))
    assert parts(found) == {"rejection": Decimal("-2.002")}


def test_the_opposite_side_is_another_signal_on_both_sides():
    short = trade(side=-1, gross=Decimal(-8))
    found = differences(run(trade()), run(short))
    assert parts(found) == {"signal": short.pnl - trade().pnl}
    assert len(found.rows) == 2


def test_where_the_market_is_known_its_move_is_timing_and_the_slippage_is_price():
    one = trade(entry_market=Fraction(99), exit_market=Fraction(104))
    late = trade(
        entry_bar=11, entry=Fraction(103), entry_market=Fraction(100), exit_market=Fraction(104),
        gross=Decimal(2), fees=Decimal(0), funding=Decimal(0),
    )  # fmt: skip
    one = replace(one, fees=Decimal(0), funding=Decimal(0))
    assert parts(differences(run(one), run(late))) == {"timing": Decimal(-2), "price": Decimal(-4)}


def test_of_several_that_overlap_the_nearest_belong_together():
    ours = [trade(10), trade(20)]
    theirs = [trade(11, exit_bar=19), trade(21)]
    found = differences(run(*ours), run(*theirs))
    assert [(row.first, row.second) for row in found.rows] == list(zip(ours, theirs, strict=True))


@pytest.mark.parametrize(
    "wrong", [{"qty": Decimal(0)}, {"entry": Fraction(0)}, {"exit": Fraction(-1)}, {"side": 0}]
)
def test_what_is_no_trade_is_refused(wrong):
    with pytest.raises(DataError, match="above 0"):
        trade(**wrong)


# Runs of the kernel


def backtest(**costs: float) -> Run:
    account = AccountSettings(costs=Costs(**costs))
    plans = [plan(walk(400)), plan(walk(400, seed=2, instrument="eth-usdt-perp"))]
    return execute([with_account(one, account) for one in plans], account, check=False)


def told(run: Run, name: str = "backtest") -> BookedRun:
    slots = [(str(slot.plan.slot), HOUR) for slot in run.slots]
    trades = [row for slot in run.slots for row in slot.trades]
    return booked_run_from_records(name, trades, run.log, slots)


def test_a_backtest_is_told_with_its_own_result():
    run = backtest()
    found = told(run)
    assert len(found.trades) == run.total.trades > 20
    assert float(found.pnl) == pytest.approx(sum(slot.trades["pnl"].sum() for slot in run.slots), abs=1e-6)
    for one, row in zip(found.trades, [row for slot in run.slots for row in slot.trades], strict=True):
        assert one.pnl == booked(to_decimal(row["pnl"]))
        bars = run.slots[int(row["slot"])].plan.bars
        assert one.entry_bar == bars.ts[row["entry_bar"]]
        assert one.exit_bar == bars.ts[row["exit_bar"]]
        assert (one.slot, one.decided, one.side) in found.decided


@pytest.mark.parametrize(
    ("changed", "largest"),
    [({"taker": 0.0012}, "fee"), ({"slippage_bps": 15.0}, "price")],
)  # fmt: skip
def test_two_backtests_with_other_costs_add_up_and_the_cost_is_the_largest_part(changed, largest):
    first, second = told(backtest()), told(backtest(**changed), "dearer")
    found = differences(first, second)
    assert_adds_up(found, first, second)
    assert found.gap < 0
    direct = {cause: amount for cause, amount in found.parts.items() if cause != "size"}
    assert min(direct, key=direct.__getitem__) == largest


def _price(price: Fraction) -> Decimal:
    return rounded(price, 12)


def test_the_same_trades_told_by_a_venues_fills_do_not_differ_but_in_rounding():
    run = backtest()
    first = told(run)
    fills, fundings, intents = [], [], {}
    for number, one in enumerate(first.trades):
        into, out = f"{2 * number:032x}", f"{2 * number + 1:032x}"
        instrument = one.slot.split("/")[0]
        for client, leg, ts in ((into, "entry", one.decided), (out, "exit", one.exit_bar)):
            side = one.side if leg == "entry" else -one.side
            intents[client] = Intent(
                client, "r", "main", one.slot, instrument, leg, side, 1, one.qty, ts, ts, reason=one.reason
            )
        is_level = one.reason in ("stop", "target")
        at_close = one.exit_bar + HOUR * (is_level or one.reason == "end_of_data")
        share = booked(Fraction(one.fees) / 2)
        fills += [
            Fill(instrument, f"{number}1", "", into, one.side, one.qty, _price(one.entry), share, one.entry_bar),
            Fill(
                instrument, f"{number}2", "", "" if is_level else out, -one.side, one.qty, _price(one.exit),
                one.fees - share, at_close, cause=one.reason if is_level else "order",
            ),
        ]  # fmt: skip
        fundings.append(FundingPayment(instrument, f"f{number}", one.funding, one.entry_bar + 1))
    said = balances(Decimal(10_000), fills=fills, fundings=fundings, intents=intents)
    second = booked_run_from_statement(
        "demo", said.trades, intents=intents, spans_ms=dict.fromkeys((t.slot for t in first.trades), HOUR)
    )
    found = differences(first, second)
    assert said.unasked == ()
    assert all(row.first and row.second for row in found.rows)
    assert [(row.first.exit_bar, row.first.reason) for row in found.rows] == [
        (row.second.exit_bar, row.second.reason) for row in found.rows
    ]
    assert abs(found.gap) < Decimal("1e-6")
    assert_adds_up(found, first, second)


def test_a_position_that_a_person_closed_ended_outside():
    opened = Intent("in", "r", "main", A, "btc-usdt-perp", "entry", 1, 1, Decimal(1), 0, 0)
    fills = [
        Fill("btc-usdt-perp", "1", "", "in", 1, Decimal(1), Decimal(100), Decimal(0), HOUR + 5),
        Fill("btc-usdt-perp", "2", "", "", -1, Decimal(1), Decimal(99), Decimal(0), 2 * HOUR, cause="other"),
    ]
    said = balances(Decimal(0), fills=fills, intents={"in": opened})
    (one,) = booked_run_from_statement("demo", said.trades, intents={"in": opened}, spans_ms={A: HOUR}).trades
    assert (one.reason, one.entry_bar, one.exit_bar) == ("outside", HOUR, 2 * HOUR)


def test_what_happens_inside_a_bar_is_of_that_bar_though_it_carries_its_close():
    assert (
        bar_open_time(3 * HOUR, HOUR)
        == bar_open_time(4 * HOUR, HOUR, "stop")
        == bar_open_time(4 * HOUR - 1, HOUR, "stop")
        == 3 * HOUR
    )
