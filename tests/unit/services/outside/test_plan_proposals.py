"""Plans proposed for trades made elsewhere: found by market and time as a plain look at all of them finds them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.services.plans.material import plan_of
from vigie.domain.ids import parse_instrument
from vigie.ports.plans import MarkedPlan
from vigie.services.outside import plan_proposals
from vigie.services.outside.plan_proposals import MOST, PlanProposals
from vigie.services.outside.round_trips import RoundTrip

MARKETS = ("btc-usdt-perp", "btc-usdc-perp", "btc-usdt", "eth-usdt-perp")
MOMENTS = st.integers(0, 12)
LEVELS = {"long": {"stop": 90.0, "target": 120.0}, "short": {"stop": 120.0, "target": 90.0}}


def trip_at(instrument, side, ts):
    zero = Decimal(0)
    return RoundTrip(
        f"{ts}", "elsewhere", instrument, "", side, "closed", zero, zero, zero, zero, zero, {}, ts, ts, ()
    )


@st.composite
def kept_plans(draw):
    """Versions of a few plans, as they are kept; clocks were set back, and some were cancelled."""
    versions, counts = [], {}
    for number in range(draw(st.integers(0, 25))):
        plan_id = f"p{draw(st.integers(0, 4)):_<16}"
        counts[plan_id] = counts.get(plan_id, 0) + 1
        made, side = draw(MOMENTS), draw(st.sampled_from(("long", "short")))
        plan = plan_of(
            draw(st.sampled_from(MARKETS)), made, id=plan_id, version=counts[plan_id], side=side,
            leverage=1.0, until=made + draw(st.integers(1, 9)), **LEVELS[side],
        )  # fmt: skip
        cancelled = draw(st.none() | MOMENTS)
        versions.append(MarkedPlan(plan, number, "", {} if cancelled is None else {"cancelled": cancelled}))
    return versions


def plainly(versions, trip):
    """Look at each plan for each trade."""
    market, found = parse_instrument(trip.instrument), []
    for place, marked in enumerate(versions):
        plan, own = marked.plan, parse_instrument(marked.plan.instrument)
        later = [one.plan.ts_made - 1 for one in versions[place + 1 :] if one.plan.id == plan.id]
        end = min(one for one in (plan.until, marked.ts_cancelled, *later[:1]) if one is not None)
        is_same = (own.coin, own.market, plan.side) == (market.coin, market.market, trip.side)
        if is_same and plan.ts_made <= trip.ts_opened <= end:
            found.append((marked, end))
    return sorted(found, key=lambda one: (-one[0].plan.ts_made, -one[0].number))[:MOST]


@given(
    versions=kept_plans(),
    asked=st.lists(
        st.tuples(st.sampled_from(MARKETS), st.sampled_from(("long", "short")), MOMENTS), max_size=9
    ),
)
def test_plans_are_proposed_as_a_look_at_each_of_them_says(versions, asked):
    proposals = PlanProposals(versions)
    for trip in (trip_at(*one) for one in asked):
        assert [(one.marked, one.ts_end) for one in proposals.of(trip)] == plainly(versions, trip)


def test_each_plans_market_is_read_once_however_many_trades_there_are(monkeypatch):
    versions = [
        MarkedPlan(plan_of(MARKETS[0], n, id=f"p{n:_<16}", until=n + 5, **LEVELS["long"]), n, "")
        for n in range(300)
    ]
    read, real = [], plan_proposals.parse_instrument
    monkeypatch.setattr(plan_proposals, "parse_instrument", lambda name: read.append(name) or real(name))
    proposals = PlanProposals(versions)
    found = [proposals.of(trip_at(MARKETS[0], "long", n)) for n in range(50)]
    assert [len(one) for one in found[:4]] == [1, 2, 3, 3]
    assert len(read) == 350
