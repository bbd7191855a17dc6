"""What a sweep varies: axes of values, combinations as numbers, neighbours.

Takes ``fast=5:60:5,slow=20:200:10``; gives a space whose combinations are counted like the digits of a number,
so that ten of them or ten million take the same memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from itertools import product, repeat
from typing import Any, Final, Literal

import numpy as np

from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import IntArray
from vigie.domain.errors import UsageError
from vigie.trading.loaded_strategy import Strategy

Kind = Literal["param", "sizing", "costs"]
Number = int | float | str
Values = tuple[Number, ...]

SIZING: Final = ("stop_atr", "target_atr", "max_bars", "risk_fraction", "leverage", "target_execution")
COSTS: Final = ("taker", "maker", "slippage_bps")
MAX_SIZE: Final = 10**15
_ALL_AROUND_AXES: Final = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that is varied: a parameter of the strategy, or a setting of the account.

    Attributes
    ----------
    name : str
        Of the parameter or setting.
    kind : Kind
        ``param``, ``sizing`` or ``costs``.
    values : tuple of Number
        Distinct, in the order given.
    """

    name: str
    kind: Kind
    values: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """All combinations of some axes; the last axis varies fastest.

    Attributes
    ----------
    axes : tuple of Axis
        Parameters first, account settings last, so that neighbouring numbers share their signals.
    """

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        """Refuse a space without end."""
        if self.size > MAX_SIZE:
            raise UsageError(
                "sweep_must_most_combinations",
                "a sweep must have at most {max_size:.0e} combinations, had {size:.1e}",
                max_size=MAX_SIZE,
                size=self.size,
            )

    @property
    def size(self) -> int:
        """Number of combinations."""
        return math.prod(len(axis.values) for axis in self.axes)

    @property
    def strides(self) -> tuple[int, ...]:
        """How far apart in number two neighbouring values of each axis are."""
        lengths = [len(axis.values) for axis in self.axes]
        return tuple(math.prod(lengths[index + 1 :]) for index in range(len(lengths)))

    def coordinates(self, combination: int) -> tuple[int, ...]:
        """Return the place on each axis of a combination.

        Parameters
        ----------
        combination : int
            In [0, size).

        Returns
        -------
        tuple of int
            From 0, in the order of the axes.
        """
        places = []
        for axis in reversed(self.axes):
            combination, place = divmod(combination, len(axis.values))
            places.append(place)
        return tuple(reversed(places))

    def number(self, coordinates: Sequence[int]) -> int:
        """Return the combination at some places.

        Parameters
        ----------
        coordinates : sequence of int
            Place on every axis, from 0.

        Returns
        -------
        int
            The reverse of `coordinates`.
        """
        return sum(place * stride for place, stride in zip(coordinates, self.strides, strict=True))

    def values(self, combination: int) -> dict[str, Number]:
        """Return the value of every axis at a combination.

        Parameters
        ----------
        combination : int
            In [0, size).

        Returns
        -------
        dict of str to Number
            By name of the axis.
        """
        places = self.coordinates(combination)
        return {axis.name: axis.values[place] for axis, place in zip(self.axes, places, strict=True)}

    def split(self, combinations: Sequence[int]) -> Iterator[tuple[Values, Values]]:
        """Yield the parameters and the account settings of each combination, in the order of the axes.

        Parameters
        ----------
        combinations : sequence of int
            Numbers, in any order.

        Returns
        -------
        iterator of (Values, Values)
            In the order of `combinations`; empty tuples where there are no such axes.
        """
        numbers = np.array(combinations, np.int64)
        columns = [
            [axis.values[place] for place in (numbers // stride % len(axis.values)).tolist()]
            for axis, stride in zip(self.axes, self.strides, strict=True)
        ]
        count = sum(axis.kind == "param" for axis in self.axes)
        sides = [columns[:count], columns[count:]]
        empty: repeat[Values] = repeat((), len(combinations))
        params, settings = (zip(*side, strict=True) if side else empty for side in sides)
        yield from zip(params, settings, strict=True)

    def column(self, at: int, combinations: IntArray) -> np.ndarray[Any, Any]:
        """Return the values of one axis at many combinations.

        Parameters
        ----------
        at : int
            Index of the axis.
        combinations : int64 array
            Numbers, in any order.

        Returns
        -------
        array, shape (n,)
            In the order of `combinations`.
        """
        axis = self.axes[at]
        return np.array(axis.values)[combinations // self.strides[at] % len(axis.values)]

    def neighbours(self, combination: int) -> list[int]:
        """Return the combinations at most one step away on every axis; with many axes, on one axis at a time.

        Parameters
        ----------
        combination : int
            In [0, size).

        Returns
        -------
        list of int
            Ascending, without itself; at an edge there are fewer.
        """
        center = self.coordinates(combination)
        if len(self.axes) <= _ALL_AROUND_AXES:
            steps = [s for s in product((-1, 0, 1), repeat=len(center)) if any(s)]
        else:
            steps = [
                tuple(d if k == at else 0 for k in range(len(center)))
                for at in range(len(center))
                for d in (-1, 1)
            ]
        numbers = []
        for step in steps:
            places_near = [place + d for place, d in zip(center, step, strict=True)]
            if all(0 <= place < len(axis.values) for place, axis in zip(places_near, self.axes, strict=True)):
                numbers.append(self.number(places_near))
        return sorted(numbers)


def parse_grid(grid: str | Mapping[str, Any] | None, strategy: Strategy) -> Space:
    """Read what is to be varied.

    Parameters
    ----------
    grid : str or mapping
        ``fast=5:60:5,slow=20:200:10``: low, high (inclusive) and step; ``max_bars=0|24|48``: listed values. A
        mapping gives a sequence of values or such a text by name. None: the strategy's own ranges of search.
    strategy : Strategy
        Its parameters may be varied, and settings of the account: ``stop_atr target_atr max_bars risk_fraction
        leverage target_execution taker maker slippage_bps``. ``account.NAME`` means the setting where a parameter
        has the same name.

    Returns
    -------
    Space
        Parameters first; values that are given twice count once.

    Raises
    ------
    UsageError
        With the name, what it was and what it may be.
    """
    given = (
        _own_ranges(strategy) if grid is None else _parse_pairs(grid) if isinstance(grid, str) else dict(grid)
    )
    if not given:
        raise UsageError("sweep_needs_least_one_parameter", "a sweep needs at least one parameter to vary")
    axes = [_parse_axis(name, text, strategy) for name, text in given.items()]
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise UsageError(
            "give_each_parameter_once", "give each parameter once, had {names}", names=" ".join(names)
        )
    order = {"param": 0, "sizing": 1, "costs": 2}
    return Space(tuple(sorted(axes, key=lambda axis: order[axis.kind])))


def _parse_pairs(text: str) -> dict[str, str]:
    values_by_name: dict[str, str] = {}
    for part in text.split(","):
        name, equals, values = part.partition("=")
        if not equals or not name.strip() or not values.strip():
            raise UsageError(
                "grid_must_look_like_fast",
                "grid must look like fast=5:60:5,slow=20:200:10, was {text!r}",
                text=text,
            )
        if name.strip() in values_by_name:
            raise UsageError(
                "grid_must_name_parameter_once",
                "grid must name a parameter once, named {name} twice",
                name=name.strip(),
            )
        values_by_name[name.strip()] = values.strip()
    return values_by_name


def _own_ranges(strategy: Strategy) -> dict[str, str]:
    return {
        f.name: f"{f.metadata['search'][0]}:{f.metadata['search'][1]}:{f.metadata['step']}"
        for f in fields(strategy.params)
    }


def _parse_axis(name: str, given: Any, strategy: Strategy) -> Axis:
    known = {f.name: f for f in fields(strategy.params)}
    bare = name.removeprefix(f"{strategy.name}.")
    if bare in known:
        spec = known[bare]
        low, high = spec.metadata["low"], spec.metadata["high"]
        kind: type[Any] = type(spec.default)
        values = _parse_values(bare, given, whole=kind is int)
        for value in values:
            if isinstance(value, str) or not low <= value <= high:
                raise UsageError(
                    "parameter_outside_bounds",
                    "{name}.{bare} must be {low:g}..{high:g}, was {value!r}",
                    name=strategy.name,
                    bare=bare,
                    low=low,
                    high=high,
                    value=value,
                )
        return Axis(bare, "param", tuple(kind(value) for value in values))
    setting = name.removeprefix("account.").removeprefix("costs.")
    groups: tuple[tuple[tuple[str, ...], Kind, Sizing | Costs], ...] = (
        (SIZING, "sizing", Sizing()),
        (COSTS, "costs", Costs()),
    )
    for names, kind_of, defaults in groups:
        if setting in names:
            sample = getattr(defaults, setting)
            values = _parse_values(setting, given, whole=isinstance(sample, int))
            return Axis(setting, kind_of, tuple(values))
    words = " ".join((*known, *SIZING, *COSTS))
    raise UsageError("grid_name", "grid may name {words}, was {name!r}", words=words, name=name)


def _parse_values(name: str, given: Any, *, whole: bool) -> list[Number]:
    if isinstance(given, str):
        parts = given.split("|")
        texts = [value for part in parts for value in _parse_range(name, part.strip())]
    else:
        texts = list(given) if isinstance(given, Sequence | range | np.ndarray) else [given]
    values: list[Number] = []
    for text in texts:
        value = _parse_number(name, text, whole=whole)
        if value not in values:
            values.append(value)
    if not values:
        raise UsageError("needs_least_one_value", "{name} needs at least one value", name=name)
    return values


def _parse_range(name: str, text: str) -> list[Any]:
    ends = text.split(":")
    if len(ends) == 1:
        return [text]
    try:
        low, high, *rest = (Decimal(end.strip()) for end in ends)
    except InvalidOperation:
        raise UsageError(
            "must_look_like_low", "{name} must look like low:high:step, was {text!r}", name=name, text=text
        ) from None
    step = rest[0] if rest else Decimal(1)
    if len(rest) > 1 or not step > 0 or not high >= low or not all(x.is_finite() for x in (low, high, step)):
        raise UsageError(
            "must_look_like_low_high",
            "{name} must look like low:high:step with low <= high and step > 0, was {text!r}",
            name=name,
            text=text,
        )
    count = int((high - low) / step) + 1
    if count > 1_000_000:
        raise UsageError(
            "must_most", "{name} must have at most 1,000,000 values, had {count}", name=name, count=count
        )
    # In decimals, so that the third step of 0.1 is 0.3.
    return [low + k * step for k in range(count)]


def _parse_number(name: str, value: Any, *, whole: bool) -> Number:
    if isinstance(value, str) and value in ("trigger", "limit") and name == "target_execution":
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise UsageError(
            "must_number_range",
            "{name} must be a number, or a range written {name}=5:60:5 (low:high:step), was {value!r}",
            name=name,
            value=value,
        ) from None
    if not math.isfinite(number):
        raise UsageError(
            "parameter_not_finite", "{name} must be finite, was {value!r}", name=name, value=value
        )
    if not whole:
        return number
    if number != int(number):
        raise UsageError(
            "not_a_whole_number", "{name} must be a whole number, was {value!s}", name=name, value=value
        )
    return int(number)
