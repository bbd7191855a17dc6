"""What a strategy is: one file with parameters, a timeframe, a warm-up and one function of criteria.

A strategy file defines ``Params`` (a frozen dataclass of `param` fields), ``TIMEFRAME``, ``warmup(params)`` and
``criteria(bars, params)``; its docstring's first line is its title and names its source. It never sees the
account. The constructors here make criteria that carry what it takes to explain them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.signal import Compared, Comparison, Criteria, Criterion, Reading
from vigie.quant import compare
from vigie.quant.arrays import is_sealed
from vigie.quant.indicators.atr import atr, beside_averages
from vigie.quant.indicators.ema import ema
from vigie.quant.rolling import previous_holds

ATR_WINDOW = 14


def param(
    default: float, *, low: float, high: float, search: tuple[float, float] | None = None, step: float = 1
) -> Any:
    """Declare a parameter of a strategy: default, bounds, and the range a search walks.

    Parameters
    ----------
    default : int or float
        Its type is the parameter's type.
    low, high : float
        Bounds, inclusive; values outside are refused.
    search : tuple of two floats, optional
        Range of a sweep; the bounds when left out.
    step : float
        Step of a grid over `search`.

    Returns
    -------
    dataclasses.Field
        Bounds, range and step in its metadata.
    """
    return field(
        default=default, metadata={"low": low, "high": high, "search": search or (low, high), "step": step}
    )


@dataclass(frozen=True, slots=True)
class Strategy:
    """A loaded strategy.

    Attributes
    ----------
    name : str
        The file's name.
    title, doc : str
        First line of its docstring; the whole of it, with the source.
    timeframe : str
        What it was made for; ``native`` runs use it.
    params : type
        Its frozen dataclass of parameters.
    warmup : callable
        Bars before the first possible decision, given parameters.
    criteria : callable
        ``criteria(bars, params) -> Criteria``.
    path : str
        The file, as shown to people.
    require : tuple of str
        Words that name the optional criteria a setting makes required; see `requiring`.
    digest : str
        SHA-256 of a person's own file as it was loaded, empty for others.
    """

    name: str
    title: str
    doc: str
    timeframe: str
    params: type[Any]
    warmup: Callable[[Any], int]
    criteria: Callable[[Bars, Any], Criteria]
    path: str
    require: tuple[str, ...] = ()
    digest: str = ""

    def defaults(self) -> Any:
        """Return the default parameters."""
        return self.params()

    def with_params(self, given: Mapping[str, object]) -> Any:
        """Return parameters with some values replaced.

        Parameters
        ----------
        given : mapping
            By name; text such as ``"1e9"`` is read as a number, names left out keep their defaults.

        Returns
        -------
        any
            An instance of `params`, checked.

        Raises
        ------
        UsageError
            If a name is unknown or a value has the wrong type or lies outside its bounds.
        """
        known = {f.name: f for f in fields(self.params)}
        values: dict[str, object] = {}
        for name, value in given.items():
            if name not in known:
                names = " ".join(known) or "none"
                raise UsageError(
                    "unknown_parameter",
                    "parameter of {name} must be one of {names}, was {name_2!r}",
                    name=self.name,
                    names=names,
                    name_2=name,
                )
            values[name] = _checked(f"{self.name}.{name}", value, known[name])
        return self.params(**values)

    def requiring(self, words: str | Iterable[str]) -> Strategy:
        """Return this strategy with optional criteria that gate the entry as the required ones do.

        Parameters
        ----------
        words : iterable of str, or text with commas
            Each names the optional criteria with it in their names: ``trend``, ``volume``; ``all`` names all.

        Returns
        -------
        Strategy
            The same object where nothing changes.
        """
        given = words.split(",") if isinstance(words, str) else words
        require = tuple(sorted({word.strip().lower() for word in given} - {""}))
        return self if require == self.require else replace(self, require=require)

    def gated(self, criteria: Criteria) -> Criteria:
        """Return an answer of this strategy in which the criteria that `require` names are required.

        Parameters
        ----------
        criteria : Criteria
            As this strategy gave them.

        Returns
        -------
        Criteria
            The same object where `require` is empty; exits and distances are untouched.

        Raises
        ------
        UsageError
            If a word is in the name of no criterion of a side.
        """
        if not self.require:
            return criteria
        # Both sides may share a criterion, which is then still computed once.
        known: dict[int, Criterion] = {}
        return Criteria(
            long=self._gated(criteria.long, known),
            short=self._gated(criteria.short, known),
            long_exit=criteria.long_exit,
            short_exit=criteria.short_exit,
            stop_distance=criteria.stop_distance,
            target_distance=criteria.target_distance,
            warmup=criteria.warmup,
        )

    def _gated(self, side: tuple[Criterion, ...], known: dict[int, Criterion]) -> tuple[Criterion, ...]:
        for word in self.require if side else ():
            if word != "all" and not any(word in one.name.lower() for one in side):
                names = ", ".join(repr(one.name) for one in side)
                raise UsageError(
                    "require_must_name_criterion",
                    "require must name a criterion of {name} ({names}), was {word!r}",
                    name=self.name,
                    names=names,
                    word=word,
                )
        for one in side:
            named = any(word == "all" or word in one.name.lower() for word in self.require)
            if named and not one.required:
                known.setdefault(id(one), Criterion(one.name, one.reading, one.weight, True, one.sense))
        return tuple(known.get(id(one), one) for one in side)


def _checked(name: str, value: object, spec: Field[Any]) -> float | int:
    kind: type[Any] = type(spec.default)
    if isinstance(value, bool):
        raise UsageError("not_a_number", "{name} must be a number, was {text!r}", name=name, text=value)
    try:
        given: Any = value
        if isinstance(value, str):
            # A whole number may be written 1e9 or 20.0.
            given = int(value) if kind is int and value.strip().lstrip("+-").isdecimal() else float(value)
        number = kind(given)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            "not_a_number", "{name} must be a number, was {text!r}", name=name, text=value
        ) from None
    if kind is int and isinstance(given, float) and given != number:
        raise UsageError(
            "not_a_whole_number", "{name} must be a whole number, was {value!r}", name=name, value=value
        )
    low, high = spec.metadata["low"], spec.metadata["high"]
    if not low <= number <= high:
        raise UsageError(
            "outside_bounds",
            "{name} must be {low:g}..{high:g}, was {number!r}",
            name=name,
            low=low,
            high=high,
            number=number,
        )
    return number


def atr_of(bars: Bars) -> FloatArray:
    """Return ATR(14) of these bars, computed once.

    Returns
    -------
    float64 array, shape (n_bars,)
        Quote currency; NaN for the first 14 bars.
    """
    return bars.once(_atr)


def averages_of(bars: Bars, fast: int, slow: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return two exponential averages of the close and ATR(14), on new bars all three in one pass.

    Parameters
    ----------
    fast, slow : int
        Spans in bars.

    Returns
    -------
    tuple of float64 arrays, shape (n_bars,)
        Fast, slow, ATR(14); NaN in the warm-up of each.
    """
    close = bars.close
    if bars.has_made(_atr):
        return bars.of(ema, close, fast), bars.of(ema, close, slow), atr_of(bars)
    atr_args = (bars.high, bars.low, close, ATR_WINDOW)
    answers = bars.together(
        lambda: beside_averages(*atr_args[:3], fast, slow, ATR_WINDOW),
        (ema, close, fast), (ema, close, slow), (atr, *atr_args),
    )  # fmt: skip
    return answers[0], answers[1], atr_of(bars)


def _atr(bars: Bars) -> FloatArray:
    values: FloatArray = bars.of(atr, bars.high, bars.low, bars.close, ATR_WINDOW)
    return values


def _read(
    comparison: Comparison, value: FloatArray, threshold: FloatArray | float, scale: Any, is_crossing: bool
) -> Reading:
    # What can still be written to is compared now: a strategy may reuse its array for the next criterion.
    if is_sealed(value) and (
        type(threshold) is float or (is_sealed(threshold) and len(value) == len(threshold))
    ):
        return Compared(value, threshold, comparison, None, scale, 0, is_crossing)
    return Reading(value, threshold, comparison(value, threshold), None, scale, 0, is_crossing)


def crosses_above(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value crosses above threshold".

    Parameters
    ----------
    value, threshold : float64 array, shape (n_bars,)
        NaN where not known: nothing holds there. `threshold` may be one number for all bars.
    scale : float64 array, shape (n_bars,), or float
        Distance from the threshold, in the value's unit, at which nearness is 0.
    weight : float
        Share in the score, > 0.

    Returns
    -------
    Criterion
        Holds where value is above and was at or below at the bar before.
    """
    return Criterion(name, _read(compare.crosses_above, value, threshold, scale, True), weight, True, "above")


def crosses_below(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value crosses below threshold".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.
    """
    return Criterion(name, _read(compare.crosses_below, value, threshold, scale, True), weight, True, "below")


def is_above(
    name: str,
    value: FloatArray,
    threshold: FloatArray | float,
    *,
    or_equal: bool = False,
    scale: Any = 1.0,
    weight: float = 1.0,
) -> Criterion:
    """Make the required criterion "value is above threshold" (or at it).

    Parameters
    ----------
    or_equal : bool
        Whether it also holds at the threshold; all else as in `crosses_above`.
    """
    comparison = compare.at_or_above if or_equal else compare.above
    return Criterion(name, _read(comparison, value, threshold, scale, False), weight, True, "above")


def is_below(
    name: str,
    value: FloatArray,
    threshold: FloatArray | float,
    *,
    or_equal: bool = False,
    scale: Any = 1.0,
    weight: float = 1.0,
) -> Criterion:
    """Make the required criterion "value is below threshold" (or at it).

    Parameters
    ----------
    or_equal : bool
        Whether it also holds at the threshold; all else as in `crosses_above`.
    """
    comparison = compare.at_or_below if or_equal else compare.below
    return Criterion(name, _read(comparison, value, threshold, scale, False), weight, True, "below")


def returns_above(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value was below the threshold one bar ago and is at or above it".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.

    Returns
    -------
    Criterion
        Unlike `crosses_above` it also holds at the threshold itself.
    """
    holds = compare.at_or_above(value, threshold) & previous_holds(compare.below(value, threshold))
    return Criterion(
        name, Reading(value, threshold, holds, scale=scale, is_crossing=True), weight=weight, sense="above"
    )


def returns_below(
    name: str, value: FloatArray, threshold: FloatArray | float, *, scale: Any = 1.0, weight: float = 1.0
) -> Criterion:
    """Make the required criterion "value was above the threshold one bar ago and is at or below it".

    Parameters
    ----------
    name, value, threshold, scale, weight
        As in `crosses_above`.
    """
    holds = compare.at_or_below(value, threshold) & previous_holds(compare.above(value, threshold))
    return Criterion(
        name, Reading(value, threshold, holds, scale=scale, is_crossing=True), weight=weight, sense="below"
    )


def optional(name: str, reading: Callable[[], Reading], *, sense: str, weight: float = 0.5) -> Criterion:
    """Make a criterion that weighs in the score and gates nothing; its arrays are computed when asked for.

    Parameters
    ----------
    name : str
        As said on screen; `Strategy.requiring` finds it by words in it.
    reading : callable
        Called at most once.
    sense : str
        ``above`` or ``below``: the side of the threshold on which it holds.
    """
    return Criterion(name, reading, weight, False, sense)
