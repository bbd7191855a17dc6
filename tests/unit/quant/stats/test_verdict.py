"""The verdict on cases whose answer is known, and its words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.domain.errors import UsageError
from vigie.quant.stats.sharpe import SharpeSample, deflated_sharpe, sharpe_sample
from vigie.quant.stats.verdict import Thresholds, trial_variance, verdict


def noise(trials: int = 50, periods: int = 730, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.02, (periods, trials))


def best(returns: np.ndarray) -> int:
    return int(np.argmax(returns.mean(axis=0) / returns.std(axis=0, ddof=1)))


def codes(found) -> set[str]:
    return {reason.code for reason in found.reasons}


def test_the_best_of_many_worthless_trials_is_luck() -> None:
    returns = noise()
    found = verdict(returns, best(returns), trials=50, seed=1)
    assert found.is_luck
    assert "low_dsr" in codes(found)
    assert found.sentence.startswith("not distinguishable from luck: 50 trials, DSR 0.")
    low, high = found.pbo_range
    assert low < found.pbo < high
    assert found.sentence.endswith(f", PBO {found.pbo:.2f} ({low:.2f} to {high:.2f})")


def test_a_strong_trial_among_worthless_ones_is_found() -> None:
    returns = noise()
    returns[:, 3] += 0.006
    found = verdict(returns, 3, trials=50, seed=1)
    assert not found.is_luck
    assert found.reasons == ()
    assert found.sentence == "distinguishable from luck: 50 trials, DSR 1.00, PBO 0.00"
    assert found.sharpe_interval[0] < found.sharpe < found.sharpe_interval[1]
    assert found.drawdown_interval[0] < found.drawdown_interval[1] <= 0
    assert found.min_track_record_periods < found.periods == 730


def test_trials_made_before_count_although_their_returns_are_gone() -> None:
    returns = noise(5)
    returns[:, 0] += 0.005
    few, many = (verdict(returns, 0, trials=trials, seed=1) for trials in (5, 500_000))
    assert not few.is_luck
    assert many.is_luck
    assert many.expected_maximum_sharpe > few.expected_maximum_sharpe
    assert "500000 trials" in many.sentence


def test_the_deflated_ratio_of_trials_of_equal_length_is_the_papers() -> None:
    returns = noise() + np.random.default_rng(9).normal(0, 0.02, (730, 1))
    k = best(returns)
    found = verdict(returns, k, trials=50, seed=1)
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    expected = deflated_sharpe(sharpe_sample(returns[:, k].copy()), trials=50, variance=ratios.var(ddof=1))
    assert found.dsr == pytest.approx(expected, rel=1e-9)


def test_trials_bled_by_costs_do_not_hide_a_good_one() -> None:
    returns = noise(20)
    returns[:, 10:] -= 0.01
    returns[:, 0] += 0.0035
    assert not verdict(returns, 0, trials=20, seed=1).is_luck


def test_variance_brings_tracks_of_different_length_together() -> None:
    short = SharpeSample(0.2, 0.0, 3.0, 26)
    long = SharpeSample(0.1, 0.0, 3.0, 101)
    # Both are one standard error above zero: alike, so the spread between them is none.
    assert trial_variance([short, long], long, 2) == pytest.approx(0.0, abs=1e-18)
    assert trial_variance([long], long, 1) == pytest.approx(1 / 100)
    assert trial_variance([short, long], long, 4) == pytest.approx(0.5 / 100)


def test_a_single_trial_has_no_pbo_and_is_judged_by_its_track() -> None:
    returns = noise(1)
    returns[:, 0] += 0.003
    found = verdict(returns, 0, trials=1, seed=1)
    assert not found.is_luck
    assert math.isnan(found.pbo)
    assert found.sentence == f"distinguishable from luck: 1 trial, DSR {found.dsr:.2f}"
    assert found.dsr == found.psr


def test_few_periods_say_nothing_however_good() -> None:
    returns = noise(3, 40)
    returns[:, 0] += 0.05
    assert codes(verdict(returns, 0, trials=3, seed=1)) == {"few_periods"}
    assert not verdict(returns, 0, trials=3, seed=1, thresholds=Thresholds(min_periods=40)).is_luck


def test_a_trial_that_never_moved_is_luck_without_figures() -> None:
    returns = noise(4)
    returns[:, 2] = 0.0
    found = verdict(returns, 2, trials=4, seed=1)
    assert found.is_luck
    assert codes(found) == {"no_returns"}
    assert "DSR" not in found.sentence


def test_trials_that_start_later_are_judged_on_what_they_have() -> None:
    returns = noise(6)
    returns[:, 1] += 0.004
    returns[:300, 4] = math.nan
    found = verdict(returns, 1, trials=6, seed=1)
    assert not found.is_luck
    assert found.periods == 730


def test_shuffled_histories_that_do_as_well_make_it_luck() -> None:
    returns = noise()
    returns[:, 3] += 0.006
    found = verdict(returns, 3, trials=50, seed=1, permutation_p=0.2)
    assert codes(found) == {"high_p_value"}
    assert found.reasons[0].text == "the permutation p-value 0.200 is above 0.050"
    assert not verdict(returns, 3, trials=50, seed=1, permutation_p=0.01).is_luck


def test_an_overfitted_choice_is_named() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(-0.001, 0.0001, (160, 8))
    for k in range(8):
        returns[20 * k : 20 * k + 20, k] = rng.normal(0.01, 0.0001, 20)
    assert "high_pbo" in codes(verdict(returns, 0, trials=8, seed=1))


def test_wrong_columns_and_counts_are_refused() -> None:
    returns = noise(4)
    with pytest.raises(UsageError, match=r"selected must be in \[0, 3\], was 4"):
        verdict(returns, 4, trials=4, seed=1)
    with pytest.raises(UsageError, match="trials must be >= 4, the trials given, was 3"):
        verdict(returns, 0, trials=3, seed=1)


def test_the_same_seed_gives_the_same_verdict() -> None:
    returns = noise()
    first, second = (verdict(returns, 1, trials=50, seed=5) for _ in range(2))
    # As text: a figure that was not computed is NaN, which equals nothing.
    assert repr(first) == repr(second)
