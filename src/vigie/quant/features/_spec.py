"""What a column is made of, and what the registry knows about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray, IntArray

KnownBy = Literal["bar", "calendar", "peers", "facts"]
# The rule by which a value is known at the close of its bar, in a sentence.
KNOWN_BY: Final[dict[KnownBy, str]] = {
    "bar": "Known when its bar closes.",
    "calendar": "Known in advance: the close time alone decides it.",
    "peers": "Known when its bar closes: of the other instruments, only bars that have closed by then.",
    "facts": "Known when it was first read, whatever time it is about; later revisions change nothing before.",
}


@dataclass(frozen=True, slots=True, eq=False)
class FeatureInputs:
    """What columns read: the bars of one instrument, and what was known beside them at each close.

    Attributes
    ----------
    ts : int64 array, shape (n_bars,)
        Open times, epoch milliseconds UTC, ascending.
    span_ms : int
        Nominal length of a bar.
    open, high, low, close : float64 arrays, shape (n_bars,)
        Quote currency.
    volume : float64 array, shape (n_bars,)
        Base units.
    peers : tuple of float64 arrays, each of shape (n_bars,)
        Closes of other instruments as known at each close; NaN where none was, or it was late.
    facts : mapping of str to float64 array, shape (n_bars,)
        Other series by short name (``funding``, ``mvrv``), the last value known at each close.
    """

    ts: IntArray
    span_ms: int
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    peers: tuple[FloatArray, ...] = ()
    facts: Mapping[str, FloatArray] = field(default_factory=dict)
    _memo: dict[tuple[object, ...], tuple[FloatArray, object]] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.ts)

    def before(self, stop: int) -> FeatureInputs:
        """Return copies of the first bars and of what was known beside them; nothing leads to what follows.

        Parameters
        ----------
        stop : int
            How many bars.

        Returns
        -------
        FeatureInputs
            With nothing remembered.
        """
        return FeatureInputs(
            ts=self.ts[:stop].copy(),
            span_ms=self.span_ms,
            open=self.open[:stop].copy(),
            high=self.high[:stop].copy(),
            low=self.low[:stop].copy(),
            close=self.close[:stop].copy(),
            volume=self.volume[:stop].copy(),
            peers=tuple(peer[:stop].copy() for peer in self.peers),
            facts={name: series[:stop].copy() for name, series in self.facts.items()},
        )

    def fact(self, name: str) -> FloatArray:
        """Return a series by its short name; NaN throughout where it is not given.

        Parameters
        ----------
        name : str
            ``funding``.

        Returns
        -------
        float64 array, shape (n_bars,)
            As known at each close.
        """
        series = self.facts.get(name)
        return np.full(len(self), np.nan) if series is None else series

    def of(self, function: Callable[..., FloatArray], *args: object) -> FloatArray:
        """Compute what several columns share once for these inputs.

        Parameters
        ----------
        function : callable
            Pure, of arrays and numbers.
        *args : arrays or numbers
            Arrays are recognised by identity.

        Returns
        -------
        float64 array
            What `function` returns; nobody may write to it.
        """
        key = (function, *[id(arg) if isinstance(arg, np.ndarray) else arg for arg in args])
        kept = self._memo.get(key)
        if kept is None:
            # The arguments are kept beside the answer: an array that dies could pass its id to another.
            kept = self._memo.setdefault(key, (function(*args), args))
        return kept[0]

    def once(self, function: Callable[..., FloatArray], *args: int) -> FloatArray:
        """Compute what several columns share from these inputs as a whole, once.

        `of` would keep the inputs in their own memory: only the garbage collector could end them, long after.

        Parameters
        ----------
        function : callable
            Pure; takes these inputs and the numbers.
        *args : int
            Numbers of bars.

        Returns
        -------
        float64 array
            What `function` returns; nobody may write to it.
        """
        key = (function, *args)
        kept = self._memo.get(key)
        if kept is None:
            kept = self._memo.setdefault(key, (function(self, *args), ()))
        return kept[0]


@dataclass(frozen=True, slots=True)
class FeatureColumn:
    """One column.

    Attributes
    ----------
    group, name : str
        ``price`` and ``return_24``.
    compute : callable
        Takes `FeatureInputs`, returns a new float64 array with a value for each bar.
    lookback : int
        Bars before the first value, where every bar and series is known from the start.
    unit : str
        ``log``, ``fraction``, ``ratio``, ``index``, ``z``, ``count``, ``flag`` or ``hours``.
    text : str
        What it is, in one sentence; an id of the catalogues.
    known_by : str
        A key of `KNOWN_BY`.
    reads : tuple of str
        Short names of the series that it reads.
    """

    group: str
    name: str
    compute: Callable[[FeatureInputs], FloatArray]
    lookback: int
    unit: str
    text: str
    known_by: KnownBy = "bar"
    reads: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name among all columns, ``price.return_24``."""
        return f"{self.group}.{self.name}"
