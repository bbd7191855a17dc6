"""Purged K-fold and combinatorial purged cross-validation against a slow plain twin."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from tests.unit.research.material import history, plan, slot
from vigie.adapters.executors.threads import ThreadExecutor
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.engine.run import execute
from vigie.research import validation
from vigie.research.confidence import daily_returns as run_returns
from vigie.research.sweep.loop import Search
from vigie.research.sweep.plan import variant_slots
from vigie.research.sweep.sweep_verdict import daily_returns, day_starts
from vigie.research.validation import FoldSettings, cross_validate, sharpe_ratios

GRID = "fast=4:12:4,slow=16:32:8"


def validated(given, folds, threads=1):
    with ThreadExecutor(threads) as executor:
        return cross_validate(given, Search(), folds, executor)


def returns_of(given):
    """Daily returns of every combination, from whole backtests."""
    found = []
    for combination in range(given.space.size):
        slots = variant_slots(given, combination)
        found.append(run_returns(execute(slots, slots[0].account, check=False))[0][:, 0])
    return np.column_stack(found)


def plain_sharpe(values):
    deviation = statistics.stdev(values)
    return statistics.fmean(values) / deviation * math.sqrt(365)


def test_daily_returns_are_those_of_single_backtests():
    given = plan(GRID)
    np.testing.assert_array_equal(daily_returns(given, np.arange(9)), returns_of(given))


def test_daily_returns_of_several_series_are_the_mean_of_those_that_have_the_day():
    short = history(900, seed=2, instrument="eth-usdt-perp")
    given = plan("fast=4,slow=16", slot(history()), slot(short))
    both = daily_returns(given, np.array([0]))[:, 0]
    first = returns_of(plan("fast=4,slow=16", slot(history())))[:, 0]
    second = returns_of(plan("fast=4,slow=16", slot(short)))[:, 0]
    np.testing.assert_allclose(both[:150], (first[:150] + second) / 2, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(both[150:], first[150:])
    assert len(day_starts(given)) == 250


def test_kfold_chooses_on_the_other_folds_without_the_purged_days():
    given = plan(GRID)
    result = validated(given, FoldSettings("kfold", 5, purge=12, embargo=6))
    returns = returns_of(given)
    days = len(returns)
    for number, fold in enumerate(result.folds):
        start, stop = days * number // 5, days * (number + 1) // 5
        # 12 and 6 bars of 4h are 2 days and 1 day.
        train = [k for k in range(days) if k < start - 2 or k >= stop + 3]
        scores = [plain_sharpe(returns[train, column].tolist()) for column in range(9)]
        best = scores.index(max(scores))
        assert fold.combination == best
        assert fold.in_sample == pytest.approx(scores[best], rel=1e-9)
        assert fold.out_of_sample == pytest.approx(plain_sharpe(returns[start:stop, best].tolist()), rel=1e-9)
        assert fold.test == ((result.days[start], result.days[stop - 1] + DAY_MS),)
    assert result.path_returns.shape == (1, days)
    assert result.path_sharpes[0] == pytest.approx(plain_sharpe(result.path_returns[0].tolist()), rel=1e-9)


def test_cpcv_joins_every_test_result_to_exactly_one_path():
    given = plan(GRID)
    result = validated(given, FoldSettings("cpcv", 6, 2))
    assert len(result.folds) == 15
    assert result.path_returns.shape == (5, len(result.days))
    returns = returns_of(given)
    groups = [(len(returns) * k // 6, len(returns) * (k + 1) // 6) for k in range(6)]
    tested = {}
    for fold in result.folds:
        for start, _ in fold.test:
            group = next(k for k, (first, _) in enumerate(groups) if result.days[first] == start)
            tested.setdefault(group, []).append(fold.combination)
    for group, (start, stop) in enumerate(groups):
        expected = sorted(returns[start:stop, combination].tolist() for combination in tested[group])
        assert sorted(path[start:stop].tolist() for path in result.path_returns) == expected
    assert list(result.quantiles()) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
    assert result.path_sharpes[result.typical] == np.median(result.path_sharpes)
    assert 0.0 <= result.overfit.pbo <= 1.0


def test_objective_return_compounds():
    given = plan(GRID, objective="return")
    result = validated(given, FoldSettings("kfold", 3))
    returns = returns_of(given)
    first = len(returns) // 3
    grown = [math.prod((1 + returns[first:, column]).tolist()) - 1 for column in range(9)]
    assert result.folds[0].combination == grown.index(max(grown))
    assert result.folds[0].in_sample == pytest.approx(max(grown), rel=1e-9)


def test_threads_do_not_change_a_bit():
    one, two = (validated(plan(GRID), FoldSettings("cpcv", 6, 2), threads=threads) for threads in (1, 3))
    np.testing.assert_array_equal(one.path_returns, two.path_returns)


def test_refused_and_hardly_trading_combinations_are_never_chosen():
    given = plan("fast=4|30,slow=16|40")
    result = validated(given, FoldSettings("kfold", 4))
    assert result.tried.tolist() == [0, 1, 3]
    with pytest.raises(UsageError, match="no combination has 9999 trades"):
        validated(given, FoldSettings("kfold", 4, min_trades=9_999))


@pytest.mark.parametrize("objective", ["calmar", "profit_factor"])
def test_objectives_that_daily_returns_do_not_give_are_refused(objective):
    with pytest.raises(UsageError, match="kfold ranks by sharpe or return"):
        validated(plan(GRID, objective=objective), FoldSettings())


def test_more_combinations_than_fit_are_refused(monkeypatch):
    monkeypatch.setattr(validation, "MAX_BYTES", 8 * 250 * 5)
    with pytest.raises(UsageError, match="at most 5 for 250 days, had 9; draw some with --random"):
        validated(plan(GRID), FoldSettings())


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        (lambda: FoldSettings("thirds"), "scheme must be kfold or cpcv"),
        (lambda: FoldSettings(purge=-1), "purge and embargo"),
        (lambda: FoldSettings("cpcv", 4, 4), "test_groups must be in"),
        (lambda: FoldSettings("kfold", 900), "folds or groups must be in"),
        (lambda: FoldSettings("kfold", 2, purge=1_000), "no training days left"),
    ],
)
def test_divisions_that_cannot_be_are_refused(folds, words):
    with pytest.raises(UsageError, match=words):
        validated(plan(GRID), folds())


def test_sharpe_of_what_never_moves_is_not_known():
    values = np.array([[0.0, 0.01], [0.0, 0.02], [0.0, -0.01]])
    found = sharpe_ratios(values, 365.0)
    assert math.isnan(found[0])
    assert found[1] == pytest.approx(plain_sharpe([0.01, 0.02, -0.01]))
    assert np.isnan(sharpe_ratios(values[:1], 365.0)).all()
