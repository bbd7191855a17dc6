"""How small a value is among its last ones."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _rank_share(x: FloatArray, window: int, out: FloatArray) -> None:
    for i in range(window - 1, len(x)):
        value = x[i]
        size = abs(value)
        past = x[i - window + 1 : i + 1]  # a slice spares the index checks that forbid vector code
        count = 0
        for k in range(window):
            other = abs(past[k])
            slack = 1e-9 * (other if other > size else size)
            count += 1 if past[k] - value <= slack else 0
        out[i] = count / window


def rank_share(values: ArrayLike, window: int = 120) -> FloatArray:
    """Return the share of the last `window` values, this one included, that are at or below this one.

    Values within 1e-9 relative count as equal, as in every comparison of strategies.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        In ``[1 / window, 1]``; NaN unless all `window` values are known.

    References
    ----------
    The empirical distribution function of the window, read at its last value.
    """
    window = check_whole("window", window)
    return compute(_rank_share, (values,), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        rank_share,
        inputs=("values",),
        outputs=("share",),
        warmups=lambda window: (window - 1,),
        formula="count(last `window` values <= x) / window",
        source="empirical distribution function",
        flat=(1.0,),
    ),
)
