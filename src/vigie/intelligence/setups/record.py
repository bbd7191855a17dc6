"""The record of ended setups: results by strategy, market, regime and horizon, with what chance could have made.

Losers count, and those of which nobody was told. What never was confirmed is a rate, not an R of 0. A cell of fewer
than thirty says only how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.time import DAY_MS
from vigie.quant.stats.clusters import (
    Clusters,
    better_p_value,
    cluster_means,
    draw_clusters,
    mean_interval,
)
from vigie.quant.stats.multiplicity import benjamini_hochberg

LEAST: Final = 30
# Of fewer weeks a bootstrap over weeks is too sure of itself: there is no interval, and nothing is called better.
LEAST_WEEKS: Final = 10
WEEK_MS: Final = 7 * DAY_MS
# 1 January 1970 was a Thursday: weeks begin on Mondays.
_MONDAY_MS: Final = 4 * DAY_MS
SEED: Final = 20
Horizon = Literal["day", "week", "longer", ""]
Grouping = Literal["all", "strategy", "instrument", "regime", "horizon", "notice"]
GROUPINGS: Final[tuple[Grouping, ...]] = ("all", "strategy", "instrument", "regime", "horizon")
Notice = Literal["", "told", "held"]
"""Whether an alert was sent about a setup, or all were held back; empty where no rule was about it."""
EndKind = Literal["trade", "unconfirmed", "no_entry", "void", "unkept"]
"""Traded; never confirmed; confirmed without an entry; a changed strategy; a trade that ended before R was kept."""


@dataclass(frozen=True, slots=True)
class EndedSetup:
    """A setup that ended.

    Attributes
    ----------
    setup : str
        Its id.
    kind : str
        What became of it.
    strategy, instrument, regime : str
        As at its decision, or where it formed.
    horizon : str
        How long it might have lasted: up to a day, up to a week, longer; empty where no entry was decided.
    ts_known : int
        When its end was known, epoch milliseconds.
    r : float or None
        Of a trade.
    notice : str
        What became of alerts about it; no seal holds that.
    """

    setup: str
    kind: EndKind
    strategy: str
    instrument: str
    regime: str
    horizon: Horizon
    ts_known: int
    r: float | None
    notice: Notice = ""


@dataclass(frozen=True, slots=True)
class RecordCell:
    """What ended setups of one kind made.

    Attributes
    ----------
    grouping, value : str
        ``strategy``, ``ema_cross``; of ``all`` the value is empty.
    trades : int
        Ended with an R.
    unconfirmed, no_entry, unkept, void : int
        Ended otherwise: never confirmed, no entry, before R was kept, by a changed strategy.
    weeks : int
        Calendar weeks in which its trades ended.
    mean_r : float or None
        Mean R; None for fewer than thirty trades.
    low, high : float or None
        Of its 95 % interval; None for fewer than thirty trades or ten weeks.
    won_share : float or None
        Share of trades with R above 0; None for fewer than thirty.
    unconfirmed_share : float or None
        Of all that ended but void ones; None for fewer than thirty.
    is_better : bool
        Its mean exceeds that of all others by more than chance does, by Benjamini and Hochberg over all cells.
    """

    grouping: Grouping
    value: str
    trades: int
    unconfirmed: int
    no_entry: int
    unkept: int
    void: int
    weeks: int
    mean_r: float | None
    low: float | None
    high: float | None
    won_share: float | None
    unconfirmed_share: float | None
    is_better: bool


def horizon_of(horizon_bars: int, span_ms: int) -> Horizon:
    """Return how long a setup might last: up to a day, up to a week, longer; empty without a horizon."""
    if not horizon_bars:
        return ""
    lasts = horizon_bars * span_ms
    if lasts <= DAY_MS:
        return "day"
    return "week" if lasts <= WEEK_MS else "longer"


def record_cells(
    ended: Sequence[EndedSetup], *, seed: int = SEED, groupings: Sequence[Grouping] = GROUPINGS
) -> list[RecordCell]:
    """Return the results of ended setups, the cells of each grouping by count.

    Parameters
    ----------
    ended : sequence of EndedSetup
        In any order: they are sorted first, so that the same ones give the same intervals.
    seed : int
        Of the bootstrap over calendar weeks (of UTC, from Monday), by the end's time.
    groupings : sequence of str
        By what they are told apart.
    """
    ordered = sorted(ended, key=lambda one: (one.ts_known, one.setup))
    trades = [setup for setup in ordered if setup.kind == "trade" and setup.r is not None]
    values = np.array([trade.r for trade in trades], dtype=np.float64)
    weeks = np.array([(trade.ts_known - _MONDAY_MS) // WEEK_MS for trade in trades], dtype=np.int64)
    clusters = draw_clusters(weeks, seed=seed)
    cells: list[RecordCell] = []
    p_values: list[float] = []
    for grouping in groupings:
        of = _reader(grouping)
        labels = np.array([of(trade) for trade in trades], dtype=object)
        found = []
        for value in sorted({of(setup) for setup in ordered}):
            mask = np.asarray(labels == value, dtype=bool)
            cell = _cell(
                grouping, value, [setup for setup in ordered if of(setup) == value], values, clusters, mask
            )
            found.append((cell, _p_value(grouping, cell, values, clusters, mask)))
        # By how many there are, never by how well they did.
        found.sort(key=lambda pair: (-pair[0].trades, pair[0].value))
        cells += [cell for cell, _ in found]
        p_values += [p_value for _, p_value in found]
    better = benjamini_hochberg(p_values)
    return [replace(cell, is_better=bool(one)) for cell, one in zip(cells, better, strict=True)]


def notice_cells(ended: Sequence[EndedSetup]) -> list[RecordCell]:
    """Return the results of setups that were told, and of those held back: whether the budget picks the better ones.

    Parameters
    ----------
    ended : sequence of EndedSetup
        Those about which no rule was are left out.
    """
    return record_cells([setup for setup in ended if setup.notice], groupings=("notice",))


def _reader(grouping: Grouping) -> Callable[[EndedSetup], str]:
    return (lambda _: "") if grouping == "all" else (lambda one: str(getattr(one, grouping)))


def _cell(
    grouping: Grouping,
    value: str,
    ended: Sequence[EndedSetup],
    values: FloatArray,
    clusters: Clusters,
    mask: BoolArray,
) -> RecordCell:
    def count(kind: EndKind) -> int:
        return sum(setup.kind == kind for setup in ended)

    trades, counted = int(np.count_nonzero(mask)), len(ended) - count("void")
    weeks, own = len(np.unique(clusters.of[mask])), values[mask]
    has_mean = trades >= LEAST
    has_interval = has_mean and weeks >= LEAST_WEEKS
    interval = mean_interval(cluster_means(values, clusters, mask)) if has_interval else None
    return RecordCell(
        grouping, value, trades, count("unconfirmed"), count("no_entry"), count("unkept"),
        count("void"), weeks,
        mean_r=float(own.mean()) if has_mean else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        won_share=float(np.count_nonzero(own > 0.0)) / trades if has_mean else None,
        unconfirmed_share=count("unconfirmed") / counted if counted >= LEAST else None,
        is_better=False,
    )  # fmt: skip


def _p_value(
    grouping: Grouping, cell: RecordCell, values: FloatArray, clusters: Clusters, mask: BoolArray
) -> float:
    """Return the p-value of a cell; NaN, untested, where it is too small or has nothing beside it."""
    if grouping == "all" or cell.low is None or bool(mask.all()):
        return math.nan
    return better_p_value(values, clusters, mask)
