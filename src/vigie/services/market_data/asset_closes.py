"""Closes of an asset by day, as valuations need them: on a calendar without holes, with highs and lows where known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.asset import Asset
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import DailyHistory, daily_history
from vigie.ports.facts import FactStore
from vigie.services.market_data.daily_prices import daily_closes

# The first day of Bitcoin: no price is older.
_FIRST: Final = date(2009, 1, 3)


@dataclass(frozen=True, slots=True, eq=False)
class AssetCloses:
    """Closed days of one asset.

    Attributes
    ----------
    history : DailyHistory
        At least one day.
    sources : mapping of str to int
        Who gave closes, with the newest day that each gave: ids of sources, and places such as
        ``binance-perp:btc-usdt-perp``.
    """

    history: DailyHistory
    sources: Mapping[str, int]


def read_closes(facts: FactStore, bar_reader: BarReader, asset: Asset, at: int) -> AssetCloses | None:
    """Return the closes of the days that were over at an instant; None where there are none.

    Parameters
    ----------
    at : int
        Epoch milliseconds; what became known later is left out.
    """
    last = datetime.fromtimestamp(at / 1_000, UTC).date()
    closes = daily_closes(facts, bar_reader, asset.id, first=_FIRST, last=last, at=at)
    if not len(closes.days):
        return None
    high, low = _highs_and_lows(bar_reader, asset, closes.days)
    history = daily_history(closes.days, closes.values, high, low)
    sources = {
        source: int(closes.days[closes.origins == number].max())
        for number, source in enumerate(closes.sources)
        if (closes.origins == number).any()
    }
    return AssetCloses(history, sources)


def _highs_and_lows(
    bar_reader: BarReader, asset: Asset, days: IntArray
) -> tuple[FloatArray | None, FloatArray | None]:
    """Return highs and lows of the stored instrument that reaches furthest, NaN on days without a bar."""
    bars = bar_reader.of_asset(asset.id, "1d")
    if bars is None or not len(bars):
        return None, None
    bar_days = bars.ts // DAY_MS
    at = np.minimum(np.searchsorted(bar_days, days), len(bars) - 1)
    is_there = bar_days[at] == days
    return np.where(is_there, bars.high[at], np.nan), np.where(is_there, bars.low[at], np.nan)
