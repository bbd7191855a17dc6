"""Halted contracts are told with signs of life, and said in previews of plans and of changes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from tests import houses
from tests.clocks import StandingClock
from tests.unit.services.plans.material import PLANS, at, close_of
from tests.unit.services.trading.material import BEGUN, FILE, planned
from tests.unit.services.trading.test_listings import listings, state
from vigie.adapters.heartbeat import ProcessHeartbeat, read_beats
from vigie.domain import codes
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.gateway.market_snapshot import ClockDriftMonitor
from vigie.services.trading.gateway.told_market import _WORDS, ToldMarket, read_told_market, to_standing
from vigie.services.trading.process.listings import telling
from vigie.services.trading.process.trading import begin_run

OWNER = houses.person("owner")
BTC, ETH = "btc-usdt-perp", "eth-usdt-perp"


def health(standing, account="main", age_s=0.0):
    return HomeHealth(beats=lambda: [LastHeartbeat(part_name(account), age_s, standing)])


@pytest.mark.parametrize("phase", ["trading", "reducing", "halted", "ended"])
def test_what_the_venue_says_of_a_contract_is_read_back_by_others(tmp_path, phase):
    clock = StandingClock()
    sight, *_ = listings(clock, state(clock, phase), state(clock, phase), state(clock, phase))
    monitor = ClockDriftMonitor(sight.venue, clock, list, 0.25)
    tell = telling(sight, monitor)
    beat = ProcessHeartbeat(tmp_path, part_name("main"), clock, {})
    beat.attach_status(lambda: {"without_stop": 0, **tell()})

    def read():
        clock.now += 10_000
        beat.beat()
        return read_told_market(HomeHealth(beats=lambda: list(read_beats(tmp_path, clock.now))), "main")

    assert read().phase(BTC) is None, "the venue has not answered yet"
    for _ in range(3):
        # That it is gone is believed at the third time.
        asyncio.run(sight.check())
    told = read()
    assert told.phase(BTC) == phase
    assert told.drift_s == 0.25


def test_a_model_and_a_part_that_is_gone_tell_nothing(tmp_path):
    assert telling(None, None)() == {}
    for told in (
        read_told_market(HomeHealth(), "main"),
        read_told_market(health({"differences": 1}), "main"),
    ):
        assert told == ToldMarket()
        assert told.phase(BTC) == "trading"
    # Numbers that nobody wrote are no phases.
    odd = health({"listed": 1, "phase:btc-usdt-perp": 99, "phase:": 3})
    assert read_told_market(odd, "main").phase(BTC) == "trading"


def test_phases_are_numbered_as_refusals_number_them():
    assert {int(value): word for value, word in codes.INSTRUMENT_STATES.items()} == {**_WORDS, 4: "unknown"}


def test_a_sign_of_life_stays_small_whatever_is_halted():
    phases = dict.fromkeys((f"coin{number}-usdt-perp" for number in range(500)), "halted")
    # What is cut off would be taken for traded: of none is anything known then.
    assert to_standing(phases, 1.0) == {"listed": 0, "drift_ms": 1_000}
    long = {f"{'x' * 70}{number}-usdt-perp": "halted" for number in range(15)}
    assert len(json.dumps(to_standing(long, 1.0))) < 3_000
    few = dict.fromkeys((f"coin{number}-usdt-perp" for number in range(40)), "halted")
    assert read_told_market(health(to_standing(few, 1.0)), "main").phase("coin39-usdt-perp") == "halted"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    house = at(houses.house(folder / "home"), BEGUN)
    text = PLANS.replace('id = "binance-perp"', 'id = "binance-perp"\nmode = "demo"')
    plan = planned(house, folder, text=text, mode="demo", account="first")
    bound(house, begin_run)(plan, "owner")
    file = house.home / "accounts" / "owner" / "first.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    house.trades.take("first", "trade@here:1", for_s=HOUR_MS / 1_000)
    price = close_of(house, BTC, BEGUN)
    near = {"bid": price * 0.9999, "ask": price * 1.0001, "index": price}
    house.quotes.put([Quote(houses.VENUE, BTC, BEGUN, BEGUN, price, **near)])
    return house, price


def told(made, standing, **more):
    house, price = made
    alive = replace(house, home_health=health(standing, "first"))
    plan = {
        "place": f"{houses.VENUE}:{BTC}", "account": "first", "side": "long", "stop": price * 0.97,
        "target": price * 1.06, **more,
    }  # fmt: skip
    return run_operation(alive, OWNER, "plans.preview", plan).in_account


@pytest.mark.parametrize(
    ("standing", "refusal", "value"),
    [
        ({"listed": 1, "drift_ms": 20}, "", 0.0),
        ({"listed": 1, "drift_ms": 20, f"phase:{ETH}": 3}, "", 0.0),
        ({"listed": 1, "drift_ms": 20, f"phase:{BTC}": 3}, "instrument_state", 3.0),
        ({"listed": 1, "drift_ms": 20, f"phase:{BTC}": 2}, "instrument_state", 2.0),
        ({"listed": 0, "drift_ms": 20}, "instrument_state", 4.0),
        ({"listed": 1, "drift_ms": -1500}, "clock_drift", 1.5),
        ({"listed": 1}, "clock_drift", 1e9),
        # A process of an earlier version tells neither.
        ({}, "", 0.0),
    ],
)
def test_a_demo_accounts_preview_says_what_its_venue_would_not_take(made, standing, refusal, value):
    sized = told(made, standing)
    assert (sized.refusal, sized.qty > 0.0) == (refusal, not refusal)
    if refusal:
        assert sized.value == pytest.approx(value, rel=1.0 if value == 1e9 else 1e-9)


def test_an_old_price_refuses_and_a_zone_far_from_the_price_does_not(made):
    house, price = made
    standing = {"listed": 1, "drift_ms": 20}
    far = {"low": price * 0.93, "high": price * 0.95, "stop": price * 0.9, "target": price}
    assert told(made, standing, **far).refusal == ""
    late = replace(made[0], clock=StandingClock(BEGUN + 6_000))
    late = replace(late, data=replace(house.data, clock=late.clock))
    sized = told((late, price), standing)
    assert (sized.refusal, sized.limit, sized.value) == ("silent_stream", 5.0, pytest.approx(6.0))


def test_what_a_process_that_is_gone_told_is_not_counted_with(made):
    house, price = made
    plan = {
        "place": f"{houses.VENUE}:{BTC}", "account": "first", "side": "long", "stop": price * 0.97,
        "target": price * 1.06,
    }  # fmt: skip
    old = health({"listed": 1, f"phase:{BTC}": 3, "drift_ms": 9_000}, "first", age_s=10_000.0)
    gone = replace(house, home_health=old)
    assert run_operation(gone, OWNER, "plans.preview", plan).in_account.refusal == ""


def change(made, standing, language="en"):
    alive = replace(made[0], home_health=health(standing, "first"))
    asked = {"account": "first", "settings": {"risk_fraction": 0.01}}
    return list(run_operation(alive, OWNER, "trading.preview_run_file", asked).notes)


def test_a_change_of_strategies_names_the_contracts_that_are_halted(made):
    assert change(made, {"listed": 1}) == []
    notes = change(made, {"listed": 1, f"phase:{ETH}": 3, f"phase:{BTC}": 2})
    assert notes == [
        "btc-usdt-perp takes no new positions at binance-perp now: entries in it are refused for as long",
        "eth-usdt-perp is halted at binance-perp now: entries in it are refused for as long",
    ]
    # Nobody asks the venue: that is said, and not taken for an answer.
    unknown = change(made, {"listed": 0})
    assert len(unknown) == 3
    assert unknown[0].startswith("whether btc-usdt-perp is traded at binance-perp now is not known here")


def test_a_paper_account_trades_every_contract(tmp_path):
    house = at(houses.house(tmp_path / "home"), BEGUN)
    bound(house, begin_run)(planned(house, tmp_path, account="first"), "owner")
    file = house.home / "accounts" / "owner" / "first.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    assert change((house, 0.0), {"listed": 1, f"phase:{BTC}": 3}) == []
