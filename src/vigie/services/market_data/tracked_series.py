"""What is looked at for unusual changes: prices of the largest and the watched assets, and figures of the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.market.changes_since import TrackedSeries
from vigie.ports.facts import FactStore
from vigie.services.caches.asset_metrics import AssetReading, closed_bars
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, DOMINANCE
from vigie.services.market_data.series import values_of

CAP_SERIES: Final = "market/global/cap_usd"
STABLECOIN_SERIES: Final = "stablecoins/total/supply_usd"
# Enough past for a usual range of changes over a day, and of a week where days are few.
HISTORY_MS: Final = 120 * DAY_MS
# Prices of the largest and of the watched assets are looked at.
LARGEST: Final = 12
TRACKED: Final = (
    (CAP_SERIES, "cap", "all:market", "usd", True),
    (DOMINANCE, "dominance", "Bitcoin", "fraction", False),
    (ALTERNATIVE_INDEX, "fear_greed", "", "index", False),
    (STABLECOIN_SERIES, "supply", "all:stablecoins", "usd", True),
    ("defi/total/tvl_usd", "tvl", "all:defi", "usd", True),
    ("onchain/bitcoin/fee_fast_sat_vb", "fees", "Bitcoin", "sat_vb", True),
    ("volatility/bitcoin/dvol_index", "volatility", "Bitcoin", "index", False),
)


def market_tracks(
    readings: Sequence[AssetReading], watched: Sequence[str], facts: FactStore, now: int
) -> list[TrackedSeries]:
    """Return everything that is looked at.

    Parameters
    ----------
    readings : sequence of AssetReading
        Of coins.
    watched : sequence of str
        Catalogue ids that are looked at though they are small.
    """
    return [*_price_tracks(readings, watched, now), *_fact_tracks(facts, now)]


def _price_tracks(readings: Sequence[AssetReading], watched: Sequence[str], now: int) -> list[TrackedSeries]:
    def size(reading: AssetReading) -> float:
        return -reading.metrics.volume_24h if reading.metrics.volume_24h > 0 else 0.0

    largest = sorted(readings, key=size)[:LARGEST]
    readings_by_asset = {
        reading.asset.id: reading
        for reading in (*largest, *(reading for reading in readings if reading.asset.id in watched))
    }
    tracks = (price_track(reading, now) for reading in readings_by_asset.values())
    return [track for track in tracks if track is not None]


def price_track(reading: AssetReading, now: int) -> TrackedSeries | None:
    """Return the price of one asset as it is looked at; None where no closed hour is known."""
    if closed_bars(reading.hourly, now) is None:
        return None
    asset = reading.asset
    return TrackedSeries(
        f"market/{asset.id}/price_usd",
        "price",
        asset.name,
        "usd_price",
        *_closes_until(reading, now),
        asset=asset.id,
    )


def _closes_until(reading: AssetReading, now: int) -> tuple[np.ndarray, np.ndarray]:
    bars = closed_bars(reading.hourly, now)
    assert isinstance(bars, Bars)
    ts, values = bars.ts + HOUR_MS, bars.close
    if reading.quote is not None and reading.quote.ts_event > ts[-1]:
        return np.append(ts, reading.quote.ts_event), np.append(values, reading.quote.last)
    return ts, values


def _fact_tracks(facts: FactStore, now: int) -> list[TrackedSeries]:
    values_by_series = values_of(
        facts, [series for series, *_ in TRACKED], start_ms=now - HISTORY_MS, end_ms=now + 1
    )
    # What a revision of an old value would move is not news: the time it happened counts here.
    return [
        TrackedSeries(
            series,
            topic,
            subject,
            unit,
            values_by_series[series].ts,
            values_by_series[series].values,
            is_relative,
        )
        for series, topic, subject, unit, is_relative in TRACKED
        if len(values_by_series[series]) > 1
    ]
