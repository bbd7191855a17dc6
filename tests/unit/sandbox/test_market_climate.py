"""The model's numbers for one bar, and the random numbers they meet."""

from __future__ import annotations

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.domain.time import HOUR_MS, MINUTE_MS, timeframe_ms
from vigie_sandbox.market import simulate_market
from vigie_sandbox.market.parameters import compute_regime_shares, compute_seasonality, make_market_parameters
from vigie_sandbox.market.paths import normal
from vigie_sandbox.market.streams import make_stream

special = Lazy("scipy.special")

START = 1_704_067_200_000  # a Monday
PINNED = [0.2967574344366648, 0.20560814058136545, 0.5521386956738141]


@pytest.mark.parametrize("timeframe", ["1m", "1h", "4h", "6h", "1d"])
def test_seasons_last_a_week_and_leave_the_mean_square(timeframe: str) -> None:
    season = compute_seasonality(timeframe_ms(timeframe))
    assert len(season) * timeframe_ms(timeframe) == 7 * 24 * HOUR_MS
    assert (season**2).mean() == pytest.approx(1.0)


def test_seasons_are_loud_on_weekday_afternoons_and_quiet_at_weekends() -> None:
    season = compute_seasonality(HOUR_MS).reshape(7, 24)  # days from Thursday
    assert season[0, 14] > 1.5 * season[0, 4]
    assert season[2].mean() < 0.8 * season[0].mean()


def test_seasons_show_in_the_bars_at_their_utc_hour_and_weekday() -> None:
    bars = simulate_market(5, ["BTC"], START, 60_000, "1h").bars("BTC")
    reach = np.log(bars.high / bars.low)
    hour = bars.ts // HOUR_MS % 24
    day = (bars.ts // (24 * HOUR_MS) + 3) % 7  # from Monday
    assert reach[hour == 14].mean() > 1.4 * reach[hour == 4].mean()
    assert bars.volume[hour == 14].mean() > 1.4 * bars.volume[hour == 4].mean()
    assert reach[day == 5].mean() < 0.8 * reach[day == 1].mean()


def test_regimes_share_time_as_the_chain_says() -> None:
    shares = compute_regime_shares()
    assert shares.sum() == pytest.approx(1.0)
    regimes = simulate_market(5, ["BTC"], 0, 200_000, "1d").regimes
    np.testing.assert_allclose(np.bincount(regimes, minlength=4) / len(regimes), shares, atol=0.03)


def test_regimes_leave_the_mean_square_and_the_mean() -> None:
    pace = make_market_parameters(HOUR_MS)
    shares = compute_regime_shares()
    assert (shares * pace.vol**2).sum() == pytest.approx(1.0)
    assert (shares * pace.drift).sum() == pytest.approx(0.0, abs=1e-12)


def test_normals_are_quantiles() -> None:
    u = np.random.default_rng(1).random(20_000)
    u[:6] = [1e-15, 1e-9, 0.075, 0.5, 0.925, 1 - 2**-53]
    ours = np.array([normal(value) for value in u])
    np.testing.assert_allclose(ours, special.ndtri(u), rtol=1e-13, atol=1e-15)
    assert np.isfinite(normal(0.0))


def test_streams_differ_by_seed_owner_and_purpose_and_are_pinned() -> None:
    first = make_stream(7, "BTC", "path").random(3)
    # The first numbers of PCG64 under this key: they must be the same on every machine and numpy.
    assert first.tolist() == PINNED
    others = [make_stream(8, "BTC", "path"), make_stream(7, "ETH", "path"), make_stream(7, "BTC", "premium")]
    assert all(other.random() != first[0] for other in others)


def test_a_minute_takes_the_sixtieth_part_of_an_hour() -> None:
    minute, hour = make_market_parameters(MINUTE_MS), make_market_parameters(HOUR_MS)
    assert (minute.drift * 60).tolist() == pytest.approx(hour.drift.tolist())
    assert minute.root_days**2 * 60 == pytest.approx(hour.root_days**2)
    assert 1 - (1 - minute.crash_chance) ** 60 == pytest.approx(hour.crash_chance)
    assert (minute.keep**60).tolist() == pytest.approx(hour.keep.tolist())
