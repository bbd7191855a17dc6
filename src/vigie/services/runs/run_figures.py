"""Figures of a kept backtest: those of its result, and those that plug-ins compute from its equity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from pydantic import BaseModel

from vigie.domain.bar import FloatArray, IntArray
from vigie.ports.plugins import PluginDirectory
from vigie.ports.runs import RunRecord
from vigie.quant.metrics.outside import OutsideMetric
from vigie.research.report.texts import report_texts
from vigie.services.operation import Figure
from vigie.services.runs.run_rows import SOURCE

EQUITY: Final = "equity.parquet"
# Key of the figure, and its unit; `quote` is the run's own currency.
FIGURES: Final = (
    ("total_return", "change"),
    ("buy_hold_return", "change"),
    ("max_drawdown", "change"),
    ("sharpe", "ratio"),
    ("trades", "count"),
    ("win_rate", "fraction"),
    ("profit_factor", "ratio"),
    ("exposure", "fraction"),
    ("final_equity", "quote"),
    ("capital", "quote"),
    ("cagr", "change"),
    ("volatility", "fraction"),
    ("sortino", "ratio"),
    ("calmar", "ratio"),
    ("expectancy", "quote"),
    ("payoff", "ratio"),
    ("best_trade", "quote"),
    ("worst_trade", "quote"),
    ("losing_streak", "count"),
    ("fees", "quote"),
    ("slippage", "quote"),
    ("funding", "quote"),
    ("turnover", "ratio"),
    ("alpha", "change"),
    ("beta", "ratio"),
)


class RunFigure(BaseModel):
    """A figure with its name and how it is computed."""

    key: str
    name: str
    meaning: str
    figure: Figure


def figures_of(record: Mapping[str, Any], run: RunRecord, quote: str, language: str) -> list[RunFigure]:
    """Return the figures of a whole run, each with its name, its meaning and where it comes from."""
    words, total = report_texts(language), record["total"]
    return [
        RunFigure(
            key=key,
            name=words.say(f"metric.{key}"),
            meaning=words.say(f"metric.{key}.how"),
            figure=Figure(
                value=finite_number(total.get(key)),
                unit=quote if unit == "quote" else unit,
                source=f"{SOURCE} {run.id}",
                ts_event=run.summary["last_ts"],
                ts_known=run.ts_created,
                formula=words.say(f"metric.{key}.how"),
            ),
        )
        for key, unit in FIGURES
    ]


def outside_figures(plugins: PluginDirectory, run: RunRecord, folder: Path) -> list[RunFigure]:
    """Return the figures that allowed plug-ins add; computed when somebody looks at the result."""
    metrics = outside_metrics(plugins)
    if not metrics or not (folder / EQUITY).is_file():
        return []
    ts, equity = read_account(folder)
    return [
        RunFigure(
            key=f"plugin_{metric.key}",
            name=metric.title,
            meaning=metric.definition,
            figure=Figure(
                value=metric.value(ts, equity),
                unit=metric.unit,
                source=f"{SOURCE} {run.id}",
                ts_event=run.summary["last_ts"],
                ts_known=run.ts_created,
                formula=metric.definition,
            ),
        )
        for metric in metrics
    ]


def outside_metrics(plugins: PluginDirectory) -> Sequence[OutsideMetric]:
    """Return the metrics of allowed plug-ins, each key once."""
    found: dict[str, OutsideMetric] = {}
    for program in plugins.programs("metric"):
        for item in program.METRICS:
            if isinstance(item, OutsideMetric):
                found.setdefault(item.key, item)
    return list(found.values())


def read_account(folder: Path) -> tuple[IntArray, FloatArray]:
    """Return the times and the equity of a whole backtest: of several slots, their sum.

    A slot has what it began with before its first sample, and what it ended with after its last.
    """
    frame = pl.read_parquet(folder / EQUITY)
    slots = frame.pivot("slot", index="timestamp", values="equity").sort("timestamp")
    filled = slots.with_columns(pl.exclude("timestamp").forward_fill().backward_fill())
    total = filled.select(pl.sum_horizontal(pl.exclude("timestamp")).alias("equity"))["equity"]
    ts = filled["timestamp"]
    milliseconds = ts.dt.epoch("ms") if ts.dtype.is_temporal() else ts
    return milliseconds.to_numpy().astype(np.int64), total.to_numpy().astype(np.float64)


def finite_number(value: object) -> float | None:
    """Return a stored figure as a number; what has no finite value is None."""
    return value if isinstance(value, int | float) else None


def whole_number(value: object) -> int | None:
    """Return a stored count or time as an integer, which some runs keep as a float; None where there is none."""
    return int(value) if isinstance(value, int | float) else None
