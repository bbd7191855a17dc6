"""The worst loss that a plan tells, against the fill model's own trade from any close that may enter."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.material import rules
from tests.unit.services.plans.material import plan_of
from vigie.domain.account import Costs, Protections, Sizing
from vigie.domain.ids import SlotId
from vigie.domain.money import parse_step
from vigie.domain.time import HOUR_MS
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.trial_account import TrialAccount, WantedEntry
from vigie.services.plans.figures import Stake, plan_money, reference_price
from vigie.services.plans.plan_funding import FundingTerms

TS = 1_750_000_000_000
COSTS = Costs(taker=0.0006, maker=0.0002, slippage_bps=5.0)
FINE = (replace(rules(), tick=parse_step("0.0001"), lot=parse_step("0.0001", name="lot")),)


def made(plan, *, leverage=5.0, protections=None, rate=None, price=None):
    at = maker(plan, leverage, protections)
    stake = Stake(Sizing().capital, Sizing().risk_fraction, leverage)
    return plan_money(plan, at, stake, reference_price(plan, price), rate)


def maker(plan, leverage=5.0, protections=None):
    """What an account that holds nothing makes of the plan, entered at a price."""
    name = SlotId(plan.instrument, "1h", "plan")
    slot = LiveSlot(name, HOUR_MS, FINE, Sizing(leverage=leverage), COSTS)
    ts = TS // HOUR_MS * HOUR_MS
    account = LiveAccount([slot], protections, ts)

    def at(price):
        wanted = WantedEntry(0, plan.sign, price, plan.stop, plan.target, ts + HOUR_MS)
        return TrialAccount(account).try_entry(wanted).results

    return at


@settings(deadline=None, max_examples=300)  # What is compiled first takes longer.
@given(
    side=st.sampled_from(["long", "short"]),
    near=st.floats(0.0002, 0.05), wide=st.floats(0.0, 0.05), reward=st.floats(0.001, 0.2),
    share=st.floats(0.0, 1.0), leverage=st.floats(1.0, 5.0), is_guarded=st.booleans(), is_at_once=st.booleans(),
)  # fmt: skip
def test_no_close_that_enters_loses_more_at_the_stop_than_was_told(
    side, near, wide, reward, share, leverage, is_guarded, is_at_once
):
    sign, protections = (1 if side == "long" else -1), Protections() if is_guarded else None
    stop = 100.0
    ends = sorted((stop * (1 + sign * near), stop * (1 + sign * (near + wide))))
    target = stop * (1 + sign * (near + wide + reward))
    zone = {} if is_at_once else {"low": ends[0], "high": ends[1]}
    plan = plan_of("btc-usdt-perp", TS, side=side, stop=stop, target=target, **zone)
    told = made(plan, leverage=leverage, protections=protections, price=ends[0])
    if is_at_once:
        ends = [stop, target]
    close = ends[0] + share * (ends[1] - ends[0])
    got = maker(plan, leverage, protections)(close)
    # Fills are rounded by less than two ticks.
    assert got.loss >= told.worst_loss * 1.002 - got.qty * 0.0002 - 0.02


def test_a_cap_below_leverage_that_meets_the_zone_within_is_found():
    # Leverage would decide nearer than the zone; the cap of the instrument decides from within it.
    plan = plan_of("btc-usdt-perp", TS, stop=100.0, target=118.75, low=103.125, high=106.25)
    told = made(plan, leverage=2.0, protections=Protections(), price=103.125)
    for close in (103.5, 104.0, 104.3, 104.6875, 105.0):
        got = maker(plan, 2.0, Protections())(close)
        assert got.loss >= told.worst_loss * 1.002 - 0.03


def test_an_order_at_once_tells_what_it_loses_from_the_close_just_before_its_target():
    # So near that leverage decides every size: the farther the stop, the more is lost.
    plan = plan_of("btc-usdt-perp", TS, stop=100.0, target=104.4)
    told = made(plan, leverage=1.0, protections=Protections(), price=103.1)
    assert told.results.loss > -100
    assert told.worst_loss < -130


def test_a_zone_that_begins_near_the_stop_tells_what_its_nearest_close_loses():
    plan = plan_of("btc-usdt-perp", TS, stop=97.0, target=106.0, low=97.5, high=101.0)
    told = made(plan)
    # From the far end 2 % and little for costs; four times as near the same risk buys four times as much.
    assert told.results.loss == pytest.approx(-211, abs=1)
    assert told.worst_loss < -280
    # The horizon of 30 hours may meet four settlements, on as much as is bought there.
    paid = made(plan, rate=FundingTerms(0.001, TS, TS))
    assert paid.worst_loss == pytest.approx(told.worst_loss - 4 * 0.001 * 39_000, rel=0.02)
