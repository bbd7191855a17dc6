"""The tables of a backtest: their rows, and its figures, with those that plug-ins compute from its equity."""

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
from vigie.services.rows import Row, shown

SOURCE: Final = "Vigie backtest"
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


class SlotFiguresRow(Row):
    """The figures of one active strategy of a backtest."""

    slot: str = shown("Active strategy", definition="Instrument, timeframe, strategy.")
    trades: int | None = shown("Trades", unit="count")
    win_rate: float | None = shown("Win rate", unit="fraction", definition="Share of trades with a net gain.")
    total_return: float | None = shown("Net return", unit="change", definition="After all costs.")
    buy_hold_return: float | None = shown("Buy and hold", unit="change")
    sharpe: float | None = shown("Sharpe", unit="ratio")
    max_drawdown: float | None = shown("Max drawdown", unit="change")
    profit_factor: float | None = shown(
        "Profit factor", unit="ratio", definition="Total gains divided by total losses."
    )
    exposure: float | None = shown(
        "Time in market", unit="fraction", definition="Share of bars with an open position."
    )
    fees: float | None = shown("Fees", unit="quote")
    funding: float | None = shown("Funding", unit="quote")
    bars: int | None = shown("Bars", unit="count")
    spark: list[float] = shown("Capital", unit="quote", is_drawn=True)


class BacktestDifferenceRow(Row):
    """One thing that differs between two backtests."""

    group: str = shown("Group", definition="settings, figures or trades.")
    what: str = shown("What")
    first: str = shown("First", default="")
    second: str = shown("Second", default="")


class EquityPointRow(Row):
    """The account of a backtest at one time."""

    ts: int = shown("Time", unit="ms")
    equity: float = shown("Account", unit="quote", definition="At closes, with open positions.")
    hold: float | None = shown("Buy and hold", unit="quote", definition="The same capital, held.")
    drawdown: float = shown(
        "Drawdown", unit="change", definition="Largest fall below the highest value so far."
    )


class YearRow(Row):
    """The returns of one year of a backtest, month by month; None where it was not traded."""

    year: str = shown("Year")
    m01: float | None = shown("01", unit="change")
    m02: float | None = shown("02", unit="change")
    m03: float | None = shown("03", unit="change")
    m04: float | None = shown("04", unit="change")
    m05: float | None = shown("05", unit="change")
    m06: float | None = shown("06", unit="change")
    m07: float | None = shown("07", unit="change")
    m08: float | None = shown("08", unit="change")
    m09: float | None = shown("09", unit="change")
    m10: float | None = shown("10", unit="change")
    m11: float | None = shown("11", unit="change")
    m12: float | None = shown("12", unit="change")
    total: float | None = shown("Year's return", unit="change")


class RunFigureRow(Row):
    """One figure of a backtest."""

    key: str = shown("Key")
    name: str = shown("Figure")
    value: float | None = shown("Value", definition="In the unit of the row; empty if undefined.")
    unit: str = shown("Unit")
    meaning: str = shown("How it is computed")


class CostStepRow(Row):
    """One step from the gross to the net result."""

    step: str = shown("Step")
    name: str = shown("Name")
    amount: float = shown("Amount", unit="quote")
    bps: str = shown("Share of traded value", definition="Basis points of the traded value, as text.")
    left: float = shown("Bar from", is_drawn=True)
    width: float = shown("Bar width", is_drawn=True)


class RunRefusalRow(Row):
    """One reason why entries of a backtest were refused."""

    title: str = shown("Reason")
    code: str = shown("Code")
    count: int = shown("Refused", unit="count", source=SOURCE)
    why: str = shown("Meaning")
    limit: str = shown("Limit", definition="Limit of the rule at the last refusal.")
    value: str = shown("Value", definition="Value that the rule found at the last refusal.")


class RunListRow(Row):
    """One saved result."""

    id: str = shown("Result")
    title: str = shown("Title")
    kind: str = shown("Kind", definition="backtest, sweep or walk_forward.")
    ts_created: int = shown("Created on", unit="ms", source=SOURCE)
    total_return: float | None = shown(
        "Net return", unit="change", definition="After all costs.", source=SOURCE
    )
    buy_hold_return: float | None = shown(
        "Buy and hold",
        unit="change",
        definition="The same instruments bought at the start and held to the end.",
        source=SOURCE,
    )
    max_drawdown: float | None = shown(
        "Max drawdown",
        unit="change",
        definition="Largest fall below the highest value so far.",
        source=SOURCE,
    )
    sharpe: float | None = shown(
        "Sharpe",
        unit="ratio",
        definition="Average daily return divided by its standard deviation, annualised.",
        source=SOURCE,
    )
    trades: int | None = shown("Trades", unit="count", definition="Number of closed trades.", source=SOURCE)
    verdict: str = shown(
        "Verdict", definition="luck (could be luck), skill (unlikely to be luck) or none (no verdict)."
    )
    slots: int | None = shown("Active strategies", unit="count")
    combinations: int | None = shown("Tried", unit="count", definition="Combinations tried in a sweep.")
    first_ts: int | None = shown("From", unit="ms")
    last_ts: int | None = shown("To", unit="ms")
    simulated: bool = shown("Simulated", definition="Whether the prices are invented.")
    settings: dict[str, object] = shown(
        "Settings", definition="Settings that differ from the defaults.", is_drawn=True
    )
    spark: list[float] = shown("Capital", unit="quote", definition="Of the account.", is_drawn=True)


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
