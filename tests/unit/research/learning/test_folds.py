"""Where models are fitted and judged: nothing of what is judged reaches into what is learned from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import HORIZON, history
from vigie.domain.errors import DataError, UsageError
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.research.learning.folds import open_until, walk_folds
from vigie.research.learning.learning_rows import LearningRows, known_outcomes

ROWS = history(1, hours=4_000).rows
DAY = 24 * HOUR_MS


def pooled() -> LearningRows:
    """Two assets at the same times, the second one younger."""
    other = np.flatnonzero(ROWS.ts > ROWS.ts[0] + 20 * DAY_MS)
    order = np.lexsort(
        (np.repeat([0, 1], [len(ROWS), len(other)]), np.concatenate([ROWS.ts, ROWS.ts[other]]))
    )

    def both(name: str) -> np.ndarray:
        values = getattr(ROWS, name)
        return np.concatenate([values, values[other]])[order]

    assets = np.repeat([0, 1], [len(ROWS), len(other)])[order]
    names = ("ts", "values", "target", "ends", "weights", "gains", "bars")
    return LearningRows(ROWS.columns, **{name: both(name) for name in names}, assets=assets)


@pytest.mark.parametrize("rows", [ROWS, pooled()], ids=["one asset", "pooled"])
@pytest.mark.parametrize("embargo", [HOUR_MS, DAY])
def test_outcomes_that_are_learned_end_an_embargo_before_what_is_judged(rows, embargo):
    folds = walk_folds(rows, embargo_ms=embargo, folds=5)
    judged = np.concatenate([fold.judged for fold in folds])
    assert len(np.unique(judged)) == len(judged)
    assert rows.ts[judged].max() < open_until(rows)
    for fold in folds:
        assert rows.ends[fold.calibrated].max() + embargo < fold.from_ms <= rows.ts[fold.judged].min()
        assert rows.ends[fold.fitted].max() + embargo < rows.ts[fold.calibrated].min()
        assert rows.ts[fold.judged].max() < fold.until_ms
        # All assets are cut at one time.
        assert set(rows.assets[fold.judged]) == set(rows.assets)
    # Every row of the judged time is judged.
    inside = (rows.ts >= folds[0].from_ms) & (rows.ts < folds[-1].until_ms)
    assert np.flatnonzero(inside).tolist() == np.sort(judged).tolist()


def test_newest_part_of_time_is_in_no_fold():
    folds = walk_folds(ROWS, embargo_ms=DAY)
    whole = int(ROWS.ts[-1] - ROWS.ts[0])
    assert open_until(ROWS) == pytest.approx(int(ROWS.ts[-1]) - 0.2 * whole, abs=2)
    for fold in folds:
        for part in (fold.fitted, fold.calibrated, fold.judged):
            assert ROWS.ts[part].max() < open_until(ROWS)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"embargo_ms": 0}, "embargo is 0 ms"),
        ({"embargo_ms": DAY, "folds": 1}, "at least 2"),
        ({"embargo_ms": DAY, "folds": 150}, "as long as a fold"),
        ({"embargo_ms": 40 * DAY}, "leave one with fewer than 50 rows"),
    ],
)
def test_cuts_that_cannot_be_honest_are_refused(change, words):
    with pytest.raises(UsageError, match=words):
        walk_folds(ROWS, **change)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda rows: {"columns": ("same", *rows.columns[1:-1], "same")},
            "columns to learn from are called same",
        ),
        (lambda rows: {"columns": (), "values": rows.values[:, :0]}, "no column is left"),
        (lambda rows: {"target": np.ones(len(rows))}, "have the same outcome"),
        (lambda rows: {"target": rows.target * 2.0}, "must be 0 or 1"),
        (lambda rows: {"ends": rows.ts}, "known at its own close"),
        (lambda rows: {"ts": rows.ts[::-1].copy(), "ends": rows.ts[::-1] + 1}, "in the order of time"),
        (
            lambda rows: {"values": np.where(np.arange(6) == 4, np.nan, rows.values)},
            "column noise_a has gaps",
        ),
        (
            lambda rows: {"values": np.column_stack([rows.values[:, :5], 3.0 - rows.target])},
            "column noise_b is the outcome itself",
        ),
        (lambda rows: {"gains": rows.gains[:, 0]}, "one value a row"),
    ],
)
def test_rows_of_which_nothing_honest_comes_are_refused_by_name(spoil, words):
    with pytest.raises((UsageError, DataError), match=words):
        replace(ROWS, **spoil(ROWS))


def test_too_few_rows_are_refused():
    few = np.arange(150)
    names = ("ts", "values", "target", "ends", "weights", "gains", "assets", "bars")
    with pytest.raises(DataError, match="150 rows are complete, at least 200"):
        LearningRows(ROWS.columns, **{name: getattr(ROWS, name)[few] for name in names})


def test_outcomes_are_those_known_at_each_row():
    outcomes = known_outcomes(ROWS.ts, ROWS.ends, ROWS.target, ROWS.assets)
    assert outcomes[:HORIZON].tolist() == [[0.5, 0.5]] * HORIZON
    for row in (HORIZON, 100, len(ROWS) - 1):
        known = ROWS.ends <= ROWS.ts[row]
        assert outcomes[row] == pytest.approx([ROWS.target[known][-1], ROWS.target[known].mean()])
    # What comes later changes nothing before.
    cut = 2_000
    part = known_outcomes(ROWS.ts[:cut], ROWS.ends[:cut], ROWS.target[:cut], ROWS.assets[:cut])
    assert part.tolist() == outcomes[:cut].tolist()
