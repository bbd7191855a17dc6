"""Evaluations of models in the terminal."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.services.learning.evaluation_record import evaluation_record
from vigie.views.cli.tables import console, format_number

# What fits a screen; `--json` has all.
MOST_COLUMNS: Final = 10
MOST_DIFFERENCES: Final = 20

if TYPE_CHECKING:
    from vigie.quant.stats.bootstrap import Interval
    from vigie.services.learning.model_evaluation import Evaluation, EvaluationRequest
    from vigie.services.learning.reproduction import Reproduction
    from vigie.services.operation import Table as OperationTable
    from vigie.services.operations.models import LearnedModelRow, ModelDetails, ModelStage


def as_json(told: Evaluation) -> str:
    """Return everything that was found; what is no number is null."""
    return json.dumps(evaluation_record(told), indent=1)


def print_evaluation(told: Evaluation) -> None:
    """Print how a model did, fold by fold, and the verdict."""
    out, skill, verdict = console(), told.skill, told.traded.verdict
    request = told.request
    out.print(
        f"{request.venue} {request.instrument} {request.timeframe}: {request.kind}, {_asked(request)}; "
        f"{told.rows:,} rows of {len(told.columns)} columns",
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
    out.print(_coverage(told), highlight=False)
    out.print(f"Traded with costs: {len(told.traded.trades):,} trades, {sharpe}.", highlight=False)
    if told.settlements or request.instrument.endswith("-perp"):
        out.print(_funding(told.settlements), highlight=False)
    if told.years:
        years = ", ".join(f"{year.year} {100.0 * year.earned:+.1f} % ({year.trades})" for year in told.years)
        out.print(f"By year, with the trades that ended in it: {years}.", highlight=False)
    if told.importance:
        out.print(_importance(told))
    out.print(verdict.sentence, highlight=False)
    if told.chosen:
        out.print(_chosen(told))
    if told.paths:
        out.print(_paths(told))
    more = "one trial" if told.trials_added == 1 else f"{told.trials_added:,} trials"
    out.print(f"The newest fifth of time is in no fold. The history counts {more} more.", highlight=False)
    if told.left_out:
        out.print(f"Left out, unknown here or for too long: {', '.join(told.left_out)}", highlight=False)


def _asked(request: EvaluationRequest) -> str:
    """Return what a model is asked."""
    if request.rule:
        return f"whether a signal of {request.rule} reaches its target within {request.horizon} bars"
    return f"direction of the next {request.horizon} bars"


def _funding(settlements: int) -> str:
    """Return what of funding was charged."""
    if not settlements:
        return "No funding is stored, so none is charged."
    return f"Funding is charged at {settlements:,} stored settlements."


def _coverage(told: Evaluation) -> str:
    """Return how often what came lay inside what was told beforehand."""
    one = told.coverage
    outcomes = (
        f"the outcome was among those told to be possible in {100.0 * one.outcomes:.1f} % of rows "
        f"(one alone in {100.0 * one.single:.1f} %)"
    )
    if math.isnan(one.returns):
        return f"Of {100.0 * one.level:.0f} %, {outcomes}."
    return (
        f"Of {100.0 * one.level:.0f} %, {100.0 * one.returns:.1f} % of returns lay inside their interval (mean width "
        f"{100.0 * one.width:.1f} %), and {outcomes}."
    )


def _chosen(told: Evaluation) -> Table:
    """Return what each fold chose for itself."""
    table = Table("Fold", "Columns chosen", "Options found")
    for choice in told.chosen:
        options = ", ".join(f"{name} {value:.3g}" for name, value in choice.options.items())
        table.add_row(str(choice.fold + 1), ", ".join(choice.columns), options)
    return table


def _paths(told: Evaluation) -> Table:
    """Return what each path came to; what stands above is of the middle one."""
    table = Table("Path", "AUC", "Log loss gained", "Trades", "Sharpe")
    for column in table.columns:
        column.justify = "right"
    middle = (len(told.paths) - 1) // 2
    for number, path in enumerate(told.paths):
        table.add_row(
            f"{number + 1}{' (above)' if number == middle else ''}", f"{path.auc:.3f}",
            f"{path.log_loss_gain:+.4f}", f"{path.trades:,}", format_number(path.sharpe),
        )  # fmt: skip
    return table


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


def print_models(told: OperationTable[LearnedModelRow]) -> None:
    """Print a version a line."""
    table = Table(
        "Model", "Stage", "Kind", "Market", "Horizon", "AUC", "Log loss gained", "Trades", "Sharpe", "Result",
        "Can rise", box=None,
    )  # fmt: skip
    for column in table.columns[4:9]:
        column.justify = "right"
    for row in told.rows:
        table.add_row(
            f"{row.name}/{row.version}", row.stage, row.kind, f"{row.instrument} {row.timeframe}",
            str(row.horizon), format_number(row.auc, 3),
            f"{row.log_loss_gain:+.4f} [{row.log_loss_low:+.4f}, {row.log_loss_high:+.4f}]", f"{row.trades:,}",
            format_number(row.sharpe), "luck" if row.is_luck else "more than luck",
            "yes" if row.can_rise else "no",
        )  # fmt: skip
    console().print(table)


def print_model(told: ModelDetails) -> None:
    """Print the card of a model, its folds, and what it was made of."""
    out = console()
    lines = [
        (
            f"{told.name}/{told.version}, {told.stage}: {told.kind}, direction of the next {told.horizon} bars of "
            f"{told.venue} {told.instrument} {told.timeframe}"
        ),
        (
            f"Learned from {told.learned_rows:,} rows from {_day(told.learned_from)} to {_day(told.learned_until)}; "
            "the newest fifth of time taught nothing."
        ),
        f"Reads {len(told.columns)} columns: {', '.join(told.columns)}",
    ]
    for line in lines:
        out.print(line, highlight=False)
    table = Table("Fold", "From", "Rows", "AUC", "Log loss gained", box=None)
    for column in table.columns[2:]:
        column.justify = "right"
    for fold in told.folds:
        table.add_row(
            str(fold.number + 1), _day(fold.from_ms), f"{fold.rows:,}", format_number(fold.auc, 3),
            f"{fold.log_loss_gain:+.4f}",
        )  # fmt: skip
    out.print(table)
    if not told.can_rise:
        out.print(
            "No account can follow it: it reads other instruments, is scored by its library only, or no odds that "
            "it gives promise more than costs.",
            highlight=False,
        )
    missed = ", ".join(one.name for one in told.importance[:3])
    for line in (
        (
            f"Log loss gained {told.log_loss_gain:+.4f} [{told.log_loss_low:+.4f}, {told.log_loss_high:+.4f}], "
            f"{told.trades:,} trades out of sample."
        ),
        f"Missed most when shuffled: {missed}.",
        f"{told.verdict}.",
        f"Made by Vigie {told.code['vigie']} from bars {told.data['bars'][:12]}; files: "
        + (", ".join(f"{file.name} {file.sha256[:12]}" for file in told.files)),
    ):
        out.print(line, highlight=False)


def print_stage(told: ModelStage) -> None:
    """Print where a model stands now, and what the newest part of time said."""
    out = console()
    out.print(f"{told.name}/{told.version} is at {told.stage} now.", highlight=False)
    if told.look is not None:
        out.print(
            f"The newest fifth of time (look {told.look} of its market and label): log loss gained "
            f"{told.opened_log_loss_gain:+.4f}, {told.opened_trades:,} trades, Sharpe ratio "
            f"{format_number(told.opened_sharpe)}.",
            highlight=False,
        )


def reproduction_as_json(found: Reproduction) -> str:
    """Return what a fit made anew differs in."""
    told = {
        "model": found.fit.experiment,
        "version": found.fit.version,
        "is_equal": found.is_equal,
        **{part: [asdict(one) for one in getattr(found, part)] for part in ("figures", "data", "code")},
    }
    return json.dumps(told, indent=1)


def print_reproduction(found: Reproduction) -> None:
    """Print whether a fit came out again, else what differs."""
    out, name = console(), f"{found.fit.experiment}/{found.fit.version}"
    out.print(
        f"{name}: every figure came out again."
        if found.is_equal
        else f"{name}: {len(found.figures)} figures differ.",
        highlight=False,
    )
    differences = (*found.code, *found.data, *found.figures)
    if differences:
        table = Table("Differs", "Then", "Now", box=None)
        for one in differences[:MOST_DIFFERENCES]:
            table.add_row(one.what, one.then[:40], one.now[:40])
        out.print(table)
    if len(differences) > MOST_DIFFERENCES:
        out.print(f"{len(differences) - MOST_DIFFERENCES} more: `--json`", highlight=False)
