"""A training of a model as a job: of low priority, bounded, and taken up again after its last whole fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from vigie.services.learning.evaluation_request import EvaluationRequest, split_instruments
from vigie.services.learning.fold_results import Folding
from vigie.services.learning.model_card import LearnedCard
from vigie.services.learning.row_choices import KeptLabel
from vigie.services.learning.training import NAME_PATTERN, TrainingHome, train_model
from vigie.services.learning.training_limits import training_limits
from vigie.services.operation import OperationInput
from vigie.services.running.work import Report

KIND: Final = "train"


class TrainOrder(OperationInput):
    """Which kind of model learns from which bars, and its name."""

    name: str = Field(
        max_length=40,
        pattern=f"^{NAME_PATTERN}$",
        description="Of the model; the same name again is its next version.",
    )
    instrument: str = Field(
        min_length=1,
        max_length=400,
        description="BTC, BTCUSDT or btc-usdt-perp; several with commas between them are learned from together.",
    )
    venue: str = Field("binance-perp", max_length=60, description="Whose bars.")
    timeframe: str = Field("1h", max_length=4, description="Such as 1h or 4h.")
    kind: str = Field("logistic", max_length=40, description="How it learns: logistic, tree, lightgbm ...")
    horizon: int = Field(24, ge=1, le=1_000, description="Bars ahead that it is about.")
    columns: str = Field(
        "",
        max_length=2_000,
        pattern=r"^[a-z0-9_.,]*$",
        description="Names with commas between them, such as price.return_24; empty for all.",
    )
    folds: int = Field(10, ge=2, le=100, description="Parts of time that are judged.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Of fits and draws.")
    rule: str = Field(
        "",
        max_length=60,
        description="Whose signals are judged: whether each reaches its target; empty for the direction of every bar.",
    )
    folding: Folding = Field(
        "walk_forward",
        description="walk_forward: each part of time by what came before; combinatorial: every two by all others.",
    )
    select: int = Field(0, ge=0, le=500, description="Columns that each fold keeps; 0 for all.")
    search: int = Field(
        0, ge=0, le=500, description="Sets of options that each fold tries; 0 for those of the kind."
    )
    label: KeptLabel = Field(
        "direction",
        description="direction: whether the price rises; return: by how much, which trades alike.",
    )


ASK = TrainOrder


def training_request(order: TrainOrder) -> EvaluationRequest:
    """Return what an order asks of the data."""
    instrument, pooled_with = split_instruments(order.instrument)
    return EvaluationRequest(
        instrument=instrument,
        venue=order.venue,
        timeframe=order.timeframe,
        kind=order.kind,
        horizon=order.horizon,
        columns=tuple(name for name in order.columns.split(",") if name),
        folds=order.folds,
        seed=order.seed,
        rule=order.rule,
        is_for_accounts=True,
        folding=order.folding,
        select=order.select,
        search=order.search,
        label=order.label,
        pooled_with=pooled_with,
    )


def run(order: TrainOrder, report: Report, parts: TrainingHome) -> Mapping[str, object]:
    """Train, or go on where the last worker was when it ended."""
    with training_limits():
        made = train_model(parts, order.name, training_request(order), owner=report.owner, tell=report)
    figures = made.fit.figures
    return {
        "model": made.model.name,
        "version": made.model.version,
        "is_luck": figures.is_luck,
        "trades": figures.trades,
        "markets": list(LearnedCard.model_validate(made.fit.card).instruments),
        "remark": made.fit.card["remark"],
    }
