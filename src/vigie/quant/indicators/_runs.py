"""How every indicator meets unknown values: they cut the history, and what follows starts anew.

A value that is NaN or infinite is unknown. Each unbroken run of known bars is computed as if it were the
whole history, so a NaN in the middle costs one warm-up and nothing else, and kernels never see one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from math import isfinite

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.quant.arrays import floats


def check_whole(name: str, value: int, minimum: int = 1) -> int:
    """Return a parameter that counts bars, or refuse it.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : int
        Bars; any integer type, floats are refused even when whole.
    minimum : int
        Smallest allowed, inclusive.

    Returns
    -------
    int
        `value` as a plain int.

    Raises
    ------
    UsageError
        If it is no whole number, or below `minimum`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise UsageError(
            "whole_number_too_small",
            "{name} must be a whole number >= {minimum}, was {value!r}",
            name=name,
            minimum=minimum,
            value=value,
        ) from None
    if number < minimum:
        raise UsageError(
            "below_minimum",
            "{name} must be >= {minimum}, was {number}",
            name=name,
            minimum=minimum,
            number=number,
        )
    return number


def check_positive(name: str, value: float) -> float:
    """Return a parameter that must be a finite number above 0, or refuse it.

    Parameters
    ----------
    name : str
        The parameter's name, for the message.
    value : float
        Any unit.

    Returns
    -------
    float
        `value` as a plain float.

    Raises
    ------
    UsageError
        If it is no finite number above 0.
    """
    number = float(value)
    if not 0.0 < number < np.inf:
        raise UsageError(
            "must_finite_number", "{name} must be a finite number > 0, was {value!r}", name=name, value=value
        )
    return number


@njit(cache=True, nogil=True)
def _unknowns(x: FloatArray) -> int:
    count = 0
    for i in range(len(x)):
        count += (x[i] - x[i]) != 0.0  # NaN for NaN and for infinity
    return count


def _known_runs(arrays: Sequence[FloatArray]) -> Iterator[slice]:
    is_known = np.isfinite(arrays[0])
    for array in arrays[1:]:
        is_known &= np.isfinite(array)
    edges = np.flatnonzero(np.diff(is_known, prepend=False, append=False))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(start, stop)


def all_known(outputs: Sequence[FloatArray], inputs: Sequence[FloatArray]) -> bool:
    """Tell whether inputs have no unknown value, of which outputs tell that stay unknown from the first one on.

    Parameters
    ----------
    outputs : sequence of float64 array, each of shape (n_bars,)
        At least one bar; NaN or infinite from the first unknown input on.
    inputs : sequence of float64 array, each of shape (n_bars,)
        Read only where the last value of an output is not finite.

    Returns
    -------
    bool
        True where no input is NaN or infinite.
    """
    # Known values may be too large to be added: then the inputs are read.
    return all(isfinite(output[-1]) for output in outputs) or not any(_unknowns(array) for array in inputs)


def compute(
    kernel: Callable[..., None],
    inputs: Sequence[ArrayLike],
    parameters: Sequence[float],
    warmups: Sequence[int],
    *,
    is_lasting: bool = False,
) -> tuple[FloatArray, ...]:
    """Run a kernel over each unbroken run of known bars.

    Parameters
    ----------
    kernel : callable
        Called with the arrays, the parameters and the outputs of one run; writes output `k` from bar
        ``warmups[k]`` on. Never called with so few bars that no output has a value.
    inputs : sequence of arrays, each of shape (n_bars,)
        Of one length.
    parameters : sequence of numbers
        Already checked.
    warmups : sequence of int
        For each output, the bars of NaN at the start of a run.
    is_lasting : bool
        Whether the kernel's outputs stay NaN or infinite from the first unknown value on: their last values then
        say that there was none, and the inputs are not read a second time.

    Returns
    -------
    tuple of float64 array, shape (n_bars,)
        One for each entry of `warmups`.

    Raises
    ------
    UsageError
        If the inputs differ in length.
    """
    arrays = [floats(values) for values in inputs]
    n_bars = len(arrays[0])
    for array in arrays:
        if len(array) != n_bars:
            raise UsageError(
                "all_inputs_must_values_like",
                "all inputs must have {n_bars} values like the first, one had {array_count}",
                n_bars=n_bars,
                array_count=len(array),
            )
    shortest = min(warmups)
    is_checked_later = is_lasting and n_bars > max(warmups)
    if is_checked_later or not any(_unknowns(array) for array in arrays):
        outputs = tuple(np.empty(n_bars) for _ in warmups)
        if n_bars > shortest:
            kernel(*arrays, *parameters, *outputs)
        if not is_checked_later or all_known(outputs, arrays):
            for output, warmup in zip(outputs, warmups, strict=True):
                output[:warmup] = np.nan
            return outputs
    outputs = tuple(np.full(n_bars, np.nan) for _ in warmups)
    for run in _known_runs(arrays):
        if run.stop - run.start > shortest:
            parts = [output[run] for output in outputs]
            kernel(*(array[run] for array in arrays), *parameters, *parts)
            for part, warmup in zip(parts, warmups, strict=True):
                part[:warmup] = np.nan
    return outputs
