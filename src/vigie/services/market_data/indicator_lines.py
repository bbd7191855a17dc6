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
MAX_INDICATORS: Final = 6
SHORTEST, LONGEST = 2, 400


@dataclass(frozen=True, slots=True)
class IndicatorKind:
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
    compute : callable
        Takes the function, the bars and the window; gives the arrays.
    """

    title: str
    window: int
    pane: Pane
    unit: str
    parts: tuple[str, ...]
    compute: Callable[[Any, Bars, int], tuple[FloatArray, ...]]


def _from_close(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    result = function(bars.close, window)
    return result if isinstance(result, tuple) else (result,)


def _from_range(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    result = function(bars.high, bars.low, bars.close, window)
    return result[:1] if isinstance(result, tuple) else (result,)


def _from_extremes(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    result = function(bars.high, bars.low, window)
    return result[0], result[-1]


def _from_macd(function: Any, bars: Bars, window: int) -> tuple[FloatArray, ...]:
    result: tuple[FloatArray, ...] = function(bars.close)[:2]
    return result


INDICATORS: Final[dict[str, IndicatorKind]] = {
    "sma": IndicatorKind("SMA", 50, "price", "usd", ("",), _from_close),
    "ema": IndicatorKind("EMA", 20, "price", "usd", ("",), _from_close),
    "wma": IndicatorKind("WMA", 20, "price", "usd", ("",), _from_close),
    "bollinger": IndicatorKind(
        "Bollinger", 20, "price", "usd", ("+2\u03c3", "", "\u22122\u03c3"), _from_close
    ),
    "donchian": IndicatorKind("Donchian", 20, "price", "usd", ("max", "min"), _from_extremes),
    "rsi": IndicatorKind("RSI", 14, "own", "index", ("",), _from_close),
    "macd": IndicatorKind("MACD", 0, "own", "usd", ("", "signal"), _from_macd),
    "atr": IndicatorKind("ATR", 14, "own", "usd", ("",), _from_range),
    "adx": IndicatorKind("ADX", 14, "own", "index", ("",), _from_range),
}


# What the parts of an indicator are called in columns and addresses.
PART_NAMES: Final = {
    "bollinger": ("upper", "middle", "lower"),
    "donchian": ("upper", "lower"),
    "macd": ("", "signal"),
}


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorLine:
    """Values of one line over the bars it was made of."""

    name: str
    title: str
    pane: Pane
    unit: str
    values: FloatArray


def parse_indicators(text: str) -> list[tuple[str, int]]:
    """Return the kinds and windows that words ask for, in order, each once.

    Raises
    ------
    UsageError
        If a word names no indicator or there are too many.
    """
    chosen: dict[tuple[str, int], None] = {}
    for word in (part.strip().lower() for part in text.split(",")):
        if not word:
            continue
        name, _, window = word.partition("_")
        if name not in INDICATORS or (window and not window.isdecimal()):
            raise UsageError(f"lines must use {' '.join(INDICATORS)}, such as sma_50, was {word!r}")
        kind = INDICATORS[name]
        n_bars = int(window[:9]) if window and kind.window else kind.window
        if kind.window and not SHORTEST <= n_bars <= LONGEST:
            raise UsageError(f"window of {name} must be {SHORTEST}..{LONGEST}, was {n_bars}")
        chosen[(name, n_bars)] = None
    if len(chosen) > MAX_INDICATORS:
        raise UsageError(f"lines must be at most {MAX_INDICATORS}, were {len(chosen)}")
    return list(chosen)


def indicator_lines(bars: Bars, text: str) -> list[IndicatorLine]:
    """Return the lines that words ask for, over all bars given.

    Raises
    ------
    UsageError
        As `parse_indicators`.
    """
    lines: list[IndicatorLine] = []
    for name, window in parse_indicators(text):
        kind = INDICATORS[name]
        function = getattr(import_module(f"vigie.quant.indicators.{name}"), name)
        title = f"{kind.title} {window}" if window else kind.title
        key = f"{name}_{window}" if window else name
        keys = PART_NAMES.get(name, ("",))
        for part, suffix, values in zip(kind.parts, keys, kind.compute(function, bars, window), strict=True):
            line_key = f"{key}_{suffix}" if suffix else key
            lines.append(IndicatorLine(line_key, f"{title} {part}".strip(), kind.pane, kind.unit, values))
    return lines
