"""What a training can be ordered of: kinds of models, rules, venues with bars, timeframes."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.stores import DataStores
from vigie.domain.person import Caller
from vigie.domain.time import timeframe_ms
from vigie.quant.models import registry
from vigie.services.learning.row_choices import KEPT_LABELS, TARGETS, KeptLabel
from vigie.services.learning.venue_histories import list_history_days
from vigie.services.operation import NoInput, OperationResult, operation
from vigie.trading.catalogue import available

# What forms of models and columns begin with.
_USUAL_ASSET: Final = "BTC"
_USUAL_TIMEFRAME: Final = "1h"


class ModelKindChoice(BaseModel):
    """One way to learn."""

    name: str
    is_flat: bool = Field(description="Whether it is scored without its library; others never trade.")
    lacks: str = Field(
        description="The library that fits it and is not installed; empty where none is missing."
    )
    labels: list[KeptLabel] = Field(description="What it can learn.")


class ModelChoices(OperationResult):
    """What a training can be ordered of."""

    kinds: list[ModelKindChoice]
    rules: list[str] = Field(description="Strategies whose signals can be judged.")
    venues: list[str] = Field(description="With bars; the longest history of Bitcoin first.")
    history_days: dict[str, int] = Field(description="Days of Bitcoin's hourly bars, by venue.")
    timeframes: list[str]


@operation("models.choices", example={})
def list_choices(caller: Caller, params: NoInput, data: DataStores) -> ModelChoices:
    """Say what a training can be ordered of: kinds of models, venues with bars, timeframes."""
    series = [holding.series for holding in data.bars.holdings()]
    days = list_history_days(data, _USUAL_ASSET, _USUAL_TIMEFRAME)
    return ModelChoices(
        kinds=[
            ModelKindChoice(
                name=name,
                is_flat=kind.is_flat,
                lacks=kind.fitted_by if kind.fitted_by and find_spec(kind.fitted_by) is None else "",
                labels=[label for label in KEPT_LABELS if kind.target in TARGETS[label]],
            )
            for name, kind in registry().items()
        ],
        rules=list(available()),
        venues=[*days, *sorted({one.venue for one in series} - set(days))],
        history_days=days,
        timeframes=sorted({one.timeframe for one in series}, key=timeframe_ms),
    )
