"""How sure one may be of a Sharpe ratio: probabilistic and deflated Sharpe, minimum track record."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from numba import njit

from vigie.domain.bar import FloatArray
from vigie.quant.metrics.returns import FLAT
from vigie.quant.stats.normal import normal_cdf, normal_quantile

EULER: Final = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class SharpeSample:
    """An estimated Sharpe ratio with what its uncertainty depends on; everything of one period.

    Attributes
    ----------
    sharpe : float
        Mean over standard deviation (n - 1), not annualised.
    skew : float
        Third standardised moment (divisor n).
    kurtosis : float
        Fourth standardised moment (divisor n), 3 for a normal law.
    periods : int
        Returns behind it.
    """

    sharpe: float
    skew: float
    kurtosis: float
    periods: int


@njit(cache=True, nogil=True, error_model="numpy")
def _moments(returns: FloatArray) -> tuple[float, float, float, int]:
    # Values that are not known are left out.
    n, total = 0, 0.0
    for x in returns:
        if not math.isnan(x):
            n += 1
            total += x
    if n < 2:
        return math.nan, math.nan, math.nan, n
    mean = total / n
    sum2, sum3, sum4 = 0.0, 0.0, 0.0
    for x in returns:
        if not math.isnan(x):
            d = x - mean
            sum2 += d * d
            sum3 += d * d * d
            sum4 += d * d * d * d
    deviation = math.sqrt(sum2 / (n - 1))
    if not deviation > FLAT:
        return math.nan, math.nan, math.nan, n
    m2 = sum2 / n
    return mean / deviation, sum3 / n / (m2 * math.sqrt(m2)), sum4 / n / (m2 * m2), n


def sharpe_sample(returns: FloatArray) -> SharpeSample:
    """Estimate the Sharpe ratio of a period with its skewness and kurtosis.

    Parameters
    ----------
    returns : float64 array, shape (n_periods,)
        Simple returns; NaN (not known) are left out.

    Returns
    -------
    SharpeSample
        NaN below two returns or without variation.
    """
    sharpe, skew, kurtosis, periods = _moments(returns)
    return SharpeSample(float(sharpe), float(skew), float(kurtosis), int(periods))


def _variance_term(sample: SharpeSample) -> float:
    # Variance of the estimate times (periods - 1); Mertens (2002), used in all papers below.
    sharpe = sample.sharpe
    variance = 1.0 - sample.skew * sharpe + (sample.kurtosis - 1.0) / 4.0 * sharpe * sharpe
    return variance if variance > 0 else math.nan


def probabilistic_sharpe(sample: SharpeSample, threshold: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio exceeds a threshold (PSR).

    Parameters
    ----------
    sample : SharpeSample
        Of one trial that was not selected among others.
    threshold : float
        Sharpe ratio of a period, not annualised.

    Returns
    -------
    float
        In [0, 1]; NaN where the sample is undefined.

    References
    ----------
    Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), section
    on the Probabilistic Sharpe Ratio.
    """
    if sample.periods < 2 or math.isnan(sample.sharpe):
        return math.nan
    scale = math.sqrt((sample.periods - 1) / _variance_term(sample))
    return normal_cdf((sample.sharpe - threshold) * scale)


def minimum_track_record(sample: SharpeSample, threshold: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many periods are needed to say that the true Sharpe ratio exceeds a threshold (MinTRL).

    Parameters
    ----------
    sample : SharpeSample
        The estimate; its number of periods does not matter.
    threshold : float
        Sharpe ratio of a period.
    confidence : float
        In (0, 1).

    Returns
    -------
    float
        Periods; infinite when the estimate does not exceed the threshold; NaN where it is undefined.

    References
    ----------
    Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), section
    on the minimum track record length.
    """
    if math.isnan(sample.sharpe):
        return math.nan
    if sample.sharpe <= threshold:
        return math.inf
    ratio = normal_quantile(confidence) / (sample.sharpe - threshold)
    return 1.0 + _variance_term(sample) * ratio * ratio


def expected_maximum_sharpe(trials: int, variance: float) -> float:
    """Return the Sharpe ratio that the best of many worthless trials is expected to show.

    Parameters
    ----------
    trials : int
        Independent trials, >= 1.
    variance : float
        Variance of the trials' estimated Sharpe ratios, of one period.

    Returns
    -------
    float
        Sharpe ratio of a period; 0 for a single trial.

    References
    ----------
    Bailey and López de Prado (2014), "The Deflated Sharpe Ratio", equation 1 and appendix A.1.
    """
    if trials <= 1:
        return 0.0
    # 1 - 1/N loses its digits for very many trials; the mirrored quantile keeps them.
    usual = -normal_quantile(1.0 / trials)
    rare = -normal_quantile(1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - EULER) * usual + EULER * rare)


def deflated_sharpe(sample: SharpeSample, *, trials: int, variance: float) -> float:
    """Return the probability that the true Sharpe ratio of the best of many trials is above zero (DSR).

    Parameters
    ----------
    sample : SharpeSample
        Of the selected trial.
    trials : int
        All trials ever made on the data, >= 1.
    variance : float
        Variance of the trials' estimated Sharpe ratios, of one period.

    Returns
    -------
    float
        In [0, 1]; the probabilistic Sharpe ratio for a single trial.

    References
    ----------
    Bailey and López de Prado (2014), "The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest
    Overfitting and Non-Normality", Journal of Portfolio Management 40(5), equation 2.
    """
    return probabilistic_sharpe(sample, expected_maximum_sharpe(trials, variance))
