"""How long until something happens, where it has not happened to all yet: Kaplan-Meier, its median and interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.stats.normal import normal_quantile

# A product of fractions that is a half may come out beside it by rounding.
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share to which something has not happened yet, after each time at which it happened.

    Attributes
    ----------
    times : float64 array, shape (n_times,)
        Distinct times of events, ascending.
    survival : float64 array, shape (n_times,)
        Kaplan-Meier's estimate, from 1 down to 0.
    greenwood : float64 array, shape (n_times,)
        Greenwood's sum of d / (n (n - d)), infinite where the last at risk had its event.
    """

    times: FloatArray
    survival: FloatArray
    greenwood: FloatArray


@dataclass(frozen=True, slots=True)
class MedianTime:
    """The time by which something has happened to half, with its interval.

    Attributes
    ----------
    median : float
        In the unit of the times; infinite where it has not happened to half.
    low, high : float
        Ends of the interval; infinite where the data do not bound it.
    observed, censored : int
        To how many it has happened, to how many not yet.
    """

    median: float
    low: float
    high: float
    observed: int
    censored: int


def survival_curve(times: FloatArray, is_observed: NDArray[np.bool_]) -> SurvivalCurve:
    """Return Kaplan-Meier's estimate of finite times that are right-censored where not observed.

    Those censored at the time of an event were still at risk then. Times may be negative.

    Parameters
    ----------
    times : float64 array, shape (n,)
        Until the event, or until now where it has not happened; any order and unit.
    is_observed : bool array, shape (n,)
        Whether the event has happened.

    Returns
    -------
    SurvivalCurve
        Has a step at each time of an event; empty where none has happened.
    """
    sorted_times = np.sort(times)
    event_times, events = np.unique(times[is_observed], return_counts=True)
    at_risk = len(sorted_times) - np.searchsorted(sorted_times, event_times, side="left")
    n_left = at_risk - events
    with np.errstate(divide="ignore"):
        steps = np.where(n_left > 0, events / (at_risk * np.maximum(n_left, 1)), np.inf)
    survival: FloatArray = np.asarray(np.cumprod(n_left / at_risk), dtype=np.float64)
    return SurvivalCurve(event_times.astype(np.float64), survival, np.cumsum(steps))


def median_time(times: FloatArray, is_observed: NDArray[np.bool_], confidence: float = 0.95) -> MedianTime:
    """Return the median of right-censored times, with an interval from the log-log band of Greenwood's variance.

    Parameters
    ----------
    times : float64 array, shape (n,)
        Until the event, or until now where it has not happened.
    is_observed : bool array, shape (n,)
        Whether it has happened.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    MedianTime
        The smallest time by which the estimate is a half or less; the ends are where the upper and lower band are.

    Raises
    ------
    UsageError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Brookmeyer and Crowley (1982), A confidence interval for the median survival time, Biometrics 38, 29-41; the band
    on the scale of log(-log S) as in Kalbfleisch and Prentice (1980), The statistical analysis of failure time data,
    section 1.3, and as ``conf.type = "log-log"`` of R's survfit.
    """
    if not 0.0 < confidence < 1.0:
        raise UsageError(
            "bad_confidence", "confidence must be in (0, 1), was {confidence}", confidence=confidence
        )
    curve = survival_curve(times, is_observed)
    z = normal_quantile(0.5 + confidence / 2.0)
    lower, upper = _band(curve, z)
    return MedianTime(
        median=_median_time(curve.times, curve.survival),
        low=_median_time(curve.times, lower),
        high=_median_time(curve.times, upper),
        observed=int(is_observed.sum()),
        censored=int((~is_observed).sum()),
    )


def _band(curve: SurvivalCurve, z: float) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper band; where nobody is left the upper one is not known and stays open."""
    lower, upper = np.zeros_like(curve.survival), np.ones_like(curve.survival)
    inside = curve.survival > 0.0
    logs = -np.log(curve.survival[inside])
    spread = z * np.sqrt(curve.greenwood[inside]) / logs
    lower[inside] = np.exp(-logs * np.exp(spread))
    upper[inside] = np.exp(-logs * np.exp(-spread))
    return lower, upper


def _median_time(times: FloatArray, shares: FloatArray) -> float:
    reached = np.flatnonzero(shares <= 0.5 + _ROUNDING)
    return float(times[reached[0]]) if len(reached) else math.inf
