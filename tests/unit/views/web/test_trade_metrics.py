"""`/metrics` of trading accounts and `/readyz`: the same figures as the pages, to nobody who may not read them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from tests.databases import HandClock
from tests.security.people import town
from tests.traded import house_of
from tests.unit.services.trading.material import BEGUN
from vigie.adapters.heartbeat import BEATS_FOLDER
from vigie.domain.order import Intent, IntentMove, TradeRun
from vigie.ports.health import HomeHealth, part_name
from vigie.ports.trade_log import KnownIntent
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.accounts.account_metrics import AccountMetricsReader, OrderCounts, count_orders
from vigie.views.web.trade_metrics import _buckets

LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
FAR = {"x-forwarded-for": "203.0.113.7"}


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Return every figure by its name and the values of its labels."""
    found = {}
    for line in text.splitlines():
        if match := LINE.match(line):
            labels = re.findall(r'\w+="([^"]*)"', match[2] or "")
            found[(match[1], *labels)] = float(match[3])
    return found


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    """A house whose account traded some days, and has a process that says so."""
    home = tmp_path_factory.mktemp("traded") / "home"
    house, _ = house_of(traded_home, home, BEGUN)
    beat = home / BEATS_FOLDER / part_name("main")
    beat.parent.mkdir(parents=True)
    beat.write_text(json.dumps({"without_stop": 1, "differences": 2}))
    return house


def test_figures_of_an_account_are_those_of_its_pages(traded):
    told = figures(houses.Browser(traded).get("/metrics").text)
    owner = houses.person("owner")
    account = run_operation(traded, owner, "trading.account", {})
    held = run_operation(traded, owner, "trading.positions", {}).rows
    orders = run_operation(traded, owner, "trading.orders", {}).rows
    refusals = run_operation(traded, owner, "trading.refusals", {}).rows
    assert told["vigie_trade_cash", "main"] == pytest.approx(account.cash)
    assert told["vigie_trade_equity", "main"] == pytest.approx(account.equity)
    assert told["vigie_trade_positions", "main"] == len(held)
    assert (told["vigie_trade_exposure", "main"] > 0) == bool(held)
    filled = sum(row["state"] == "filled" for row in orders)
    assert told["vigie_trade_orders_total", "main", "filled"] == filled > 0
    assert told["vigie_trade_order_seconds_count", "main"] == filled
    assert told["vigie_trade_order_seconds_bucket", "main", "+Inf"] == filled
    by_code = {key[2]: value for key, value in told.items() if key[0] == "vigie_trade_refusals_total"}
    assert sum(by_code.values()) == len(refusals)
    assert told["vigie_trade_state", "main", "active"] == 1
    assert told["vigie_trade_state", "main", "halted"] == 0


def test_what_only_the_trading_process_knows_is_told_while_it_lives(traded):
    told = figures(houses.Browser(traded).get("/metrics").text)
    assert told["vigie_trade_running", "main"] == 1
    assert told["vigie_trade_positions_without_stop", "main"] == 1
    assert told["vigie_trade_reconcile_differences", "main"] == 2
    silent = [replace(one, age_s=90.0) for one in traded.home_health.beats()]
    later = replace(traded, home_health=replace(traded.home_health, beats=lambda: silent))
    told = figures(houses.Browser(later).get("/metrics").text)
    assert told["vigie_trade_running", "main"] == 0
    assert told["vigie_part_beat_age_seconds", "trade-main"] == 90
    assert ("vigie_trade_positions_without_stop", "main") not in told


def test_an_account_whose_plan_is_gone_is_said_and_the_others_are_told(tmp_path):
    house = houses.house(tmp_path / "home", with_bars=False)
    house.trades.take("lost", "tests", for_s=30.0)
    house.trades.begin(TradeRun("r1", "lost", "owner", "binance-perp", "paper", "", Decimal(1), 0))
    told = figures(houses.Browser(house).get("/metrics").text)
    assert told["vigie_trade_readable", "lost"] == 0
    assert ("vigie_trade_equity", "lost") not in told
    assert ("vigie_audit_events_total",) in told


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return town(tmp_path_factory.mktemp("town"))


def test_others_than_administrators_are_told_of_their_own_accounts_only(place):
    for number, person in enumerate((place.ann, place.bob)):
        place.house.trades.take(person.name, "tests", for_s=30.0)
        run = TradeRun(f"r{number}", person.name, person.id, "binance-perp", "paper", "", Decimal(1), 0)
        place.house.trades.begin(run)

    def accounts(visitor):
        text = visitor.get("/metrics", headers=FAR).text
        return {key[1] for key in figures(text) if key[0] == "vigie_trade_readable"}

    both = {place.ann.name, place.bob.name}
    assert accounts(place.program(place.admin, "read")) == both
    assert accounts(place.program(place.ann, "read")) == {place.ann.name}
    assert accounts(place.browser(place.bob)) == {place.bob.name}
    assert place.browser(None).get("/metrics", headers=FAR).status_code == 401
    assert accounts_here(place) == both


def accounts_here(place):
    text = place.browser(None).get("/metrics").text
    return {key[1] for key in figures(text) if key[0] == "vigie_trade_readable"}


def known(state: str, *, ts: int, order_id: str = "9") -> KnownIntent:
    intent = Intent("i", "r", "main", "btc/1h/x", "btc", "entry", 1, 1, Decimal(1), 0, 1_000)
    return KnownIntent(intent, IntentMove("i", state, ts, order_id))


def test_a_time_is_counted_for_each_order_that_the_venue_took():
    counted = count_orders(
        [
            known("filled", ts=1_040),
            known("cancelled", ts=3_500),
            known("rejected", ts=1_050, order_id=""),
            known("intent", ts=1_000, order_id=""),
        ]
    )
    assert counted == OrderCounts({"filled": 1, "cancelled": 1, "rejected": 1, "intent": 1}, (0.04, 2.5))
    buckets, total = _buckets(counted.seconds)
    assert dict(buckets)["0.05"] == 1
    assert dict(buckets)["1.0"] == 1
    assert dict(buckets)["2.5"] == dict(buckets)["+Inf"] == 2
    assert total == pytest.approx(2.54)


def test_orders_are_counted_anew_when_the_log_has_grown_or_a_minute_is_over(traded):
    clock = HandClock(BEGUN)
    asked = []

    class Book:
        def __getattr__(self, name):
            asked.append(name)
            return getattr(traded.trades, name)

    watched = replace(traded, trades=Book(), clock=clock)
    watcher = bound(watched, AccountMetricsReader)()
    [run] = traded.trades.accounts()
    first = watcher.read(run)
    assert watcher.read(run) == first
    assert asked.count("intents") == 1
    clock.now += 60_000
    watcher.read(run)
    assert asked.count("intents") == 2


# --- /readyz and /healthz


@pytest.fixture
def house(tmp_path):
    return houses.house(tmp_path / "home", with_bars=False)


def troubled(house, **troubles):
    checks = {"database": "", "schema": "", "disk": "", **troubles}
    return houses.Browser(replace(house, home_health=HomeHealth(lambda: checks)))


def test_a_home_that_can_be_worked_in_is_ready(house):
    answer = houses.Browser(house).get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready", "checks": {"database": "ok", "schema": "ok", "disk": "ok"},
    }  # fmt: skip


@pytest.mark.parametrize("check", ["database", "schema", "disk"])
def test_a_trouble_is_said_in_words_and_the_process_lives_all_the_same(house, check):
    browser = troubled(house, **{check: "make room"})
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"][check] == "make room"
    assert figures(browser.get("/metrics").text)["vigie_ready", check] == 0
    assert browser.get("/healthz").status_code == 200


def test_figures_that_need_no_database_are_told_without_one(house):
    told = figures(troubled(house, database="no answer").get("/metrics").text)
    assert ("vigie_disk_free_bytes",) in told
    assert ("vigie_audit_events_total",) not in told


def test_strangers_are_not_told_what_the_trouble_is(place):
    assert place.browser(None).get("/readyz", headers=FAR).status_code == 401
    assert place.program(place.ann, "read").get("/readyz", headers=FAR).status_code == 200
    assert place.program(place.ann, "write").get("/readyz", headers=FAR).status_code == 401
