"""What is missing from a simulated market: late listings and outages."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.market import Gaps, simulate_market

START = 1_704_067_200_000


def test_by_default_nothing_is_missing() -> None:
    market = simulate_market(1, 5, START, 2_000, "1h")
    assert all(asset.bars.ts[0] == START and not len(asset.bars.gaps) for asset in market.assets.values())


def test_assets_are_listed_at_their_own_times_and_the_oldest_from_the_start() -> None:
    whole = simulate_market(1, 8, START, 20_000, "1h")
    market = simulate_market(1, 8, START, 20_000, "1h", gaps=Gaps(listing_days=60))
    firsts = {ticker: asset.bars.ts[0] for ticker, asset in market.assets.items()}
    assert firsts["BTC"] == firsts["ETH"] == START
    late = [ts for ticker, ts in firsts.items() if ticker not in ("BTC", "ETH")]
    assert len(set(late)) == len(late)
    assert 10 * DAY_MS < np.mean(late) - START < 200 * DAY_MS
    for ticker, asset in market.assets.items():
        count = len(asset.bars)
        assert np.array_equal(asset.bars.close, whole.bars(ticker).close[-count:])
        assert asset.funding.ts[0] > firsts[ticker]
        assert asset.premium.ts[0] > firsts[ticker]


def test_an_asset_listed_after_the_end_has_no_bars() -> None:
    market = simulate_market(1, ["SOL"], START, 5, "1h", gaps=Gaps(listing_days=3_000))
    assert len(market.bars("SOL")) == len(market.bars("SOL", "4h")) == len(market.funding("SOL")) == 0


def test_outages_take_the_same_bars_from_every_asset() -> None:
    market = simulate_market(1, ["BTC", "SOL"], START, 30_000, "5m", gaps=Gaps(outages_per_year=100))
    bars = market.bars("BTC")
    assert np.array_equal(bars.ts, market.bars("SOL").ts)
    assert 10 < len(bars.gaps) < 60
    missing = np.diff(bars.ts)[bars.gaps - 1] - 5 * MINUTE_MS
    assert missing.min() >= 5 * MINUTE_MS
    assert missing.max() <= 5 * HOUR_MS


def test_bars_beside_an_outage_are_those_of_the_market_without() -> None:
    whole = simulate_market(1, ["BTC"], START, 10_000, "5m").bars("BTC")
    cut = simulate_market(1, ["BTC"], START, 10_000, "5m", gaps=Gaps(outages_per_year=100)).bars("BTC")
    kept = np.isin(whole.ts, cut.ts)
    assert 0 < (~kept).sum() < 1_000
    assert np.array_equal(whole.close[kept], cut.close)


def test_gaps_that_cannot_be_are_refused() -> None:
    with pytest.raises(UsageError, match=r"listing_days must be 0\.\.3650, was -1"):
        Gaps(listing_days=-1)
    with pytest.raises(UsageError, match=r"outages_per_year must be 0\.\.365, was nan"):
        Gaps(outages_per_year=float("nan"))
