"""A home written when all slots waited for what any of them compares with: its account decides the same today.

`tests/data/home-that-compares` has what that program wrote, and what it decided on the three days after; see
`tests.home_that_compares`.
"""

from __future__ import annotations

import pytest

from tests import houses
from tests.home_that_compares import HALF, UNTIL, follow, open_home, told, told_next
from tests.unit.services.trading.test_trading import go
from vigie.domain.ids import SeriesId
from vigie.domain.setup import SetupScope
from vigie.services.needs import bound, provide
from vigie.services.setups.checking import check_setups
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.decided_histories import DecidedHistories


@pytest.fixture
def opened(tmp_path):
    return open_home(tmp_path / "home")


def test_what_each_entry_was_decided_on_comes_out_again(opened):
    house, run = opened
    plan, kept = load_plan(house.results, run.id), told(house, run)["entries"]
    names = [str(one.slot) for one in plan.slots]
    entries = [one.intent for one in house.trades.intents(run.id) if one.intent.leg == "entry"]
    assert {intent.slot for intent in entries} == set(names)
    histories = bound(house, DecidedHistories)(plan)
    for intent in sorted(entries, key=lambda one: one.ts_bar):
        number = names.index(intent.slot)
        span = SeriesId(plan.venue, intent.instrument, plan.slots[number].slot.timeframe).span_ms
        histories.bars_until(number, intent.ts_bar - span)
        assert kept[intent.id] == histories.fingerprint(number)


def test_its_setups_are_made_anew_as_they_were_kept(opened):
    house, _ = opened
    checked = check_setups(provide(house, TradingStores), house.setups, SetupScope("main"))
    assert checked.difference is None
    assert {change.slot for change in checked.kept} == {
        "btc-usdt-perp/1h/good_news", "eth-usdt-perp/4h/ema_cross",
    }  # fmt: skip


def test_it_goes_on_and_decides_what_the_program_of_before_decided_next(opened):
    house, run = opened
    plan, before, later = load_plan(house.results, run.id), told(house, run), told_next()
    assert before["last"] == later["last_before"]
    go(house, plan, UNTIL, [], begun=HALF)
    follow(house)
    after = told(house, run)
    assert {name: after[name] for name in after} == {name: later[name] for name in after}
    assert after["steps"][: len(before["steps"])] == before["steps"]
    assert len(after["entries"]) > len(before["entries"])
    assert not house.audit.after(0, kinds=["trade.feature_late"])
    # The bars of ADA at 4 h, which no slot reads, are not waited for any more.
    assert bound(house, DecidedHistories)(plan, run).others == [
        SeriesId(houses.VENUE, f"{coin}-usdt-perp", "1h") for coin in ("ada", "eth")
    ]
