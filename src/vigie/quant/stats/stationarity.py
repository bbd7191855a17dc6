"""Does a series return to a level: the augmented Dickey-Fuller test and the KPSS test, each with a constant.

They ask opposite questions. ADF takes a wandering series for granted and needs evidence against it; KPSS takes a level
for granted. Where both or neither object, the series does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.compiled import BORROWING
from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.stats.normal import normal_cdf

# MacKinnon's response surface for a constant and one series: beyond these bounds the probability is 0 or 1.
_LEAST, _TURN, _MOST = -18.83, -1.61, 2.74
_SMALL: Final = (2.1659, 1.4412, 0.038269)
_LARGE: Final = (1.7339, 0.93202, -0.12745, -0.010368)
# Kwiatkowski and others (1992), table 1, for a level.
_KPSS_VALUES: Final = (0.347, 0.463, 0.574, 0.739)
_KPSS_LEVELS: Final = (0.10, 0.05, 0.025, 0.01)
_FEWEST: Final = 12
# Of a sum of squares, what is left by rounding alone.
_NOTHING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class StationarityTest:
    """What a test says.

    Attributes
    ----------
    statistic : float
        Of ADF the t-ratio, of KPSS the ratio of variances.
    p_value : float
        Of KPSS within [0.01, 0.1], the ends of its table.
    lags : int
        Lags used.
    """

    statistic: float
    p_value: float
    lags: int


def adf(values: ArrayLike) -> StationarityTest | None:
    """Test whether a series wanders without a level (unit root); a small p-value speaks against it.

    Lags are chosen by Akaike's criterion among 0 to 12 (n / 100)^(1/4).

    Parameters
    ----------
    values : float64 array, shape (n,)
        Known values in their order, a constant level allowed for.

    Returns
    -------
    StationarityTest or None
        None where there are fewer than 12 values, or they are constant, or a regression of them is not defined.

    References
    ----------
    Dickey and Fuller (1979), JASA 74; MacKinnon (1994), JBES 12, and (2010), Queen's Economics Department working
    paper 1227. Equal to statsmodels' ``adfuller`` with its defaults within 1e-6.
    """
    x = floats(values)
    n = len(x)
    if n < _FEWEST or not np.isfinite(x).all() or x.max() == x.min():
        return None
    most = min(n // 2 - 2, ceil(12.0 * (n / 100.0) ** 0.25))
    steps = np.diff(x)
    lags = _best_lag(x, steps, most)
    design = _design(x, steps, lags)
    rows, columns = design.shape[0], design.shape[1] - 1
    triangle = _triangle(design)
    if rows <= columns or not _is_regular(triangle[:columns, :columns]):
        return None
    # What lags and level explain without a rest has no error to be compared with.
    if abs(float(triangle[columns, columns])) <= _NOTHING * float(np.abs(triangle[:, columns]).max()):
        return None
    # The level is the last column but one: its slope and its error stand in the triangle's last rows alone.
    slope = float(triangle[columns - 1, columns] / triangle[columns - 1, columns - 1])
    error = abs(float(triangle[columns, columns])) / float(np.sqrt(rows - columns))
    statistic = slope * abs(float(triangle[columns - 1, columns - 1])) / error
    return StationarityTest(statistic, _mackinnon(statistic), lags)


def _design(x: FloatArray, steps: FloatArray, lags: int) -> FloatArray:
    """Return constant, lagged steps, level and the step itself as columns: the level behind the steps."""
    rows = len(steps) - lags
    columns = [np.ones(rows)]
    columns += [steps[lags - k : len(steps) - k] for k in range(1, lags + 1)]
    columns += [x[lags : lags + rows], steps[lags:]]
    return np.column_stack(columns)


def _triangle(design: FloatArray) -> FloatArray:
    """Return the triangle that has the same sums of squares and products as the columns."""
    rows, columns = design.shape
    work, triangle = np.ascontiguousarray(design.T), np.zeros((min(rows, columns), columns))
    _reflect(work, triangle)
    return triangle


# Householder's reflections in compiled code: threads of a linear algebra wait for one another longer than they work.
@njit(**BORROWING)
def _reflect(work: FloatArray, triangle: FloatArray) -> None:
    # A row of `work` is a column of the design; each step mirrors all later ones.
    for k in range(triangle.shape[0]):
        squares = 0.0
        for i in range(k, work.shape[1]):
            squares += work[k, i] * work[k, i]
        size = np.sqrt(squares)
        corner = -size if work[k, k] > 0.0 else size
        for j in range(k):
            triangle[j, k] = work[k, j]
        triangle[k, k] = corner
        if squares == 0.0:
            continue
        scale = squares - corner * work[k, k]
        work[k, k] -= corner
        for j in range(k + 1, work.shape[0]):
            product = 0.0
            for i in range(k, work.shape[1]):
                product += work[k, i] * work[j, i]
            product /= scale
            for i in range(k, work.shape[1]):
                work[j, i] -= product * work[k, i]
    for k in range(triangle.shape[0], work.shape[0]):
        for j in range(triangle.shape[0]):
            triangle[j, k] = work[k, j]


def _best_lag(x: FloatArray, steps: FloatArray, most: int) -> int:
    """Return how many lags Akaike's criterion chooses, all compared over the same bars."""
    whole = _design(x, steps, most)
    rows = len(whole)
    # With the level before the lags, each lag more is one column more: one triangle has the errors of all.
    order = [0, most + 1, *range(1, most + 1), most + 2]
    last = _triangle(whole[:, order])[:, -1]
    errors = np.cumsum(last[::-1] ** 2)[::-1]
    best, least = 0, np.inf
    for lags in range(most + 1):
        squares = float(errors[lags + 2]) if lags + 2 < len(errors) else 0.0
        if squares <= 0.0:
            break
        criterion = rows * np.log(squares / rows) + 2.0 * (lags + 2)
        if criterion < least:
            best, least = lags, criterion
    return best


def _is_regular(triangle: FloatArray) -> bool:
    corners = np.abs(np.diag(triangle))
    return bool(corners.min() > 1e-13 * corners.max())


def _mackinnon(statistic: float) -> float:
    if statistic > _MOST:
        return 1.0
    if statistic < _LEAST:
        return 0.0
    weights = _SMALL if statistic <= _TURN else _LARGE
    return normal_cdf(sum(weight * statistic**power for power, weight in enumerate(weights)))


def kpss(values: ArrayLike) -> StationarityTest | None:
    """Test whether a series keeps to a level; a small p-value speaks against it.

    Lags are chosen from the series itself (Hobijn and others).

    Parameters
    ----------
    values : float64 array, shape (n,)
        Known values in their order.

    Returns
    -------
    StationarityTest or None
        None where there are fewer than 12 values or they are constant.

    References
    ----------
    Kwiatkowski, Phillips, Schmidt and Shin (1992), Journal of Econometrics 54; Hobijn, Franses and Ooms (2004),
    Statistica Neerlandica 58. Equal to statsmodels' ``kpss`` with ``nlags="auto"`` within 1e-6.
    """
    x = floats(values)
    n = len(x)
    if n < _FEWEST or not np.isfinite(x).all() or x.max() == x.min():
        return None
    rest = x - x.mean()
    lags = min(_kpss_lags(rest), n - 1)
    longrun = float(np.sum(rest * rest))
    for k in range(1, lags + 1):
        longrun += 2.0 * float(np.sum(rest[k:] * rest[:-k])) * (1.0 - k / (lags + 1.0))
    sums = np.cumsum(rest)
    statistic = float(np.sum(sums * sums)) / n**2 / (longrun / n)
    return StationarityTest(statistic, float(np.interp(statistic, _KPSS_VALUES, _KPSS_LEVELS)), lags)


def _kpss_lags(rest: FloatArray) -> int:
    n = len(rest)
    zeroth, first = float(np.sum(rest * rest)) / n, 0.0
    for k in range(1, int(n ** (2.0 / 9.0)) + 1):
        product = float(np.sum(rest[k:] * rest[:-k])) / (n / 2.0)
        zeroth += product
        first += k * product
    ratio = first / zeroth
    return int(1.1447 * (ratio * ratio) ** (1.0 / 3.0) * n ** (1.0 / 3.0))
