"""Criteria, signals, and how near a criterion is to holding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Reading:
    """What a criterion measured: value against threshold at every bar, and where it holds.

    Attributes
    ----------
    value, threshold : float64 array, shape (n_bars,)
        NaN where not known yet; `threshold` may be one number for all bars.
    holds : bool array, shape (n_bars,)
        False wherever something that was read is not known.
    known : bool array, shape (n_bars,), or None
        Where everything that was read is known; None means where value and threshold are.
    scale : float64 array, shape (n_bars,), or float
        Distance from the threshold, in the value's unit, at which nearness is 0; where it is 0, nothing is near.
    is_crossing : bool
        Whether it is the passing of the threshold since the bar before: that bar was read as well, and once
        the threshold is passed the next crossing is far.
    """

    value: FloatArray
    threshold: FloatArray | float
    holds: BoolArray
    known: BoolArray | None = None
    scale: FloatArray | float = 1.0
    is_crossing: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One named condition of a strategy, with all it takes to explain it.

    Optional criteria weigh in the score and gate nothing; they may be given as a function, so that a run
    which only needs decisions does not compute them.

    Attributes
    ----------
    name : str
        Said on screen: ``"MACD crosses above its signal"``.
    reading : Reading or function returning one
        The arrays.
    weight : float
        Share in the score, > 0.
    required : bool
        Whether an entry needs it.
    sense : str
        ``"above"`` or ``"below"``: on which side of the threshold the criterion holds.
    """

    name: str
    reading: Reading | Callable[[], Reading]
    weight: float = 1.0
    required: bool = True
    sense: str = "above"
    _read: list[Reading] = field(default_factory=list, repr=False, compare=False)

    def read(self) -> Reading:
        """Return the arrays, computed at most once."""
        if isinstance(self.reading, Reading):
            return self.reading
        if not self._read:
            self._read.append(self.reading())
        return self._read[0]

    def nearness(self) -> FloatArray:
        """Return how near the criterion is to holding: 1 where it holds, else in [0, 1).

        Returns
        -------
        float64 array, shape (n_bars,)
            NaN where value or threshold is not known.
        """
        reading = self.read()
        missing = reading.threshold - reading.value
        missing = missing if self.sense == "above" else -missing
        # A flat market has a scale of 0: then only the threshold itself is near.
        with np.errstate(divide="ignore", invalid="ignore"):
            near = 1.0 - np.where(missing > 0.0, missing / reading.scale, 0.0)
        near = np.clip(near, 0.0, np.nextafter(1.0, 0.0))
        if reading.is_crossing:
            near = np.where(missing < 0.0, 0.0, near)
        near = np.where(np.isnan(missing), np.nan, near)
        return np.where(reading.holds, 1.0, near)


@dataclass(frozen=True, slots=True)
class Criteria:
    """All a strategy says about a history: criteria for both sides, exit conditions, distances.

    Attributes
    ----------
    long, short : tuple of Criterion
        The entry at bar i is decided when all required ones hold at the close of i.
    long_exit, short_exit : Criterion or None
        Condition that ends a long or a short; an opposite entry signal always does.
    stop_distance, target_distance : float64 array, shape (n_bars,), or None
        Unit of the stop and of the target in quote; None means ATR(14).
    """

    long: tuple[Criterion, ...]
    short: tuple[Criterion, ...]
    long_exit: Criterion | None = None
    short_exit: Criterion | None = None
    stop_distance: FloatArray | None = None
    target_distance: FloatArray | None = None
