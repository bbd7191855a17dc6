"""A preview counts with what the account holds now: its equity, its positions, its limits; and it writes nothing."""

from __future__ import annotations

import shutil

import pytest

from tests import houses
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.account import Protections
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.trial_account import TrialAccount
from vigie.services.operation_calls import run_operation
from vigie.services.plans.arming import publish
from vigie.services.plans.figures import account_money
from vigie.services.plans.plan_states import outcome_of
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.accounts.present_account import PresentAccount, present_account
from vigie.services.trading.gateway.overrides import set_own_limits, switch_slots

ARMED = BEGUN + 6 * HOUR_MS + 60_000
LATER = ARMED + 3 * HOUR_MS
ENDED = LATER + 3 * HOUR_MS


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A home whose account holds a long of BTC, far from its levels, and the file that it is traded by."""
    folder = tmp_path_factory.mktemp("held")
    house = at(houses.house(folder / "home"), BEGUN)
    plan = planned(house, folder, text=PLANS)
    go(house, plan, ARMED, [])
    price = close_of(house, "btc-usdt-perp", ARMED // HOUR_MS * HOUR_MS)
    arm(at(house, ARMED), plan_of("btc-usdt-perp", ARMED, stop=price * 0.986, target=price * 1.2))
    go(house, plan, LATER, [], begun=ARMED)
    shutil.copytree(house.home, folder / "still")
    return at(house, LATER), plan


def arm(house, plan):
    ts = house.clock.market_now()
    marked = house.plans.mark(house.plans.add(plan, "owner").number, "armed", ts, "owner")
    publish(sources(house), "main", load_plan(house.results, house.trades.run("main").id))
    return marked


def ask(house, name: str, **values):
    return run_operation(house, OWNER, name, values)


def short_of(price: float, instrument: str, **values):
    return {
        "place": f"binance-perp:{instrument}", "account": "main", "side": "short", "stop": price * 1.01,
        "target": price * 0.95, **values,
    }  # fmt: skip


def test_another_position_of_an_instrument_is_refused_and_an_armed_plans_own_is_left_out(held):
    house, _ = held
    price = close_of(house, "btc-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    told = ask(house, "plans.preview", **short_of(price, "btc-usdt-perp"))
    assert (told.in_account.refusal, told.in_account.limit, told.in_account.value) == (
        "instrument_taken",
        1,
        2,
    )
    (row,) = ask(house, "plans.list", state="entered").rows
    own = ask(house, "plans.figures", plan=row.plan)
    assert not own.in_account.refusal
    assert own.in_account.qty > 0


def test_what_each_limit_leaves_counts_what_is_held_and_one_binds(held):
    house, _ = held
    price = close_of(house, "eth-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    order = short_of(price, "eth-usdt-perp")
    told = ask(house, "plans.preview", **order)
    room = {row.limit: row for row in told.room}
    assert (room["max_positions"].used, room["max_positions"].left) == (1, room["max_positions"].most - 1)
    assert room["margin"].used > 0
    assert room["margin"].left == pytest.approx(room["margin"].most - room["margin"].used)
    assert room["risk"].left == pytest.approx(told.in_account.capital * told.in_account.risk_fraction)
    (binding,) = (row for row in told.room if row.binds)
    assert binding.left_qty == min(row.left_qty for row in told.room if row.left_qty is not None)
    assert 0 <= binding.left_qty - told.in_account.qty < 0.01
    # These limit each order alone: what is open uses nothing of them.
    assert {room[name].used for name in ("risk", "cash", "leverage")} == {None}
    assert all(row.used is not None for name, row in room.items() if row.left_qty is None)
    assert (room["entries_a_day"].most, room["instrument_orders"].used) == (500, 0)
    # A slot with a position of its own has no room; without an account there is none to tell.
    btc = close_of(house, "btc-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    assert ask(house, "plans.preview", **short_of(btc, "btc-usdt-perp")).room == []
    assert ask(house, "plans.preview", **{**order, "account": ""}).room == []


@pytest.mark.parametrize(
    ("positions", "loss", "refusal", "limit"),
    [(1, None, "max_positions", "own_positions"), (None, 0.01, "daily_loss", "own_daily_loss")],
)
def test_a_tighter_limit_of_ones_own_is_the_one_that_refuses(held, positions, loss, refusal, limit):
    house, _ = held
    run = house.trades.run("main")
    rules = load_plan(house.results, run.id).protections
    price = close_of(house, "eth-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    set_own_limits(house.accounts, house.audit, run, rules, positions=positions, loss=loss)
    try:
        told = ask(house, "plans.preview", **short_of(price, "eth-usdt-perp"))
    finally:
        set_own_limits(house.accounts, house.audit, run, rules, positions=None, loss=None)
    assert told.in_account.refusal == refusal
    (binding,) = (row for row in told.room if row.binds)
    assert (binding.limit, binding.left) == (limit, 0)
    assert (
        binding.used >= binding.most == pytest.approx(positions or loss * told.in_account.capital, rel=0.05)
    )


def test_it_says_whether_the_account_runs(held):
    house, _ = held
    price = close_of(house, "eth-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    order = short_of(price, "eth-usdt-perp")
    stopped = ask(house, "plans.preview", **order)
    running = ask(alive(house), "plans.preview", **order)
    house.trades.leave(house.trades.holder("main"))
    assert (stopped.standing, running.standing) == ("stopped", "running")
    assert stopped.in_account == running.in_account
    assert ask(house, "plans.preview", **{**order, "account": ""}).standing is None


def test_it_writes_nothing(held):
    house, _ = held
    run = house.trades.run("main")
    price = close_of(house, "sol-usdt-perp", LATER // HOUR_MS * HOUR_MS)

    def written():
        held = present_account(sources(house).logs, house.home_health, run, LATER).account
        steps = [step.body for step in house.trades.steps(run.id)]
        return (
            steps,
            len(house.audit.after(0, limit=1_000)),
            held.decision_hash,
            held.equity,
            held.record.tobytes(),
        )

    before = written()
    assert ask(house, "plans.preview", **short_of(price, "sol-usdt-perp")).in_account.qty > 0
    assert written() == before


def test_the_account_enters_what_was_previewed_beside_its_position(held):
    house, traded_by = held
    decided = LATER // HOUR_MS * HOUR_MS + HOUR_MS
    price = close_of(house, "eth-usdt-perp", decided)
    plan = plan_of("eth-usdt-perp", LATER, side="short", stop=price * 1.01, target=price * 0.95)
    held_now = present_account(sources(house).logs, house.home_health, house.trades.run("main"), LATER)
    told = account_money(held_now, plan, price, None)
    fresh = TrialAccount(LiveAccount(held_now.plan.live_slots(), held_now.plan.protections, LATER))
    alone = account_money(PresentAccount(held_now.plan, fresh, {}, "not_started", LATER), plan, price, None)
    assert told.capital == pytest.approx(held_now.account.equity)
    assert told.capital != alone.capital == 10_000.0
    # Two that may move together share 40 % of what could be held: the long of BTC has taken more than half.
    assert told.results.notional < 0.7 * alone.results.notional
    marked = arm(house, plan)
    go(house, traded_by, ENDED, [], begun=LATER)
    became = outcome_of(sources(at(house, ENDED)), marked, ENDED)
    # Until the close the position of BTC has moved a little.
    assert became.qty == pytest.approx(told.results.qty, rel=0.05)


CLOSED = LATER // HOUR_MS * HOUR_MS


def copied(held, tmp_path):
    """The same home in another folder: what is decided in one scene stays out of the next."""
    house, plan = held
    shutil.copytree(house.home.parent / "still", tmp_path / "home")
    return at(houses.house(tmp_path / "home"), LATER), plan


def wide(house, price: float) -> None:
    quote = Quote(houses.VENUE, "sol-usdt-perp", CLOSED, CLOSED, price, price * 0.97, price * 1.03)
    house.quotes.put([quote])


def elsewhere(house, price: float) -> None:
    house.quotes.put([Quote("bitget-perp", "sol-usdt-perp", CLOSED, CLOSED, price * 1.05)])


def in_state(word: str):
    def put(house, price: float) -> None:
        house.trades.request_state("main", word, by="owner", why="tests")

    return put


def limited(house, price: float) -> None:
    run = house.trades.run("main")
    set_own_limits(house.accounts, house.audit, run, Protections(), positions=1, loss=None)


def switched(house, price: float) -> None:
    run = house.trades.run("main")
    (slot,) = (
        one.slot for one in load_plan(house.results, run.id).slots if one.slot.instrument.startswith("sol")
    )
    switch_slots(house.accounts, house.audit, run, [str(slot)], on=False)


SCENES = {
    "reducing": (in_state("reducing"), "trading_state"), "halted": (in_state("halted"), "trading_state"),
    "wide": (wide, "spread"), "elsewhere": (elsewhere, "price_jump"), "limited": (limited, "max_positions"),
    "switched": (switched, "slot_paused"), "usual": (lambda house, price: None, ""),
}  # fmt: skip


@pytest.mark.parametrize("scene", SCENES)
def test_what_the_gateway_refuses_at_the_entry_is_said_before(held, tmp_path, scene):
    house, traded_by = copied(held, tmp_path)
    make, code = SCENES[scene]
    price = close_of(house, "sol-usdt-perp", LATER // HOUR_MS * HOUR_MS)
    make(house, price)
    told = ask(house, "plans.preview", **short_of(price, "sol-usdt-perp")).in_account
    assert told.refusal == code
    assert (told.qty > 0.0) == (not code)
    plan = plan_of("sol-usdt-perp", LATER, side="short", stop=price * 1.05, target=price * 0.9)
    marked = arm(house, plan)
    go(house, traded_by, LATER + 2 * HOUR_MS, [], begun=LATER)
    became = outcome_of(sources(at(house, ENDED)), marked, ENDED)
    assert (became.state, became.code) == (("refused", code) if code else ("entered", ""))
    if code:
        assert (became.limit, became.value) == pytest.approx((told.limit, told.value), rel=0.05)
