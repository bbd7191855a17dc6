"""Columns and labels of one or several assets as rows to learn from, in the order of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from vigie.domain.account import Costs
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY
from vigie.engine.barrier_walk import walk_barriers
from vigie.engine.inputs import SlotInput
from vigie.quant.labels.forward import direction, forward_return, forward_volatility
from vigie.quant.labels.label import Labels
from vigie.quant.labels.triple_barrier import meta_labels
from vigie.quant.labels.uniqueness import uniqueness
from vigie.research.learning.learning_rows import LEAST_ROWS, LearningRows, known_rows


@dataclass(frozen=True, slots=True, eq=False)
class AssetColumns:
    """One asset's columns, with what came of each bar.

    Attributes
    ----------
    bars : Bars
        In the order of time.
    columns : mapping of str to float64 array, shape (n_bars,)
        By full name; NaN where not known.
    labels : Labels
        0 or 1, NaN where there is none.
    gains : float64 array, shape (n_bars, 2)
        What a long and a short trade made after costs, as a share of the price.
    amounts : float64 array, shape (n_bars,)
        The log return of the bars ahead, or their volatility; empty where each row is a signal.
    """

    bars: Bars
    columns: Mapping[str, FloatArray]
    labels: Labels
    gains: FloatArray
    amounts: FloatArray = field(default_factory=lambda: np.empty(0))


def gains_of(returns: FloatArray, costs: Costs) -> FloatArray:
    """Return what a long and a short trade of each bar make after costs.

    Parameters
    ----------
    returns : float64 array, shape (n_bars,)
        Simple returns over the trade's time.
    costs : Costs
        Paid at both ends.

    Returns
    -------
    float64 array, shape (n_bars, 2)
    """
    cost = 2.0 * (costs.taker + costs.slippage_bps * 1e-4)
    return np.column_stack([returns - cost, -returns - cost])


def rising(bars: Bars, columns: Mapping[str, FloatArray], horizon: int, costs: Costs) -> AssetColumns:
    """Return an asset's columns, with whether its price rose over a horizon and what trades of it made.

    Parameters
    ----------
    bars : Bars
    columns : mapping of str to float64 array, shape (n_bars,)
        By full name.
    horizon : int
        Bars ahead.
    costs : Costs

    Returns
    -------
    AssetColumns
    """
    moves = forward_return(bars.open, bars.close, horizon, bars.gaps).values
    labels = direction(bars.open, bars.close, horizon, 0.0, bars.gaps)
    # Two classes, not a sign: what stays where it was has not risen.
    risen = np.where(np.isnan(labels.values), np.nan, (labels.values > 0.0).astype(float))
    return AssetColumns(bars, columns, replace(labels, values=risen), gains_of(np.expm1(moves), costs), moves)


def moving(bars: Bars, columns: Mapping[str, FloatArray], horizon: int) -> AssetColumns:
    """Return an asset's columns, with how much its price moved over a horizon and whether that is more than usual.

    Parameters
    ----------
    bars : Bars
    columns : mapping of str to float64 array, shape (n_bars,)
        By full name.
    horizon : int
        Bars ahead.

    Returns
    -------
    AssetColumns
        Usual is the mean of all that was known at the close. Nothing is traded of it: no side made anything.
    """
    labels = forward_volatility(bars.close, horizon, bars.gaps)
    ahead = labels.values
    known = ~np.isnan(ahead)
    with np.errstate(invalid="ignore"):
        means = np.cumsum(np.where(known, ahead, 0.0)) / np.cumsum(known)
    # The label of a bar is known when its last bar closes.
    usual = np.concatenate([np.full(horizon, np.nan), means[:-horizon]])
    grown = np.where(np.isnan(ahead) | np.isnan(usual), np.nan, (ahead > usual).astype(float))
    untraded = np.full((len(bars), 2), np.nan)
    return AssetColumns(bars, columns, replace(labels, values=grown), untraded, ahead)


def signal_outcomes(slot: SlotInput, columns: Mapping[str, FloatArray], horizon: int) -> AssetColumns:
    """Return an asset's columns at the signals of a rule, with whether each trade reached its target.

    Parameters
    ----------
    slot : SlotInput
        The rule's flags and distances, as the kernel reads them.
    columns : mapping of str to float64 array, shape (n_bars,)
        By full name.
    horizon : int
        Bars after which a trade ends that has met no level.

    Returns
    -------
    AssetColumns
        Bars without a signal have no label. What a trade made stands on the first side, whichever way it went.

    Raises
    ------
    UsageError
        If the rule measures its stop and its target in different units.
    """
    if not np.array_equal(slot.stop_unit, slot.target_unit, equal_nan=True):
        raise UsageError(
            "meta_needs_one_unit",
            "the rule measures stop and target in different units, which the trade of a label does not know: choose "
            "another rule",
        )
    is_long, is_short = ((slot.flags & flag) != 0 for flag in (LONG_ENTRY, SHORT_ENTRY))
    # A close that says both decides nothing.
    sides = is_long.astype(np.int64) - is_short.astype(np.int64)
    trades = walk_barriers(
        slot.bars, sides, slot.stop_unit, slot.versions, terms=replace(slot.sizing, max_bars=horizon),
        costs=slot.costs,
    )  # fmt: skip
    # Slippage is in the prices already.
    made = trades.gross - 2.0 * slot.costs.taker
    return AssetColumns(
        slot.bars,
        columns,
        meta_labels(trades, slot.bars.gaps),
        np.column_stack([made, np.full(len(made), np.nan)]),
    )


def learning_rows(assets: Sequence[AssetColumns], *, is_value: bool = False) -> LearningRows:
    """Return complete rows of all assets, in the order of time; columns are those that every asset has.

    Parameters
    ----------
    assets : sequence of AssetColumns
        At least one, all on bars of one length.
    is_value : bool
        Whether models learn how much came, not whether.

    Returns
    -------
    LearningRows
        Each weighs by how few others share its bars.

    Raises
    ------
    UsageError
        If bars have several lengths, or nothing honest can come of the rows.
    DataError
        If too few rows are complete; with the column that alone costs them, by name.
    """
    if len({asset.bars.span_ms for asset in assets}) != 1:
        raise UsageError("bars_of_several_lengths", "pooled assets must have bars of one length")
    shared = reduce(lambda kept, asset: kept & asset.columns.keys(), assets, set(assets[0].columns))
    names = tuple(name for name in assets[0].columns if name in shared)
    parts = [_complete(asset, names, number) for number, asset in enumerate(assets)]
    if sum(len(part[0]) for part in parts) < LEAST_ROWS:
        _refuse_rare_column(assets, names)
    columns = list(zip(*parts, strict=True))
    # Stable: of rows of one time the first asset stands first.
    order = np.argsort(np.concatenate(columns[0]), kind="stable")
    # One after the other: several whole copies of pooled columns would not fit the memory of a training.
    ts, values, target, ends, weights, gains, numbers, bars, amounts = (
        np.concatenate(column)[order] for column in columns
    )
    return LearningRows(
        names, ts, values, target, ends, weights, gains, numbers, bars, amounts if is_value else np.empty(0)
    )


def _refuse_rare_column(assets: Sequence[AssetColumns], names: tuple[str, ...]) -> None:
    """Refuse the column without which there were rows enough, by name; do nothing where no single one costs them."""
    counts = np.zeros(len(names), np.int64)
    for asset in assets:
        unknown = ~np.isfinite(_values(asset, names))[~np.isnan(asset.labels.values)]
        counts += (unknown.sum(axis=1)[:, None] == unknown).sum(axis=0)
    if len(names) > 1 and counts.max() >= LEAST_ROWS:
        raise DataError(
            "column_leaves_few_rows",
            "{column} is known for too short a time: fewer than {least} rows are complete with it, {count} without; "
            "leave it out, or wait until more of it is stored",
            column=names[int(np.argmax(counts))],
            least=LEAST_ROWS,
            count=int(counts.max()),
        )


def _values(asset: AssetColumns, names: tuple[str, ...]) -> FloatArray:
    if not names:
        return np.empty((len(asset.bars), 0))
    return np.column_stack([asset.columns[name] for name in names])


def _complete(asset: AssetColumns, names: tuple[str, ...], number: int) -> tuple[np.ndarray, ...]:
    values = _values(asset, names)
    kept = known_rows(values, asset.labels.values)
    span = asset.bars.span_ms
    ts = asset.bars.ts + span
    return (
        ts[kept], values[kept], asset.labels.values[kept],
        # The close of the last bar that the label is made of.
        asset.bars.ts[asset.labels.last[kept]] + span,
        uniqueness(asset.labels)[kept], asset.gains[kept], np.full(len(kept), number, np.int64),
        kept.astype(np.int64), asset.amounts[kept] if len(asset.amounts) else np.full(len(kept), np.nan),
    )  # fmt: skip
