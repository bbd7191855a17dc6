"""Figures of one model as tables: its folds, its years, its columns."""

from __future__ import annotations

from vigie.domain.learned import LearnedFit
from vigie.domain.person import Caller
from vigie.ports.learned_models import LearnedModels
from vigie.services.learning.training import find_fit
from vigie.services.operation import Origin, Table, operation
from vigie.services.operations.models import SOURCE, ModelInput, ModelTold
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


class ModelYearRow(Row):
    """What one calendar year came to."""

    year: str = shown("Year")
    days: int = shown("Days judged", unit="count")
    trades: int = shown("Trades", unit="count")
    earned: float = shown("Result", unit="change", definition="Of what the year began with, after costs.")


class ModelColumnRow(Row):
    """What a model loses where one column is shuffled."""

    name: str = shown("Column")
    loss_added: float = shown(
        "Log loss added", definition="Where the column is shuffled among the rows that are judged."
    )
    folds_worse: int = shown("Folds worse", unit="count")


@operation("models.folds", example={"name": "btc_day"})
def list_folds(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelFoldRow]:
    """List how a model did in each part of time that it was not fitted on."""
    fit, told = _told(models, params)
    rows = [
        ModelFoldRow(
            number=fold.number + 1, from_ms=fold.from_ms, rows=fold.rows, auc=fold.auc, brier=fold.brier,
            log_loss_gain=fold.log_loss_gain,
        )
        for fold in told.skill.folds
    ]  # fmt: skip
    return table_of(ModelFoldRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.years", example={"name": "btc_day"})
def list_years(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelYearRow]:
    """List what each calendar year came to, traded with costs."""
    fit, told = _told(models, params)
    rows = [
        ModelYearRow(year=str(one.year), days=one.days, trades=one.trades, earned=one.earned)
        for one in told.years
    ]
    return table_of(ModelYearRow, rows, total=len(rows), origins=_origins(fit))


@operation("models.columns", example={"name": "btc_day"})
def list_columns(caller: Caller, params: ModelInput, models: LearnedModels) -> Table[ModelColumnRow]:
    """List what a model reads, and how much it loses without each."""
    fit, told = _told(models, params)
    rows = [
        ModelColumnRow(name=one.name, loss_added=one.loss_added, folds_worse=one.folds_worse)
        for one in told.importance
    ]
    return table_of(ModelColumnRow, rows, total=len(rows), origins=_origins(fit))


def _told(models: LearnedModels, params: ModelInput) -> tuple[LearnedFit, ModelTold]:
    fit = find_fit(models, params.name, params.version)
    return fit, ModelTold.model_validate(fit.evaluation)


def _origins(fit: LearnedFit) -> list[Origin]:
    return [Origin(source=SOURCE, ts_event=fit.ts_created)]
