"""On-balance volume."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _obv(close: FloatArray, volume: FloatArray, out: FloatArray) -> None:
    total = volume[0]
    out[0] = total
    for i in range(1, len(close)):
        flow = volume[i] if close[i] > close[i - 1] else 0.0
        total += flow - (volume[i] if close[i] < close[i - 1] else 0.0)
        out[i] = total


def obv(close: ArrayLike, volume: ArrayLike) -> FloatArray:
    """Return the on-balance volume, in base units: volume added on a higher close, taken off on a lower one.

    Only its changes mean something: it starts from the first bar's volume, and anew after an unknown bar.

    Parameters
    ----------
    close, volume : float64 array, shape (n_bars,)
        Closing prices and volumes.

    Returns
    -------
    float64 array, shape (n_bars,)
        Known from the first bar on.

    References
    ----------
    TA-Lib, OBV. Granville (1963), New Key to Stock Market Profits.
    """
    return compute(_obv, (close, volume), (), (0,))[0]


INDICATORS = (
    Indicator(
        obv,
        inputs=("close", "volume"),
        outputs=("obv",),
        warmups=lambda: (0,),
        formula="running sum of sign(close - close before) * volume, from the first volume",
        source="TA-Lib OBV",
        flat=("volume",),
    ),
)
