"""Evaluations of models in the terminal."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.services.learning.evaluation_record import evaluation_record
from vigie.views.cli.tables import console

# What fits a screen; `--json` has all.
MOST_COLUMNS: Final = 10

if TYPE_CHECKING:
    from vigie.quant.stats.bootstrap import Interval
    from vigie.services.learning.model_evaluation import Evaluation


def as_json(told: Evaluation) -> str:
    """Return everything that was found; what is no number is null."""
    return json.dumps(evaluation_record(told), indent=1)


def print_evaluation(told: Evaluation) -> None:
    """Print how a model did, fold by fold, and the verdict."""
    out, skill, verdict = console(), told.skill, told.traded.verdict
    request = told.request
    out.print(
        f"{request.venue} {request.instrument} {request.timeframe}: {request.kind}, direction of the next "
        f"{request.horizon} bars; {told.rows:,} rows of {len(told.columns)} columns",
        highlight=False,
    )
    table = Table("Fold", "From", "Rows", "AUC", "Brier", "Log loss", "Log loss gained")
    for column in table.columns[2:]:
        column.justify = "right"
    for fold in skill.folds:
        table.add_row(
            str(fold.number + 1), _day(fold.from_ms), f"{fold.rows:,}", f"{fold.auc:.3f}", f"{fold.brier:.4f}",
            f"{fold.log_loss:.4f}", f"{fold.log_loss_gain:+.4f}",
        )  # fmt: skip
    out.print(table)
    out.print(
        f"All {skill.rows:,} rows judged: AUC {skill.auc:.3f}; against the usual rate, Brier score better by "
        f"{skill.brier_gain:+.4f} {_between(skill.brier_interval)}, log loss by {skill.log_loss_gain:+.4f} "
        f"{_between(skill.log_loss_interval)}.",
        highlight=False,
    )
    out.print(
        "It says more than the usual rate."
        if skill.says_more
        else "It says no more than the usual rate: the interval is not above 0.",
        highlight=False,
    )
    low, high = verdict.sharpe_interval
    sharpe = (
        "no trade"
        if math.isnan(verdict.sharpe)
        else f"Sharpe ratio {verdict.sharpe:+.2f} [{low:+.2f}, {high:+.2f}]"
    )
    out.print(f"Traded with costs: {len(told.traded.trades):,} trades, {sharpe}.", highlight=False)
    if told.years:
        years = ", ".join(f"{year.year} {100.0 * year.earned:+.1f} % ({year.trades})" for year in told.years)
        out.print(f"By year, with the trades that ended in it: {years}.", highlight=False)
    if told.importance:
        out.print(_importance(told))
    out.print(verdict.sentence, highlight=False)
    out.print("The newest fifth of time is in no fold. The history counts one trial more.", highlight=False)
    if told.left_out:
        out.print(f"Left out, unknown here or for too long: {', '.join(told.left_out)}", highlight=False)


def _importance(told: Evaluation) -> Table:
    """Return the columns that are missed most, and how often."""
    table = Table("Column", "Log loss added when shuffled", "Folds worse")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in told.importance[:MOST_COLUMNS]:
        table.add_row(one.name, f"{one.loss_added:+.5f}", f"{one.folds_worse} of {len(told.skill.folds)}")
    return table


def _between(interval: Interval) -> str:
    return f"[{interval.low:+.4f}, {interval.high:+.4f}]"


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%d")
