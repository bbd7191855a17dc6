"""What pages and programs read of a trading account: its owner's, and the same sums as the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN, RunningClock
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.domain import codes
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts.account_status import resolve_owner
from vigie.services.trading.accounts.live_rows import live_rows
from vigie.services.trading.journal.model_gap import ModelGapStores, model_gap
from vigie.services.trading.log.account_view import AccountView
from vigie.services.trading.log.replay_cache import load_event_log

OWNER = houses.person("owner")
ENDS = codes.SIGNAL, codes.STOP, codes.TARGET


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    house, run = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN)
    return house, load_event_log(house.results, house.trades, run).account


def test_money_trades_and_days_say_the_same(traded):
    house, account = traded
    told = run_operation(house, OWNER, "trading.account", {})
    trades = run_operation(house, OWNER, "trading.closed_trades", {}).rows
    days = run_operation(house, OWNER, "trading.daily_stats", {}).rows
    assert (told.trades, told.cash) == (len(trades), account.cash)
    assert sum(row["trades"] for row in days) == len(trades) > 3
    assert days[0]["cash"] == pytest.approx(told.capital + sum(row["pnl"] for row in trades))
    assert [row["exit_ts"] for row in trades] == sorted((row["exit_ts"] for row in trades), reverse=True)


def test_every_order_is_shown_with_what_became_of_it(traded):
    house, account = traded
    orders = run_operation(house, OWNER, "trading.orders", {}).rows
    entered = [row for row in orders if row["leg"] == "entry" and row["state"] == "filled"]
    held = run_operation(house, OWNER, "trading.positions", {}).rows
    assert len(entered) == len(account.trades) + len(held)


def test_an_account_is_its_owners_alone(traded):
    house, _ = traded
    with pytest.raises(NotFound, match="you have no trading account 'main' \\(you have"):
        run_operation(house, houses.person("somebody"), "trading.positions", {})
    assert run_operation(house, houses.person("somebody"), "trading.accounts", {}).rows == []
    assert [row["account"] for row in run_operation(house, OWNER, "trading.accounts", {}).rows] == ["main"]


def test_on_the_command_line_an_account_is_whose_it_is_or_the_named_persons(traded):
    house, _ = traded
    assert (
        resolve_owner(house.accounts, house.trades, "main")
        == resolve_owner(house.accounts, house.trades, "a new one")
        == "owner"
    )
    ann, tom = (house.accounts.add(name, "x", "trader") for name in ("Ann", "Tom"))
    try:
        assert resolve_owner(house.accounts, house.trades, "a new one", "Ann") == ann.id
        with pytest.raises(NotFound, match="no user 'Bob'"):
            resolve_owner(house.accounts, house.trades, "main", "Bob")
        with pytest.raises(UsageError, match="needs an owner; name one with --user NAME"):
            resolve_owner(house.accounts, house.trades, "a new one")
        house.accounts.change(tom.id, role="admin")
        assert (
            resolve_owner(house.accounts, house.trades, "main"),
            resolve_owner(house.accounts, house.trades, "a new one"),
        ) == ("owner", tom.id)
    finally:
        for one in (ann, tom):
            house.accounts.delete(one.id)


def test_the_state_is_what_was_ordered_last(traded):
    house, _ = traded
    house.trades.request_state("main", "reducing", by="owner", why="tests")
    assert run_operation(house, OWNER, "trading.state", {}).state == "reducing"


@pytest.mark.parametrize("name", ["account", "positions", "closed_trades", "daily_stats", "state"])
def test_the_stable_address_answers_as_the_versioned_one(traded, name):
    browser = houses.Browser(traded[0])
    stable, versioned = browser.get(f"/api/{name}"), browser.call(f"trading.{name}")
    assert stable.status_code == versioned.status_code == 200
    assert stable.json() == versioned.json()


def test_the_stable_address_lets_nobody_in_who_may_not_read(traded):
    assert houses.Browser(traded[0], is_owner=False).get("/api/account").status_code == (
        houses.Browser(traded[0], is_owner=False).call("trading.account").status_code
    )


def rows(house, name, **more):
    return run_operation(house, OWNER, f"trading.{name}", more).rows


def test_open_positions_are_valued_at_present_prices(traded):
    house, account = traded
    held = rows(house, "positions")
    assert held, "the run must end with something open"
    assert all(row["pnl"] is None for row in held), "known yet is not a valid price"
    before = run_operation(house, OWNER, "trading.account", {})
    assert before.equity == pytest.approx(account.equity)
    now = house.clock.market_now()
    house.quotes.put([Quote("binance-perp", row["instrument"], now, now, row["entry"] * 1.1) for row in held])
    valued = {row["slot"]: row for row in rows(house, "positions")}
    for row in held:
        side = 1 if row["side"] == "long" else -1
        assert valued[row["slot"]]["pnl_fraction"] == pytest.approx(0.1 * side)
        assert valued[row["slot"]]["liquidation_distance"] > 0
    told = run_operation(house, OWNER, "trading.account", {})
    assert told.equity == pytest.approx(told.cash + sum(row["pnl"] for row in valued.values()))


def test_the_stream_tells_an_account_to_its_owner_and_to_nobody_else(traded):
    house, _ = traded
    told = bound(house, live_rows)("owner")
    held = rows(house, "positions")
    names = {row["strategy"] for row in held}
    assert [kind for kind, _ in told] == ["account", *["position"] * len(held), *["strategy"] * len(names)]
    assert told[0][1]["equity"] == run_operation(house, OWNER, "trading.account", {}).equity
    ids = {f"main/{row['slot']}" for row in held} | {f"main/{name}" for name in names}
    assert {one["id"] for _, one in told[1:]} == ids
    open_ = sum(one["open_pnl"] for kind, one in told if kind == "strategy")
    assert open_ == pytest.approx(told[0][1]["open_pnl"])
    assert bound(house, live_rows)("somebody") == []


def test_strategies_slots_and_days_add_up_to_the_trades(traded):
    house, account = traded
    total = sum(float(trade["pnl"]) for trade in account.trades)
    for name in ("strategies", "slots", "daily_stats"):
        told = rows(house, name)
        assert sum(row["pnl"] for row in told) == pytest.approx(total), name
        assert sum(row["trades"] for row in told) == len(account.trades), name


def test_paper_trades_are_what_the_fill_model_gives_on_stored_bars(traded):
    house, _ = traded
    gaps = [row["backtest_gap"] for row in rows(house, "closed_trades")]
    assert all(gap == pytest.approx(0.0, abs=1e-6) for gap in gaps if gap is not None)
    assert sum(gap is not None for gap in gaps) > 3


def test_funding_that_the_model_charges_and_the_account_was_never_told_is_a_difference(traded, tmp_path):
    house, account = traded
    run = house.trades.run("main")
    story = AccountView(run.id, load_event_log(house.results, house.trades, run))
    number, trade = next((k, one) for k, one in enumerate(account.trades) if one["reason"] in ENDS)
    slot = story.plan.slots[trade["slot"]].slot
    series = SeriesId(story.plan.venue, slot.instrument, slot.timeframe)
    name = f"derivatives/{series.venue}:{series.instrument}/funding_fraction"
    facts, entered, left = ParquetFacts(tmp_path), int(trade["entry_ts"]), int(trade["exit_ts"])
    # Of the first and the last only what lies between them is borne: a position pays from its entry's open on.
    told = [(entered, 0.5), (entered + MINUTE_MS, 0.01), (left + MINUTE_MS, 0.5)]
    facts.append([Observation(name, ts + 7, ts + 7, rate) for ts, rate in told])
    open_ = float(house.data.bars.read(series, start_ms=entered, end_ms=entered + 1)["open"][0])
    expected = float(trade["side"] * trade["qty"]) * open_ * 0.01
    assert model_gap(ModelGapStores(house.data.bars, facts), story, number) == pytest.approx(
        expected, abs=1e-6
    )


def test_the_curve_ends_at_the_equity_and_begins_at_the_capital(traded):
    house, account = traded
    curve = rows(house, "curve")
    assert curve[0]["equity"] == 10_000.0
    assert curve[-1]["equity"] == pytest.approx(account.equity)
    assert [row["ts"] for row in curve] == sorted({row["ts"] for row in curve})


def test_a_limit_says_how_much_of_it_is_used(traded):
    house, _ = traded
    limits = {row["name"]: row for row in rows(house, "limits")}
    assert limits["max_positions"]["used"] == len(rows(house, "positions"))
    run_operation(house, OWNER, "trading.tighten", {"max_positions": 2})
    assert {row["name"]: row for row in rows(house, "limits")}["max_positions"]["limit"] == 2.0
    run_operation(house, OWNER, "trading.tighten", {})
    assert {row["name"]: row for row in rows(house, "limits")}["max_positions"]["limit"] == 5.0


def test_few_rows_are_the_newest_and_the_total_is_told(traded):
    house, _ = traded
    for name in ("closed_trades", "orders", "refusals"):
        everything = run_operation(house, OWNER, f"trading.{name}", {})
        few = run_operation(house, OWNER, f"trading.{name}", {"limit": 2})
        assert (few.rows, few.total) == (everything.rows[:2], len(everything.rows)), name


def test_who_may_not_trade_reads_everything_and_orders_nothing(traded):
    house, _ = traded
    viewer = houses.person("owner", "viewer")
    assert run_operation(house, viewer, "trading.slots", {}).rows
    orders = {
        "stop": {}, "resume": {}, "flatten": {"confirm": "main"}, "tighten": {"max_positions": 1},
        "switch": {"slots": ["btc-usdt-perp/1h/ema_cross"], "on": False},
    }  # fmt: skip
    before = house.trades.state("main"), house.audit.newest()
    for name, values in orders.items():
        with pytest.raises(Forbidden, match="scope trade"):
            run_operation(house, viewer, f"trading.{name}", values)
    assert (house.trades.state("main"), house.audit.newest()) == before


def test_a_switch_that_is_thrown_is_shown(traded):
    house, _ = traded
    slot = "btc-usdt-perp/4h/macd_cross"
    assert run_operation(house, OWNER, "trading.switch", {"slots": [slot], "on": False}).changed == [slot]
    assert [row["slot"] for row in rows(house, "slots") if not row["is_on"]] == [slot]
    assert run_operation(house, OWNER, "trading.switch", {"slots": [slot], "on": True}).changed == [slot]
    with pytest.raises(UsageError, match="has no slot"):
        run_operation(house, OWNER, "trading.switch", {"slots": ["x/1h/y"], "on": True})


def test_everything_is_closed_though_nobody_trades_the_account(traded):
    house, _ = traded
    held = rows(house, "positions")
    with pytest.raises(UsageError, match="confirm must be the account's name"):
        run_operation(house, OWNER, "trading.flatten", {"confirm": "yes"})
    assert len(rows(house, "positions")) == len(held) > 0
    later = BEGUN + DAYS * DAY_MS + 1
    live = replace(house, clock=RunningClock(later, later))
    done = run_operation(live, OWNER, "trading.flatten", {"confirm": "main", "why": "tests"})
    assert (done.closed, done.state) == (len(held), "flat")
    assert rows(house, "positions") == []
    assert not run_operation(house, OWNER, "trading.account", {}).is_traded
    assert run_operation(house, OWNER, "trading.resume", {}).state == "active"
