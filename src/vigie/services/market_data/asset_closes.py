"""Closes of an asset by day, for what needs years of them: the one place that chooses where they come from."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.asset import Asset
from vigie.domain.time import DAY_MS
from vigie.intelligence.valuation.daily_history import DailyHistory, daily_history
from vigie.services.caches.asset_metrics import closed_bars


@dataclass(frozen=True, slots=True, eq=False)
class AssetCloses:
    """Closed days of one asset.

    Attributes
    ----------
    history : DailyHistory
        At least one day.
    source : str
        Where its prices come from, ``binance-perp:btc-usdt-perp``.
    """

    history: DailyHistory
    source: str


def read_closes(bar_reader: BarReader, asset: Asset, as_of: int | None) -> AssetCloses | None:
    """Return the closes of the stored instrument that reaches furthest; None where there are none.

    Parameters
    ----------
    as_of : int or None
        Only days that were over then.
    """
    pairs = bar_reader.instruments().get(asset.id, [])
    bars = closed_bars(bar_reader.newest(pairs, "1d", as_of=as_of), as_of)
    if bars is None or not len(bars):
        return None
    days = (bars.ts // DAY_MS).astype(np.int64)
    history = daily_history(days, bars.close, bars.high, bars.low)
    return AssetCloses(history, f"{bars.venue}:{bars.instrument}") if len(history) else None


def closes_version(closes: AssetCloses | None) -> Hashable:
    """Return what differs whenever a close does."""
    if closes is None:
        return None
    history = closes.history
    return closes.source, int(history.days[0]), hash(history.close.tobytes()), hash(history.high.tobytes())
