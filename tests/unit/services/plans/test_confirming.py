"""What is confirmed is what was looked at, once: orders at once, and plans that another tab changed."""

from __future__ import annotations

import pytest

from tests import houses
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations import plan_orders, plans
from vigie.services.trading.process.trading import begin_run

PLACE, ID = "binance-perp:btc-usdt-perp", "p" + "k" * 16


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
    made[0].quotes.put([Quote(houses.VENUE, "btc-usdt-perp", BEGUN, BEGUN, made[1])])


@pytest.fixture
def price(made):
    return made[1]


def ask(house, name: str, caller=OWNER, **values):
    return run_operation(house, caller, name, values)


def order_of(price: float, **values):
    return {
        "place": PLACE, "account": "main", "side": "long", "stop": price * 0.97, "target": price * 1.06, **values,
    }  # fmt: skip


def confirmed(house, price, **values):
    order = order_of(price)
    told = ask(house, "plans.ticket", **order).in_account
    return {**order, "worst_loss": told.worst_loss, "entry": told.entry, **values}


def n_marks(house):
    return len(list(house.audit.after(0, kinds=["plan.armed"], limit=1_000)))


def test_an_order_that_is_confirmed_twice_is_one(house, price):
    told = ask(house, "plans.ticket", **order_of(price)).in_account
    order, before = confirmed(house, price, order=ID), n_marks(house)
    first, second = ask(house, "plans.place", **order), ask(house, "plans.place", **order)
    assert first.newest.plan == second.newest.plan == ID
    assert first.newest.state == second.newest.state == "armed"
    # What its preview said stays with it; what is traded is sized at the entry.
    assert first.previewed_worst_loss == pytest.approx(order["worst_loss"])
    assert first.previewed_qty == pytest.approx(told.qty)
    assert ask(house, "plans.read", plan=ID).previewed_worst_loss == first.previewed_worst_loss
    # Nor once it is over: what is sent again, hours later, buys nothing.
    ask(house, "plans.cancel", plan=ID)
    assert ask(house, "plans.place", **order).newest.state == "cancelled"
    assert n_marks(house) == before + 1
    with pytest.raises(Conflict, match=f"the id {ID} is that of another order"):
        ask(house, "plans.place", **{**order, "target": price * 1.07})


def test_an_order_whose_arming_was_killed_is_armed_when_it_is_sent_again(house, price, monkeypatch):
    order, plan = confirmed(house, price), "p" + "j" * 16

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(plan_orders, "arm", die)
        with pytest.raises(KeyboardInterrupt):
            ask(house, "plans.place", **order, order=plan)
    assert ask(house, "plans.read", plan=plan).newest.state == "draft"
    told = ask(house, "plans.place", **order, order=plan)
    assert (told.newest.state, told.versions) == ("armed", 1)


def test_an_order_that_is_sent_twice_at_one_moment_is_one(house, price, monkeypatch):
    order, plan = confirmed(house, price), "p" + "l" * 16
    before, read, looks = n_marks(house), type(house.plans).versions, []

    def look(store, owner, of=None):
        looks.append(of)
        if looks == [plan]:
            # Between this look and the write the other is kept and armed.
            ask(house, "plans.place", **order, order=plan)
            return []
        return read(store, owner, of)

    monkeypatch.setattr(type(house.plans), "versions", look)
    monkeypatch.setattr(plan_orders, "check_armable", lambda *_: None)
    told = ask(house, "plans.place", **order, order=plan).newest
    assert (told.plan, told.state, n_marks(house)) == (plan, "armed", before + 1)


def test_the_same_word_of_another_person_is_no_order_of_theirs(house, price):
    order = confirmed(house, price, order="p" + "i" * 16)
    ask(house, "plans.place", **order)
    ann = houses.person("u-ann", "trader")
    # Whose id it is is not told: nothing of that account is theirs.
    with pytest.raises(UsageError, match="no trading account 'main'"):
        ask(house, "plans.place", ann, **order)


def test_a_preview_older_than_the_price_is_looked_at_again(house, price):
    order, moved = confirmed(house, price), price * 1.05
    # The same risk may be lost, and a sixth of the gain is left.
    house.quotes.put([Quote(houses.VENUE, "btc-usdt-perp", BEGUN + 1, BEGUN + 1, moved)])
    with pytest.raises(Conflict, match="the preview is out of date: the price was"):
        ask(house, "plans.place", **order)
    assert ask(house, "plans.list", state="open").rows == []
    near = price * 1.002
    house.quotes.put([Quote(houses.VENUE, "btc-usdt-perp", BEGUN + 2, BEGUN + 2, near)])
    assert ask(house, "plans.place", **order).newest.state == "armed"


@pytest.mark.parametrize("entry", [float("nan"), float("inf"), 0.0, -1.0])
def test_the_price_of_a_preview_is_a_price(house, price, entry):
    with pytest.raises(UsageError, match="entry"):
        ask(house, "plans.place", **confirmed(house, price, entry=entry))


@pytest.mark.parametrize("bars", [None, 1, 7])
def test_an_order_at_once_waits_as_long_as_its_preview_and_a_plan_say(house, price, bars):
    asked = {} if bars is None else {"bars": bars}
    previewed = ask(house, "plans.preview", **order_of(price), **asked)
    ticket, planned_ = (
        ask(house, name, **order_of(price), **asked) for name in ("plans.ticket", "plans.make")
    )
    placed = ask(house, "plans.place", **confirmed(house, price, order=ID[:-2] + f"{bars or 24:02}"), **asked)
    assert {placed.newest.until, previewed.until, ticket.until, planned_.newest.until} == {
        (BEGUN // HOUR_MS + (bars or 24)) * HOUR_MS
    }


def test_a_version_that_was_not_looked_at_is_not_armed(house, price):
    levels = order_of(price, low=price * 0.99, high=price * 1.01)
    plan = ask(house, "plans.make", **levels).newest.plan
    ask(house, "plans.change", plan=plan, version=1, **{**levels, "stop": price * 0.9})
    with pytest.raises(Conflict, match="was changed meanwhile"):
        ask(house, "plans.arm", plan=plan, version=1)
    assert ask(house, "plans.read", plan=plan).newest.state == "draft"
    assert ask(house, "plans.arm", plan=plan, version=2).newest.state == "armed"


def test_a_plan_that_may_still_enter_after_it_was_cancelled_is_not_changed(house, price):
    levels = order_of(price, low=price * 0.99, high=price * 1.01)
    plan = ask(house, "plans.make", **levels, bars=9).newest.plan
    ask(house, "plans.arm", plan=plan)
    # A second after the close that may have decided its entry; the account has not told yet.
    later = at(house, BEGUN + HOUR_MS + 1_000)
    assert ask(later, "plans.cancel", plan=plan).newest.state == "cancelled"
    with pytest.raises(Conflict, match="is about to enter"):
        ask(later, "plans.change", plan=plan, version=1, **levels)
    assert ask(later, "plans.read", plan=plan).versions == 1


def test_a_cancelled_plan_that_becomes_a_draft_again_counts_as_one(house, price, monkeypatch):
    levels = order_of(price, low=price * 0.99, high=price * 1.01)
    plan = ask(house, "plans.make", **levels).newest.plan
    ask(house, "plans.cancel", plan=plan)
    monkeypatch.setattr(plans, "MOST_DRAFTS", 1)
    ask(house, "plans.make", **levels)
    with pytest.raises(UsageError, match="at most 1 drafts"):
        ask(house, "plans.change", plan=plan, version=1, **levels)


@pytest.mark.parametrize("price_given", [float("inf"), float("nan"), 1e308, 0.0, -1.0])
def test_a_price_that_is_none_suggests_nothing(house, price_given):
    with pytest.raises(UsageError, match="price"):
        ask(house, "plans.suggest", place=PLACE, price=price_given)


def test_half_a_character_is_refused_as_what_was_typed(house, price):
    with pytest.raises(UsageError, match="text must not contain halves of characters"):
        ask(house, "plans.make", **order_of(price, note="half \ud83d of a face"))
    assert ask(house, "plans.make", **order_of(price, note="a face \U0001f600")).note == "a face \U0001f600"


def test_no_try_is_spent_on_an_account_that_takes_no_entries(house, price):
    plan = ask(house, "plans.make", **order_of(price, low=price * 0.99, high=price * 1.01)).newest.plan
    order = confirmed(house, price)
    for state in ("reducing", "flat"):
        house.trades.request_state("main", state, by="owner", why="tests")
        for name, values in (("plans.arm", {"plan": plan}), ("plans.place", order)):
            with pytest.raises(Conflict, match="account main takes no entries now"):
                ask(house, name, **values)
    house.trades.request_state("main", "active", by="owner", why="tests")
    assert ask(house, "plans.arm", plan=plan).newest.state == "armed"
