"""What pages and programs read of a trading account: its owner's, and the same sums as the log."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import DAYS, go
from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS
from vigie.services.asking import ask
from vigie.services.trading.trading import folded

OWNER = houses.person("owner")


@pytest.fixture(scope="module")
def traded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("traded")
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(folder / "home", clock=clock)
    run = go(house, planned(house, folder), BEGUN + DAYS * DAY_MS, [])
    return house, folded(house, run).account


def test_money_trades_and_days_say_the_same(traded):
    house, account = traded
    told = ask(house, OWNER, "trading.account", {})
    trades = ask(house, OWNER, "trading.closed_trades", {}).rows
    days = ask(house, OWNER, "trading.daily_stats", {}).rows
    assert (told.trades, told.cash) == (len(trades), account.cash)
    assert sum(row["trades"] for row in days) == len(trades) > 3
    assert days[0]["cash"] == pytest.approx(told.capital + sum(row["pnl"] for row in trades))
    assert [row["exit_ts"] for row in trades] == sorted((row["exit_ts"] for row in trades), reverse=True)


def test_every_order_is_shown_with_what_became_of_it(traded):
    house, account = traded
    orders = ask(house, OWNER, "trading.orders", {}).rows
    entered = [row for row in orders if row["leg"] == "entry" and row["state"] == "filled"]
    held = ask(house, OWNER, "trading.positions", {}).rows
    assert len(entered) == len(account.trades) + len(held)


def test_an_account_is_its_owners_alone(traded):
    house, _ = traded
    with pytest.raises(NotFound, match="no trading account 'main' of yours"):
        ask(house, houses.person("somebody"), "trading.positions", {})
    assert ask(house, houses.person("somebody"), "trading.accounts", {}).rows == []
    assert [row["account"] for row in ask(house, OWNER, "trading.accounts", {}).rows] == ["main"]


def test_the_state_is_what_was_ordered_last(traded):
    house, _ = traded
    house.trades.order("main", "reducing", by="owner", why="tests")
    assert ask(house, OWNER, "trading.state", {}).state == "reducing"


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
