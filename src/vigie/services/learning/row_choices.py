"""What an evaluation names: the kind of model, the rule whose signals are judged, columns known long enough."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, Literal, get_args

import numpy as np

from vigie.domain.account import AccountSettings, Costs, Sizing
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.quant.models import registry
from vigie.quant.models.model_kind import ModelKind, require_library
from vigie.trading import catalogue

# A column that is known for a smaller share of the longest one's time would cost the others their rows.
LEAST_KNOWN: Final = 0.8


# What a model that is kept learns of every bar.
KeptLabel = Literal["direction", "return"]
Label = Literal["direction", "return", "volatility"]
# What a kind must learn, by label: whether, or how much.
TARGETS: Final[Mapping[Label, tuple[str, str]]] = {
    "direction": ("class", "both"),
    "return": ("value", "both"),
    "volatility": ("value", "both"),
}
KEPT_LABELS: Final[tuple[KeptLabel, ...]] = get_args(KeptLabel)


def label_of(name: str) -> Label:
    """Return a label by its name.

    Raises
    ------
    UsageError
        If there is none.
    """
    for label in TARGETS:
        if label == name:
            return label
    raise UsageError(
        "label_unknown", "label must be direction, return or volatility, was {name!r}", name=name
    )


def check_label(label: Label, rule: str) -> None:
    """Refuse an amount of signals: of a signal it is learned whether it reaches its target.

    Raises
    ------
    UsageError
        With what to do.
    """
    if rule and label != "direction":
        raise UsageError(
            "label_not_of_signals",
            "of the signals of {rule} it is learned whether each reaches its target, not how much comes: leave out "
            "the label, or the rule",
            rule=rule,
        )


def check_kept_label(label: Label) -> None:
    """Refuse to register a model of a label that nothing trades.

    Raises
    ------
    UsageError
        With what to do.
    """
    if label not in KEPT_LABELS:
        raise UsageError(
            "label_not_kept",
            "a volatility is forecast and judged (`vigie model evaluate`), not traded, so no model of it is registered",
        )


def kind_of(name: str, label: Label = "direction") -> ModelKind:
    """Return a kind of model that learns a label.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    kinds = registry()
    if name not in kinds or kinds[name].target not in TARGETS[label]:
        fitting = [each for each, kind in kinds.items() if kind.target in TARGETS[label]]
        (nearest,), names = get_close_matches(name, fitting, n=1, cutoff=0.0), ", ".join(fitting)
        if label == "direction":
            raise UsageError(
                "model_kind_unknown",
                "there is no kind of model {name!r} for a direction; the nearest is {nearest}, there are {kinds}",
                name=name,
                nearest=nearest,
                kinds=names,
            )
        raise UsageError(
            "model_kind_unknown_of_amounts",
            "there is no kind of model {name!r} for an amount such as a return; the nearest is {nearest}, there are "
            "{kinds}",
            name=name,
            nearest=nearest,
            kinds=names,
        )
    return kinds[name]


def require_fitting(kind: ModelKind, search: int) -> None:
    """Refuse where a library that fits or searches is not installed, before columns are computed; none is imported.

    Raises
    ------
    UsageError
        With what to install.
    """
    if kind.fitted_by:
        require_library(kind.fitted_by)
    if search and kind.options:
        require_library("optuna")


def check_rule(rule: str) -> None:
    """Refuse a rule that is not shipped.

    Raises
    ------
    UsageError
        With the nearest.
    """
    if rule not in catalogue.available():
        nearest = get_close_matches(rule, catalogue.available(), n=1, cutoff=0.0)
        raise UsageError(
            "meta_rule_unknown",
            "there is no shipped strategy {rule!r}; the nearest is {nearest}",
            rule=rule,
            nearest=nearest[0],
        )


def rule_slot(
    bars: Bars, versions: tuple[Instrument, ...], rule: str, horizon: int, costs: Costs
) -> SlotInput:
    """Return what the kernel reads of a rule with its defaults, on an account of its own.

    Raises
    ------
    UsageError
        If there is no such rule.
    """
    check_rule(rule)
    strategy = catalogue.load(rule)
    account = AccountSettings("isolated", costs, Sizing(max_bars=horizon))
    planned = PlannedSlot(
        SlotId(bars.instrument, bars.timeframe, rule), bars, strategy, strategy.defaults(), versions,
        account,
    )  # fmt: skip
    return prepare_slot(planned)[1]


def known_enough(
    values: Mapping[str, FloatArray], names: tuple[str, ...]
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return columns that are known long enough, and the names of the others: a row needs all of them.

    Those that were asked for by name stay, however short.
    """
    known = {name: int(np.isfinite(column).sum()) for name, column in values.items()}
    least = 0 if names else LEAST_KNOWN * max(known.values(), default=0)
    kept = {name: column for name, column in values.items() if known[name] >= least}
    return kept, tuple(name for name in values if name not in kept)
