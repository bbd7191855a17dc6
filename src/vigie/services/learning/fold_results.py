"""How time is cut, what each fold chose for itself, and what each path of combinatorial folds came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vigie.domain.errors import UsageError
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import TradedOdds
from vigie.research.learning.skill import Skill
from vigie.research.learning.walking import Walked

Folding = Literal["walk_forward", "combinatorial"]


@dataclass(frozen=True, slots=True)
class FoldChoice:
    """What one fold chose for itself.

    Attributes
    ----------
    fold : int
    columns : tuple of str
        Empty where all are read.
    options : mapping of str to float
        Empty where none were searched.
    """

    fold: int
    columns: tuple[str, ...]
    options: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PathResult:
    """What one path of combinatorial folds came to.

    Attributes
    ----------
    auc, log_loss_gain : float
        As of `Skill`.
    trades : int
    sharpe : float
        NaN without a trade.
    """

    auc: float
    log_loss_gain: float
    trades: int
    sharpe: float


def folding_of(name: str) -> Folding:
    """Return a way to cut time by its name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    foldings: tuple[Folding, ...] = get_args(Folding)
    for folding in foldings:
        if folding == name:
            return folding
    raise UsageError(
        "folding_unknown",
        "folding must be walk_forward or combinatorial, was {name!r}",
        name=name,
    )


def choices_of(rows: LearningRows, walked: Walked) -> tuple[FoldChoice, ...]:
    """Return what each fold chose; none where there was nothing to choose."""
    return tuple(
        FoldChoice(fit.fold.number, tuple(rows.columns[k] for k in fit.columns), fit.options)
        for fit in walked.fits
        if fit.columns or fit.options
    )


def path_result(skill: Skill, traded: TradedOdds) -> PathResult:
    """Return the figures of one path."""
    return PathResult(skill.auc, skill.log_loss_gain, len(traded.trades), traded.verdict.sharpe)
