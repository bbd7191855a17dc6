"""Figures of one model as tables: its folds, its years, its columns, its calibration, its account day by day."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import BoolArray
from vigie.domain.learned import LearnedFit
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.learned_models import LearnedModels
from vigie.services.learning.kept_evaluation import ModelEquity, ModelTold
from vigie.services.learning.training import find_fit
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.models import SOURCE, ModelInput
from vigie.services.rows import Row, shown, table_of


class ModelFoldRow(Row):
    """How a model did in one part of time."""

    number: int = shown("Fold", unit="count")
    from_ms: int = shown("From", unit="ms")
    rows: int = shown("Rows judged", unit="count")
    auc: float | None = shown(
        "AUC", definition="How often a rise has higher odds than a fall; 0.5 is chance."
    )
    brier: float = shown(
        "Brier score", definition="Mean squared distance of the probability; lower is better."
    )
    log_loss_gain: float = shown(
        "Log loss gained", definition="The usual rate's log loss minus the model's: above 0 it says more."
    )
    earned: float | None = shown(
        "Result", unit="change", definition="Of what the fold began with, after costs; none in older models."
    )
    held: float | None = shown(
        "Buy and hold",
        unit="change",
        definition="Of the same days: bought at the first open of all folds, sold at the last close.",
    )


class ModelYearRow(Row):
    """What one calendar year came to."""

    year: str = shown("Year")
    days: int = shown("Days judged", unit="count")
    trades: int = shown("Trades", unit="count")
    earned: float = shown("Result", unit="change", definition="Of what the year began with, after costs.")


class ModelMarketRow(Row):
    """How a model of several markets did on one of them."""

    name: str = shown("Instrument")
    rows: int = shown("Rows judged", unit="count")
    auc: float | None = shown(
        "AUC", definition="How often a rise has higher odds than a fall; 0.5 is chance."
    )
    log_loss_gain: float = shown(
        "Log loss gained", definition="The usual rate's log loss minus the model's: above 0 it says more."
    )
    trades: int = shown("Trades", unit="count")
    earned: float = shown(
        "Result", unit="change", definition="Of the money on this market, out of sample, after costs."
    )


class ModelColumnRow(Row):
    """What a model loses where one column is shuffled."""

    name: str = shown("Column")
    loss_added: float = shown(
        "Log loss added", definition="Where the column is shuffled among the rows that are judged."
    )
    folds_worse: int = shown("Folds worse", unit="count")


class ModelBandRow(Row):
    """A tenth of the rows that were judged, of like probability, and what came of them."""

    number: int = shown("Tenth", unit="count", definition="From the least probable to the most.")
    said: float = shown("Predicted", unit="fraction", definition="Mean probability that the model said.")
    came: float = shown("Observed", unit="fraction", definition="Share of which it came true.")
    rows: int = shown("Rows judged", unit="count")


class ModelEquityRow(Row):
    """What a model's account and buy-and-hold had made by the end of a day."""

    ts: int = shown("Day", unit="ms")
    fold: int | None = shown("Fold", unit="count")
    earned: float = shown("Result", unit="change", definition="Since the first day, after costs.")
    held: float = shown(
        "Buy and hold",
        unit="change",
        definition="The same days: bought at the first open, sold at the last close, with costs.",
    )


@operation("models.folds", example={"name": "btc_day"})
def list_folds(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelFoldRow]:
    """List how a model did in each part of time that it was not fitted on."""
    fit, told = _read_evaluation(models, params)
    rows = [
        ModelFoldRow(
            number=fold.number + 1, from_ms=fold.from_ms, rows=fold.rows, auc=fold.auc, brier=fold.brier,
            log_loss_gain=fold.log_loss_gain, **results_of(told, is_in),
        )
        for fold, is_in in zip(told.skill.folds, told.days_of_folds(), strict=True)
    ]  # fmt: skip
    return table_of(ModelFoldRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.years", example={"name": "btc_day"})
def list_years(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelYearRow]:
    """List what each calendar year came to, traded with costs."""
    fit, told = _read_evaluation(models, params)
    rows = [
        ModelYearRow(year=str(year.year), days=year.days, trades=year.trades, earned=year.earned)
        for year in told.years
    ]
    return table_of(ModelYearRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.markets", example={"name": "btc_day"})
def list_markets(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelMarketRow]:
    """List how a model did on each of the markets that it learned from; empty where there is one."""
    fit = find_fit(models, params.name, params.version)
    rows = [ModelMarketRow(**one.model_dump()) for one in ModelTold.model_validate(fit.evaluation).markets]
    return table_of(ModelMarketRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.columns", example={"name": "btc_day"})
def list_columns(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelColumnRow]:
    """List what a model reads, and how much it loses without each."""
    fit, told = _read_evaluation(models, params)
    rows = [
        ModelColumnRow(name=one.name, loss_added=one.loss_added, folds_worse=one.folds_worse)
        for one in told.importance
    ]
    return table_of(ModelColumnRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.calibration", example={"name": "btc_day"})
def list_bands(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelBandRow]:
    """List how often what a model predicted came, in tenths of its predictions."""
    fit, told = _read_evaluation(models, params)
    rows = [
        ModelBandRow(number=number, said=one.said, came=one.came, rows=one.rows)
        for number, one in enumerate(told.skill.bands, 1)
    ]
    return table_of(ModelBandRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.equity", example={"name": "btc_day"})
def list_equity(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelEquityRow]:
    """List what a model's trades out of sample had made by the end of each day; empty for older models."""
    fit, told = _read_evaluation(models, params)
    days = told.equity or ModelEquity(days=[], earned=[], held=[])
    folds = np.full(len(days.days), -1)
    for fold, is_in in zip(told.skill.folds, told.days_of_folds(), strict=True):
        folds[is_in] = fold.number
    earned, held = (np.cumprod(1.0 + np.array(part)) - 1.0 for part in (days.earned, days.held))
    rows = [
        ModelEquityRow(ts=day * DAY_MS, fold=fold + 1 if fold >= 0 else None, earned=made, held=kept)
        for day, fold, made, kept in zip(
            days.days, folds.tolist(), earned.tolist(), held.tolist(), strict=True
        )
    ]
    return table_of(ModelEquityRow, rows, total=len(rows), origins=_origins(fit))


def results_of(told: ModelTold, is_in: BoolArray) -> dict[str, float | None]:
    """Return what a model and buy-and-hold made in some days; None in older models."""
    if told.equity is None:
        return {"earned": None, "held": None}
    return {"earned": told.equity.made("earned", is_in), "held": told.equity.made("held", is_in)}


def _read_evaluation(models: LearnedModels, params: ModelInput) -> tuple[LearnedFit, ModelTold]:
    fit = find_fit(models, params.name, params.version)
    return fit, ModelTold.model_validate(fit.evaluation)


def _origins(fit: LearnedFit) -> list[Origin]:
    return [Origin(source=SOURCE, ts_event=fit.ts_created)]
