"""Combinatorial folds: time is cut into parts, and every two of them are judged by what was fitted on all others.

Each part is judged by several fits, so that a history gives several paths in place of one. A fit knows what came after
some of what it judges: it says how far a result depends on where time was cut, not what could have been traded. On
request only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from vigie.domain.errors import UsageError
from vigie.quant.models.model_kind import ModelKind
from vigie.research.learning.fold_choices import AS_GIVEN, FoldChoices
from vigie.research.learning.folds import (
    CALIBRATED,
    FOLDS,
    HELD_BACK,
    LearnFold,
    cut_time,
    open_until,
    refuse_small_folds,
)
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import FoldFit, FoldKeeper, Walked, find_or_fit, judge_fits

JUDGED_AT_ONCE: Final = 2
# 190 fits; more would take hours and say nothing new.
MOST_PARTS: Final = 20
LEAST_PARTS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPair:
    """Two parts of time that are judged by one fit.

    Attributes
    ----------
    fold : LearnFold
        What is learned from; both parts are judged.
    parts : tuple of LearnFold
        The same, each with one part, numbered in the order of time.
    """

    fold: LearnFold
    parts: tuple[LearnFold, ...]


def combinatorial_folds(
    rows: LearningRows, *, embargo_ms: int, folds: int = FOLDS, held_back: float = HELD_BACK
) -> tuple[JudgedPair, ...]:
    """Cut time into parts, and judge every two of them by what is fitted on all others.

    Parameters
    ----------
    rows : LearningRows
    embargo_ms : int
        Time between what is learned from and what is judged, before and after it, > 0.
    folds : int
        How many parts, 4 to 20.
    held_back : float
        Share of the time at its end that no fold sees.

    Returns
    -------
    tuple of JudgedPair
        Rows whose outcome reaches into a judged part, or that are known before the outcomes of a
        judged part are, are not learned from.

    Raises
    ------
    UsageError
        As `vigie.research.learning.folds.walk_folds`, or if parts are too many or too few.

    References
    ----------
    López de Prado (2018), "Advances in Financial Machine Learning", section 12.4. Here an embargo stands before what is
    judged, too, and the newest rows of what is learned from calibrate.
    """
    if not LEAST_PARTS <= folds <= MOST_PARTS:
        raise UsageError(
            "combinations_out_of_range",
            "combinatorial folds need {least} to {most} parts, were {folds}",
            least=LEAST_PARTS,
            most=MOST_PARTS,
            folds=folds,
        )
    edges = cut_time(rows, int(rows.ts[0]), open_until(rows, held_back), parts=folds, embargo_ms=embargo_ms)
    made = [
        _judge_pair(rows, number, edges, pair, embargo_ms)
        for number, pair in enumerate(combinations(range(folds), JUDGED_AT_ONCE))
    ]
    kept = [pair.fold for pair in made if all(len(part.judged) for part in pair.parts)]
    refuse_small_folds(kept, wanted=len(made), folds=folds)
    return tuple(made)


def walk_paths(
    rows: LearningRows,
    kind: ModelKind,
    pairs: Sequence[JudgedPair],
    *,
    seed: int,
    choices: FoldChoices = AS_GIVEN,
    keeper: FoldKeeper | None = None,
) -> tuple[Walked, ...]:
    """Fit a model once a pair, and set what it says of the parts together to paths.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    pairs : sequence of JudgedPair
    seed : int
        As of `vigie.research.learning.walking.walk`.
    choices : FoldChoices
    keeper : FoldKeeper, optional
        As there.

    Returns
    -------
    tuple of Walked
        One fewer than there are parts; each judges every part once.
    """
    by_part: dict[int, list[FoldFit]] = {}
    for pair in pairs:
        fit = find_or_fit(rows, kind, pair.fold, seed=seed + pair.fold.number, choices=choices, keeper=keeper)
        for part in pair.parts:
            by_part.setdefault(part.number, []).append(replace(fit, fold=part))
    ordered = [by_part[number] for number in sorted(by_part)]
    return tuple(judge_fits(rows, kind, fits) for fits in zip(*ordered, strict=True))


def _judge_pair(
    rows: LearningRows, number: int, edges: list[int], pair: tuple[int, ...], embargo_ms: int
) -> JudgedPair:
    kept = rows.ends < edges[-1] - embargo_ms
    judged = np.zeros(len(rows), bool)
    parts = []
    for part in pair:
        begin, end = edges[part], edges[part + 1]
        own = (rows.ts >= begin) & (rows.ts < end)
        known = max(end, int(rows.ends[own].max(initial=end)))
        kept &= (rows.ends < begin - embargo_ms) | (rows.ts >= known + embargo_ms)
        judged |= own
        parts.append(np.flatnonzero(own))
    learned = np.flatnonzero(kept & ~judged)
    older = learned[: round(len(learned) * (1.0 - CALIBRATED))]
    # Rows that are learned from are cut once more, as those of a walk are.
    calibrated = learned[len(older) :]
    if len(calibrated):
        older = older[rows.ends[older] < rows.ts[calibrated[0]] - embargo_ms]
    first, last = pair[0], pair[-1] + 1
    fold = LearnFold(number, older, calibrated, np.flatnonzero(judged), edges[first], edges[last], embargo_ms)
    return JudgedPair(
        fold,
        tuple(
            replace(fold, number=part, judged=own, from_ms=edges[part], until_ms=edges[part + 1])
            for part, own in zip(pair, parts, strict=True)
        ),
    )
