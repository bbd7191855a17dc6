"""Several assets of which one model learns: what no honest answer comes of, and how it did on each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigie.domain.errors import UsageError
from vigie.engine.inputs import SlotInput
from vigie.quant.models.calibration import log_losses, probabilities
from vigie.research.learning.folds import LEAST_FITTED, LearnFold
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.odds_trading import TradedOdds
from vigie.research.learning.skill import auc
from vigie.research.learning.walking import Walked


@dataclass(frozen=True, slots=True)
class PooledAssetResult:
    """How a pooled model did on one of its assets, out of sample.

    Attributes
    ----------
    name : str
    rows : int
        Rows that were judged.
    auc : float
        NaN with one class only.
    log_loss_gain : float
        The usual rate's minus the model's.
    trades : int
    earned : float
        What the money on this asset came to, after costs.
    """

    name: str
    rows: int
    auc: float
    log_loss_gain: float
    trades: int
    earned: float


def refuse_apart(rows: LearningRows, names: Sequence[str]) -> None:
    """Refuse assets that have too few complete rows, or of which no row lies in the time of all others.

    Parameters
    ----------
    rows : LearningRows
    names : sequence of str
        Of the assets, by number.

    Raises
    ------
    UsageError
        With the assets by name.
    """
    begins, ends = [], []
    for number, name in enumerate(names):
        own = rows.ts[rows.assets == number]
        if len(own) < LEAST_FITTED:
            raise UsageError(
                "pooled_market_too_few_rows",
                "{instrument} has {count} complete rows, at least {least} are needed: leave this market out, or take "
                "fewer columns",
                instrument=name,
                count=len(own),
                least=LEAST_FITTED,
            )
        begins.append(int(own[0]))
        ends.append(int(own[-1]))
    latest, earliest = int(np.argmax(begins)), int(np.argmin(ends))
    if begins[latest] > ends[earliest]:
        raise UsageError(
            "pooled_markets_apart",
            "{earlier} ends before {later} begins, so no time has both: leave one of them out",
            earlier=names[earliest],
            later=names[latest],
        )


def refuse_unjudged(rows: LearningRows, names: Sequence[str], folds: Sequence[LearnFold]) -> None:
    """Refuse assets that no fold judges: nothing would be known of the model there.

    Parameters
    ----------
    rows : LearningRows
    names : sequence of str
        Of the assets, by number.
    folds : sequence of LearnFold

    Raises
    ------
    UsageError
        With the first of them by name.
    """
    judged = np.unique(rows.assets[np.concatenate([fold.judged for fold in folds])])
    for number, name in enumerate(names):
        if number not in judged:
            raise UsageError(
                "pooled_market_not_judged",
                "no row of {instrument} is judged: its bars end before the first fold or begin after the last one; "
                "leave this market out",
                instrument=name,
            )


def results_by_asset(
    rows: LearningRows, walked: Walked, traded: TradedOdds, slots: Sequence[SlotInput]
) -> tuple[PooledAssetResult, ...]:
    """Return how a model did on each asset.

    Parameters
    ----------
    rows : LearningRows
    walked : Walked
        Of the same rows.
    traded : TradedOdds
        Of the same walk.
    slots : sequence of SlotInput
        On which it traded, by number.

    Returns
    -------
    tuple of PooledAssetResult
        Of those that were judged, by number.
    """
    is_judged = ~np.isnan(walked.log_odds)
    results = []
    for number, outcome in zip(np.unique(rows.assets[is_judged]).tolist(), traded.outcomes, strict=True):
        own, slot = is_judged & (rows.assets == number), slots[number]
        target, odds = rows.target[own], walked.log_odds[own]
        usual = probabilities(walked.usual[own])
        gained = log_losses(usual, target) - log_losses(probabilities(odds), target)
        results.append(
            PooledAssetResult(
                slot.bars.instrument, int(own.sum()), auc(odds, target), float(gained.mean()),
                len(outcome.trades), float(outcome.equity[-1] / slot.sizing.capital - 1.0),
            )
        )  # fmt: skip
    return tuple(results)
