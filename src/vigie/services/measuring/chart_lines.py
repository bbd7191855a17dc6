"""Indicators chosen by words, drawn as lines over or below the price.

Takes bars and words such as ``sma_50,bollinger,rsi_14``; gives one array a line, NaN where not known yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Literal

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError

Pane = Literal["price", "own"]
# Of one chart; more cannot be told apart.
MOST: Final = 6
SHORTEST, LONGEST = 2, 400


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of indicator as it is drawn.

    Attributes
    ----------
    title : str
        ``SMA``; the window is added.
    window : int
        By default; 0 for those that have no single window.
    pane : str
        ``price`` over the bars, ``own`` below them.
    unit : str
        Of its values.
    parts : tuple of str
        What is added to the title of each line it draws; nothing for a single one.
    of : callable
        Takes the function, the bars and the window; gives the arrays.
    """

    title: str
    window: int
    pane: Pane
    unit: str
    parts: tuple[str, ...]
    of: Callable[[Any, Bars, int], tuple[FloatArray, ...]]


def _of_close(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    found = function(bars.close, window)
    return found if isinstance(found, tuple) else (found,)


def _of_range(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    found = function(bars.high, bars.low, bars.close, window)
    return found[:1] if isinstance(found, tuple) else (found,)


def _of_extremes(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    found = function(bars.high, bars.low, window)
    return found[0], found[-1]


def _of_macd(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    found: tuple[FloatArray, ...] = function(bars.close)[:2]
    return found


KINDS: Final[dict[str, Kind]] = {
    "sma": Kind("SMA", 50, "price", "usd", ("",), _of_close),
    "ema": Kind("EMA", 20, "price", "usd", ("",), _of_close),
    "wma": Kind("WMA", 20, "price", "usd", ("",), _of_close),
    "bollinger": Kind("Bollinger", 20, "price", "usd", ("+2\u03c3", "", "\u22122\u03c3"), _of_close),
    "donchian": Kind("Donchian", 20, "price", "usd", ("max", "min"), _of_extremes),
    "rsi": Kind("RSI", 14, "own", "index", ("",), _of_close),
    "macd": Kind("MACD", 0, "own", "usd", ("", "signal"), _of_macd),
    "atr": Kind("ATR", 14, "own", "usd", ("",), _of_range),
    "adx": Kind("ADX", 14, "own", "index", ("",), _of_range),
}


# What the parts of an indicator are called in columns and addresses.
PARTS: Final = {
    "bollinger": ("upper", "middle", "lower"),
    "donchian": ("upper", "lower"),
    "macd": ("", "signal"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Values of one line over the bars it was made of."""

    name: str
    title: str
    pane: Pane
    unit: str
    values: FloatArray


def parse(words: str) -> list[tuple[str, int]]:
    """Return the kinds and windows that words ask for, in order, each once.

    Raises
    ------
    UsageError
        If a word names no indicator or there are too many.
    """
    found: dict[tuple[str, int], None] = {}
    for word in (part.strip().lower() for part in words.split(",")):
        if not word:
            continue
        name, _, window = word.partition("_")
        if name not in KINDS or (window and not window.isdecimal()):
            raise UsageError(f"lines must be of {' '.join(KINDS)} such as sma_50, was {word!r}")
        kind = KINDS[name]
        bars = int(window[:9]) if window and kind.window else kind.window
        if kind.window and not SHORTEST <= bars <= LONGEST:
            raise UsageError(f"window of {name} must be {SHORTEST}..{LONGEST}, was {bars}")
        found[(name, bars)] = None
    if len(found) > MOST:
        raise UsageError(f"lines must be at most {MOST}, were {len(found)}")
    return list(found)


def lines_of(bars: Bars, words: str) -> list[Line]:
    """Return the lines that words ask for, over all bars given.

    Raises
    ------
    UsageError
        As `parse`.
    """
    made: list[Line] = []
    for name, window in parse(words):
        kind = KINDS[name]
        function = getattr(import_module(f"vigie.quant.indicators.{name}"), name)
        title = f"{kind.title} {window}" if window else kind.title
        key = f"{name}_{window}" if window else name
        keys = PARTS.get(name, ("",))
        for part, suffix, values in zip(kind.parts, keys, kind.of(function, bars, window), strict=True):
            own = f"{key}_{suffix}" if suffix else key
            made.append(Line(own, f"{title} {part}".strip(), kind.pane, kind.unit, values))
    return made
