"""Evaluations of models in the terminal, in the reader's language."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from vigie.research.report.sections import verdict_lines
from vigie.research.report.texts import report_texts
from vigie.services.learning.evaluation_record import evaluation_record
from vigie.services.learning.holding_words import say_against_holding
from vigie.services.learning.missing_bars import say_missing
from vigie.services.learning.pooled_words import chosen_today
from vigie.views.cli.model_words import ModelWriter
from vigie.views.cli.tables import console

# What fits a screen; `--json` has all.
MOST_COLUMNS: Final = 10
MOST_DIFFERENCES: Final = 20
_FIGURES: Final = slice(2, None)

if TYPE_CHECKING:
    from rich.table import Table

    from vigie.research.learning.pooled_assets import PooledAssetResult
    from vigie.research.learning.value_skill import ValueSkill
    from vigie.services.learning.evaluation_request import EvaluationRequest
    from vigie.services.learning.kept_evaluation import KeptMarketResult, ModelValues
    from vigie.services.learning.model_evaluation import Evaluation
    from vigie.services.learning.reproduction import Reproduction
    from vigie.services.operation import Table as OperationTable
    from vigie.services.operations.models import LearnedModelRow, ModelDetails, ModelStage


def as_json(told: Evaluation) -> str:
    """Return everything that was found; what is no number is null."""
    remark = {"remark": chosen_today("en")} if told.markets else {}
    return json.dumps({**evaluation_record(told), **remark}, indent=1)


def print_evaluation(told: Evaluation, language: str = "en") -> None:
    """Print how a model did, fold by fold, and the verdict."""
    writer, skill, request = ModelWriter(language), told.skill, told.request
    writer.print(
        "head", venue=request.venue, instrument=", ".join(request.instruments), timeframe=request.timeframe,
        kind=writer.kind(request.kind), asked=_asked(request, writer), rows=writer.count(told.rows),
        columns=writer.columns(len(told.columns)),
    )  # fmt: skip
    table = writer.table("fold", "from", "rows", "auc", "brier", "log_loss", "gained", right=_FIGURES)
    for fold in skill.folds:
        table.add_row(
            str(fold.number + 1), writer.day(fold.from_ms), writer.count(fold.rows), writer.number(fold.auc, 3),
            writer.number(fold.brier, 4), writer.number(fold.log_loss, 4),
            writer.number(fold.log_loss_gain, 4, sign=True),
        )  # fmt: skip
    console().print(table)
    writer.print(
        "all", rows=writer.count(skill.rows), auc=writer.number(skill.auc, 3),
        brier=writer.number(skill.brier_gain, 4, sign=True), brier_range=writer.interval(skill.brier_interval),
        loss=writer.number(skill.log_loss_gain, 4, sign=True),
        loss_range=writer.interval(skill.log_loss_interval),
    )  # fmt: skip
    writer.print("says_more" if skill.says_more else "says_nothing")
    _print_values(told.values, writer)
    _print_coverage(told, writer)
    if request.is_traded:
        _print_trades(told, writer)
    if told.markets:
        _print_markets(told.markets, writer, is_traded=request.is_traded)
        writer.print_line(chosen_today(language))
    for said in say_missing(told.missing_bars, request.venue, request.timeframe, language):
        writer.print_line(said)
    if told.importance:
        console().print(_importance(told, writer))
    if request.is_traded:
        verdict = told.traded.verdict
        writer.print_line(
            verdict.sentence if language == "en" else verdict_lines(verdict, report_texts(language))[0]
        )
        writer.print_line(say_against_holding(told.against_holding, language))
    else:
        writer.print("forecast")
    if told.chosen:
        console().print(_chosen(told, writer))
    if told.paths:
        console().print(_paths(told, writer))
    one = told.trials_added == 1
    writer.print(
        "held_out",
        trials=writer.say("one_trial")
        if one
        else writer.say("trials", count=writer.count(told.trials_added)),
    )
    if told.left_out:
        writer.print("left_out", columns=", ".join(told.left_out))


def _asked(request: EvaluationRequest, writer: ModelWriter) -> str:
    """Return what a model is asked."""
    return _question(writer, request.rule, request.label, request.horizon)


def _question(writer: ModelWriter, rule: str, label: str, horizon: int) -> str:
    return writer.say("asked_rule" if rule else f"asked_{label}", rule=rule, horizon=horizon)


def _print_values(values: ValueSkill | ModelValues | None, writer: ModelWriter) -> None:
    """Print how close a model of returns came, beside each yardstick."""
    if values is None:
        return
    for yardstick in values.yardsticks:
        writer.print(
            "closer", yardstick=writer.kind(yardstick.name), r2=writer.number(yardstick.r2, 4, sign=True),
            range=writer.between(yardstick.r2_interval.low, yardstick.r2_interval.high),
            error=writer.share(values.mean_error), other=writer.share(yardstick.mean_error),
        )  # fmt: skip


def _print_trades(told: Evaluation, writer: ModelWriter) -> None:
    """Print what trading came to, what of funding was charged, and each year."""
    verdict = told.traded.verdict
    low, high = verdict.sharpe_interval
    sharpe = (
        writer.say("no_trade")
        if math.isnan(verdict.sharpe)
        else writer.say(
            "sharpe_is", sharpe=writer.number(verdict.sharpe, sign=True), low=writer.number(low, sign=True),
            high=writer.number(high, sign=True),
        )
    )  # fmt: skip
    writer.print("traded", trades=writer.count(len(told.traded.trades)), sharpe=sharpe)
    if told.settlements:
        writer.print("funding", count=writer.count(told.settlements))
    elif told.request.instrument.endswith("-perp"):
        writer.print("no_funding")
    if told.years:
        years = (f"{year.year} {writer.share(year.earned, sign=True)} ({year.trades})" for year in told.years)
        writer.print("by_year", years=", ".join(years))


def _print_coverage(told: Evaluation, writer: ModelWriter) -> None:
    """Print how often what came lay inside what was told beforehand."""
    one = told.coverage
    outcomes = writer.say("outcomes", outcomes=writer.share(one.outcomes), single=writer.share(one.single))
    level = writer.numbers.percent(one.level, 0)
    if math.isnan(one.returns):
        writer.print("covered_outcomes", level=level, outcomes=outcomes)
    else:
        returns, width = writer.share(one.returns), writer.share(one.width)
        writer.print("covered", level=level, returns=returns, width=width, outcomes=outcomes)


def _print_markets(
    markets: Sequence[PooledAssetResult | KeptMarketResult], writer: ModelWriter, *, is_traded: bool = True
) -> None:
    """Print how a model did on each market that it learned from."""
    traded = ("trades", "earned") if is_traded else ()
    table = writer.table("market", "rows", "auc", "gained", *traded, right=slice(1, None))
    for market in markets:
        made = (writer.count(market.trades), writer.share(market.earned, sign=True)) if is_traded else ()
        table.add_row(
            market.name, writer.count(market.rows), writer.number(market.auc, 3),
            writer.number(market.log_loss_gain, 4, sign=True), *made,
        )  # fmt: skip
    console().print(table)


def _chosen(told: Evaluation, writer: ModelWriter) -> Table:
    """Return what each fold chose for itself."""
    table = writer.table("fold", "chosen", "options")
    for choice in told.chosen:
        options = (f"{name} {writer.numbers.plain(value, 3)}" for name, value in choice.options.items())
        table.add_row(str(choice.fold + 1), ", ".join(choice.columns), ", ".join(options))
    return table


def _paths(told: Evaluation, writer: ModelWriter) -> Table:
    """Return what each path came to; what stands above is of the middle one."""
    is_traded = told.request.is_traded
    table = writer.table(
        "path", "auc", "gained", *(("trades", "sharpe") if is_traded else ()), right=slice(None)
    )
    middle = (len(told.paths) - 1) // 2
    for number, path in enumerate(told.paths):
        name = str(number + 1)
        made = (writer.count(path.trades), writer.number(path.sharpe)) if is_traded else ()
        table.add_row(
            writer.say("middle", number=name) if number == middle else name, writer.number(path.auc, 3),
            writer.number(path.log_loss_gain, 4, sign=True), *made,
        )  # fmt: skip
    return table


def _importance(told: Evaluation, writer: ModelWriter) -> Table:
    """Return the columns that are missed most, and how often."""
    table = writer.table("column", "added", "worse", right=slice(1, None))
    for column in told.importance[:MOST_COLUMNS]:
        worse = writer.say("of", count=column.folds_worse, all=len(told.skill.folds))
        table.add_row(column.name, writer.number(column.loss_added, 5, sign=True), worse)
    return table


def print_models(told: OperationTable[LearnedModelRow], language: str = "en") -> None:
    """Print a version a line."""
    writer = ModelWriter(language)
    if not told.rows:
        writer.print("none")
        return
    table = writer.table(
        "model", "stage", "kind", "market", "horizon", "auc", "gained", "trades", "sharpe", "result", "rises",
        right=slice(4, 9), has_box=False,
    )  # fmt: skip
    for row in told.rows:
        gained = writer.number(row.log_loss_gain, 4, sign=True)
        table.add_row(
            f"{row.name}/{row.version}", writer.say(f"stage_{row.stage}"), writer.kind(row.kind),
            f"{row.instrument} {row.timeframe}", str(row.horizon), writer.number(row.auc, 3),
            f"{gained} {writer.between(row.log_loss_low, row.log_loss_high)}", writer.count(row.trades),
            writer.number(row.sharpe), writer.say(_result(row)),
            writer.say("yes" if row.can_rise else "no"),
        )  # fmt: skip
    console().print(table)
    for remark in told.remarks:
        writer.print_line(remark)


def _result(row: LearnedModelRow) -> str:
    """Return what a result is: more than luck alone is not more than holding."""
    if row.is_luck:
        return "luck"
    return "not_more_than_holding" if row.beats_holding is False else "more_than_luck"


def print_model(told: ModelDetails, language: str = "en") -> None:
    """Print the card of a model, its folds, and what it was made of."""
    writer = ModelWriter(language)
    writer.print(
        "card", name=told.name, version=told.version, stage=writer.say(f"stage_{told.stage}"),
        kind=writer.kind(told.kind),
        asked=_question(writer, told.rule, told.label, told.horizon),
        venue=told.venue, instrument=told.instrument, timeframe=told.timeframe,
    )  # fmt: skip
    writer.print(
        "learned", rows=writer.count(told.learned_rows), begin=writer.day(told.learned_from),
        end=writer.day(told.learned_until),
    )  # fmt: skip
    writer.print("reads", count=writer.columns(len(told.columns)), columns=", ".join(told.columns))
    table = writer.table("fold", "from", "rows", "auc", "gained", right=_FIGURES, has_box=False)
    for fold in told.folds:
        table.add_row(
            str(fold.number + 1), writer.day(fold.from_ms), writer.count(fold.rows), writer.number(fold.auc, 3),
            writer.number(fold.log_loss_gain, 4, sign=True),
        )  # fmt: skip
    console().print(table)
    if told.markets:
        _print_markets(told.markets, writer)
    if told.remark:
        writer.print_line(told.remark)
    if not told.can_rise:
        writer.print(f"stays_{told.obstacle}", columns=", ".join(told.lacking))
    writer.print(
        "figures", brier=writer.number(told.brier_gain, 4, sign=True),
        brier_range=writer.between(told.brier_low, told.brier_high),
        gain=writer.number(told.log_loss_gain, 4, sign=True),
        range=writer.between(told.log_loss_low, told.log_loss_high), trades=writer.count(told.trades),
    )  # fmt: skip
    _print_values(told.values, writer)
    writer.print("missed", columns=", ".join(column.name for column in told.importance[:3]))
    writer.print_line(f"{told.verdict}.")
    if told.holding_text:
        writer.print_line(told.holding_text)
    writer.print(
        "made", vigie=told.code["vigie"],
        bars=", ".join(digest[:12] for name, digest in told.data.items() if name.split()[0] == "bars"),
        files=", ".join(f"{file.name} {file.sha256[:12]}" for file in told.files),
    )  # fmt: skip


def print_stage(told: ModelStage, language: str = "en") -> None:
    """Print where a model stands now, and what the newest part of time said."""
    writer = ModelWriter(language)
    writer.print("is_at", name=told.name, version=told.version, stage=writer.say(f"stage_{told.stage}"))
    if told.look is not None:
        gain = told.opened_log_loss_gain
        writer.print(
            "look", look=told.look, gain=writer.number(gain, 4, sign=True),
            trades=writer.count(told.opened_trades or 0), sharpe=writer.number(told.opened_sharpe),
        )  # fmt: skip


def reproduction_as_json(found: Reproduction) -> str:
    """Return what a fit made anew differs in."""
    told = {
        "model": found.fit.experiment,
        "version": found.fit.version,
        "is_equal": found.is_equal,
        **{
            part: [asdict(difference) for difference in getattr(found, part)]
            for part in ("figures", "data", "code")
        },
    }
    return json.dumps(told, indent=1)


def print_reproduction(found: Reproduction, language: str = "en") -> None:
    """Print whether a fit came out again, else what differs."""
    writer, name = ModelWriter(language), f"{found.fit.experiment}/{found.fit.version}"
    differences = (*found.code, *found.data, *found.figures)
    if not found.is_equal:
        writer.print("differ", name=name, count=len(found.figures))
    elif found.data:
        changed = ", ".join(difference.what.removeprefix("data ") for difference in found.data)
        writer.print("again_although", name=name, columns=changed)
        differences = found.code
    else:
        writer.print("again", name=name)
    if differences:
        table = writer.table("differs", "then", "now", has_box=False)
        for difference in differences[:MOST_DIFFERENCES]:
            table.add_row(difference.what, difference.then[:40], difference.now[:40])
        console().print(table)
    if len(differences) > MOST_DIFFERENCES:
        writer.print("more", count=len(differences) - MOST_DIFFERENCES)
