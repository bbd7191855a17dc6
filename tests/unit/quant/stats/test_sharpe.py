"""Published examples, slow twins and simulation for the uncertainty of Sharpe ratios."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.quant.stats.sharpe import (
    SharpeSample,
    deflated_sharpe,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_sample,
)

integrate, stats = Lazy("scipy.integrate"), Lazy("scipy.stats")

# Bailey and Lopez de Prado (2014), the numerical example: five years of 250 days, annual Sharpe 2.5.
PAPER = SharpeSample(2.5 / math.sqrt(250), -3.0, 10.0, 1250)
PAPER_VARIANCE = 0.5 / 250


def test_sample_equals_scipy_moments() -> None:
    returns = np.random.default_rng(1).standard_t(5, 500) * 0.02 + 0.001
    ours = sharpe_sample(returns)
    assert ours.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1), rel=1e-12)
    assert ours.skew == pytest.approx(stats.skew(returns), rel=1e-9)
    assert ours.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-9)
    assert ours.periods == 500


def test_sample_leaves_out_what_is_not_known() -> None:
    returns = np.random.default_rng(1).normal(0, 0.02, 50)
    assert sharpe_sample(np.concatenate(([math.nan] * 9, returns))) == sharpe_sample(returns)


@pytest.mark.parametrize("returns", [[], [0.1], [0.0] * 30, [0.01] * 30])
def test_sample_without_variation_is_undefined(returns: list[float]) -> None:
    ours = sharpe_sample(np.array(returns, dtype=float))
    assert math.isnan(ours.sharpe)
    assert math.isnan(probabilistic_sharpe(ours))
    assert math.isnan(minimum_track_record(ours))
    assert math.isnan(deflated_sharpe(ours, trials=10, variance=0.01))


def test_expected_maximum_equals_the_papers_example() -> None:
    assert expected_maximum_sharpe(100, PAPER_VARIANCE) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(("trials", "expected"), [(100, 0.9004), (46, 0.9505)])
def test_deflated_sharpe_equals_the_papers_examples(trials: int, expected: float) -> None:
    assert deflated_sharpe(PAPER, trials=trials, variance=PAPER_VARIANCE) == pytest.approx(expected, abs=5e-5)


def test_deflated_sharpe_of_normal_returns_equals_the_papers_example() -> None:
    sample = SharpeSample(PAPER.sharpe, 0.0, 3.0, 1250)
    assert deflated_sharpe(sample, trials=88, variance=PAPER_VARIANCE) == pytest.approx(0.9505, abs=5e-5)


def test_deflated_sharpe_of_one_trial_is_the_probabilistic_one() -> None:
    assert deflated_sharpe(PAPER, trials=1, variance=0.3) == probabilistic_sharpe(PAPER)


# Bailey and Lopez de Prado (2012): two years of monthly returns, Sharpe 0.458 a month.
@pytest.mark.parametrize(("shape", "expected"), [((0.0, 3.0), 0.982), ((-2.448, 10.164), 0.913)])
def test_probabilistic_sharpe_equals_the_papers_example(shape: tuple[float, float], expected: float) -> None:
    assert probabilistic_sharpe(SharpeSample(0.458, *shape, 24)) == pytest.approx(expected, abs=5e-4)


# The same paper: an annual Sharpe of 2 against 1, normal returns, needs 2.73, 2.83 or 3.24 years.
@pytest.mark.parametrize(("a_year", "years"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_minimum_track_record_equals_the_papers_examples(a_year: int, years: float) -> None:
    sample = SharpeSample(2 / math.sqrt(a_year), 0.0, 3.0, 10)
    periods = minimum_track_record(sample, 1 / math.sqrt(a_year))
    assert periods / a_year == pytest.approx(years, abs=5e-3)


def test_after_the_minimum_track_record_the_probability_is_the_confidence() -> None:
    periods = minimum_track_record(PAPER, 0.05, 0.9)
    sample = SharpeSample(PAPER.sharpe, PAPER.skew, PAPER.kurtosis, round(periods))
    assert probabilistic_sharpe(sample, 0.05) == pytest.approx(0.9, abs=2e-3)


def test_a_sharpe_below_the_threshold_is_never_proven() -> None:
    assert minimum_track_record(PAPER, 1.0) == math.inf


@pytest.mark.parametrize("trials", [10, 100, 1_000, 100_000])
def test_expected_maximum_is_close_to_its_integral(trials: int) -> None:
    exact = integrate.quad(
        lambda x: x * trials * stats.norm.pdf(x) * stats.norm.cdf(x) ** (trials - 1), -10, 12, limit=200
    )[0]
    assert expected_maximum_sharpe(trials, 1.0) == pytest.approx(exact, rel=0.03)


def test_expected_maximum_scales_with_the_deviation_and_is_zero_for_one_trial() -> None:
    assert expected_maximum_sharpe(50, 4.0) == pytest.approx(2 * expected_maximum_sharpe(50, 1.0))
    assert expected_maximum_sharpe(1, 4.0) == 0.0


def test_fat_left_tails_make_a_sharpe_less_sure() -> None:
    plain, ugly = SharpeSample(0.1, 0.0, 3.0, 500), SharpeSample(0.1, -3.0, 20.0, 500)
    assert probabilistic_sharpe(ugly) < probabilistic_sharpe(plain)
