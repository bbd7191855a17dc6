"""The market made from a seed: the same everywhere, whoever else is in it, however long it lasts."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import ASSET_BY_TICKER, parse_instrument
from vigie.domain.time import DAY_MS, HOUR_MS, timeframe_ms
from vigie_sandbox.market import REGIMES, VENUE, Gaps, simulate_market
from vigie_sandbox.market.profiles import PROFILES

START = 1_704_067_200_000
COLUMNS = ("ts", "open", "high", "low", "close", "volume")


def same(one: Bars, other: Bars) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in COLUMNS)


def assert_plausible(bars: Bars) -> None:
    assert (bars.low > 0).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.volume > 0).all()
    assert all(np.isfinite(getattr(bars, name)).all() for name in COLUMNS)


def test_same_seed_makes_the_same_market() -> None:
    one = simulate_market(5, ["BTC", "SIM77"], START, 1_000, "1h")
    other = simulate_market(5, ["BTC", "SIM77"], START, 1_000, "1h")
    for ticker in ("BTC", "SIM77"):
        assert same(one.bars(ticker), other.bars(ticker))
        assert np.array_equal(one.funding(ticker).value, other.funding(ticker).value)
    assert np.array_equal(one.regimes, other.regimes)
    assert one.crashes == other.crashes


def test_another_seed_makes_another_market() -> None:
    one = simulate_market(5, ["BTC"], START, 500, "1h").bars("BTC")
    other = simulate_market(6, ["BTC"], START, 500, "1h").bars("BTC")
    assert (one.close != other.close).mean() > 0.9


def test_an_asset_does_not_depend_on_the_others_or_their_order() -> None:
    alone = simulate_market(5, ["SOL"], START, 2_000, "1h")
    crowd = simulate_market(5, ["DOGE", "SIM3", "SOL", "BTC"], START, 2_000, "1h")
    assert same(alone.bars("SOL"), crowd.bars("SOL"))
    assert np.array_equal(alone.funding("SOL").value, crowd.funding("SOL").value)
    assert np.array_equal(alone.asset("SOL").premium.value, crowd.asset("SOL").premium.value)
    assert list(crowd.assets) == ["DOGE", "SIM3", "SOL", "BTC"]


@pytest.mark.parametrize(("short", "long", "timeframe"), [(700, 3_000, "1h"), (16_384, 40_000, "5m")])
def test_a_longer_history_begins_with_the_shorter_one(short: int, long: int, timeframe: str) -> None:
    gaps = Gaps(listing_days=5, outages_per_year=200)
    one = simulate_market(9, ["BTC", "AVAX"], START, short, timeframe, gaps=gaps)
    other = simulate_market(9, ["BTC", "AVAX"], START, long, timeframe, gaps=gaps)
    for ticker in ("BTC", "AVAX"):
        count = len(one.bars(ticker))
        assert count > 100
        assert same(one.bars(ticker), other.bars(ticker).slice(0, count))
        for name in ("premium", "funding"):
            few, many = getattr(one.asset(ticker), name), getattr(other.asset(ticker), name)
            assert np.array_equal(few.ts, many.ts[: len(few)])
            assert np.array_equal(few.value, many.value[: len(few)])
    assert np.array_equal(one.regimes, other.regimes[:short])
    assert one.crashes == tuple(crash for crash in other.crashes if crash.ts <= one.bars("BTC").ts[-1])


@pytest.mark.parametrize("timeframe", ["1m", "15m", "1h", "4h", "1d"])
def test_bars_are_possible_and_on_the_grid_at_every_timeframe(timeframe: str) -> None:
    market = simulate_market(2, 20, START, 3_000, timeframe)
    for asset in market.assets.values():
        bars = asset.bars
        assert_plausible(bars)
        assert len(bars) == 3_000
        assert not len(bars.gaps)
        assert bars.timeframe == timeframe
        assert bars.venue == VENUE
        for prices in (bars.open, bars.high, bars.low, bars.close):
            ticks = np.rint(prices / asset.rules.tick.value)
            assert np.array_equal(prices, ticks * asset.rules.tick.multiple / asset.rules.tick.scale)
        lots = np.rint(bars.volume / asset.rules.lot.value)
        assert np.array_equal(bars.volume, lots * asset.rules.lot.multiple / asset.rules.lot.scale)


def test_opens_are_the_close_before_or_one_tick_beside() -> None:
    market = simulate_market(2, ["ETH"], START, 5_000, "1h")
    bars = market.bars("ETH")
    steps = np.rint((bars.open[1:] - bars.close[:-1]) / market.asset("ETH").rules.tick.value)
    assert set(steps.tolist()) == {-1.0, 0.0, 1.0}
    assert 0.45 < (steps == 0).mean() < 0.58


def test_all_known_assets_have_a_profile_and_start_near_their_level() -> None:
    assert set(PROFILES) == set(ASSET_BY_TICKER)
    market = simulate_market(4, list(PROFILES), START, 24, "1h")
    for ticker, profile in PROFILES.items():
        bars = market.bars(ticker)
        assert bars.instrument == str(parse_instrument(ticker))
        assert abs(bars.open[0] / profile.level - 1) < 0.01


def test_stablecoins_stay_at_one() -> None:
    closes = simulate_market(4, ["USDC"], START, 20_000, "1h").bars("USDC").close
    assert np.abs(closes - 1).max() < 0.01


def test_prices_stay_plausible_over_centuries_of_days() -> None:
    market = simulate_market(4, ["BTC", "DOGE"], 0, 60_000, "1d")
    for asset in market.assets.values():
        distance = np.abs(np.log(asset.bars.close / asset.profile.level))
        assert distance.max() < 8.0
        assert np.median(distance) < 2.0


@pytest.mark.parametrize("timeframe", ["15m", "1h", "4h", "1d"])
def test_volatility_is_the_profiles_at_every_timeframe(timeframe: str) -> None:
    bars = 2_500 * DAY_MS // timeframe_ms(timeframe)
    market = simulate_market(8, ["BTC", "ETH", "SOL", "XRP"], 0, bars, timeframe)
    for asset in market.assets.values():
        sigma = np.diff(np.log(asset.bars.close)).std() * np.sqrt(DAY_MS / asset.bars.span_ms)
        assert sigma == pytest.approx(asset.profile.sigma_day, rel=0.25)


def test_every_regime_occurs_and_crises_are_the_wildest() -> None:
    market = simulate_market(3, ["BTC"], START, 50_000, "1h")
    size = np.abs(np.diff(np.log(market.bars("BTC").close), prepend=np.log(65_000.0)))
    mean = {name: size[market.regimes == code].mean() for code, name in enumerate(REGIMES)}
    assert mean["crisis"] > 1.5 * mean["bear"]
    assert mean["range"] < mean["bull"]
    spans = market.regime_spans()
    assert spans[0].start_ms == START
    assert spans[-1].end_ms == START + 50_000 * HOUR_MS
    assert all(one.end_ms == other.start_ms for one, other in pairwise(spans))
    assert all(one.regime != other.regime for one, other in pairwise(spans))


def test_names_are_understood_as_people_write_them() -> None:
    market = simulate_market(1, ["BTCUSDT", "solana", "eth-usdt-perp"], START, 10, "1h")
    assert list(market.assets) == ["BTC", "SOL", "ETH"]
    assert market.asset("bitcoin") is market.asset("btc-usdt-perp")


def test_a_number_takes_the_known_assets_first() -> None:
    market = simulate_market(1, 15, START, 10, "1h")
    assert list(market.assets)[:2] == ["BTC", "ETH"]
    assert list(market.assets)[13:] == ["SIM14", "SIM15"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, ["BTC"], START, 10, "1h"), "seed must be >= 0, was -1"),
        ((1, [], START, 10, "1h"), "assets must name at least one"),
        ((1, 0, START, 10, "1h"), "assets must be 1..10000, was 0"),
        ((1, ["BTC", "bitcoin"], START, 10, "1h"), "had BTC more than once"),
        ((1, ["B T C"], START, 10, "1h"), "instrument must look like"),
        ((1, ["BTC"], START, 0, "1h"), "bars must be 1..100000000, was 0"),
        ((1, ["BTC"], START + 1, 10, "1h"), "start must be a multiple of 1h, was 2024-01-01T00:00:00.001Z"),
        ((1, ["BTC"], START, 10, "7m"), "timeframe must be one of"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace(".", r"\.").replace("(", r"\(")):
        simulate_market(*arguments)


def test_an_asset_that_is_not_in_the_market_is_refused_with_those_that_are() -> None:
    market = simulate_market(1, ["BTC", "ETH"], START, 10, "1h")
    with pytest.raises(UsageError, match="asset must be one of BTC, ETH, was 'SOL'"):
        market.bars("SOL")


def test_the_uncompiled_form_makes_the_same_bars() -> None:
    code = (
        "from vigie_sandbox.market import simulate_market\n"
        f"market = simulate_market(11, ['BTC', 'DOGE'], {START}, 300, '1h')\n"
        "for name in ('BTC', 'DOGE'):\n"
        "    bars = market.bars(name)\n"
        "    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)\n"
        "    print(*(repr(float(value)) for column in columns for value in column))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    market = simulate_market(11, ["BTC", "DOGE"], START, 300, "1h")
    for name, line in zip(("BTC", "DOGE"), answer, strict=True):
        bars = market.bars(name)
        ours = np.concatenate([bars.open, bars.high, bars.low, bars.close, bars.volume])
        np.testing.assert_allclose(np.array(line.split(), float), ours, rtol=1e-9)


def test_steps_as_they_are_written_make_the_bits_that_compiled_ones_make():
    from vigie_sandbox.market import compiled_paths, paths
    from vigie_sandbox.market.parameters import (
        compute_seasonality,
        make_asset_parameters,
        make_market_parameters,
    )
    from vigie_sandbox.market.streams import make_stream

    n_bars = 400
    season = compute_seasonality(HOUR_MS)
    # Crashes, spikes and changes of the regime, many times as often as they are.
    market_params = make_market_parameters(HOUR_MS)._replace(crash_chance=0.05, jump_chance=0.2)
    market_params = market_params._replace(switch=np.minimum(market_params.switch * 30.0, 0.5))
    ends = []
    for steps in (paths, compiled_paths):
        common = np.empty((paths.COMMON_ROWS, n_bars))
        state = np.zeros(paths.STATE_SIZE)
        rows = make_stream(3, "market", "path").random((n_bars, paths.MARKET_COLUMNS))
        steps.walk_market(rows, season, 5, market_params, state, common)
        ends += [common, state]
        for profile in (PROFILES["BTC"], PROFILES["DOGE"]):
            params = make_asset_parameters(profile, HOUR_MS, is_leader=False)
            params = params._replace(crash_chance=0.05, jump_chance=0.2)
            state, bars = np.zeros(paths.STATE_SIZE), np.empty((5, n_bars + 1))[:, :n_bars]
            rows = make_stream(3, profile.ticker, "path").random((n_bars, paths.ASSET_COLUMNS))
            crashes = np.empty(n_bars)
            steps.walk_asset(rows, common, season, 5, params, state, bars, crashes)
            assert np.count_nonzero(crashes) > 3
            ends += [state, bars, crashes]
        value = np.empty(n_bars)
        steps.follow_target(common[paths.FACTOR], rows, 0.9, 0.1, 0.2, value)
        ends.append(value)
    half = len(ends) // 2
    assert all(np.array_equal(one, other) for one, other in zip(ends[:half], ends[half:], strict=True))
