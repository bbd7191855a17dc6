"""What a model said where its log-odds are one of the criteria: asked for then alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from vigie.services.learning.model_strategy import ODDS_OF_RISE, ODDS_OF_TARGET
from vigie.views.web.request_context import RequestContext


class NamedCriterion(Protocol):
    """A criterion as pages show it."""

    @property
    def name(self) -> str:
        """What it is called."""


def model_decision(
    context: RequestContext, strategy: str, instrument: str, criteria: Iterable[NamedCriterion], ts_known: int
) -> object:
    """Return what the model of a strategy said at a close; None where no criterion compares its log-odds."""
    if not any(one.name in (ODDS_OF_RISE, ODDS_OF_TARGET) for one in criteria):
        return None
    return context.call("models.decision", strategy=strategy, instrument=instrument, ts_known=ts_known)
