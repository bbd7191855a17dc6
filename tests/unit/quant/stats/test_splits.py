"""Splits by hand, and against a plain definition of what may know of what."""

from __future__ import annotations

import math

import pytest

from vigie.domain.errors import UsageError
from vigie.quant.stats.splits import combinatorial_purged, indices, purged_kfold, walk_forward


def bars_of(spans: tuple[range, ...]) -> set[int]:
    return {int(k) for k in indices(spans)}


def test_rolling_walk_forward_moves_both_spans() -> None:
    splits = walk_forward(100, train=40, test=20)
    assert [(s.train[0], s.test[0]) for s in splits] == [
        (range(40), range(40, 60)),
        (range(20, 60), range(60, 80)),
        (range(40, 80), range(80, 100)),
    ]


def test_anchored_walk_forward_keeps_the_beginning() -> None:
    assert [s.train[0] for s in walk_forward(100, train=40, test=30, anchored=True)] == [
        range(40),
        range(70),
    ]


def test_the_last_test_span_may_be_shorter_and_a_short_history_has_none() -> None:
    assert walk_forward(95, train=40, test=30)[-1].test == (range(70, 95),)
    assert walk_forward(40, train=40, test=10) == ()


def test_a_gap_keeps_training_away_from_the_test() -> None:
    first, second = walk_forward(100, train=30, test=20, step=40, gap=10)
    assert (first.train[0], first.test[0]) == (range(30), range(40, 60))
    assert (second.train[0], second.test[0]) == (range(40, 70), range(80, 100))


@pytest.mark.parametrize(
    "wrong", [{"train": 0, "test": 5}, {"train": 5, "test": 0}, {"train": 5, "test": 5, "gap": -1}]
)
def test_walk_forward_refuses_empty_spans(wrong: dict) -> None:
    with pytest.raises(UsageError, match="must be >= 1"):
        walk_forward(100, **wrong)


@pytest.mark.parametrize(("folds", "horizon", "embargo"), [(5, 0, 0), (5, 3, 0), (4, 2, 6), (7, 10, 1)])
def test_purged_folds_equal_the_plain_definition(folds: int, horizon: int, embargo: int) -> None:
    n = 103
    splits = purged_kfold(n, folds=folds, horizon_bars=horizon, embargo_bars=embargo)
    assert sorted(k for split in splits for k in bars_of(split.test)) == list(range(n))
    for split in splits:
        test = split.test[0]
        reach = set(range(test.start, test.stop + horizon))
        embargoed = set(range(test.stop + horizon, test.stop + horizon + embargo))
        allowed = {k for k in range(n) if not reach & set(range(k, k + horizon + 1)) and k not in embargoed}
        assert bars_of(split.train) == allowed


def test_combinatorial_splits_count_as_they_should_and_never_leak() -> None:
    found = combinatorial_purged(120, groups=6, test_groups=2, horizon_bars=4, embargo_bars=2)
    assert len(found.splits) == 15
    assert len(found.paths) == 5
    for split in found.splits:
        train, test = bars_of(split.train), bars_of(split.test)
        assert len(test) == 40
        for k in test:
            assert not train & set(range(k - 4, k + 5))


@pytest.mark.parametrize(("groups", "test_groups"), [(5, 1), (6, 2), (6, 3), (7, 5)])
def test_paths_cover_all_of_time_and_use_each_test_once(groups: int, test_groups: int) -> None:
    found = combinatorial_purged(210, groups=groups, test_groups=test_groups)
    assert len(found.paths) == math.comb(groups - 1, test_groups - 1)
    used = [(split, group) for path in found.paths for group, split in enumerate(path)]
    assert len(used) == len(set(used)) == len(found.splits) * test_groups
    for split, group in used:
        assert found.groups[group] in found.splits[split].test


def test_adjoining_test_groups_are_purged_once_around() -> None:
    found = combinatorial_purged(60, groups=6, test_groups=2, horizon_bars=3, embargo_bars=2)
    middle = next(s for s in found.splits if s.test == (range(20, 30), range(30, 40)))
    assert middle.train == (range(17), range(45, 60))


@pytest.mark.parametrize("wrong", [{"folds": 1}, {"folds": 101}, {"folds": 5, "horizon_bars": -1}])
def test_folds_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(UsageError, match="must be"):
        purged_kfold(100, **wrong)


def test_test_groups_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError, match=r"test_groups must be in \[1, 5\], was 6"):
        combinatorial_purged(100, groups=6, test_groups=6)


def test_no_spans_have_no_indices() -> None:
    assert len(indices(())) == 0
