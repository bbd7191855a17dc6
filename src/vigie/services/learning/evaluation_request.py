"""What an evaluation or a training is asked: whose bars, which kind of model, which label."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Final

from vigie.data.instruments.table import resolve_instrument
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_venue
from vigie.research.learning.fold_choices import FoldChoices
from vigie.research.learning.folds import FOLDS
from vigie.services.learning.fold_results import Folding
from vigie.services.learning.row_choices import Label

_LATER_CHOICES: Final[dict[str, object]] = {
    "folding": "walk_forward",
    "select": 0,
    "search": 0,
    "label": "direction",
    "pooled_with": (),
}


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """What is to be judged.

    Attributes
    ----------
    instrument, venue, timeframe : str
        Whose bars.
    kind : str
        A name of `vigie.quant.models.registry`.
    horizon : int
        Bars ahead whose direction is learned, >= 1.
    columns : tuple of str
        Full names; empty for all that are known here.
    folds : int
        How many parts of time are judged.
    seed : int
        Of fits and draws.
    rule : str
        A shipped strategy whose signals are judged: whether each reaches its target within the horizon. Empty: the
        direction of every bar.
    is_for_accounts : bool
        Without named columns, only those that read no other instrument: an account waits for bars of all it reads.
    folding : str
        ``walk_forward``: each part by what came before it; ``combinatorial``: every two parts by all others, each fit
        one trial.
    select : int
        How many columns each fold keeps, those that say most in what it learns from; 0 for all.
    search : int
        How many sets of options each fold tries on what it learns from; 0 for the kind's own.
    label : str
        ``direction``, whether the price rises; ``return``, by how much, from which the odds of a rise are told;
        ``volatility``, how much it moves, and the odds of more than usual until then: nothing trades it.
    pooled_with : tuple of str
        Further instruments of the venue that one model learns from together with the first.
    """

    instrument: str
    venue: str = "binance-perp"
    timeframe: str = "1h"
    kind: str = "logistic"
    horizon: int = 24
    columns: tuple[str, ...] = ()
    folds: int = FOLDS
    seed: int = 0
    rule: str = ""
    is_for_accounts: bool = False
    folding: Folding = "walk_forward"
    select: int = 0
    search: int = 0
    label: Label = "direction"
    pooled_with: tuple[str, ...] = ()

    @property
    def instruments(self) -> tuple[str, ...]:
        """All whose bars it learns from."""
        return (self.instrument, *self.pooled_with)

    @property
    def is_traded(self) -> bool:
        """Whether what a model of it says may be traded."""
        return self.label != "volatility"

    @property
    def choices(self) -> FoldChoices:
        """What each fold chooses for itself."""
        return FoldChoices(self.select, self.search)


def stated_choices(request: EvaluationRequest) -> dict[str, object]:
    """Return a request by name; a choice that came later is left out where it is the usual one.

    What was asked before there was the choice is known by the same values.
    """
    return {
        name: value
        for name, value in asdict(request).items()
        if name not in _LATER_CHOICES or value != _LATER_CHOICES[name]
    }


def split_instruments(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the first of the instruments that a text names with commas between them, and the others."""
    first, *others = [name.strip() for name in text.split(",") if name.strip()] or [""]
    return first, tuple(others)


def name_markets(request: EvaluationRequest) -> EvaluationRequest:
    """Return a request with the venue's and the instruments' own names, several in one order however they were given.

    Raises
    ------
    UsageError
        If one instrument is named twice.
    """
    venue = parse_venue(request.venue)
    names = [str(resolve_instrument(request.venue, name)) for name in request.instruments]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise UsageError(
            "pooled_market_twice",
            "{instrument} is named twice: name each market once",
            instrument=twice[0],
        )
    first, *others = sorted(names)
    return replace(request, venue=venue, instrument=first, pooled_with=tuple(others))
