"""Where a model is fitted, calibrated and judged: always on what came before, and never on the newest part of time.

All assets are cut at the same times, since they move together. A row whose outcome reaches into what is judged, or
into the embargo before it, is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import IntArray
from vigie.domain.errors import UsageError
from vigie.research.learning.learning_rows import LearningRows

FOLDS: Final = 10
HELD_BACK: Final = 0.2
# Of the time that is open, so much is only learned from: what is fitted on less says little.
FIRST_LEARNED: Final = 0.3
# Of the rows before a fold, the newest part calibrates what the older ones fitted.
CALIBRATED: Final = 0.4
LEAST_FITTED: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class LearnFold:
    """One cut of time.

    Attributes
    ----------
    number : int
        From 0, in the order of time.
    fitted, calibrated, judged : int64 array
        Rows, ascending; apart.
    from_ms, until_ms : int
        Rows that are judged were known in [from_ms, until_ms).
    embargo_ms : int
        That it was cut with.
    """

    number: int
    fitted: IntArray
    calibrated: IntArray
    judged: IntArray
    from_ms: int
    until_ms: int
    embargo_ms: int


def open_until(rows: LearningRows, held_back: float = HELD_BACK) -> int:
    """Return from when rows are kept back: the newest part of time, which is opened once.

    Parameters
    ----------
    rows : LearningRows
    held_back : float
        Share of the time.

    Returns
    -------
    int
        Epoch milliseconds.
    """
    first, last = int(rows.ts[0]), int(rows.ts[-1])
    return last + 1 - round((last + 1 - first) * held_back)


def walk_folds(
    rows: LearningRows, *, embargo_ms: int, folds: int = FOLDS, held_back: float = HELD_BACK
) -> tuple[LearnFold, ...]:
    """Cut time after a first part into folds of equal length: each is judged once, by what was fitted on all before it.

    Parameters
    ----------
    rows : LearningRows
    embargo_ms : int
        Time between the last outcome that is learned from and the first row that is judged, > 0.
    folds : int
        How many parts are judged, >= 2.
    held_back : float
        Share of the time at its end that no fold sees.

    Returns
    -------
    tuple of LearnFold
        In the order of time.

    Raises
    ------
    UsageError
        If the embargo is not above zero, or folds are too many or too short for the outcomes.
    """
    end = open_until(rows, held_back)
    first = int(rows.ts[0])
    learned = first + round((end - first) * FIRST_LEARNED)
    edges = cut_time(rows, learned, end, parts=folds, embargo_ms=embargo_ms)
    made = tuple(
        _fold(rows, k, edges[k], edges[k + 1], embargo_ms)
        for k in range(folds)
        if np.any((rows.ts >= edges[k]) & (rows.ts < edges[k + 1]))
    )
    refuse_small_folds(made, wanted=folds, folds=folds)
    return made


def cut_time(rows: LearningRows, begin: int, end: int, *, parts: int, embargo_ms: int) -> list[int]:
    """Return the edges of equal parts of a time.

    Parameters
    ----------
    rows : LearningRows
    begin, end : int
        Epoch milliseconds.
    parts : int
        How many.
    embargo_ms : int
        As in `walk_folds`.

    Returns
    -------
    list of int
        One more than there are parts.

    Raises
    ------
    UsageError
        If the embargo is not above zero, or parts are too few or too short for the outcomes.
    """
    if embargo_ms <= 0:
        raise UsageError(
            "embargo_of_zero",
            "the embargo is {embargo} ms: rows beside the cut know of each other; take at least a bar",
            embargo=embargo_ms,
        )
    if parts < 2:
        raise UsageError("too_few_folds", "folds must be at least 2, were {folds}", folds=parts)
    edges = [begin + (end - begin) * k // parts for k in range(parts + 1)]
    longest = int((rows.ends - rows.ts).max())
    if longest >= edges[1] - edges[0]:
        raise UsageError(
            "label_longer_than_fold",
            "an outcome takes up to {hours:.0f} h, as long as a fold: take fewer folds or a shorter label",
            hours=longest / 3_600_000,
        )
    return edges


def refuse_small_folds(made: Sequence[LearnFold], *, wanted: int, folds: int) -> None:
    """Refuse cuts of which one judges nothing, or learns from too few rows.

    Parameters
    ----------
    made : sequence of LearnFold
    wanted : int
        How many there must be.
    folds : int
        How many parts were asked for.

    Raises
    ------
    UsageError
        If one is missing or too small.
    """
    if len(made) < wanted or min(len(fold.fitted) for fold in made) < LEAST_FITTED:
        raise UsageError(
            "too_many_folds",
            "{folds} folds leave one with fewer than {least} rows: take fewer folds or a longer time",
            folds=folds,
            least=LEAST_FITTED,
        )


def newest_fold(
    rows: LearningRows,
    number: int,
    *,
    embargo_ms: int,
    held_back: float = HELD_BACK,
    from_ms: int | None = None,
) -> LearnFold:
    """Return the cut before the newest part of time: all that is open teaches, the rest is kept for one look.

    Parameters
    ----------
    rows : LearningRows
    number : int
        Of the fold: how many there are before it.
    embargo_ms : int
        As in `walk_folds`.
    held_back : float
        Share of the time at its end.
    from_ms : int, optional
        Where a model was cut that has learned: with a longer past the share reaches into what taught it.

    Returns
    -------
    LearnFold
    """
    begin = open_until(rows, held_back) if from_ms is None else from_ms
    return _fold(rows, number, begin, int(rows.ts[-1]) + 1, embargo_ms)


def _fold(rows: LearningRows, number: int, from_ms: int, until_ms: int, embargo_ms: int) -> LearnFold:
    first = int(rows.ts[0])
    calibrated_from = from_ms - round((from_ms - first) * CALIBRATED)
    judged = (rows.ts >= from_ms) & (rows.ts < until_ms)
    fitted = rows.ends < calibrated_from - embargo_ms
    calibrated = (rows.ts >= calibrated_from) & (rows.ends < from_ms - embargo_ms)
    return LearnFold(
        number, np.flatnonzero(fitted), np.flatnonzero(calibrated), np.flatnonzero(judged), from_ms, until_ms,
        embargo_ms,
    )  # fmt: skip
