"""Models in the visitor's language: the kind of each, what one says, and the strategies that follow one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from vigie.domain.learned import STAGES
from vigie.services.learning.model_strategy import FILTER_PREFIX, STRATEGY_PREFIX, strategy_name
from vigie.views.web.request_context import RequestContext


class DescribedModel(Protocol):
    """What a sentence about a model is made of."""

    @property
    def kind(self) -> str:
        """Of what kind it is."""

    @property
    def rule(self) -> str:
        """Whose signals it judges; empty where it judges every bar."""

    @property
    def label(self) -> str:
        """What it was fitted on."""

    @property
    def horizon(self) -> int:
        """Bars ahead that it speaks of."""

    @property
    def instrument(self) -> str:
        """Its market; several have commas between them."""

    @property
    def timeframe(self) -> str:
        """Of its bars."""


def model_kinds(context: RequestContext) -> dict[str, str]:
    """Return the name of each kind of model in the visitor's language."""
    return {
        "base_rate": context.text("Usual rate"),
        "last_outcome": context.text("Last outcome"),
        "drift": context.text("Mean of all before"),
        "logistic": context.text("Logistic regression"),
        "tree": context.text("Decision tree"),
        "forest": context.text("Random forest"),
        "boosting": context.text("Boosted trees"),
        "lightgbm": context.text("LightGBM"),
        "network": context.text("Neural network"),
        "linear": context.text("Linear regression"),
    }


def model_sentence(context: RequestContext, model: DescribedModel) -> str:
    """Return what a model says of which market, in the visitor's language."""
    values = {
        "kind": model_kinds(context).get(model.kind, model.kind), "rule": model.rule, "count": model.horizon,
        "market": f"{model.instrument} {model.timeframe}",
    }  # fmt: skip
    if model.rule:
        sentence = context.text(
            "%(kind)s, signals of %(rule)s that reach their target within %(count)s bars of %(market)s"
        )
    elif model.label == "return":
        sentence = context.text("%(kind)s, return of the next %(count)s bars of %(market)s")
    else:
        sentence = context.text("%(kind)s, direction of the next %(count)s bars of %(market)s")
    return sentence % values


def model_strategy_titles(context: RequestContext, names: Iterable[str]) -> dict[str, str]:
    """Return a sentence for each strategy that a model of this home is, by its name.

    The file of such a strategy describes itself in English; the model's card is said in every language.

    Parameters
    ----------
    names : iterable of str
        Of strategies; models are asked for only where one of them may be a model's.
    """
    followed = {name for name in names if name.startswith((FILTER_PREFIX, STRATEGY_PREFIX))}
    if not followed:
        return {}
    models = sorted(context.call("models.list").rows, key=lambda model: STAGES.index(model.stage))
    titles = {strategy_name(model.name, model.rule): model_sentence(context, model) for model in models}
    return {name: title for name, title in titles.items() if name in followed}
