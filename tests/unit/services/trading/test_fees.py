"""A level of fees that is another than sizes count with is recorded, once; what cannot be asked is asked again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from tests.clocks import StandingClock, settle
from tests.unit.services.trading.material import BEGUN, planned
from vigie.domain.errors import AuthError, TransientError
from vigie.ports.listed_venue import FeeLevel
from vigie.services.needs import bound
from vigie.services.trading.log.trading_events import list_trading_events
from vigie.services.trading.process.fees import FeeMonitor
from vigie.services.trading.process.trading import begin_run

BTC = "btc-usdt-perp"


class Venue:
    """Takes what it is told to for bitcoin, and what is counted with for all else."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), 0

    async def fee_level(self, instrument):
        if instrument != BTC:
            return FeeLevel(Decimal("0.0006"), Decimal("0.0002"))
        self.asked += 1
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(told, Exception):
            raise told
        return FeeLevel(Decimal(told), Decimal("0.0002"))


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    return houses.house(tmp_path / "home", clock=clock)


@pytest.fixture
def begun(house, tmp_path):
    plan = planned(house, tmp_path)
    return bound(house, begin_run)(plan, "owner"), plan


def told(house, run):
    return [
        str(one).partition(" ")[2]
        for one in list_trading_events(house.audit, house.trades, run)
        if one.kind == "trade.fees"
    ]


def test_another_fee_is_recorded_when_it_is_new_and_not_again_by_the_next_process(house, begun):
    run, plan = begun
    venue = Venue("0.0006", "0.0005", "0.0005", "0.0004")
    for count in (0, 1, 1, 2):
        assert asyncio.run(FeeMonitor(house.audit, house.trades, run, plan, venue, StandingClock()).check())
        assert len(told(house, run)) == count
    assert told(house, run)[0] == (
        "Fee differs from plan: btc-usdt-perp: fee charged 0.0004 per fill, planned 0.0006"
    )


def test_fees_of_the_accounts_own_level_that_were_pinned_are_what_is_counted_with(house, begun):
    run, plan = begun
    charged = replace(plan, slots=tuple(replace(one, charged={"taker": 0.0005}) for one in plan.slots))
    assert asyncio.run(
        FeeMonitor(house.audit, house.trades, run, charged, Venue("0.0005"), StandingClock()).check()
    )
    assert BTC not in " ".join(told(house, run))


def test_it_is_asked_every_day_and_within_minutes_where_there_was_no_answer(house, begun):
    clock, venue = StandingClock(), Venue(TransientError("busy"), "0.0006")

    async def story():
        asking = asyncio.ensure_future(FeeMonitor(house.audit, house.trades, *begun, venue, clock).watch())
        counts = []
        for seconds in (1, 600, 86_398, 2):
            await clock.advance(seconds)
            counts.append(venue.asked)
        asking.cancel()
        await settle()
        return counts

    assert asyncio.run(story()) == [1, 2, 2, 3]


def test_a_key_that_is_refused_ends_the_trader(house, begun):
    with pytest.raises(AuthError):
        asyncio.run(
            FeeMonitor(
                house.audit, house.trades, *begun, Venue(AuthError("revoked")), StandingClock()
            ).check()
        )
