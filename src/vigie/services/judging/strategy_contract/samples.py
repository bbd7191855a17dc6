"""The histories a strategy is judged on: simulated, flat, short, full of gaps, and the stored ones.

Takes a timeframe and a warm-up; gives bars that cannot be written to, also where an indicator is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vigie.data import history
from vigie.data.asof import add_feature
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import StorageError, UsageError
from vigie.domain.time import parse_time, timeframe_ms
from vigie_sandbox.market import SimulatedMarket, simulate_market

MAX_BARS = 20_000
STORED_BARS = 1_500
_START_DATE = "2024-01-01"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One history and where it comes from.

    Attributes
    ----------
    name : str
        Said when a check fails on it.
    bars : Bars
        Read-only.
    is_eventful : bool
        Whether look-ahead is searched for on it: long enough, and prices move.
    """

    name: str
    bars: Bars
    is_eventful: bool = True


def simulated_samples(timeframe: str, warmup: int, *, seed: int = 0) -> list[Sample]:
    """Return simulated histories: four that move, one of them with gaps, two flat ones, and short ones."""
    n_bars = min(max(600, warmup + 400), MAX_BARS)
    markets = [
        simulate_market(
            seed + offset,
            ["BTC", "SOL"],
            parse_time(_START_DATE),
            n_bars * 3 if offset == 0 else n_bars,
            timeframe,
        )
        for offset in (1, 2)
    ]
    moving = [
        Sample(
            f"simulated {name} (seed {market.seed})",
            _with_funding(market, name, from_start=market is markets[0]),
        )
        for market in markets
        for name in ("BTC", "SOL")
    ]
    rng = np.random.default_rng([seed, n_bars])
    moving[1] = Sample(f"{moving[1].name} with gaps", _with_gaps(moving[1].bars, rng))
    constant = [
        Sample("constant prices", flat_bars(timeframe, n_bars, volume=10.0), is_eventful=False),
        Sample("constant prices without volume", flat_bars(timeframe, n_bars, volume=0.0), is_eventful=False),
    ]
    lengths = sorted({1, 2, 3, 20, *(max(1, warmup + extra) for extra in (-1, 0, 1, 2))})
    full_bars = moving[0].bars
    short = [
        Sample(f"a history of {n} bars", full_bars.slice(0, n), is_eventful=False)
        for n in lengths
        if n < len(full_bars)
    ]
    return [
        Sample(sample.name, sample.bars.sealed(), sample.is_eventful)
        for sample in (*moving, *constant, *short)
    ]


def _with_funding(market: SimulatedMarket, name: str, *, from_start: bool) -> Bars:
    """Return the bars with the funding known by each close; `from_start` also says it before the first settlement."""
    funding, bars = market.funding(name), market.bars(name)
    ts, rate = funding.ts, funding.value
    if from_start:
        ts, rate = np.concatenate((bars.ts[:1], ts)), np.concatenate(([0.0001], rate))
    return add_feature(bars, "funding_rate", ts, rate)


def _with_gaps(bars: Bars, rng: np.random.Generator) -> Bars:
    """Return the bars with six holes of one to twelve bars."""
    keep = np.ones(len(bars), np.bool_)
    for start in rng.integers(1, len(bars) - 12, 6):
        keep[start : start + rng.integers(1, 13)] = False
    return select_bars(bars, np.flatnonzero(keep))


def select_bars(bars: Bars, rows: Any) -> Bars:
    """Return some of the bars, in the order of `rows`, their times ascending as before."""
    return Bars(
        instrument=bars.instrument,
        span_ms=bars.span_ms,
        ts=np.sort(bars.ts[rows]),
        open=bars.open[rows],
        high=bars.high[rows],
        low=bars.low[rows],
        close=bars.close[rows],
        volume=bars.volume[rows],
        venue=bars.venue,
        features={name: series[rows] for name, series in bars.features.items()},
    )


def flat_bars(timeframe: str, n_bars: int, *, volume: float) -> Bars:
    """Return bars of one price."""
    price: FloatArray = np.full(n_bars, 100.0)
    span_ms = timeframe_ms(timeframe)
    ts = parse_time(_START_DATE) + np.arange(n_bars, dtype=np.int64) * span_ms
    return Bars(
        "flat-usdt-perp", span_ms, ts, price, price, price, price, np.full(n_bars, volume), "simulated-perp"
    )


def with_other_future(bars: Bars, stop: int, rng: np.random.Generator) -> Bars:
    """Return the same bars up to `stop`, and behind it the rest in another order at other prices."""
    rest = stop + rng.permutation(len(bars) - stop)
    mixed = select_bars(bars, np.concatenate((np.arange(stop), rest)))
    factor = np.ones(len(bars))
    factor[stop:] = rng.choice([0.5, 2.0])
    return Bars(
        instrument=mixed.instrument,
        span_ms=mixed.span_ms,
        ts=mixed.ts,
        open=mixed.open * factor,
        high=mixed.high * factor,
        low=mixed.low * factor,
        close=mixed.close * factor,
        volume=mixed.volume * factor,
        venue=mixed.venue,
        features=mixed.features,
    ).sealed()


def stored_samples(
    data_stores: DataStores, timeframe: str, warmup: int, *, limit: int = 3
) -> Iterator[Sample]:
    """Yield the newest bars of some stored series of the timeframe; what cannot be read is left out."""
    n_found = 0
    for holding in data_stores.bars.holdings():
        if n_found == limit:
            return
        if holding.series.timeframe != timeframe:
            continue
        try:
            bars = history.load(
                data_stores.bars, holding.series, last=min(STORED_BARS + warmup, MAX_BARS)
            ).bars
        except (StorageError, UsageError):  # `vigie data check` is where that is said
            continue
        n_found += 1
        yield Sample(f"stored {holding.series}", bars.sealed(), is_eventful=len(bars) > warmup + 50)
