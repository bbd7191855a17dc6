"""Real money: three switches, each refused alone with its cure; without all of them nothing is opened."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.errors import Forbidden
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold import steps
from vigie.ports.feed import FeedBar
from vigie.ports.tradebook import TradeChange
from vigie.services.trading.account_plans.downtime import DowntimeRecorder, list_downtimes
from vigie.services.trading.account_plans.modes import (
    LiveSwitches,
    check_paper_days,
    check_switches,
    paper_days,
    words_to_type,
)

MIDNIGHT = BEGUN // DAY_MS * DAY_MS
TYPED = words_to_type("main")


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


@pytest.fixture
def plan(house, tmp_path):
    return planned(house, tmp_path)


def papered(house, plan, hours, *, fingerprint="", mode="paper", owner="owner", run="r1"):
    """A run that traded on the bars that began so many hours after midnight."""
    known = TradeRun(
        run, f"a-{run}", owner, plan.venue, mode, fingerprint or plan.fingerprint, Decimal(1), BEGUN
    )
    house.trades.begin(known)
    lease = house.trades.take(known.account, "tests", for_s=60.0)
    taken = []
    for number, hour in enumerate(hours, start=1):
        ts = MIDNIGHT + hour * HOUR_MS
        bar = steps.ClosedBar(0, ts, 1.0, 1.0, 1.0, 1.0, 0, 1.0, 1.0)
        taken.append(steps.encode_step(steps.BarsClosed(number, ts + HOUR_MS, (bar,))))
    house.trades.commit(lease, TradeChange(steps=tuple(taken)))
    return known


def test_real_money_is_traded_when_all_three_switches_are_on(house, plan):
    papered(house, plan, range(14 * 24))
    check_switches(LiveSwitches(is_allowed=True, typed=TYPED), "main")
    check_paper_days(house.audit, house.trades, "owner", plan)


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        (LiveSwitches(is_allowed=False, typed=TYPED), "allow_live = true"),
        (LiveSwitches(is_allowed=True, typed=""), "type 'trade real money on main'"),
        (LiveSwitches(is_allowed=True, typed=words_to_type("other")), "must be confirmed"),
        (LiveSwitches(is_allowed=True, typed=TYPED, is_simulated=True), "simulated market"),
    ],
)
def test_each_switch_that_is_off_refuses_and_says_how_it_is_set(switches, said):
    with pytest.raises(Forbidden, match=said):
        check_switches(switches, "main")


@pytest.mark.parametrize(
    "given",
    [{"fingerprint": "another plan"}, {"mode": "demo"}, {"owner": "somebody"}],
)
def test_paper_of_something_else_is_no_paper_period(house, plan, given):
    papered(house, plan, range(30 * 24), **given)
    with pytest.raises(Forbidden, match=r"14 days of paper trading .*, had 0"):
        check_paper_days(house.audit, house.trades, "owner", plan)


@pytest.mark.parametrize(
    ("hours", "days"),
    [
        ([0, 14 * 24], 0),
        (range(14 * 24 - 7), 13),
        (range(14 * 24 - 6), 14),
        ([24 * day + hour for day in range(30) for hour in range(17)], 0),
        ([24 * day + hour for day in range(0, 30, 2) for hour in range(6, 24)], 15),
    ],
)
def test_a_day_counts_where_most_of_its_bars_were_traded_on(house, plan, hours, days):
    papered(house, plan, hours)
    assert len(paper_days(house.audit, house.trades, "owner", plan)) == days


def test_days_of_several_runs_of_one_plan_add_up_and_the_same_day_counts_once(house, plan):
    papered(house, plan, range(8 * 24))
    papered(house, plan, range(7 * 24, 14 * 24), run="r2")
    assert len(paper_days(house.audit, house.trades, "owner", plan)) == 14


def heard(house, run, plan, *, at, hour):
    """A bar that began at an hour is heard of at a time of the market."""
    clock = type("Hand", (), {"market_now": lambda self: at})()
    bar = FeedBar("btc-usdt-perp/1h", MIDNIGHT + hour * HOUR_MS, 1.0, 1.0, 1.0, 1.0, 1.0)
    DowntimeRecorder(house.audit, run, plan.series, clock).record([bar])


def test_days_that_were_caught_up_with_later_are_no_days_of_paper(house, plan):
    run = papered(house, plan, range(16 * 24))
    # Back on day 15 after two hours of day 1.
    heard(house, run, plan, at=MIDNIGHT + 15 * DAY_MS, hour=26)
    assert paper_days(house.audit, house.trades, "owner", plan) == {
        MIDNIGHT // DAY_MS,
        MIDNIGHT // DAY_MS + 15,
    }


def test_a_bar_that_is_heard_of_before_the_next_one_ends_was_not_missed(house, plan):
    run = papered(house, plan, range(24))
    before = house.audit.newest()
    heard(house, run, plan, at=MIDNIGHT + 4 * HOUR_MS - 1, hour=2)
    assert house.audit.newest() == before
    heard(house, run, plan, at=MIDNIGHT + 4 * HOUR_MS, hour=2)
    assert [one.text["run"] for one in house.audit.after(0, kinds=("trade.absent",))] == [run.id]


def test_a_process_that_was_away_says_so_before_it_trades_on(house, plan):
    run = go(house, plan, BEGUN + 2 * DAY_MS, [])
    assert house.audit.after(0, kinds=("trade.absent",)) == []
    go(house, plan, BEGUN + 5 * DAY_MS, [], begun=BEGUN + 4 * DAY_MS)
    away = list_downtimes(house.audit)[run.id]
    assert away[0][0] <= BEGUN + 2 * DAY_MS + HOUR_MS
    assert away[0][1] >= BEGUN + 4 * DAY_MS
    days = paper_days(house.audit, house.trades, "owner", plan)
    assert (BEGUN + 3 * DAY_MS) // DAY_MS not in days
    assert (BEGUN + DAY_MS) // DAY_MS in days
