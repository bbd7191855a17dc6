"""A plan has one try, also where its account begins a new run on other bars and no worker notes what became of it."""

from __future__ import annotations

import pytest

from tests import houses
from tests.houses import Browser
from tests.unit.services.plans.material import OWNER, PLANS, at, close_of, plan_of, sources
from tests.unit.services.trading.material import BEGUN, planned
from tests.unit.services.trading.test_trading import go
from vigie.domain.time import HOUR_MS
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.plans.arming import publish
from vigie.services.plans.following import PlanFollower
from vigie.services.plans.plan_states import NO_SLOT, outcome_of
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.log.account_view import open_account_view
from vigie.services.trading.process.trading import begin_run

SOL, ARMED, OVER = "sol-usdt-perp", BEGUN + 6 * HOUR_MS + 60_000, BEGUN + 7 * HOUR_MS + 30 * 60_000
ENDED = BEGUN + 13 * HOUR_MS


def refused(tmp_path):
    """A home in which a plan was refused at its first close, which nobody has noted."""
    house, said = at(houses.house(tmp_path / "home"), BEGUN), []
    go(house, planned(house, tmp_path, text=PLANS), ARMED, said)
    now = at(house, ARMED)
    price = close_of(house, SOL, ARMED // HOUR_MS * HOUR_MS)
    # Beyond the liquidation at the account's leverage: its entry is refused at the first close.
    marked = armed(now, ARMED, stop=round(price * 0.7, 3), target=round(price * 1.1, 3))
    go(house, load_plan(house.results, house.trades.run("main").id), OVER, said, begun=ARMED)
    assert outcome_of(sources(at(house, OVER)), marked, OVER).state == "refused"
    return house, marked, said


def armed(house, ts, **values):
    marked = house.plans.add(plan_of(SOL, ts, **values), "owner")
    marked = house.plans.mark(marked.number, "armed", ts, "owner")
    publish(sources(house), "main", load_plan(house.results, house.trades.run("main").id))
    return marked


def test_what_was_tried_on_bars_of_an_hour_is_not_tried_again_on_bars_of_four(tmp_path):
    house, marked, said = refused(tmp_path)
    # Nothing runs but the account's own process, which takes a changed run file.
    later = at(house, OVER)
    changed = planned(later, tmp_path, text=PLANS.replace('timeframe = "1h"', 'timeframe = "4h"'))
    bound(later, begin_run)(changed, "owner")
    # As when a plan of another instrument is armed now.
    assert publish(sources(later), "main", load_plan(house.results, house.trades.run("main").id)) == 0
    go(later, changed, ENDED, said, begun=OVER)
    with open_account_view(sources(house).logs, house.trades.run("main")) as view:
        assert view.plan.slots[0].slot.timeframe == "4h"
        assert [one.code for one in view.refusals] == []
    follower = PlanFollower(sources(at(house, ENDED)), say=pytest.fail)
    assert follower.follow_once() == 1
    assert "refused" in house.plans.numbered([marked.number])[0].marks


def test_a_refused_plan_is_not_told_the_trade_of_the_next_one(tmp_path):
    house, first, said = refused(tmp_path)
    later = at(house, OVER)
    later.plans.mark(first.number, "refused", OVER, "owner")
    price = close_of(house, SOL, OVER // HOUR_MS * HOUR_MS)
    second = armed(
        later,
        OVER,
        id="psecond____________",
        stop=round(price * 0.97, 3),
        target=round(price * 1.03, 3),
    )
    go(later, load_plan(house.results, house.trades.run("main").id), ENDED, said, begun=OVER)
    states = [outcome_of(sources(at(house, ENDED)), one, ENDED).state for one in (first, second)]
    assert states[0] == "refused"
    assert states[1] in ("entered", "closed")


def test_a_plan_whose_slot_is_gone_is_refused_and_said_so(tmp_path):
    house, said = at(houses.house(tmp_path / "home"), BEGUN), []
    go(house, planned(house, tmp_path, text=PLANS), ARMED, said)
    now = at(house, ARMED)
    price = close_of(house, SOL, ARMED // HOUR_MS * HOUR_MS)
    levels = {"stop": round(price * 0.97, 3), "target": round(price * 1.03, 3)}
    marked = armed(now, ARMED, **levels)
    changed_ts = ARMED + 60_000
    later = at(house, changed_ts)
    bound(later, begin_run)(planned(later, tmp_path, text=PLANS.replace(', "SOL"', "")), "owner")
    became = outcome_of(sources(later), marked, changed_ts)
    assert (became.state, became.code, became.ts_ended) == ("refused", NO_SLOT, changed_ts)
    assert PlanFollower(sources(later), say=pytest.fail).follow_once() == 1
    (record,) = house.audit.after(0, kinds=["plan.refused"], limit=9)
    assert (record.subject, record.text["code"]) == (marked.plan.id, NO_SLOT)
    # With the slot back it is not tried, and does not stand in the way of another.
    back_ts = changed_ts + 60_000
    again = at(house, back_ts)
    bound(again, begin_run)(planned(again, tmp_path, text=PLANS), "owner")
    kept = house.plans.numbered([marked.number])[0]
    second = armed(again, back_ts, id="psecond____________", **levels)
    go(again, load_plan(house.results, house.trades.run("main").id), ENDED, said, begun=back_ts)
    states = [outcome_of(sources(at(house, ENDED)), one, ENDED).state for one in (kept, second)]
    assert "refused" in kept.marks
    assert states[1] in ("entered", "closed")


def test_an_armed_plan_that_a_change_of_its_account_sizes_anew_says_so(tmp_path):
    house = at(houses.house(tmp_path / "home"), BEGUN)
    bound(house, begin_run)(planned(house, tmp_path, text=PLANS), "owner")
    price = close_of(house, SOL, BEGUN)
    plan = armed(house, BEGUN, until=ENDED, stop=round(price * 0.97, 3), target=round(price * 1.1, 3)).plan.id
    assert run_operation(house, OWNER, "plans.read", {"plan": plan}).sized_anew is None
    later = at(house, BEGUN + 60_000)
    changed = PLANS.replace("[account]", "[account]\nrisk_fraction = 0.0075")
    bound(later, begin_run)(planned(later, tmp_path, text=changed), "owner")
    told = run_operation(later, OWNER, "plans.read", {"plan": plan}).sized_anew
    assert told.risk == 0.0075 != told.risk_before
    assert "Its account was changed since it was armed: 0.75" in Browser(later).get(f"/plan/{plan}").text
