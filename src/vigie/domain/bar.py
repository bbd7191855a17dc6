"""A history of bars as arrays: what strategies see, indicators read and the kernel trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError
from vigie.domain.time import timeframe_name

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
ByteArray = NDArray[np.uint8]
IntArray = NDArray[np.int64]

# The columns of a frame of bars; `timestamp` is the open time.
BAR_COLUMNS: Final = ("timestamp", "open", "high", "low", "close", "volume")

MEMO_BYTES: Final = 64 * 1024 * 1024
_SEALED: Final = ("sealed",)
_APART: Final = ("apart",)

AnyBars = TypeVar("AnyBars", bound="Bars")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars of one instrument and timeframe, ascending in time, gaps left as they are.

    Attributes
    ----------
    instrument : str
        ``btc-usdt-perp``.
    span_ms : int
        Nominal length of a bar.
    ts : int64 array, shape (n_bars,)
        Open times, epoch milliseconds UTC, strictly ascending.
    open, high, low, close : float64 array, shape (n_bars,)
        Quote currency.
    volume : float64 array, shape (n_bars,)
        Base units.
    venue : str
        ``binance-perp``, or empty.
    features : mapping of str to float64 array, shape (n_bars,)
        Other series, already aligned to what was known at each bar's close; read with `feature`.
    """

    instrument: str
    span_ms: int
    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    venue: str = ""
    features: Mapping[str, FloatArray] = field(default_factory=dict)
    _memo: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths."""
        n = len(self.ts)
        for name in ("open", "high", "low", "close", "volume"):
            length = len(getattr(self, name))
            if length != n:
                raise DataError(
                    "must_values_like_ts",
                    "{name} must have {n} values like ts, had {length}",
                    name=name,
                    n=n,
                    length=length,
                )

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.ts)

    @property
    def timeframe(self) -> str:
        """The name of the timeframe, ``1h``."""
        return timeframe_name(self.span_ms)

    @property
    def gaps(self) -> IntArray:
        """Indices of the bars before which at least one bar is missing."""
        return np.flatnonzero(np.diff(self.ts) != self.span_ms) + 1

    def slice(self, start: int, stop: int) -> Bars:
        """Return bars `start` to `stop` (exclusive) with a memory of their own.

        They are copies: a view would keep the bars behind `stop` in reach.

        Parameters
        ----------
        start, stop : int
            Indices as in Python's slices; beyond the end they give fewer bars.

        Returns
        -------
        Bars
            Copies of columns and features, with no indicator remembered.
        """
        return self._copy_with(Bars, lambda values: values[start:stop].copy())

    def sealed(self) -> SealedBars:
        """Return the same bars as strategies get them: columns and remembered indicators cannot be written to.

        The same object each time, so that what one strategy computes the next one finds. These bars, and the
        arrays they were made of, stay as writable as they were.

        Returns
        -------
        SealedBars
            Read-only views; a copy where a column is part of a longer array.
        """
        cached: SealedBars | None = self._memo.get(_SEALED)
        if cached is None:
            cached = self._memo.setdefault(_SEALED, self._copy_with(SealedBars, _sealed_column))
        return cached

    def apart(self) -> ApartBars:
        """Return the same bars as a person's own strategy gets them: copies that lead nowhere.

        The same object each time. Nothing in it shares memory with these bars, or with what shipped strategies
        read, and what it consists of cannot be made writable.

        Returns
        -------
        ApartBars
            Read-only copies.
        """
        cached: ApartBars | None = self._memo.get(_APART)
        if cached is None:
            cached = self._memo.setdefault(_APART, self._copy_with(ApartBars, unchangeable))
        return cached

    def _copy_with(self, kind: type[AnyBars], change: Callable[[Any], Any]) -> AnyBars:
        return kind(
            instrument=self.instrument,
            span_ms=self.span_ms,
            ts=change(self.ts),
            open=change(self.open),
            high=change(self.high),
            low=change(self.low),
            close=change(self.close),
            volume=change(self.volume),
            venue=self.venue,
            features={name: change(series) for name, series in self.features.items()},
        )

    def feature(self, name: str) -> FloatArray:
        """Return a point-in-time series aligned to the bars by the time it was known.

        Parameters
        ----------
        name : str
            ``funding_rate`` and whatever else the run was given.

        Returns
        -------
        float64 array, shape (n_bars,)
            The last value known at each bar's close; NaN where nothing was known yet or nothing is given.
        """
        series = self.features.get(name)
        return np.full(len(self), np.nan) if series is None else series

    def of(self, function: Callable[..., Any], *args: Any) -> Any:
        """Compute an indicator once for these bars and remember the answer.

        A sweep asks for the same average many times; results are kept up to 64 MB, oldest dropped first.

        Parameters
        ----------
        function : callable
            A pure function of arrays and numbers.
        *args : arrays, numbers or strings
            Its arguments; arrays are recognised by identity.

        Returns
        -------
        Whatever `function` returns; callers must not write to it, and strategies cannot.
        """
        key = (function, *[id(arg) if isinstance(arg, np.ndarray) else arg for arg in args])
        cached = self._memo.get(key)
        return self._store_result(key, function(*args), args) if cached is None else cached[0]

    def together(self, function: Callable[..., Any], *indicators: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return what `of` returns for each of several indicators, made in one pass where none is known yet.

        Parameters
        ----------
        function : callable
            Returns all of their answers when called without arguments, each equal to that of its own function.
        *indicators : tuples
            The function of each and its arguments, as `of` takes them.

        Returns
        -------
        tuple of any
            One answer an indicator, in their order, as `of` gives it.
        """
        keys = [
            (indicator[0], *[id(arg) if isinstance(arg, np.ndarray) else arg for arg in indicator[1:]])
            for indicator in indicators
        ]
        if any(key in self._memo for key in keys):
            return tuple([self.of(*indicator) for indicator in indicators])
        answers = zip(keys, function(), indicators, strict=True)
        return tuple([self._store_result(key, answer, indicator[1:]) for key, answer, indicator in answers])

    def _store_result(self, key: tuple[object, ...], answer: Any, args: tuple[object, ...]) -> Any:
        """Keep an indicator's answer and return it as it is kept."""
        # The arguments are kept beside the answer: an array that dies could pass its id to another.
        frozen = self._freeze_result(answer)
        size = sum([part.nbytes for part in frozen]) if isinstance(frozen, tuple) else frozen.nbytes
        limit = max(8, MEMO_BYTES // max(size, 1))
        while len(self._memo) >= limit:
            self._memo.pop(next(iter(self._memo)), None)
        self._memo[key] = (frozen, args)
        return frozen

    def once(self, function: Callable[..., Made], *args: object) -> Made:
        """Return what a pure function makes of these bars and some numbers or words, made at most once.

        For what many strategies share and no parameter changes: a sweep asks for it at every combination.

        Parameters
        ----------
        function : callable
            Given these bars and the arguments; makes what nobody writes to.
        *args : numbers or strings
            Its other arguments.

        Returns
        -------
        Made
            The same object at every call with the same arguments.
        """
        key = (function, *args)
        cached = self._memo.get(key)
        if cached is None:
            cached = self._memo.setdefault(key, (function(self, *args),))
        made: Made = cached[0]
        return made

    def has_made(self, function: Callable[..., object]) -> bool:
        """Tell whether `once` has made what a function without other arguments makes of these bars.

        Parameters
        ----------
        function : callable
            As it was given to `once`.

        Returns
        -------
        bool
            False also where it was made with other arguments.
        """
        return (function,) in self._memo

    def _freeze_result(self, answer: Any) -> Any:
        """Return an indicator's answer as it is remembered."""
        return answer


class SealedBars(Bars):
    """Bars as strategies get them: neither columns nor series nor remembered indicators can be written to."""

    __slots__ = ()

    def slice(self, start: int, stop: int) -> Bars:
        """Return copies of bars `start` to `stop` (exclusive), as unwilling to change.

        Parameters
        ----------
        start, stop : int
            Indices as in Python's slices; beyond the end they give fewer bars.

        Returns
        -------
        SealedBars
            Read-only copies, with no indicator remembered.
        """
        return self._copy_with(SealedBars, lambda values: read_only(values[start:stop].copy()))

    def sealed(self) -> SealedBars:
        """Return these bars.

        Returns
        -------
        SealedBars
            The same object.
        """
        return self

    def feature(self, name: str) -> FloatArray:
        """Return a point-in-time series aligned to the bars by the time it was known; see `Bars.feature`.

        Parameters
        ----------
        name : str
            ``funding_rate`` and others.

        Returns
        -------
        float64 array, shape (n_bars,)
            Read-only; NaN where nothing was known yet or nothing is given.
        """
        series: FloatArray = read_only(Bars.feature(self, name))
        return series

    def _freeze_result(self, answer: Any) -> Any:
        return _each_array(answer, read_only)


class ApartBars(SealedBars):
    """Bars as a person's own strategy gets them: behind each array are bytes, and no memory of anybody else."""

    __slots__ = ()

    def apart(self) -> ApartBars:
        """Return these bars.

        Returns
        -------
        ApartBars
            The same object.
        """
        return self

    def once(self, function: Callable[..., Made], *args: object) -> Made:
        """Return what a pure function makes of these bars, anew each time: a file of one's own keeps nothing here.

        Parameters
        ----------
        function, *args : callable, numbers or strings
            As in `Bars.once`.

        Returns
        -------
        Made
            Computed at every call, never remembered.
        """
        return function(self, *args)

    def _freeze_result(self, answer: Any) -> Any:
        return _each_array(answer, unchangeable)


def unchangeable(values: Any) -> Any:
    """Return a copy that consists of bytes, which numpy lets nobody write to.

    Parameters
    ----------
    values : array
        Of any shape and type.

    Returns
    -------
    array
        Same shape and type; even its `writeable` flag cannot be set again.
    """
    return np.ndarray(values.shape, values.dtype, buffer=values.tobytes())


def read_only(values: Any) -> Any:
    """Return a view that refuses to be written to; the array itself stays as it was.

    Parameters
    ----------
    values : array
        Of any shape and type.

    Returns
    -------
    array
        Shares memory with `values`: writing to those shows here.
    """
    view = values.view()
    view.flags.writeable = False
    return view


def _each_array(answer: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(answer, tuple):
        return change(answer) if isinstance(answer, np.ndarray) else answer
    parts = [change(part) if isinstance(part, np.ndarray) else part for part in answer]
    return type(answer)(*parts) if hasattr(answer, "_fields") else tuple(parts)


def _sealed_column(values: Any) -> Any:
    # Part of a longer array would lead back to the whole of it.
    is_part = isinstance(values.base, np.ndarray) and values.base.size > values.size
    return read_only(values.copy() if is_part else values)
