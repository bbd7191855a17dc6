"""What a person does to an account while its plan is armed or open, and what becomes of the plan: each by hand."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, RunningClock, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import Conflict
from vigie.domain.time import HOUR_MS
from vigie.services.operation_calls import run_operation
from vigie.services.plans.arming import publish
from vigie.services.plans.plan_states import outcome_of
from vigie.services.trading.account_plans.account_plan import load_plan

BTC = "btc-usdt-perp"
ARMED = BEGUN + 6 * HOUR_MS + 60_000
# A minute after the close that enters has come, in the bar after it.
OPEN = ARMED + 2 * HOUR_MS
LATER = 3 * HOUR_MS
LEVELS = (0.9, 1.2)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A home with an armed plan, the same one with the plan in position, and the file that both are traded by."""
    folder = tmp_path_factory.mktemp("hands")
    house = at(houses.house(folder / "armed"), BEGUN)
    plan = planned(house, folder, text=PLANS)
    go(house, plan, ARMED, [])
    price = close_of(house, BTC, ARMED // HOUR_MS * HOUR_MS)
    levels = {"stop": price * LEVELS[0], "target": price * LEVELS[1]}
    now = at(house, ARMED)
    marked = now.plans.add(plan_of(BTC, ARMED, **levels), "owner")
    now.plans.mark(marked.number, "armed", ARMED, "owner")
    publish(sources(now), "main", load_plan(house.results, house.trades.run("main").id))
    shutil.copytree(folder / "armed", folder / "open")
    opened = at(houses.house(folder / "open"), ARMED)
    go(opened, plan, OPEN, [], begun=ARMED)
    return folder, plan


class Scene:
    """A copy of one of the both at its moment; a person acts, then the account is traded on."""

    def __init__(self, both, tmp_path, state: str) -> None:
        folder, self.plan = both
        shutil.copytree(folder / state, tmp_path / "home")
        self.now = ARMED if state == "armed" else OPEN
        self.house = houses.house(tmp_path / "home")

    def ask(self, name: str, **values):
        live = replace(at(self.house, self.now), clock=RunningClock(self.now, self.now))
        return run_operation(live, OWNER, name, {"account": "main", **values})

    def became(self):
        """What became of the plan by now."""
        (marked,) = self.house.plans.versions("owner")
        return outcome_of(sources(at(self.house, self.now)), marked, self.now)

    def traded_on(self):
        go(self.house, self.plan, self.now + LATER, [], begun=self.now)
        self.now += LATER
        return self.became()

    @property
    def slot(self) -> str:
        plan = load_plan(self.house.results, self.house.trades.run("main").id)
        return next(str(one.slot) for one in plan.slots if one.slot.instrument == BTC)


@pytest.fixture
def armed(both, tmp_path):
    return Scene(both, tmp_path, "armed")


@pytest.fixture
def opened(both, tmp_path):
    scene = Scene(both, tmp_path, "open")
    assert scene.became().state == "entered"
    return scene


def test_left_alone_an_armed_plan_enters_and_an_open_one_goes_on(armed):
    assert armed.became().state == "armed"
    assert armed.traded_on().state == "entered"


def test_entries_stopped_before_its_close_refuse_an_armed_plan_for_good(armed):
    armed.ask("trading.stop", why="tests")
    became = armed.traded_on()
    assert (became.state, became.code) == ("refused", "trading_state")
    armed.ask("trading.resume", why="tests")
    # One try is all a plan has.
    assert (armed.traded_on().state, armed.became().code) == ("refused", "trading_state")


def test_entries_resumed_before_its_close_let_an_armed_plan_enter(armed):
    armed.ask("trading.stop", why="tests")
    armed.ask("trading.resume", why="tests")
    assert armed.traded_on().state == "entered"


def test_an_account_that_is_flattened_refuses_an_armed_plan(armed):
    done = armed.ask("trading.flatten", confirm="main", why="tests")
    assert (done.closed, done.state) == (0, "flat")
    became = armed.traded_on()
    assert (became.state, became.code) == ("refused", "trading_state")


def test_a_slot_that_is_switched_off_refuses_an_armed_plan(armed):
    armed.ask("trading.switch", slots=[armed.slot], on=False)
    became = armed.traded_on()
    assert (became.state, became.code) == ("refused", "slot_paused")


def test_a_limit_of_ones_own_that_leaves_room_lets_an_armed_plan_enter(armed):
    armed.ask("trading.tighten", max_positions=1, daily_loss_fraction=0.001)
    assert armed.traded_on().state == "entered"


def test_an_armed_plan_is_cancelled_in_an_account_that_is_stopped_or_flat(armed):
    armed.ask("trading.flatten", confirm="main", why="tests")
    (marked,) = armed.house.plans.versions("owner")
    live = alive(at(armed.house, armed.now))
    told = run_operation(live, OWNER, "plans.cancel", {"plan": marked.plan.id})
    assert told.newest.state == "cancelled"
    armed.house.trades.leave(armed.house.trades.take("main", "trade@here:1", for_s=1.0, by_force=True))
    armed.ask("trading.resume", why="tests")
    assert armed.traded_on().state == "cancelled"


def test_entries_stopped_leave_an_open_plan_to_its_own_end(opened):
    opened.ask("trading.stop", why="tests")
    before = opened.became()
    after = opened.traded_on()
    assert (after.state, after.qty, after.entry) == ("entered", before.qty, before.entry)


def test_a_slot_that_is_switched_off_leaves_an_open_plan_to_its_own_end(opened):
    opened.ask("trading.switch", slots=[opened.slot], on=False)
    assert opened.traded_on().state == "entered"


def test_limits_of_ones_own_leave_an_open_plan_to_its_own_end(opened):
    opened.ask("trading.tighten", max_positions=1, daily_loss_fraction=0.0001)
    assert opened.traded_on().state == "entered"


def test_an_account_that_is_flattened_closes_an_open_plan_and_says_so(opened):
    done = opened.ask("trading.flatten", confirm="main", why="tests")
    assert (done.closed, done.state) == (1, "flat")
    became = opened.traded_on()
    assert (became.state, became.code) == ("closed", "protection")
    assert became.exit is not None
    assert became.pnl is not None
    # Resumed, the plan that ended is not traded again.
    opened.ask("trading.resume", why="tests")
    assert opened.traded_on() == became


def test_beside_an_open_plan_nothing_of_its_market_is_armed_and_flat_nothing_at_all(opened):
    price = close_of(opened.house, BTC, opened.now // HOUR_MS * HOUR_MS)
    live = alive(at(opened.house, opened.now))
    plan = {
        "place": f"{houses.VENUE}:{BTC}", "side": "long", "account": "main", "stop": price * 0.95,
        "target": price * 1.1,
    }  # fmt: skip
    kept = run_operation(live, OWNER, "plans.make", plan).newest.plan
    with pytest.raises(Conflict, match="armed plan for btc-usdt-perp"):
        run_operation(live, OWNER, "plans.arm", {"plan": kept})
    opened.house.trades.leave(opened.house.trades.take("main", "trade@here:1", for_s=1.0, by_force=True))
    opened.ask("trading.flatten", confirm="main", why="tests")
    live = alive(at(opened.house, opened.now))
    with pytest.raises(Conflict, match="account main takes no entries now"):
        run_operation(live, OWNER, "plans.arm", {"plan": kept})
