"""The gates before each stage of a model: a person may ask for more, never for less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import UsageError
from vigie.domain.learned import LearnedFit, LearnedModel
from vigie.domain.refusal import Refusal, join_refusals
from vigie.domain.time import iso
from vigie.services.learning.shadow import ShadowMarket, model_markets, replay_shadow
from vigie.services.learning.stage_words import STAGE_WORDS
from vigie.services.learning.training import TrainingHome, find_experiment, request_of

LEAST_TRADES: Final = 100
LEAST_CLOSES: Final = 200


@dataclass(frozen=True, slots=True)
class Gates:
    """What a model must show before it may trade; a person may ask for more.

    Attributes
    ----------
    trades : int
        Out of sample, at least `LEAST_TRADES`.
    closes : int
        In the shadow, equal to their replay, at least `LEAST_CLOSES`.
    """

    trades: int = LEAST_TRADES
    closes: int = LEAST_CLOSES

    def __post_init__(self) -> None:
        if self.trades < LEAST_TRADES or self.closes < LEAST_CLOSES:
            raise UsageError(
                "gates_only_tighter",
                "gates can be tightened only: at least {trades} trades and {closes} closes",
                trades=LEAST_TRADES,
                closes=LEAST_CLOSES,
            )


def check_gates(parts: TrainingHome, model: LearnedModel, fit: LearnedFit, gates: Gates) -> None:
    """Refuse a model above candidate that does not pass the gates before its next stage.

    Raises
    ------
    UsageError
        With every gate that it does not pass.
    """
    figures = fit.figures
    missing: list[str] = []
    if request_of(find_experiment(parts.models, model.name)).folding != "walk_forward":
        missing.append(
            Refusal(
                "gate_folding",
                "its combinatorial fits know what came after what they judge; train it under another name with "
                "walk_forward",
            )
        )
    if figures.is_luck:
        missing.append(Refusal("gate_luck", "its result out of sample cannot be told from luck"))
    newest = model.opening.figures.trades if model.opening else 0
    if figures.trades + newest < gates.trades:
        missing.append(
            Refusal(
                "gate_trades",
                "trades out of sample: {count}, on the newest fifth of time: {newest}; {needed} needed together",
                count=figures.trades,
                newest=newest,
                needed=gates.trades,
            )
        )
    for market in model_markets(parts.models, model.name):
        missing += _shadow_gates(parts, model, market, gates.closes)
    if missing:
        raise UsageError(
            "model_gates_not_passed",
            "{name} {version} stays at {stage}: {missing}",
            name=model.name,
            version=model.version,
            stage=STAGE_WORDS[model.stage],
            missing=join_refusals(missing),
        )


def _shadow_gates(
    parts: TrainingHome, model: LearnedModel, market: ShadowMarket, needed: int
) -> list[Refusal]:
    """Return what a model lacks in the shadow in one market."""
    closes, differs, corrected = replay_shadow(parts, model, market, needed)
    instrument, missing = market.series.instrument, []
    if differs is not None:
        missing.append(
            Refusal(
                "gate_replay",
                "of the bar of {instrument} at {ts} it says something else now than in the shadow",
                instrument=instrument,
                ts=iso(differs),
            )
        )
    if closes < needed:
        missing.append(
            Refusal(
                "gate_closes",
                "closes of {instrument} in the shadow: {count}, {needed} needed",
                count=closes,
                instrument=instrument,
                needed=needed,
            )
        )
        if corrected:
            missing.append(
                Refusal(
                    "gate_corrected",
                    "closes of {instrument} that say something else and do not count, as bars were corrected "
                    "since: {count}",
                    instrument=instrument,
                    count=corrected,
                )
            )
    return missing
