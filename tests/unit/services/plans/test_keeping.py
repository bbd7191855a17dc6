"""What is sent twice is kept once; what no market allows is refused before it is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.errors import Conflict, UsageError
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.trial_account import TrialAccount
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.plans.figures import account_money, own_money
from vigie.services.plans.plan_funding import FundingTerms
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.planning import account_sizing
from vigie.services.trading.accounts.present_account import PresentAccount
from vigie.services.trading.process.trading import begin_run

BTC, SPOT, ID = "binance-perp:btc-usdt-perp", "binance-spot:btc-usdt-spot", "p" + "m" * 16


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    house = alive(house)
    return house, close_of(house, "btc-usdt-perp", BEGUN)


@pytest.fixture
def house(made):
    yield made[0]
    for row in ask(made[0], "plans.list").rows:
        if row.state in ("draft", "armed"):
            ask(made[0], "plans.cancel", plan=row.plan)


@pytest.fixture
def price(made):
    return made[1]


def ask(house, name: str, caller=OWNER, **values):
    return run_operation(house, caller, name, values)


def long_of(price: float, **values):
    return {
        "place": BTC, "side": "long", "low": price * 0.99, "high": price * 1.01, "stop": price * 0.97,
        "target": price * 1.06, **values,
    }  # fmt: skip


def n_plans(house):
    return ask(house, "plans.list").total


def test_a_plan_that_is_sent_and_armed_twice_is_one(house, price):
    given, before = long_of(price, account="main", new_id=ID), n_plans(house)
    for _ in range(2):
        assert ask(house, "plans.make", **given).newest.plan == ID
        assert ask(house, "plans.arm", plan=ID, version=1).newest.state == "armed"
    assert n_plans(house) == before + 1
    assert (
        len([one for one in house.audit.after(0, kinds=["plan.armed"], limit=99) if one.subject == ID]) == 1
    )
    for change in ({"target": price * 1.07}, {"bars": 25}, {"leverage": 2.0}):
        with pytest.raises(Conflict, match="is that of another plan"):
            ask(house, "plans.make", **{**given, **change})
    # Once it is over it is armed no more, however late it is sent again.
    ask(house, "plans.cancel", plan=ID)
    assert ask(house, "plans.make", **given).newest.state == "cancelled"
    with pytest.raises(Conflict, match="armed or cancelled already"):
        ask(house, "plans.arm", plan=ID, version=1)


def test_what_is_sent_twice_at_one_moment_is_kept_once(house, price, monkeypatch):
    given = long_of(price, new_id="p" + "n" * 16)
    first, looks = ask(house, "plans.make", **given), []
    read = type(house.plans).versions

    def look(store, owner, plan=None):
        looks.append(plan)
        # The other is kept between the look and the write.
        return [] if len(looks) == 1 else read(store, owner, plan)

    monkeypatch.setattr(type(house.plans), "versions", look)
    assert ask(house, "plans.make", **given).newest == first.newest
    assert len(looks) == 2


def test_whether_another_person_chose_an_id_is_not_told(house, price):
    given = long_of(price, new_id="p" + "o" * 16)
    ann, bob = houses.person("u-ann", "trader"), houses.person("u-bob", "trader")
    for caller, target in ((ann, 1.06), (bob, 1.06), (OWNER, 1.08)):
        for _ in range(2):
            kept = ask(house, "plans.make", caller, **{**given, "target": price * target}).newest
            assert (kept.plan, kept.version, kept.state) == (given["new_id"], 1, "draft")
    changed = ask(house, "plans.change", bob, plan=given["new_id"], version=1, **long_of(price))
    assert changed.newest.version == 2
    assert [ask(house, "plans.read", one, plan=given["new_id"]).versions for one in (ann, OWNER)] == [1, 1]


@pytest.mark.parametrize(
    "place", ["binance-perp:nosuch-usdt-perp", "binance-perp:LUNA", "binance-spot:nosuch-usdt-spot"]
)
def test_no_draft_of_an_unknown_market_is_kept(house, price, place):
    before = n_plans(house)
    with pytest.raises(UsageError, match="Vigie knows no market"):
        ask(house, "plans.make", **long_of(price, place=place))
    plan = ask(house, "plans.make", **long_of(price)).newest.plan
    with pytest.raises(UsageError, match="Vigie knows no market"):
        ask(house, "plans.change", plan=plan, version=1, **long_of(price, place=place))
    assert (n_plans(house), ask(house, "plans.read", plan=plan).versions) == (before + 1, 1)


def test_a_spot_market_lends_nothing(house, price):
    for leverage in (1.0, None):
        given = long_of(price, place=SPOT, leverage=leverage)
        told = ask(house, "plans.preview", **given).by_hand
        assert (told.leverage, told.funding, told.liquidation) == (None, 0.0, 0.0)
        assert 0.0 < told.notional <= told.capital
        assert ask(house, "plans.make", **given).leverage is None
    short = {"side": "short", "stop": price * 1.06, "target": price * 0.9}
    for leverage in (1.0, None):
        with pytest.raises(UsageError, match="is a spot market and lends no coins"):
            ask(house, "plans.make", **long_of(price, place=SPOT, leverage=leverage, **short))
    for leverage in (2.0, float("nan")):
        with pytest.raises(UsageError, match="is a spot market and lends no money"):
            ask(house, "plans.make", **long_of(price, place=SPOT, leverage=leverage))


def test_a_spot_plan_of_an_earlier_version_has_no_funding_either(house, price):
    values = {"low": price * 0.99, "high": price * 1.01, "stop": price * 0.97, "target": price * 1.06}
    kept = replace(plan_of("btc-usdt-spot", BEGUN, **values), venue="binance-spot", leverage=1.0)
    told = own_money(sources(house), kept, 10_000.0, price, FundingTerms(0.01, BEGUN, BEGUN))
    assert (told.leverage, told.funding, told.results.liquidation) == (None, 0.0, 0.0)


def test_an_account_on_a_spot_market_borrows_nothing(house, price):
    pinned, name = load_plan(house.results, house.trades.run("main").id), "btc-usdt-spot"
    (slot,) = [one for one in pinned.slots if one.slot.instrument == "btc-usdt-perp"]
    rules = tuple(replace(version, name=name, max_leverage=125.0) for version in slot.versions)
    assert slot.sizing.leverage > 1.0
    sizing = account_sizing(slot.sizing, rules, BEGUN)
    assert sizing.leverage == 1.0
    assert account_sizing(replace(slot.sizing, leverage=0.5), rules, BEGUN).leverage == 0.5
    spot = replace(slot, slot=replace(slot.slot, instrument=name), versions=rules, sizing=sizing)
    on_spot = replace(pinned, slots=(spot,))
    nothing_held = TrialAccount(LiveAccount(on_spot.live_slots(), on_spot.protections, BEGUN))
    values = {"low": price * 0.999, "high": price * 1.001, "stop": price * 0.998, "target": price * 1.06}
    plan = replace(plan_of(name, BEGUN, **values), venue="binance-spot", leverage=None)
    present = PresentAccount(on_spot, nothing_held, {}, "not_started", BEGUN)
    told = account_money(present, plan, price, FundingTerms(0.01, BEGUN, BEGUN))
    assert (told.leverage, told.funding, told.results.liquidation, told.results.refusal) == (
        None,
        0.0,
        0.0,
        "",
    )
    assert 0.0 < told.results.notional <= told.capital
