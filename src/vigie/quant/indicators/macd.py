"""Moving average convergence and divergence."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartedOutput, ChartStyle, Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _macd(
    x: FloatArray,
    fast: int,
    slow: int,
    signal: int,
    line: FloatArray,
    average: FloatArray,
    histogram: FloatArray,
) -> None:
    base = x[slow - 1]
    fast_ema = slow_ema = 0.0
    for i in range(slow):
        slow_ema += x[i] - base
        if i >= slow - fast:
            fast_ema += x[i] - base
    fast_ema = base + fast_ema / fast
    slow_ema = base + slow_ema / slow
    fast_weight, slow_weight, weight = 2.0 / (fast + 1), 2.0 / (slow + 1), 2.0 / (signal + 1)
    total = fast_ema - slow_ema
    first = slow + signal - 2
    for i in range(slow, first + 1):
        fast_ema += (x[i] - fast_ema) * fast_weight
        slow_ema += (x[i] - slow_ema) * slow_weight
        total += fast_ema - slow_ema
    smooth = total / signal
    line[first], average[first], histogram[first] = fast_ema - slow_ema, smooth, fast_ema - slow_ema - smooth
    for i in range(first + 1, len(x)):
        fast_ema += (x[i] - fast_ema) * fast_weight
        slow_ema += (x[i] - slow_ema) * slow_weight
        distance = fast_ema - slow_ema
        smooth += (distance - smooth) * weight
        line[i], average[i], histogram[i] = distance, smooth, distance - smooth


def macd(
    close: ArrayLike, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return MACD, its signal line and their difference, in quote currency.

    TA-Lib's start: both averages are seeded at bar ``slow - 1``, and all three results begin together.

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    fast, slow : int
        Bars of the two averages, ``1 <= fast < slow``.
    signal : int
        Bars of the average of their difference, >= 1.

    Returns
    -------
    macd, signal, histogram : float64 array, shape (n_bars,)
        NaN for the first ``slow + signal - 2`` bars.

    Raises
    ------
    UsageError
        If `fast` is not below `slow`.

    References
    ----------
    TA-Lib, MACD. Appel (2005), Technical Analysis: Power Tools for Active Investors.
    """
    fast, slow, signal = check_whole("fast", fast), check_whole("slow", slow), check_whole("signal", signal)
    if fast >= slow:
        raise UsageError(
            "fast_must_slow", "fast must be < slow, was {fast} with slow {slow}", fast=fast, slow=slow
        )
    warmup = slow + signal - 2
    line, average, histogram = compute(_macd, (close,), (fast, slow, signal), (warmup,) * 3)
    return line, average, histogram


INDICATORS = (
    Indicator(
        macd,
        inputs=("close",),
        outputs=("macd", "signal", "histogram"),
        warmups=lambda fast, slow, signal: (slow + signal - 2,) * 3,
        formula="macd = ema(fast) - ema(slow); signal = ema(macd, signal); histogram = macd - signal",
        source="TA-Lib MACD",
        flat=(0.0, 0.0, 0.0),
        chart=ChartStyle(
            "MACD", "own", "usd", outputs=(ChartedOutput("macd"), ChartedOutput("signal", "signal", "signal"))
        ),
    ),
)
