"""A strategy that compares with other instruments trades as in its backtest; what was late decides nothing, ever."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.news.test_mood_book import STRATEGY
from tests.unit.services.trading.material import BEGUN, BUSY, planned, run_file
from tests.unit.services.trading.test_features import NEWS_FILE, write
from tests.unit.services.trading.test_pushed import BTC, Pushing, away
from tests.unit.services.trading.test_trading import backtest_of, go
from vigie.data.frames import to_frame
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, iso
from vigie.engine.live.fold import steps
from vigie.ports.feed import FeedBar
from vigie.services.bar_reading import load_bars
from vigie.services.needs import bound
from vigie.services.runs import request_builder
from vigie.services.setups.decided_log import DecidedLog
from vigie.services.trading.account_plans import planning
from vigie.services.trading.process import trading
from vigie.services.trading.process.decided_histories import DecidedHistories

DAYS = 6
HALF = BEGUN + 3 * DAY_MS
ADA = SeriesId(houses.VENUE, "ada-usdt-perp", "1h")
LEADS = "feature.cross.relative_return_24.ada+eth"
READS = STRATEGY.replace(
    'long=(is_above("Good news", bars.feature("news.sentiment.btc"), 5.0),), short=()',
    f'long=(is_above("It leads", bars.feature("{LEADS}"), 0.003),), '
    f'short=(is_above("It lags", -bars.feature("{LEADS}"), 0.003),)',
)
ETH = replace(BTC, instrument="eth-usdt-perp")
TWO_FILE = NEWS_FILE + '[[slots]]\ninstruments = ["ETH"]\ntimeframe = "1h"\nstrategy = "ema_cross"\n'


class LateBars:
    """A store that bars reach twenty minutes after their end, once there is a clock."""

    def __init__(self, bars):
        self.bars, self.clock = bars, None

    def __getattr__(self, name):
        return getattr(self.bars, name)

    def read(self, series, *, start_ms=None, end_ms=None, **more):
        if self.clock is not None:
            stored = self.clock.market_now() - 20 * MINUTE_MS - series.span_ms + 1
            end_ms = stored if end_ms is None else min(end_ms, stored)
        return self.bars.read(series, start_ms=start_ms, end_ms=end_ms, **more)


class PushingBoth:
    """Pushes bars of both instruments that are traded."""

    def __init__(self, house, clock):
        self.of_each = [Pushing(house, clock, series=series) for series in (BTC, ETH)]
        self.pushed, self.books, self.on_bar = self.of_each[0].pushed, {}, None

    async def run(self):
        for pushing in self.of_each:
            pushing.pushed, pushing.on_bar = self.pushed, self.on_bar
        await asyncio.gather(*(pushing.run() for pushing in self.of_each))


@pytest.fixture
def house(tmp_path):
    clock = type("Hand", (), {"market_now": lambda self: BEGUN, "wall_now": lambda self: BEGUN})()
    built = houses.house(tmp_path / "home", clock=clock)
    write(built, READS)
    return built


def ada(house):
    """Bars of one more coin: what ether did, a day later."""
    ether = load_bars(house.data.bars, houses.VENUE, "ETH", "1h")
    return replace(ether.slice(0, len(ether) - 24), instrument=ADA.instrument, ts=ether.ts[24:])


def keep(house, bars) -> None:
    house.data.bars.upsert(ADA, to_frame(bars))


def without(bars, ts: int):
    kept = bars.ts != ts
    names = ("ts", "open", "high", "low", "close", "volume")
    return replace(bars, **{name: getattr(bars, name)[kept] for name in names})


def told(house, run) -> dict[int, dict[str, float]]:
    """What was recorded of features of the first slot, by the open time of the bar."""
    written = [steps.decode_step(step) for step in house.trades.steps(run.id)]
    ends = [step for step in written if isinstance(step, steps.BarsClosed)]
    return {
        bar.ts: dict(bar.features) | {"flags": bar.flags}
        for step in ends
        for bar in step.bars
        if not bar.slot
    }


def test_an_account_that_compares_decides_as_its_backtest_across_a_restart(house, tmp_path):
    keep(house, ada(house))
    plan, said = planned(house, tmp_path, text=NEWS_FILE), []
    run = go(house, plan, HALF, said)
    go(house, plan, BEGUN + DAYS * DAY_MS, said, begun=HALF)
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended > 3
    assert account.trades["entry_ts"][0] < HALF < account.trades["entry_ts"][-1]
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    assert {name for bar in told(house, run).values() for name in bar} == {
        "cross.close.ada", "cross.close.eth", "flags",
    }  # fmt: skip
    assert not house.audit.after(0, kinds=["trade.feature_late"])


def test_a_close_that_comes_late_or_is_corrected_changes_nothing_that_was_decided(house, tmp_path):
    whole, late, corrected = ada(house), BEGUN + DAY_MS, BEGUN + DAY_MS + 5 * HOUR_MS
    keep(house, without(whole, late))
    plan = planned(house, tmp_path, text=NEWS_FILE)
    run = go(house, plan, HALF, [])
    known = told(house, run)
    # Nothing is known of it at its close, so that nothing is decided there, nor a day later: it has no return.
    for ts in (late, late + DAY_MS):
        assert known[ts]["flags"] == 0
    assert np.isnan(known[late]["cross.close.ada"])
    assert known[corrected]["cross.close.ada"] == whole.close[whole.ts == corrected][0]
    newest = max(known)
    decided = bound(house, DecidedHistories)(plan, run).bars_until(0, newest).feature(LEADS)
    keep(house, replace(whole, close=np.where(whole.ts == corrected, whole.open, whole.close)))
    fresh = bound(house, DecidedHistories)(plan).bars_until(0, newest).feature(LEADS)
    assert not np.array_equal(fresh, decided, equal_nan=True)
    after = bound(house, DecidedHistories)(plan, run).bars_until(0, newest).feature(LEADS)
    assert np.array_equal(after, decided, equal_nan=True)
    # Setups are read off the log: they see the same.
    log = bound(house, DecidedLog)(plan, run)
    log.read()
    assert np.array_equal(log.last_history(0).feature(LEADS), decided, equal_nan=True)
    assert np.isnan(decided[-(newest - late) // HOUR_MS - 1])
    late_events = house.audit.after(0, kinds=["trade.feature_late"])
    assert {(event.text["feature"], event.text["bar"]) for event in late_events} == {
        ("cross.close.ada", iso(ts)) for ts in (late, corrected)
    }


def test_instruments_of_which_nothing_is_here_are_refused_by_name_before_an_account_begins(house, tmp_path):
    cure = "compares btc-usdt-perp with ada-usdt-perp, of which this home folder has no 1h bars; fetch them"
    with pytest.raises(UsageError, match=cure):
        planned(house, tmp_path, text=NEWS_FILE)
    keep(house, ada(house))
    assert planned(house, tmp_path, text=NEWS_FILE).slots
    # Without names the market is that of all watched coins.
    write(house, READS.replace(".ada+eth", ""))
    with pytest.raises(UsageError, match="with bnb-usdt-perp, xrp-usdt-perp, avax-usdt-perp"):
        planned(house, tmp_path, text=NEWS_FILE)


def test_a_slot_waits_only_for_what_its_own_strategy_compares_with(house, tmp_path):
    # Nothing of it is stored at 1 h, where the other slot trades.
    fours = load_bars(house.data.bars, houses.VENUE, "ETH", "4h")
    other = replace(ADA, timeframe="4h")
    house.data.bars.upsert(other, to_frame(replace(fours, instrument=ADA.instrument, ts=fours.ts + DAY_MS)))
    text = (
        f'{NEWS_FILE}timeframe = "4h"\n'
        f'[[slots]]\ninstruments = ["ETH"]\ntimeframe = "1h"\nstrategy = "ema_cross"\n{BUSY}\n'
    )
    request = request_builder.build_request(
        house.data, config=run_file(tmp_path, text), own_strategies=house.results.strategies
    )
    others = [other, replace(ETH, timeframe="4h")]
    assert planning.other_series_of(request) == others
    plan = planned(house, tmp_path, text=text)
    assert bound(house, DecidedHistories)(plan).others == others
    run = go(house, plan, BEGUN + DAY_MS, [])
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert (account.trades["slot"] == 1).sum() > 1
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert "missed_bar" not in {refusal.code for refusal in chronicle.refusals}
    # What nobody waited for is no late value of the slot when it is there.
    keep(house, ada(house))
    bound(house, DecidedHistories)(plan, run).bars_until(1, chronicle.ts - HOUR_MS)
    assert not house.audit.after(0, kinds=["trade.feature_late"])


def test_the_close_of_an_instrument_that_is_traded_too_is_that_of_its_pushed_bar(house, tmp_path):
    write(house, READS.replace(".ada+eth", ".eth"))
    plan = planned(house, tmp_path, text=TWO_FILE)
    ends = house.data.bars.read(ETH, last=1)["timestamp"].to_physical()[0] + HOUR_MS
    histories = bound(house, DecidedHistories)(replace(plan, begun=ends))
    histories.prepare()
    prices = 1_200.0, 1_210.0, 1_190.0, 1_205.0, 3.0
    histories.take_bars(
        FeedBar(f"{series.instrument}/1h", ends, *prices, is_pushed=True) for series in (BTC, ETH)
    )
    bars = histories.bars_until(0, ends)
    stored = load_bars(house.data.bars, houses.VENUE, "ETH", "1h")
    assert bars.feature("cross.close.eth")[-2:].tolist() == [stored.close[-1], 1_205.0]
    # It is known at its own close, and not before.
    histories.take_bars([FeedBar("eth-usdt-perp/1h", ends + HOUR_MS, *prices, is_pushed=True)])
    assert histories.bars_until(0, ends).feature("cross.close.eth")[-1] == 1_205.0


@pytest.mark.parametrize("is_pushed", [False, True])
def test_an_account_that_trades_what_it_compares_with_decides_as_its_backtest(house, tmp_path, is_pushed):
    write(house, READS.replace(".ada+eth", ".eth"))
    plan, half, late = (
        planned(house, tmp_path, text=TWO_FILE),
        HALF + 5 * MINUTE_MS,
        LateBars(house.data.bars),
    )
    traded = replace(house, data=replace(house.data, feed=away, bars=late)) if is_pushed else house

    def market(clock):
        late.clock = clock
        return PushingBoth(house, clock) if is_pushed else None

    run = go(traded, plan, half, [], market=market)
    # The newest bars of the first process are not stored yet.
    go(traded, plan, BEGUN + DAYS * DAY_MS, [], begun=half, market=market)
    known = told(house, run)
    stored = load_bars(house.data.bars, houses.VENUE, "ETH", "1h")
    closes = dict(zip(stored.ts.tolist(), stored.close.tolist(), strict=True))
    assert {ts: bar["cross.close.eth"] for ts, bar in known.items()} == {ts: closes[ts] for ts in known}
    chronicle = trading.load_event_log(house.results, house.trades, run)
    account, backtest = chronicle.account, backtest_of(house, plan, tmp_path, chronicle.ts)
    ended = len(account.trades)
    assert ended > 3
    assert account.trades["entry_bar"].tolist() == backtest.trades["entry_bar"][:ended].tolist()
    assert account.trades["pnl"].tolist() == pytest.approx(backtest.trades["pnl"][:ended].tolist(), abs=1e-7)
    assert not house.audit.after(0, kinds=["trade.feature_late"])
