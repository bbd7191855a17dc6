"""From a request to planned slots and a run; what a run is called, and how its trials are counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.unit.services.backtest_material import VENUE, market, store_bars, write_bars, write_instruments
from vigie.data.stores import DataStores
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.errors import UsageError
from vigie.domain.money import GridStep
from vigie.services.runs import backtest, identity, price_grid
from vigie.services.runs.backtest import BacktestRequest, SlotRequest, plan_slots, run_backtest
from vigie.wiring.data import open_data

EMA = SlotRequest("BTC", "4h", "ema_cross")


@pytest.fixture
def desk(home: Path) -> DataStores:
    """Seven simulated assets, stored."""
    store_bars(home)
    return open_data()


@pytest.fixture
def request_(tmp_path: Path) -> BacktestRequest:
    """One slot on stored bars."""
    return BacktestRequest(slots=(EMA,), venue=VENUE, instruments=write_instruments(tmp_path / "i.csv"))


def test_slots_of_one_series_share_its_bars(desk: DataStores, request_: BacktestRequest):
    slots = (
        EMA,
        replace(EMA, params={"fast": 5}),
        replace(EMA, strategy="macd_cross"),
        replace(EMA, instrument="ETH"),
    )
    plans = plan_slots(desk, replace(request_, slots=slots))
    assert [str(plan.slot) for plan in plans] == [
        "btc-usdt-perp/4h/ema_cross", "btc-usdt-perp/4h/ema_cross#2", "btc-usdt-perp/4h/macd_cross",
        "eth-usdt-perp/4h/ema_cross",
    ]  # fmt: skip
    assert plans[0].bars is plans[1].bars is plans[2].bars
    assert plans[3].bars is not plans[0].bars


def test_the_same_slot_twice_is_refused(desk: DataStores, request_: BacktestRequest):
    with pytest.raises(UsageError, match="is given twice with the same parameters"):
        plan_slots(desk, replace(request_, slots=(EMA, replace(EMA, params={"fast": 20}))))


def test_rules_come_from_the_table_then_from_options(
    desk: DataStores, request_: BacktestRequest, tmp_path: Path
):
    (pinned,) = plan_slots(desk, request_)
    rules = market().assets["BTC"].rules
    assert (pinned.versions[0].tick, pinned.versions[0].min_notional) == (rules.tick, 5.0)
    (tick,) = plan_slots(desk, replace(request_, tick="5"))
    assert (tick.versions[0].tick, tick.versions[0].lot) == (GridStep(5, 0), rules.lot)
    assert tick.versions[0].min_notional == 0.0
    (bare,) = plan_slots(desk, replace(request_, instruments=None, lot="0.5"))
    assert (bare.versions[0].lot, bare.versions[0].min_qty) == (GridStep(5, 1), 0.0)
    with pytest.raises(UsageError, match="are unknown; give --tick and --lot, or set them in"):
        plan_slots(desk, replace(request_, instruments=None))
    (tmp_path / "i.csv").write_text("symbol,tick,lot\nETHUSDT,0.01,0.01\n")
    with pytest.raises(UsageError, match=r"i\.csv has no row for btc-usdt-perp"):
        plan_slots(desk, request_)


def test_a_known_venue_has_its_own_table(desk: DataStores, tmp_path: Path):
    from vigie.data.frames import to_frame
    from vigie.domain.ids import SeriesId

    bars = market().bars("BTC", "4h")
    desk.bars.upsert(SeriesId("bitget-perp", bars.instrument, "4h"), to_frame(bars))
    (plan,) = plan_slots(desk, BacktestRequest(slots=(EMA,), venue="bitget-perp"))
    assert str(plan.versions[0].tick) == "0.1"
    assert plan.versions[0].min_notional > 0


def test_bars_that_only_warm_up_are_kept_before_the_first(desk: DataStores, request_: BacktestRequest):
    bars = market().bars("BTC", "4h")
    start = int(bars.ts[500])
    (plan,) = plan_slots(desk, replace(request_, start_ms=start, warmup_bars=100))
    assert (plan.first, len(plan.bars)) == (100, len(bars) - 400)
    (few,) = plan_slots(desk, replace(request_, start_ms=int(bars.ts[30]), warmup_bars=100))
    assert few.first == 30
    (last,) = plan_slots(desk, replace(request_, last=50, warmup_bars=20))
    assert (last.first, len(last.bars)) == (20, 70)
    (both,) = plan_slots(desk, replace(request_, start_ms=start, last=50))
    assert (both.first, len(both.bars)) == (0, 50)


def test_a_file_of_another_timeframe_is_refused_with_the_cure(desk: DataStores, tmp_path: Path):
    path = write_bars(tmp_path / "BTCUSDT-4h.csv", market().bars("BTC", "4h"))
    request = BacktestRequest(slots=(SlotRequest(str(path), "1d", "ema_cross"),), bars=(path,))
    with pytest.raises(UsageError, match="was requested; use --timeframe"):
        plan_slots(desk, request)


def test_the_tick_of_a_file_is_the_coarsest_power_of_ten_of_its_prices():
    bars = market().bars("BTC", "1d")
    assert price_grid.price_step(bars) == GridStep(1, 1)
    whole = replace(
        bars, **{name: np.round(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    )
    assert price_grid.price_step(whole) == GridStep(1, 0)


def test_equal_requests_have_equal_names_and_others_have_not(request_: BacktestRequest):
    same = replace(request_, slots=(replace(EMA),))
    assert backtest.configuration_hash(same) == backtest.configuration_hash(request_)
    for other in (replace(request_, instruments=Path("/somewhere/else/i.csv")),
                  replace(request_, last=5), replace(request_, seed=1), replace(request_, check=False),
                  replace(request_, account=AccountSettings(sizing=Sizing(leverage=3)))):  # fmt: skip
        assert backtest.configuration_hash(other) != backtest.configuration_hash(request_)


def test_the_fingerprint_changes_with_one_price(desk: DataStores, request_: BacktestRequest):
    run = run_backtest(desk, request_)
    first = identity.fingerprint(run)
    assert identity.fingerprint(run_backtest(desk, request_)) == first
    assert identity.fingerprint(run_backtest(desk, replace(request_, last=500))) != first
    bars = run.slots[0].plan.bars
    bars.close.flags.writeable = True
    bars.close[7] = np.nextafter(bars.close[7], np.inf)
    assert identity.fingerprint(run) != first


def test_a_trial_is_strategy_parameters_account_and_series(desk: DataStores, request_: BacktestRequest):
    def trials(request: BacktestRequest) -> set[tuple[str, str, str]]:
        return {
            (one.series[0].name, name, former)
            for one in identity.run_trials(run_backtest(desk, request))
            for name, former in zip(one.variants, one.former, strict=True)
        }

    base = trials(request_)
    assert trials(replace(request_, last=700, seed=3)) == base
    assert {series for series, *_ in base} == {"simulated-perp:btc-usdt-perp/4h"}
    others = [
        replace(request_, slots=(replace(EMA, instrument="ETH"),)),
        replace(request_, slots=(replace(EMA, strategy="macd_cross"),)),
        replace(request_, slots=(replace(EMA, params={"fast": 5}),)),
        replace(request_, account=AccountSettings(sizing=Sizing(stop_atr=1.0))),
    ]
    found = set().union(base, *(trials(other) for other in others))
    assert len(found) == len({former for *_, former in found}) == 5
    assert len({name for _, name, _ in found}) == 4, "the same variant on another market"


def test_a_portfolio_is_one_trial_of_every_series_it_trades(desk: DataStores, request_: BacktestRequest):
    slots = (EMA, replace(EMA, instrument="ETH"), replace(EMA, strategy="macd_cross"))
    run = run_backtest(desk, replace(request_, slots=slots, account=AccountSettings(mode="portfolio")))
    (one,) = identity.run_trials(run)
    assert len(one.variants) == len(one.former) == 1
    assert [series.name for series in one.series] == [
        f"simulated-perp:{name}-usdt-perp/4h" for name in ("btc", "eth")
    ]


def test_progress_is_told_to_the_end(desk: DataStores, request_: BacktestRequest):
    told = []
    slots = (EMA, replace(EMA, instrument="ETH"))
    run_backtest(desk, replace(request_, slots=slots), progress=lambda *news: told.append(news))
    assert ("strategies", 2, 2) in told
    assert ("kernel", 2, 2) in told
