"""Ratios against quantstats and empyrical on random returns; every undefined case is NaN."""

from __future__ import annotations

import math

import empyrical
import numpy as np
import pytest

from tests.lazily import Lazy
from vigie.domain.time import DAY_MS
from vigie.quant.metrics.returns import growth, growths, return_figures

pd, qs = Lazy("pandas"), Lazy("quantstats.stats")

NAMES = ("volatility", "sharpe", "sortino", "omega", "skew", "kurtosis")


def random_returns(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    returns = 0.02 * rng.standard_t(4, size=int(rng.integers(30, 900))) + rng.normal(0, 0.002)
    returns[rng.random(len(returns)) < 0.3] = 0.0
    return np.clip(returns, -0.9, None)


def figures(returns: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, return_figures(returns, 365.0), strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_ratios_on_random_returns_equal_quantstats(seed: int) -> None:
    returns = random_returns(seed)
    series = pd.Series(returns, index=pd.date_range("2022-01-01", periods=len(returns)))
    ours = figures(returns)
    assert ours["volatility"] == pytest.approx(qs.volatility(series, periods=365), rel=1e-9)
    assert ours["sharpe"] == pytest.approx(qs.sharpe(series, periods=365), rel=1e-9)
    assert ours["sortino"] == pytest.approx(qs.sortino(series, periods=365), rel=1e-9)
    assert ours["omega"] == pytest.approx(qs.omega(series, periods=365), rel=1e-9)
    assert ours["skew"] == pytest.approx(qs.skew(series), rel=1e-9)
    assert ours["kurtosis"] == pytest.approx(qs.kurtosis(series), rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_ratios_on_random_returns_equal_empyrical(seed: int) -> None:
    returns = random_returns(seed)
    ours = figures(returns)
    assert ours["volatility"] == pytest.approx(
        empyrical.annual_volatility(returns, annualization=365), rel=1e-9
    )
    assert ours["sharpe"] == pytest.approx(empyrical.sharpe_ratio(returns, annualization=365), rel=1e-9)
    assert ours["sortino"] == pytest.approx(empyrical.sortino_ratio(returns, annualization=365), rel=1e-9)
    assert ours["omega"] == pytest.approx(empyrical.omega_ratio(returns, annualization=1), rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_growth_of_random_returns_equals_empyrical_cagr(seed: int) -> None:
    returns = random_returns(seed)
    final = float(np.prod(1 + returns))
    expected = empyrical.cagr(returns, annualization=365)
    assert growth(1.0, final, elapsed_ms=len(returns) * DAY_MS) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("returns", [[], [0.01]])
def test_ratios_below_two_returns_are_undefined(returns: list[float]) -> None:
    assert all(math.isnan(value) for value in figures(np.array(returns)).values())


def test_ratios_of_constant_returns_are_undefined_but_volatility_is_zero() -> None:
    wealth = 1.01 ** np.arange(400)
    ours = figures(wealth[1:] / wealth[:-1] - 1.0)
    assert ours["volatility"] == pytest.approx(0.0, abs=1e-12)
    assert all(math.isnan(ours[name]) for name in ("sharpe", "sortino", "omega", "skew", "kurtosis"))


def test_ratios_of_an_account_that_never_traded_are_undefined() -> None:
    ours = figures(np.zeros(100))
    assert ours["volatility"] == 0.0
    assert all(math.isnan(ours[name]) for name in NAMES[1:])


def test_a_return_that_is_not_known_makes_every_ratio_unknown() -> None:
    ours = figures(np.array([0.01, math.nan, -0.01, 0.02]))
    assert math.isnan(ours["sharpe"])
    assert math.isnan(ours["volatility"])


def test_shape_needs_three_and_four_values() -> None:
    three = figures(np.array([0.01, -0.02, 0.04]))
    assert not math.isnan(three["skew"])
    assert math.isnan(three["kurtosis"])
    assert math.isnan(figures(np.array([0.01, -0.02]))["skew"])


@pytest.mark.parametrize(
    ("capital", "final", "days", "expected"),
    [
        (100.0, 121.0, 730, 0.1),
        (100.0, 0.0, 730, -1.0),
        (100.0, -5.0, 730, -1.0),
        (100.0, 1000.0, 1, math.inf),
        (100.0, 110.0, 0.5, math.nan),
        (100.0, math.nan, 30, math.nan),
    ],
)
def test_growth_in_its_corner_cases(capital: float, final: float, days: float, expected: float) -> None:
    assert growth(capital, final, elapsed_ms=days * DAY_MS) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("days", [0.5, 1, 30, 4_000])
def test_growths_are_growth_to_the_last_bit(days: float):
    rng = np.random.default_rng(5)
    odd = [0.0, -0.0, -2.0, 1.0, 5e-324, 1e-300, 1e300, math.inf, -math.inf, math.nan]
    finals = np.concatenate([odd, np.exp(rng.normal(0.0, 1.0, 5_000))])
    together = growths(finals, elapsed_ms=days * DAY_MS)
    alone = [growth(1.0, final, elapsed_ms=days * DAY_MS) for final in finals.tolist()]
    np.testing.assert_array_equal(together, alone)
