"""Stylised facts of price histories: what simulated and real markets are compared by."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.time import DAY_MS

LAGS: Final = (1, 5, 10, 24, 50)
_MONTH_MS: Final = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class StylisedFacts:
    """What a history of bars looks like.

    Attributes
    ----------
    bars : int
        Length of the history.
    sigma_day : float
        Standard deviation of log returns, scaled to a day.
    tail_index : float
        Hill's estimator over the largest 2 % (at least 50) of absolute returns; lower means fatter tails.
    memory : tuple of float
        Autocorrelation of absolute returns at `LAGS`.
    echo : float
        Autocorrelation of returns at lag 1: near 0 in a market that is hard to predict.
    volume_on_range : float
        Rank correlation of volume with the bar's log range, median over 30-day months.
    volume_on_return : float
        The same with the absolute return.
    volume_memory : float
        Autocorrelation of log volume at lag 1.
    range_over_return : float
        Volatility by Parkinson's range over volatility by closes.
    unmoved_opens : float
        Share of bars that open exactly at the close before.
    """

    bars: int
    sigma_day: float
    tail_index: float
    memory: tuple[float, ...]
    echo: float
    volume_on_range: float
    volume_on_return: float
    volume_memory: float
    range_over_return: float
    unmoved_opens: float

    def by_name(self) -> dict[str, float]:
        """Return every fact by name, the memory as ``memory 1``, ``memory 5``..."""
        facts = asdict(self)
        memory = facts.pop("memory")
        return facts | {f"memory {lag}": value for lag, value in zip(LAGS, memory, strict=True)}


def measure_facts(bars: Bars) -> StylisedFacts:
    """Measure the stylised facts of bars; returns over a gap are left out."""
    returns = compute_log_returns(bars)
    is_adjacent = np.diff(bars.ts) == bars.span_ms
    abs_returns = np.abs(returns)
    log_range = np.log(bars.high / bars.low)[1:][is_adjacent]
    volume = bars.volume[1:][is_adjacent]
    months = bars.ts[1:][is_adjacent] // _MONTH_MS
    per_day = DAY_MS / bars.span_ms
    return StylisedFacts(
        bars=len(bars),
        sigma_day=float(returns.std() * np.sqrt(per_day)),
        tail_index=estimate_tail_index(returns),
        memory=tuple(compute_autocorrelation(abs_returns, lag) for lag in LAGS),
        echo=compute_autocorrelation(returns, 1),
        volume_on_range=compute_monthly_rank_correlation(volume, log_range, months),
        volume_on_return=compute_monthly_rank_correlation(volume, abs_returns, months),
        volume_memory=compute_autocorrelation(np.log(np.maximum(volume, 1e-12)), 1),
        range_over_return=float(np.sqrt((log_range**2).mean() / (4.0 * np.log(2.0))) / returns.std()),
        unmoved_opens=float((bars.open[1:] == bars.close[:-1]).mean()),
    )


def compute_log_returns(bars: Bars) -> FloatArray:
    """Return the log returns from close to close between bars that follow each other."""
    returns: FloatArray = np.diff(np.log(bars.close))[np.diff(bars.ts) == bars.span_ms]
    return returns


def estimate_tail_index(returns: FloatArray, share: float = 0.02) -> float:
    """Return Hill's estimate of the tail index of absolute returns, over the largest `share` of them.

    Hill, B. M. (1975): A simple general approach to inference about the tail of a distribution.
    """
    sizes = np.sort(np.abs(returns))[::-1]
    count = min(max(50, int(len(sizes) * share)), len(sizes) - 1)
    return float(count / np.log(sizes[:count] / sizes[count]).sum())


def compute_autocorrelation(values: FloatArray, lag: int) -> float:
    """Return the sample autocorrelation at a lag."""
    centred = values - values.mean()
    return float((centred[lag:] * centred[:-lag]).sum() / (centred**2).sum())


def compute_rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's rank correlation; ties are ranked in order of appearance."""
    ranks = [np.argsort(np.argsort(values, kind="stable"), kind="stable") for values in (first, second)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def compute_monthly_rank_correlation(first: FloatArray, second: FloatArray, months: FloatArray) -> float:
    """Return the median rank correlation over months of at least 20 bars: slow trends do not count."""
    labels, counts = np.unique(months, return_counts=True)
    correlations = [
        compute_rank_correlation(first[months == label], second[months == label])
        for label in labels[counts >= 20]
    ]
    return float(np.median(correlations)) if correlations else float("nan")


def return_correlations(histories: list[Bars]) -> FloatArray:
    """Return the correlation matrix of log returns over the times that all histories share."""
    closes = [dict(zip(bars.ts.tolist(), np.log(bars.close).tolist(), strict=True)) for bars in histories]
    shared_times = sorted(set.intersection(*(set(close) for close in closes)))
    returns = np.diff(np.array([[close[ts] for ts in shared_times] for close in closes]), axis=1)
    matrix: FloatArray = np.corrcoef(returns)
    return matrix
