"""Criteria, signals, and how near a criterion is to holding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId

# A setup forms when the mean nearness of its required criteria is at least this for so many closes.
FORMING_NEARNESS: Final = 0.7
FORMING_CLOSES: Final = 2

SideName = Literal["long", "short", "none"]
# Value and threshold in, a truth a bar out.
Comparison = Callable[[FloatArray, FloatArray | float], BoolArray]


# The records that strategies make are initialised by hand: a sweep makes ten of them a combination, and the
# written initialiser takes half the time of the generated one, which looks every attribute up by name.


@dataclass(frozen=True, slots=True, init=False)
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
    lookback: int = 0
    is_crossing: bool = False

    def __init__(
        self,
        value: FloatArray,
        threshold: FloatArray | float,
        holds: BoolArray | Comparison,
        known: BoolArray | None = None,
        scale: FloatArray | float = 1.0,
        lookback: int = 0,
        is_crossing: bool = False,
    ) -> None:
        """Take the attributes."""
        _set_value(self, value)
        _set_threshold(self, threshold)
        _set_holds(self, holds)
        _set_known(self, known)
        _set_scale(self, scale)
        _set_lookback(self, lookback)
        _set_is_crossing(self, is_crossing)


def _setters(record: type[Any]) -> list[Callable[[Any, Any], None]]:
    """Return what writes each slot of a frozen record, in the order of its fields."""
    return [vars(record)[spec.name].__set__ for spec in fields(record)]


(
    _set_value, _set_threshold, _set_holds, _set_known, _set_scale, _set_lookback, _set_is_crossing,
) = _setters(Reading)  # fmt: skip


_BELOW_ONE: Final = np.nextafter(1.0, 0.0)
_read_holds: Final = vars(Reading)["holds"].__get__


class Compared(Reading):
    """A reading that holds where a comparison of its value and threshold says so; compared when asked for.

    Only for a value and a threshold that nothing can write to anymore: when they are compared makes no difference
    then, and a sweep compares those of many combinations in one compiled call.
    """

    __slots__ = ()

    @property
    def holds(self) -> BoolArray:
        """Where the comparison is true, made at most once."""
        holds: BoolArray | Comparison = _read_holds(self)
        if callable(holds):
            holds = holds(self.value, self.threshold)
            _set_holds(self, holds)
        return holds

    @property
    def comparison(self) -> Comparison | None:
        """The comparison, or None when it has been made."""
        comparison: BoolArray | Comparison = _read_holds(self)
        return comparison if callable(comparison) else None


@dataclass(frozen=True, slots=True, init=False)
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
    _read: Reading | None = field(default=None, init=False, repr=False, compare=False)

    def __init__(
        self,
        name: str,
        reading: Reading | Callable[[], Reading],
        weight: float = 1.0,
        required: bool = True,
        sense: str = "above",
    ) -> None:
        """Take the attributes."""
        _set_name(self, name)
        _set_reading(self, reading)
        _set_weight(self, weight)
        _set_required(self, required)
        _set_sense(self, sense)
        _set_read(self, None)

    def read(self) -> Reading:
        """Return the arrays, computed at most once.

        Returns
        -------
        Reading
            The same object at every call.
        """
        reading = self.reading
        if isinstance(reading, Reading):
            return reading
        cached = self._read
        if cached is None:
            cached = reading()
            _set_read(self, cached)
        return cached

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
        near = np.minimum(np.maximum(near, 0.0), _BELOW_ONE)
        if reading.is_crossing:
            near = np.where(missing < 0.0, 0.0, near)
        near = np.where(np.isnan(missing), np.nan, near)
        return np.where(reading.holds, 1.0, near)


_set_name, _set_reading, _set_weight, _set_required, _set_sense, _set_read = _setters(Criterion)


@dataclass(frozen=True, slots=True, init=False)
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
    warmup : int
        Bars at the start of the history at whose close no entry is decided, however much is known there: what the
        strategy declared. The engine sets it.
    """

    long: tuple[Criterion, ...]
    short: tuple[Criterion, ...]
    long_exit: Criterion | None = None
    short_exit: Criterion | None = None
    stop_distance: FloatArray | None = None
    target_distance: FloatArray | None = None
    warmup: int = 0

    def __init__(
        self,
        long: tuple[Criterion, ...],
        short: tuple[Criterion, ...],
        long_exit: Criterion | None = None,
        short_exit: Criterion | None = None,
        stop_distance: FloatArray | None = None,
        target_distance: FloatArray | None = None,
        warmup: int = 0,
    ) -> None:
        """Refuse sides that are no tuples of criteria, such as ``(one)`` for ``(one,)``."""
        for name, side in (("long", long), ("short", short)):
            if not isinstance(side, tuple) or not _are_criteria(side):
                raise UsageError(
                    "must_tuple_criteria",
                    "{name} must be a tuple of criteria, was {name_2}",
                    name=name,
                    name_2=type(side).__name__,
                )
        for name, exit_ in (("long_exit", long_exit), ("short_exit", short_exit)):
            if exit_ is not None and not isinstance(exit_, Criterion):
                raise UsageError(
                    "must_criterion",
                    "{name} must be a criterion, was {name_2}",
                    name=name,
                    name_2=type(exit_).__name__,
                )
        _set_long(self, long)
        _set_short(self, short)
        _set_long_exit(self, long_exit)
        _set_short_exit(self, short_exit)
        _set_stop_distance(self, stop_distance)
        _set_target_distance(self, target_distance)
        _set_warmup(self, warmup)


(
    _set_long, _set_short, _set_long_exit, _set_short_exit, _set_stop_distance, _set_target_distance, _set_warmup,
) = _setters(Criteria)  # fmt: skip


def _are_criteria(side: tuple[object, ...]) -> bool:
    for criterion in side:  # noqa: SIM110 - a generator costs three times as much, a million times a sweep
        if type(criterion) is not Criterion and not isinstance(criterion, Criterion):
            return False
    return True


@dataclass(frozen=True, slots=True)
class CriterionState:
    """One criterion at one bar: what was measured, against what, and how near it is.

    Attributes
    ----------
    value, threshold : float
        NaN where not known yet.
    nearness : float
        1 where it holds, else in [0, 1); NaN where not known.
    """

    name: str
    value: float
    threshold: float
    weight: float
    required: bool
    holds: bool
    nearness: float
    sense: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """How one side of a slot stands at one bar.

    Attributes
    ----------
    score : float
        Weighted share of the criteria that hold, in [0, 1].
    nearness : float
        Mean nearness of the required criteria; NaN where one is not known.
    criteria : tuple of CriterionState
        As the strategy names them, required and optional.
    """

    score: float
    nearness: float
    criteria: tuple[CriterionState, ...]


@dataclass(frozen=True, slots=True)
class Signal:
    """What a slot says at the close of one bar: the record that is shown, kept and later traded.

    Attributes
    ----------
    id : str
        Slot and open time of the bar; the same bar always has the same id.
    ts_bar, ts_known : int
        Open time of the bar, and its close: before that nobody could know.
    side : str
        ``long`` or ``short`` when an entry is decided at this close, else ``none``.
    forming : str
        The side whose required criteria are near, when none is decided.
    entry : float
        The close: the next bar's first price is not known yet.
    stop, target : float or None
        On the instrument's grid, rounded as for an order; None where no side is decided or forming.
    stop_ticks, target_ticks : int or None
        The same as grid numbers.
    horizon_bars : float or None
        How long such a trade lasts: the time stop where one is set, else the median of `horizon_trades` own trades.
    horizon_trades : int
        Trades the median is taken of; 0 where it is the time stop, or where there were none.
    long, short : Outlook
        Both sides, also where nothing is decided.
    exits : mapping of str to CriterionState
        Exit conditions of ``long`` and ``short``, where the strategy has them.
    refusal : str
        Code with which an entry would be refused whatever the account, empty where it would not.
    limit, value : float
        What the refusal compared.
    """

    id: str
    venue: str
    slot: SlotId
    params: Mapping[str, float]
    ts_bar: int
    ts_known: int
    side: SideName
    forming: SideName
    entry: float
    stop: float | None
    target: float | None
    stop_ticks: int | None
    target_ticks: int | None
    horizon_bars: float | None
    horizon_trades: int
    long: Outlook
    short: Outlook
    exits: Mapping[str, CriterionState]
    refusal: str = ""
    limit: float = 0.0
    value: float = 0.0

    @property
    def shown_side(self) -> SideName:
        """The side that is decided or forming, or ``none``."""
        return self.side if self.side != "none" else self.forming

    @property
    def outlook_side(self) -> Literal["long", "short"]:
        """The side shown; where there is none, the side nearer to an entry, long when they are equal."""
        if self.shown_side != "none":
            return self.shown_side
        return "short" if self.short.nearness > self.long.nearness else "long"

    @property
    def outlook(self) -> Outlook:
        """Of the side shown, or of the nearer one."""
        return self.long if self.outlook_side == "long" else self.short

    @property
    def score(self) -> float:
        """Of the side shown, or of the nearer one."""
        return self.outlook.score

    @property
    def criteria(self) -> tuple[CriterionState, ...]:
        """Of the side shown, or of the nearer one."""
        return self.outlook.criteria
