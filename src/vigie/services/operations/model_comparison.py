"""Versions of models beside each other: their figures, and each fold."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.catalogue import NamedTexts
from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedModel
from vigie.domain.person import Caller
from vigie.ports.learned_models import LearnedModels
from vigie.services.languages import Language
from vigie.services.learning.kept_evaluation import ModelTold
from vigie.services.learning.training import find_experiment, find_fit, find_model
from vigie.services.operation import OperationInput, Table, operation
from vigie.services.operations.model_figures import results_of
from vigie.services.operations.models import LearnedModelRow, model_row, origins_of
from vigie.services.rows import Row, shown, table_of

MOST_COMPARED: Final = 20
# Judged over the same time are those that share so much of the longest one.
_SAME_TIME: Final = 0.9
TEXTS: Final = NamedTexts("model_comparison", {
    "differ": "These models differ in {names}: their figures cannot be compared as they stand.",
    "market": "market", "timeframe": "timeframe", "label": "what they predict", "time": "time judged",
})  # fmt: skip


class CompareModelsInput(OperationInput):
    """Which models are set beside each other."""

    models: str = Field(
        min_length=1,
        max_length=1_000,
        pattern=r"^[a-z0-9_/, ]+$",
        description="Names with commas between them, such as btc_day,btc_week/2; a number is the version.",
    )


class CompareTableInput(CompareModelsInput):
    """Which models, and in which language it is said that they are not of one kind."""

    language: Language = Field("en", description="Of the remark.")


class ComparedFoldRow(Row):
    """How one of several models did in one part of time."""

    number: int = shown("Fold", unit="count")
    model: str = shown("Model")
    from_ms: int = shown("From", unit="ms")
    rows: int = shown("Rows judged", unit="count")
    auc: float | None = shown(
        "AUC", definition="How often a rise has higher odds than a fall; 0.5 is chance."
    )
    brier_gain: float = shown(
        "Brier score gained",
        definition="The usual rate's Brier score minus the model's: above 0 it says more.",
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


@operation("models.compare", example={"models": "btc_day"})
def compare_models(
    caller: Caller, params: CompareTableInput, models: LearnedModels
) -> Table[LearnedModelRow]:
    """Set versions of models beside each other, the one that gained most log loss first."""
    chosen = _chosen(models, params.models)
    found = [
        model_row(model, find_fit(models, model.name, model.version), find_experiment(models, model.name))
        for model in chosen
    ]
    rows = sorted(found, key=lambda row: -row.log_loss_gain)
    return table_of(
        LearnedModelRow, rows, total=len(rows), origins=origins_of(rows),
        remarks=_differing(rows, _spans(models, chosen), params.language),
    )  # fmt: skip


@operation("models.compare_folds", example={"models": "btc_day"})
def compare_folds(
    caller: Caller, params: CompareModelsInput, models: LearnedModels
) -> Table[ComparedFoldRow]:
    """Set the folds of several models below each other: the first of each, then the second."""
    rows = []
    for model in _chosen(models, params.models):
        told = ModelTold.model_validate(find_fit(models, model.name, model.version).evaluation)
        rows += [
            ComparedFoldRow(
                number=fold.number + 1, model=f"{model.name}/{model.version}", from_ms=fold.from_ms, rows=fold.rows,
                auc=fold.auc, brier_gain=fold.brier_gain, log_loss_gain=fold.log_loss_gain,
                **results_of(told, is_in),
            )
            for fold, is_in in zip(told.skill.folds, told.days_of_folds(), strict=True)
        ]  # fmt: skip
    rows.sort(key=lambda row: row.number)
    return table_of(ComparedFoldRow, rows, total=len(rows))


def _spans(models: LearnedModels, chosen: list[LearnedModel]) -> list[tuple[int, int]]:
    """Return from when until when each model was judged."""
    folds = [
        ModelTold.model_validate(find_fit(models, one.name, one.version).evaluation).skill.folds
        for one in chosen
    ]
    return [(min(fold.from_ms for fold in own), max(fold.until_ms for fold in own)) for own in folds]


def _differing(rows: list[LearnedModelRow], spans: list[tuple[int, int]], language: str) -> list[str]:
    """Say in what models differ that cannot be compared by their figures alone."""
    common = min(until for _, until in spans) - max(begin for begin, _ in spans)
    differs = {
        "market": len({(row.venue, row.instrument) for row in rows}) > 1,
        "timeframe": len({row.timeframe for row in rows}) > 1,
        "label": len({(row.rule, row.label, row.horizon) for row in rows}) > 1,
        "time": common < _SAME_TIME * max(until - begin for begin, until in spans),
    }
    texts = TEXTS[language]
    names = [texts[name] for name, is_differing in differs.items() if is_differing]
    return [texts["differ"].format(names=", ".join(names))] if names else []


def _chosen(models: LearnedModels, text: str) -> list[LearnedModel]:
    asked = [part.strip() for part in text.split(",") if part.strip()]
    if not 1 <= len(asked) <= MOST_COMPARED:
        raise UsageError(
            "too_many_models_compared", "between 1 and {most} models can be compared", most=MOST_COMPARED
        )
    chosen = []
    for part in asked:
        name, _, version = part.partition("/")
        if version and not version.isdecimal():
            raise UsageError(
                "model_version_no_number", "a version is a number, such as btc_day/2, was {given}", given=part
            )
        chosen.append(find_model(models, name, int(version) if version else None))
    return list(dict.fromkeys(chosen))
