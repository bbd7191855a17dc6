"""What is read of an evaluation as it is kept; `evaluation_record` writes it."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Literal

import numpy as np
from pydantic import BaseModel, TypeAdapter

from vigie.domain.bar import BoolArray
from vigie.domain.time import DAY_MS
from vigie.quant.stats.verdict import Verdict
from vigie.research.learning.against_holding import AgainstHolding, HoldingAnswer, compare_with_holding
from vigie.research.report.sections import verdict_lines
from vigie.research.report.texts import report_texts
from vigie.services.learning.evaluation_record import plain
from vigie.services.learning.missing_bars import MarketGaps, say_missing
from vigie.services.learning.pooled_words import chosen_today


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


class KeptMarketResult(BaseModel):
    """How a model of several markets did on one of them."""

    name: str
    rows: int
    auc: float | None
    log_loss_gain: float
    trades: int
    earned: float


class ModelBand(BaseModel):
    """Rows of like probability, and what came of them."""

    said: float
    came: float
    rows: int


class _Bounds(BaseModel):
    low: float | None
    high: float | None


class ModelRange(BaseModel):
    """An interval of 95 %."""

    low: float
    high: float


class ModelYardstick(BaseModel):
    """A model of returns beside one yardstick: the share of its squared error that the model saves."""

    name: str
    r2: float
    r2_interval: ModelRange
    mean_error: float


class ModelValues(BaseModel):
    """How close a model of returns came, on rows that it was not fitted on."""

    rows: int
    mean_error: float
    yardsticks: list[ModelYardstick]
    says_more: bool


class _Skill(BaseModel):
    folds: list[ModelFold]
    bands: list[ModelBand]
    brier_interval: _Bounds


class ModelEquity(BaseModel):
    """What each day came to, by its number since 1970, and what buy-and-hold did."""

    days: list[int]
    earned: list[float]
    held: list[float]

    def made(self, what: Literal["earned", "held"], is_in: BoolArray | None = None) -> float | None:
        """Return what all days, or some, came to together; None where there is none."""
        returns = np.array(self.earned if what == "earned" else self.held)
        part = returns if is_in is None else returns[is_in]
        return float(np.prod(1.0 + part) - 1.0) if len(part) else None


class ModelHolding(BaseModel):
    """A model beside buy-and-hold of the same days, with the same fees and slippage and without funding."""

    held: float
    held_sharpe: float | None
    difference: float | None
    low: float | None
    high: float | None
    answer: HoldingAnswer


class ModelCoverage(BaseModel):
    """How often what came lay inside the interval that was told beforehand, out of sample."""

    level: float
    returns: float | None
    width: float | None


def to_holding(told: AgainstHolding) -> ModelHolding:
    """Return a model beside buy-and-hold as it is answered."""
    return ModelHolding.model_validate(plain({**asdict(told), "answer": told.answer}))


def _with_nan(value: object) -> object:
    """Return a value as it was before JSON, which has no number that is none."""
    if isinstance(value, dict):
        return {name: _with_nan(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_nan(one) for one in value]
    return math.nan if value is None else value


class ModelTold(BaseModel):
    """What is read of an evaluation; what an older one, or one of another label or market, does not have is empty."""

    skill: _Skill
    years: list[ModelYear]
    importance: list[ModelImportance]
    equity: ModelEquity | None = None
    coverage: ModelCoverage | None = None
    values: ModelValues | None = None
    markets: list[KeptMarketResult] = []
    missing_bars: list[MarketGaps] = []
    against_holding: dict[str, float | None] | None = None
    verdict: dict[str, object]

    def say_verdict(self, language: str) -> str:
        """Return the verdict with its evidence in a language; a card keeps the English one."""
        known = TypeAdapter(Verdict).validate_python(_with_nan(self.verdict))
        return verdict_lines(known, report_texts(language))[0]

    def compare_holding(self) -> AgainstHolding | None:
        """Return the account beside buy-and-hold; of an older model made of its days, None where none were kept."""
        if self.against_holding is not None:
            return TypeAdapter(AgainstHolding).validate_python(_with_nan(self.against_holding))
        if self.equity is None or not self.equity.days:
            return None
        return compare_with_holding(np.array(self.equity.earned), np.array(self.equity.held), seed=0)

    def say_remark(self, venue: str, timeframe: str, language: str) -> str:
        """Return what is to be known of the markets: that several were chosen today, and bars that are missing."""
        chosen = [chosen_today(language)] if self.markets else []
        return " ".join([*chosen, *say_missing(self.missing_bars, venue, timeframe, language)])

    def days_of_folds(self) -> list[BoolArray]:
        """Return by fold which days of the account begin in it; the last one has those that follow, too."""
        begins = np.array([fold.from_ms // DAY_MS for fold in self.skill.folds])
        days = np.array(self.equity.days if self.equity else [], np.int64)
        places = np.searchsorted(begins, days, side="right") - 1
        return [places == number for number in range(len(begins))]
