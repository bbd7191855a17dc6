"""A model that only a library scores decides at a close, in the process of jobs: what stands all day loads none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from vigie.services.learning.model_files import read_stored_model
from vigie.services.learning.newest_part import open_shadowed
from vigie.services.learning.shadow import lacks_others, model_markets, note_decision
from vigie.services.learning.training import NAME_PATTERN, TrainingHome, find_fit, find_model
from vigie.services.learning.training_limits import training_limits
from vigie.services.operation import OperationInput
from vigie.services.running.work import Report

# Written out: workers read it without loading what the job needs.
KIND: Final = "shadow"


class ShadowOrder(OperationInput):
    """Which model decides at which close."""

    name: str = Field(max_length=40, pattern=f"^{NAME_PATTERN}$", description="Of the model.")
    version: int = Field(ge=1, le=1_000_000)
    ts_bar: int = Field(ge=0, description="Open time of the bar, epoch milliseconds.")
    instrument: str = Field(
        "", max_length=80, description="Which of its markets; empty where the model has one market."
    )


ASK = ShadowOrder


def run(order: ShadowOrder, report: Report, parts: TrainingHome) -> Mapping[str, object]:
    """Decide; done again after its process was ended, it says the same, and the first word stays."""
    model = find_model(parts.models, order.name, order.version)
    if model.stage == "candidate":  # taken back since it was ordered
        return {"model": model.name, "version": model.version, "decided": False}
    fit = find_fit(parts.models, model.name, model.version)
    stored = read_stored_model(parts.home, fit)
    with training_limits():
        decisions = [
            note_decision(
                parts, fit, stored, market, order.ts_bar,
                is_whole=not lacks_others(parts, stored, market.series, order.ts_bar),
            )
            for market in model_markets(parts.models, model.name)
            if market.noted_as == order.instrument
        ]  # fmt: skip
        open_shadowed(parts, model)
    return {"model": model.name, "version": model.version, "decided": any(decisions)}
