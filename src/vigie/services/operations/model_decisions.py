"""What a model said at a close at which its strategy was judged: its odds as a probability, and what moved them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from vigie.domain.learned import LearnedModel
from vigie.domain.person import Caller
from vigie.domain.time import timeframe_ms
from vigie.ports.learned_models import LearnedModels
from vigie.services.learning.model_strategy import strategy_name
from vigie.services.learning.shadow import shadow_name
from vigie.services.learning.training import request_of
from vigie.services.operation import OperationInput, OperationResult, operation
from vigie.services.operations.model_odds import probability_of


class ModelDecisionInput(OperationInput):
    """Of which strategy, at which close."""

    strategy: str = Field(max_length=120, description="As accounts name it, such as model_btc_day.")
    ts_known: int = Field(ge=0, description="Close of the bar, epoch milliseconds.")
    instrument: str = Field(
        "", max_length=80, description="Whose bar; needed where the model has several markets only."
    )


class DecisionEffect(BaseModel):
    """What one column added to the log-odds, or took."""

    column: str
    value: float
    effect: float


class ModelDecision(OperationResult):
    """What was said; nothing where the strategy is no model, or the model said nothing at that close."""

    model: str = Field(description="With its version; empty where none said anything.")
    log_odds: float | None = Field(description="Compared with the threshold.")
    probability: float | None = Field(description="The same as a probability: shown only.")
    effects: list[DecisionEffect] = Field(description="The largest, the largest first.")


NOTHING_SAID = ModelDecision(model="", log_odds=None, probability=None, effects=[])


@operation("models.decision", example={"strategy": "model_btc_day", "ts_known": 1_764_374_400_000})
def read_decision(caller: Caller, params: ModelDecisionInput, models: LearnedModels) -> ModelDecision:
    """Read what the model of a strategy said at a close: its odds as a probability, and its largest effects."""
    for experiment in models.experiments():
        request = request_of(experiment)
        if strategy_name(experiment.name, request.rule) != params.strategy:
            continue
        ts_bar = params.ts_known - timeframe_ms(request.timeframe)
        told = [
            said
            for model in models.models(experiment.name)
            if (said := _find_decision(models, model, shadow_name(request, params.instrument), ts_bar))
        ]
        # Versions that changed places within a bar both speak of it: which one an account followed is not kept.
        if len(told) == 1:
            return told[0]
    return NOTHING_SAID


def _find_decision(
    models: LearnedModels, model: LearnedModel, noted_as: str, ts_bar: int
) -> ModelDecision | None:
    for said in models.shadow(model.name, model.version, instrument=noted_as, ts_bar=ts_bar):
        if said.log_odds is not None:
            effects = [
                DecisionEffect(column=effect.name, value=effect.value, effect=effect.effect)
                for effect in said.effects
            ]
            return ModelDecision(
                model=f"{model.name}/{model.version}", log_odds=said.log_odds,
                probability=probability_of(said.log_odds), effects=effects,
            )  # fmt: skip
    return None
