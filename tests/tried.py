"""Trials for the tests of their registry: histories of daily closes, the parts of them that are traded, and counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import Bars
from vigie.domain.daily_closes import DailyCloses
from vigie.domain.trials import TradedSeries, TrialCount, TriedVariants
from vigie.research.series import traded_series
from vigie.wiring.results import open_results

DAY_ONE = 18_000


def walk(days: int = 500, seed: int = 0, *, volatility: float = 0.03) -> NDArray[np.float64]:
    """Return closes of a random walk."""
    return np.asarray(100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, volatility, days))))


def part(
    closes: NDArray[np.float64],
    begin: int = 0,
    end: int | None = None,
    *,
    name: str = "venue:btc/4h",
    read_from: int | None = None,
) -> TradedSeries:
    """Return days `begin` to `end` (exclusive) of a history, read from `read_from` on."""
    end = len(closes) if end is None else end
    first = begin if read_from is None else read_from
    closings = DailyCloses(DAY_ONE + first, closes[first:end].astype(np.float32))
    return TradedSeries(name, closings, closings.digest, DAY_ONE + begin, DAY_ONE + end - 1)


def tried(*series: TradedSeries, variants: int | list[str] = 1) -> TriedVariants:
    """Return so many variants on one series, or on several that share an account."""
    names = [f"variant {number}" for number in range(variants)] if isinstance(variants, int) else variants
    return TriedVariants(series, names, [f"{series[0].name} {name}" for name in names])


def counted(bars: Bars) -> TrialCount:
    """Return how often the history of bars was tried in the home of this test."""
    return open_results().trials.count([traded_series(bars)])
