"""Where a value stands among all values before it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _count_earlier(places: IntArray, least: int, tree: IntArray, equal: IntArray, out: FloatArray) -> None:
    # A Fenwick tree over the places: counting the earlier ones below a value takes log2(n) steps. The tables are made
    # by the caller: to load code that makes them, and looks for the highest place, takes 5 MB of the compiler.
    size = len(equal)
    for i in range(len(places)):
        place = places[i]
        if i >= least:
            below = 0
            k = place
            while k > 0:
                below += tree[k]
                k -= k & -k
            out[i] = (2.0 * below + equal[place]) / i - 1.0
        equal[place] += 1
        k = place + 1
        while k <= size:
            tree[k] += 1
            k += k & -k


def _earlier_rank(values: FloatArray, least: int, out: FloatArray) -> None:
    different, places = np.unique(values, return_inverse=True)
    tables = np.zeros(len(different) + 1, np.int64), np.zeros(len(different), np.int64)
    _count_earlier(places.astype(np.int64), least, *tables, out)


def earlier_rank(values: ArrayLike, least: int = 30) -> FloatArray:
    """Return the rank of each value among all earlier ones, from -1 (below all) to 1 (above all).

    Equal values count by half, so a series that never moves has rank 0.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    least : int
        Earlier values that a rank needs, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        In [-1, 1]; NaN for the first `least` bars.

    References
    ----------
    Conover (1999), Practical Nonparametric Statistics, midranks; of the expanding history without the value itself.
    """
    least = check_whole("least", least)
    return compute(_earlier_rank, (values,), (least,), (least,))[0]


INDICATORS = (
    Indicator(
        earlier_rank,
        inputs=("values",),
        outputs=("rank",),
        warmups=lambda least: (least,),
        formula="(2 count(earlier < x) + count(earlier = x)) / count(earlier) - 1",
        source="midranks",
        flat=(0.0,),
    ),
)
