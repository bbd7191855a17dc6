"""A history of bars as arrays: what strategies see, indicators read and the kernel trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.errors import DataError
from vigie.domain.time import timeframe_name

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# The columns of a frame of bars; `timestamp` is the open time.
BAR_COLUMNS: Final = ("timestamp", "open", "high", "low", "close", "volume")

MEMO_BYTES: Final = 64 * 1024 * 1024


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
                raise DataError(f"{name} must have {n} values like ts, had {length}")

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
        """Return bars `start` to `stop` (exclusive) as views with a memory of their own."""
        cut = np.s_[start:stop]
        return Bars(
            instrument=self.instrument,
            span_ms=self.span_ms,
            ts=self.ts[cut],
            open=self.open[cut],
            high=self.high[cut],
            low=self.low[cut],
            close=self.close[cut],
            volume=self.volume[cut],
            venue=self.venue,
            features={name: series[cut] for name, series in self.features.items()},
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
        Whatever `function` returns; callers must not write to it.
        """
        key = (function, *(id(arg) if isinstance(arg, np.ndarray) else arg for arg in args))
        hit = self._memo.get(key)
        if hit is None:
            answer = function(*args)
            # The arguments are kept beside the answer: an array that dies could pass its id to another.
            hit = (answer, args)
            size = sum(part.nbytes for part in (answer if isinstance(answer, tuple) else (answer,)))
            limit = max(8, MEMO_BYTES // max(size, 1))
            while len(self._memo) >= limit:
                self._memo.pop(next(iter(self._memo)), None)
            self._memo[key] = hit
        return hit[0]
