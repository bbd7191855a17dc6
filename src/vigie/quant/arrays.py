"""How arrays enter compiled code: one type for all of them, so that each function is compiled once."""

from __future__ import annotations

from typing import Any, Final, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.errors import UsageError

_FLOAT: Final = np.dtype(np.float64)


class _WritableView:
    """A read-only array offered as writable; compiled functions never write to their inputs."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, owner: NDArray[Any]) -> None:
        self.owner = owner
        interface = owner.__array_interface__
        self.__array_interface__ = {**interface, "data": (interface["data"][0], False)}


def floats(values: ArrayLike) -> FloatArray:
    """Return `values` as a contiguous one-dimensional float64 array that compiled code knows.

    Read-only arrays (columns of a frame) are a type of their own to the compiler: they would be compiled a
    second time. They are passed as a view instead, never copied.

    Parameters
    ----------
    values : array_like of numbers
        One dimension.

    Returns
    -------
    float64 array
        `values` itself where it already fits. Callers must not write to it.

    Raises
    ------
    UsageError
        If there is not exactly one dimension.
    """
    if type(values) is np.ndarray and values.dtype is _FLOAT and values.ndim == 1:
        flags = values.flags
        if flags.c_contiguous:
            return values if flags.writeable else _writable_view(values)
    array: NDArray[np.float64] = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1 or np.ndim(values) != 1:
        raise UsageError(
            "values_must_dimension", "values must have 1 dimension, had {values}", values=np.ndim(values)
        )
    return array if array.flags.writeable else _writable_view(array)


def is_sealed(values: Any) -> TypeGuard[FloatArray]:
    """Tell whether `values` is a float64 array that compiled code knows and nobody can write to.

    Parameters
    ----------
    values : object
        Anything; only an array of one dimension can be sealed.

    Returns
    -------
    bool
        False also for a float64 array that is strided or writable.
    """
    if type(values) is not np.ndarray or values.dtype is not _FLOAT or values.ndim != 1:
        return False
    flags = values.flags
    return bool(flags.c_contiguous) and not flags.writeable


def truths(values: BoolArray) -> BoolArray:
    """Return a bool array of one dimension as compiled code knows it; see `floats`.

    Parameters
    ----------
    values : bool array, shape (n,)
        May be read-only or a strided view.

    Returns
    -------
    bool array, shape (n,)
        `values` itself or a view of it where it is contiguous, else a copy. Callers must not write to it.
    """
    flags = values.flags
    if type(values) is np.ndarray and flags.c_contiguous:
        return values if flags.writeable else _writable_view(values)
    array: BoolArray = np.ascontiguousarray(values)
    return array if array.flags.writeable else _writable_view(array)


def _writable_view(array: Any) -> Any:
    owner = array.base
    # Sealed bars are views of whole arrays: to find those is twenty times as fast as to make another view.
    if (
        type(owner) is np.ndarray
        and owner.dtype is array.dtype
        and owner.ndim == 1
        and owner.size == array.size
        and owner.flags.carray
    ):
        return owner
    return np.asarray(_WritableView(array))
