"""Walk-forward and cross-validation as tables and plain values: the files people keep."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

import numpy as np
import polars as pl

from vigie.domain.state import TRADE
from vigie.domain.time import iso
from vigie.quant.stats.verdict import Verdict
from vigie.research import tables
from vigie.research.files import csv_bytes, parquet_bytes, to_json_value
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.space import Number
from vigie.research.validation import Validation
from vigie.research.walk_forward import WalkForward, count_choices


def windows_frame(plan: SweepPlan, result: WalkForward) -> pl.DataFrame:
    """Return one row a window: spans, parameters, scores and returns in and out of sample, trades.

    Parameters
    ----------
    plan : SweepPlan
        Its axes are the columns of parameters.
    result : WalkForward
        A row for each of its windows.

    Returns
    -------
    polars.DataFrame
        Windows from 1; times as ``datetime[ms, UTC]``, ends exclusive, returns as fractions.
    """
    rows = []
    for number, window in enumerate(result.windows, start=1):
        spans = window.spans
        values = {axis.name: window.params.get(axis.name) for axis in plan.space.axes}
        rows.append(
            {
                "window": number,
                "train_from": spans.train_from,
                "train_to": spans.train_to,
                "test_from": spans.test_from,
                "test_to": spans.test_to,
                **values,
                "in_sample": window.in_sample,
                "out_of_sample": window.out_of_sample,
                "in_sample_return": window.in_sample_return,
                "out_of_sample_return": window.out_of_sample_return,
                "trades": 0 if window.trades is None else len(window.trades),
            }
        )
    times = [pl.col(name).cast(tables.UTC_MS) for name in ("train_from", "train_to", "test_from", "test_to")]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(times)


def trades_frame(result: WalkForward) -> pl.DataFrame:
    """Return the trades of all test spans with the window each belongs to.

    Parameters
    ----------
    result : WalkForward
        Windows without a run have no trades.

    Returns
    -------
    polars.DataFrame
        ``window``, then `TRADE_COLUMNS`, also where nothing ran.
    """
    frames = [
        (number, tables.all_trades(window.run))
        for number, window in enumerate(result.windows, start=1)
        if window.run is not None
    ] or [(0, tables.trades_frame(np.zeros(0, TRADE)))]
    return pl.concat(
        frame.select(pl.lit(number).alias("window"), *tables.TRADE_COLUMNS) for number, frame in frames
    )


def equity_frame(result: WalkForward) -> pl.DataFrame:
    """Return the joined account.

    Parameters
    ----------
    result : WalkForward
        All test spans in turn.

    Returns
    -------
    polars.DataFrame
        ``timestamp`` (close) and ``equity`` in quote currency.
    """
    return pl.DataFrame(
        {"timestamp": pl.Series(result.equity_ts).cast(tables.UTC_MS), "equity": result.equity}
    )


def walk_record(plan: SweepPlan, result: WalkForward, verdict: Verdict) -> dict[str, Any]:
    """Return what ``walk_forward.json`` says of the walk; the service adds settings and the permutation test.

    Parameters
    ----------
    plan : SweepPlan
        Its axes and objective.
    result : WalkForward
        Of the same plan.
    verdict : Verdict
        About the joined account.

    Returns
    -------
    dict
        Plain JSON values; times as ISO 8601.
    """
    names = [axis.name for axis in plan.space.axes]
    record = to_json_value(
        {
            "windows": [
                {key: iso(_ms(value)) if key in _TIMES else value for key, value in row.items()}
                for row in windows_frame(plan, result).with_columns(pl.col(*_TIMES).dt.epoch("ms")).to_dicts()
            ],
            "tried": len(result.tried),
            "out_of_sample": {
                "score": result.score(plan.objective),
                "sharpe": result.score("sharpe"),
                "total_return": float(result.equity[-1]) / max(result.capital, 1e-12) - 1.0,
                "final_equity": float(result.equity[-1]),
                "trades": result.trades,
                "efficiency": result.efficiency,
                "profitable_share": result.profitable_share,
            },
            "chosen": {
                name: {_format_value(key): count for key, count in counts.items()}
                for name, counts in count_choices(result, names).items()
            },
            "verdict": {"about": "the joined out-of-sample account", **dataclasses.asdict(verdict)},
        }
    )
    return dict(record)


_TIMES: Final = ("train_from", "train_to", "test_from", "test_to")


def _ms(value: Any) -> int:
    return int(value)


def _format_value(value: Number) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def walk_files(plan: SweepPlan, result: WalkForward, record: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of a walk by name.

    Parameters
    ----------
    plan : SweepPlan
        Its axes are the columns of parameters.
    result : WalkForward
        Of the same plan.
    record : dict
        As `walk_record` gives it, with what the service added.

    Returns
    -------
    dict of str to bytes
        Content by file name.
    """
    return {
        "windows.csv": csv_bytes(windows_frame(plan, result)),
        "trades.csv": csv_bytes(trades_frame(result)),
        "equity.parquet": parquet_bytes(equity_frame(result)),
        "walk_forward.json": _json_bytes(record),
    }


def folds_frame(result: Validation) -> pl.DataFrame:
    """Return one row a split: test spans, parameters, the objective in and out of sample.

    Parameters
    ----------
    result : Validation
        A row for each of its folds.

    Returns
    -------
    polars.DataFrame
        Folds from 1; test spans as ISO 8601 pairs, ends exclusive.
    """
    rows = [
        {
            "fold": number,
            "test": " ".join(f"{iso(start)}/{iso(end)}" for start, end in fold.test),
            **fold.params,
            "in_sample": fold.in_sample,
            "out_of_sample": fold.out_of_sample,
        }
        for number, fold in enumerate(result.folds, start=1)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def paths_frame(result: Validation) -> pl.DataFrame:
    """Return the daily returns of every path: ``timestamp, path_1, path_2, …``.

    Parameters
    ----------
    result : Validation
        Cross-validation of any scheme.

    Returns
    -------
    polars.DataFrame
        Starts of days, ascending; returns as fractions.
    """
    columns = {f"path_{k}": np.ascontiguousarray(path) for k, path in enumerate(result.path_returns, start=1)}
    return pl.DataFrame({"timestamp": pl.Series(result.days).cast(tables.UTC_MS), **columns})


def validation_record(result: Validation, verdict: Verdict) -> dict[str, Any]:
    """Return what ``validation.json`` says of a cross-validation.

    Parameters
    ----------
    result : Validation
        Its folds and paths.
    verdict : Verdict
        About the path with the median Sharpe ratio.

    Returns
    -------
    dict
        Plain JSON values.
    """
    folds = result.folds
    record = to_json_value(
        {
            "folds": folds_frame(result).to_dicts(),
            "tried": len(result.tried),
            "paths": len(result.path_sharpes),
            "path_sharpes": result.path_sharpes.tolist(),
            "sharpe_quantiles": result.quantiles(),
            "losing_share": result.losing_share,
            "mean_in_sample": float(np.mean([fold.in_sample for fold in folds])),
            "mean_out_of_sample": float(np.mean([fold.out_of_sample for fold in folds])),
            "pbo": result.overfit.pbo,
            "pbo_range": result.overfit.pbo_range,
            "verdict": {"about": "the path with the median Sharpe ratio", **dataclasses.asdict(verdict)},
        }
    )
    return dict(record)


def validation_files(result: Validation, record: dict[str, Any]) -> dict[str, bytes]:
    """Return the files of a cross-validation by name.

    Parameters
    ----------
    result : Validation
        Its folds and paths.
    record : dict
        As `validation_record` gives it, with what the service added.

    Returns
    -------
    dict of str to bytes
        Content by file name.
    """
    return {
        "folds.csv": csv_bytes(folds_frame(result)),
        "paths.parquet": parquet_bytes(paths_frame(result)),
        "validation.json": _json_bytes(record),
    }


def _json_bytes(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, allow_nan=False) + "\n").encode()
