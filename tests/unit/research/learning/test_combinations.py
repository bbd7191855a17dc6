"""Combinatorial folds: nothing of what is judged reaches into what is learned from, and every path judges all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.learning.material import history
from tests.unit.research.learning.test_folds import pooled
from tests.unit.research.learning.test_leaks import BAR_TS, CLOSE, honest_columns
from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.quant.models import registry
from vigie.research.learning.combinations import combinatorial_folds, walk_paths
from vigie.research.learning.folds import open_until
from vigie.research.learning.leaks import LearningWay, find_leaks, refuse_leaking_rows
from vigie.research.learning.skill import measure

pytest.importorskip("sklearn")
ROWS = history(1, hours=4_000).rows
DAY = 24 * HOUR_MS


@pytest.mark.parametrize("rows", [ROWS, pooled()], ids=["one asset", "pooled"])
@pytest.mark.parametrize("embargo", [HOUR_MS, DAY])
def test_what_is_learned_from_ends_before_and_begins_after_what_is_judged(rows, embargo):
    pairs = combinatorial_folds(rows, embargo_ms=embargo, folds=5)
    assert len(pairs) == 10
    for pair in pairs:
        fold = pair.fold
        assert fold.judged.tolist() == sorted(np.concatenate([part.judged for part in pair.parts]).tolist())
        for learned in (fold.fitted, fold.calibrated):
            assert rows.ends[learned].max() + embargo < open_until(rows)
            for part in pair.parts:
                before = rows.ends[learned] + embargo < rows.ts[part.judged].min()
                after = rows.ts[learned] >= rows.ends[part.judged].max() + embargo
                assert (before | after).all()
        assert rows.ends[fold.fitted].max() + embargo < rows.ts[fold.calibrated].min()
    inside = np.flatnonzero(rows.ts < open_until(rows)).tolist()
    assert sorted({row for pair in pairs for row in pair.fold.judged.tolist()}) == inside


def test_every_path_judges_each_row_once_by_another_fit():
    planted = history(7, hours=9_000, strength=0.12).rows
    pairs = combinatorial_folds(planted, embargo_ms=DAY, folds=4)
    paths = walk_paths(planted, registry()["logistic"], pairs, seed=1)
    assert len(paths) == 3
    inside = planted.ts < open_until(planted)
    for path in paths:
        assert np.array_equal(~np.isnan(path.log_odds), inside)
        assert [fit.fold.number for fit in path.fits] == [0, 1, 2, 3]
        assert measure(planted, path, seed=3).says_more
    assert not np.array_equal(paths[0].log_odds[inside], paths[1].log_odds[inside])


def leaks_of(folds):
    rows = history(3, hours=4_000, strength=0.12).rows
    way = LearningWay(
        rows, folds, DAY, lambda asked, _: np.zeros(len(asked)), honest_columns, len(CLOSE), BAR_TS
    )
    return [leak.name for leak in find_leaks(way, seed=1)]


def test_no_honest_combination_is_called_a_leak_whole_or_part_by_part():
    pairs = combinatorial_folds(ROWS, embargo_ms=DAY, folds=5)
    assert leaks_of(tuple(pair.fold for pair in pairs)) == []
    assert leaks_of(tuple(part for pair in pairs for part in pair.parts)) == []
    refuse_leaking_rows(
        pooled(), [pair.fold for pair in combinatorial_folds(pooled(), embargo_ms=DAY, folds=5)]
    )


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(
    "place",
    [
        lambda judged, first: judged[0] - 1,
        lambda judged, first: judged[-1] + 1,
        # Its outcome is known, and the embargo is not over.
        lambda judged, first: first - 2,
        lambda judged, first: judged[len(judged) // 2],
    ],
    ids=["before", "after", "in the embargo", "inside"],
)
def test_one_row_that_overlaps_a_part_of_a_combination_is_caught_by_name(part, place):
    # The second and the fourth of five parts are judged: what lies between them is learned from.
    pair = combinatorial_folds(ROWS, embargo_ms=DAY, folds=5)[5]
    judged, learned = pair.parts[part].judged, np.union1d(pair.fold.fitted, pair.fold.calibrated)
    row = int(place(judged, int(learned[learned > judged[-1]][0])))
    assert row not in learned
    spoilt = replace(pair.fold, calibrated=np.union1d(pair.fold.calibrated, row))
    assert leaks_of((spoilt,)) == ["overlapping_labels"]
    with pytest.raises(UsageError, match=r"knows the future: overlapping_labels \(fold 6\)"):
        refuse_leaking_rows(ROWS, [spoilt])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"embargo_ms": 0, "folds": 5}, "embargo is 0 ms"),
        ({"embargo_ms": DAY, "folds": 3}, "need 4 to 20 parts, were 3"),
        ({"embargo_ms": DAY, "folds": 21}, "need 4 to 20 parts, were 21"),
        ({"embargo_ms": 60 * DAY, "folds": 4}, "leave one with fewer than 50 rows"),
    ],
)
def test_combinations_that_cannot_be_honest_are_refused(change, words):
    with pytest.raises(UsageError, match=words):
        combinatorial_folds(ROWS, **change)
