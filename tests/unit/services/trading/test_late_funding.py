"""Funding of an account that trades through the live feed: settled again and again, and told late."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests import houses
from tests.unit.services.trading.material import BEGUN, BUSY, FILE, RunningClock, planned
from tests.unit.services.trading.test_trading import TELL_S, ticking
from vigie.domain.account import Sizing
from vigie.domain.fact import Observation
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.services.needs import bound
from vigie.services.runs.run_gap import gap_record
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.journal import comparing
from vigie.services.trading.log import event_reporting
from vigie.services.trading.process import trading

EVERY_H, LAST_H = 8, 6 * 24
# Dear, and just below what the rule of funding cost refuses.
RATE = 0.0009
LEVERAGE = Sizing().leverage
EXACT = Decimal("0.000001")


async def collect(house, clock, late_ms):
    """Store what was settled, so much later."""
    for number, hour in enumerate(range(EVERY_H, LAST_H, EVERY_H)):
        ts = BEGUN + hour * HOUR_MS
        while clock.market_now() < ts + late_ms:
            await clock.pause(0.5)
        rates = [RATE if (number + place) % 3 else -RATE for place, _ in enumerate(houses.ASSETS)]
        house.facts.append(
            Observation(
                f"derivatives/{houses.VENUE}:{asset.lower()}-usdt-perp/funding_fraction",
                ts + 17,
                clock.market_now(),
                rate,
            )
            for asset, rate in zip(houses.ASSETS, rates, strict=True)
        )


def traded(folder, late_ms):
    """Trade through settlements, as one process beside one that collects them."""
    hand = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    house = houses.house(folder / "home", clock=hand)
    plan = planned(house, folder, text=FILE.replace('"ema_cross"', '"ema_cross"\n' + BUSY))

    async def process():
        # An instant is met a little after its bars have ended; a quarter of an hour later it is over.
        clock = RunningClock(BEGUN, BEGUN + LAST_H * HOUR_MS + 15 * MINUTE_MS)
        live = replace(house, clock=clock)
        run = bound(live, trading.begin_run)(plan, "owner")
        lease = await trading.acquire_lease(live.trades, plan.account, "tests", clock, lambda _: None)
        job = trading.TradeJob(
            live, run, load_plan(live.results, run.id), lease, clock, speed=lambda: RunningClock.SPEED
        )
        works = clock.run(), collect(house, clock, late_ms), ticking(clock)
        hands = [asyncio.ensure_future(one) for one in works]
        await trading.trade(job, lambda _: None, clock.is_over)
        await hands[0]
        for one in hands[1:]:
            one.cancel()
        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_reporting, "_TELL_S", TELL_S)
        run = asyncio.run(process())
    return comparing.load_account_run(house.results, house.trades, run), bound(
        house, comparing.run_own_backtest
    )(run)


def test_funding_that_is_heard_before_the_next_close_leaves_no_gap_at_all(tmp_path):
    account, backtest = traded(tmp_path, 20 * MINUTE_MS)
    assert sum(bool(one.funding) for one in account.trades) > 10
    assert account.refused == backtest.refused
    assert [(one.slot, one.decided, one.qty) for one in account.trades] == [
        (one.slot, one.decided, one.qty) for one in backtest.trades
    ]
    told = gap_record(backtest, account)
    assert all(abs(Decimal(amount)) < EXACT for amount in (told["gap"], *told["parts"].values()))


def test_funding_that_is_heard_after_decisions_changes_their_sizes_by_its_share_of_equity_at_most(tmp_path):
    account, backtest = traded(tmp_path, 5 * HOUR_MS)
    theirs = {(one.slot, one.decided): one for one in backtest.trades}
    assert [(one.slot, one.decided) for one in account.trades] == list(theirs)
    changed = 0
    for one in account.trades:
        other = theirs[one.slot, one.decided]
        assert (one.entry, one.exit, one.reason) == (other.entry, other.exit, other.reason)
        # One settlement at most is not heard of: of all that is held, which leverage bounds; then whole lots.
        lot = Decimal(1).scaleb(int(other.qty.as_tuple().exponent))
        assert abs(one.qty - other.qty) <= Decimal(str(RATE * LEVERAGE)) * other.qty + lot
        assert float(one.funding / one.qty) == pytest.approx(float(other.funding / other.qty), abs=1e-6)
        changed += one.qty != other.qty
    assert changed
    parts = gap_record(backtest, account)["parts"]
    assert abs(Decimal(parts["size"])) > EXACT
    assert all(abs(Decimal(amount)) < EXACT for cause, amount in parts.items() if cause != "size")
