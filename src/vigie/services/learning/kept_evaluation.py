"""What is read of an evaluation as it is kept; `evaluation_record` writes it."""

from __future__ import annotations

from pydantic import BaseModel


class ModelFold(BaseModel):
    """How a model did in one fold."""

    number: int
    from_ms: int
    until_ms: int
    rows: int
    auc: float | None
    brier: float
    log_loss: float
    brier_gain: float
    log_loss_gain: float


class ModelYear(BaseModel):
    """What one calendar year came to."""

    year: int
    days: int
    trades: int
    earned: float


class ModelImportance(BaseModel):
    """How much worse a model says without one column."""

    name: str
    loss_added: float
    folds_worse: int


class ModelBand(BaseModel):
    """Rows of like probability, and what came of them."""

    said: float
    came: float
    rows: int


class _Skill(BaseModel):
    folds: list[ModelFold]
    bands: list[ModelBand]


class ModelEquity(BaseModel):
    """What each day came to, by its number since 1970, and what buy-and-hold did."""

    days: list[int]
    earned: list[float]
    held: list[float]


class ModelTold(BaseModel):
    """What is read of an evaluation; those of older versions have no equity."""

    skill: _Skill
    years: list[ModelYear]
    importance: list[ModelImportance]
    equity: ModelEquity | None = None
