"""Premium and funding of the simulated perpetuals."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.time import HOUR_MS, timeframe_ms
from vigie_sandbox.market import REGIMES, Series, simulate_market
from vigie_sandbox.market.derivatives import compute_settled_funding

START = 1_704_067_200_000
EIGHT = 8 * HOUR_MS


def hours(values: list[float]) -> Series:
    return Series(START + HOUR_MS * np.arange(1, len(values) + 1, dtype=np.int64), np.array(values))


@pytest.mark.parametrize(
    ("premium", "rate"),
    [
        (0.0, 0.0001),  # inside the band one pays the interest
        (0.0004, 0.0001),
        (0.0010, 0.0005),  # beyond it the premium less the band
        (-0.0010, -0.0005),
        (-0.0004, 0.0001),
        (0.0500, 0.0075),  # never more than the cap
        (-0.0500, -0.0075),
    ],
)
def test_a_constant_premium_settles_by_the_formula_of_venues(premium: float, rate: float) -> None:
    funding = compute_settled_funding(hours([premium] * 8))
    assert funding.ts.tolist() == [START + EIGHT]
    assert funding.value[0] == pytest.approx(rate, abs=1e-12)


def test_the_rate_is_of_the_mean_of_the_hours_before_it_only() -> None:
    funding = compute_settled_funding(hours([0.0008, 0.0016] * 4 + [0.01] * 7))
    assert funding.ts.tolist() == [START + EIGHT]
    assert funding.value[0] == pytest.approx(0.0007, abs=1e-12)


@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d"])
def test_funding_is_settled_every_eight_hours_whatever_the_timeframe(timeframe: str) -> None:
    span = timeframe_ms(timeframe)
    bars = 10 * 24 * HOUR_MS // span
    market = simulate_market(3, ["ETH"], START, bars, timeframe)
    funding = market.funding("ETH")
    assert funding.ts.tolist() == [START + EIGHT * k for k in range(1, 31)]
    assert len(market.asset("ETH").premium) == 240


def test_funding_has_the_sign_of_the_premium_beyond_the_band() -> None:
    market = simulate_market(3, ["XRP"], START, 40_000, "1h")
    premium, funding = market.asset("XRP").premium, market.funding("XRP")
    mean = premium.value[: len(funding) * 8].reshape(-1, 8).mean(axis=1)
    beyond = np.abs(mean) > 0.0005
    assert 0.05 < beyond.mean() < 0.6
    assert (np.sign(funding.value[beyond]) == np.sign(mean[beyond])).all()
    assert (funding.value[np.abs(mean) < 0.0003] == 0.0001).all()
    order = np.argsort(mean)
    assert (np.diff(funding.value[order]) >= -1e-8).all()


def test_funding_is_mostly_paid_by_longs_most_in_bull_regimes_and_remembers() -> None:
    market = simulate_market(3, ["BTC", "ETH", "SOL"], START, 50_000, "1h")
    for ticker in market.assets:
        funding = market.funding(ticker)
        at = (funding.ts - START) // HOUR_MS - 1
        mean = {name: funding.value[market.regimes[at] == code].mean() for code, name in enumerate(REGIMES)}
        assert mean["bull"] > mean["range"] > mean["crisis"]
        # Real perpetuals: mean 0.005..0.015 % (SOL, XRP), memory 0.58..0.79 from one settlement to the next.
        assert 0.00003 < funding.value.mean() < 0.00025
        assert 0.5 < np.corrcoef(funding.value[1:], funding.value[:-1])[0, 1] < 0.9


def test_too_short_a_market_has_no_funding_yet() -> None:
    market = simulate_market(3, ["BTC"], START, 30, "1m")
    assert len(market.funding("BTC")) == len(market.asset("BTC").premium) == 0
