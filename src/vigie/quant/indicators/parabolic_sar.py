"""Parabolic stop and reverse."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.indicators._runs import check_positive, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _parabolic_sar(
    high: FloatArray, low: FloatArray, acceleration: float, maximum: float, out: FloatArray
) -> None:
    rise, fall = high[1] - high[0], low[0] - low[1]
    # A short is a long in mirrored prices: side turns highs into lows and back, exactly.
    side = -1.0 if fall > 0.0 and fall > rise else 1.0
    near = low if side > 0.0 else high
    far = high if side > 0.0 else low
    stop, best, factor = side * near[0], side * far[1], acceleration
    for i in range(1, len(high)):
        last = i - 1 if i > 1 else 1
        if side * near[i] <= stop:
            side = -side
            near, far = far, near
            stop, best, factor = -best, side * far[i], acceleration
            stop = min(stop, side * near[last], side * near[i])
            out[i] = side * stop
        else:
            out[i] = side * stop
            if side * far[i] > best:
                best = side * far[i]
                factor = min(factor + acceleration, maximum)
        stop = min(stop + factor * (best - stop), side * near[last], side * near[i])


def parabolic_sar(
    high: ArrayLike, low: ArrayLike, acceleration: float = 0.02, maximum: float = 0.2
) -> FloatArray:
    """Return the parabolic stop and reverse, in quote currency: below the price in a rise, above in a fall.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    acceleration : float
        First value and step of the acceleration factor, > 0.
    maximum : float
        Its limit, >= `acceleration`.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first bar.

    Raises
    ------
    UsageError
        If `maximum` is below `acceleration`.

    References
    ----------
    TA-Lib, SAR. Wilder (1978), New Concepts in Technical Trading Systems, section II.
    """
    acceleration, maximum = check_positive("acceleration", acceleration), check_positive("maximum", maximum)
    if maximum < acceleration:
        raise UsageError(
            "maximum_must_acceleration",
            "maximum must be >= acceleration {acceleration:g}, was {maximum:g}",
            acceleration=acceleration,
            maximum=maximum,
        )
    return compute(_parabolic_sar, (high, low), (acceleration, maximum), (1,))[0]


INDICATORS = (
    Indicator(
        parabolic_sar,
        inputs=("high", "low"),
        outputs=("sar",),
        warmups=lambda acceleration, maximum: (1,),
        formula="sar += factor * (extreme - sar), reversed when touched; factor grows with new extremes",
        source="TA-Lib SAR",
        flat=("price",),
    ),
)
