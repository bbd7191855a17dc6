"""Two series in one: a small language for the address of a chart.

Takes text such as ``ratio(onchain/bitcoin/active_addresses, market/bitcoin/price_usd)``; gives a tree, its text
back, and its values, joined by the time each value was known. Nothing is executed: what the grammar does not
know is refused.

    formula  = series | name "(" formula { "," formula } [ "," number unit ] ")"
    unit     = "h" | "d"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from vigie.data.asof import align
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal
from vigie.domain.time import DAY_MS, HOUR_MS

MOST_LETTERS: Final = 400
MOST_DEPTH: Final = 6
MOST_SERIES: Final = 8
LONGEST_DAYS: Final = 2_000
_UNITS: Final = {"h": HOUR_MS, "d": DAY_MS}
_TOKEN: Final = re.compile(r"\s*([(),]|[a-z0-9][a-z0-9_:./-]*)\s*")
_SERIES: Final = re.compile(r"[a-z0-9]+(/[a-z0-9][a-z0-9_:.-]*){1,4}")
_SPAN: Final = re.compile(r"(\d{1,5})([hd])")


@dataclass(frozen=True, slots=True)
class SeriesRef:
    """A series by its id, ``market/bitcoin/price_usd``."""

    series: str


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function of formulas.

    Attributes
    ----------
    name : str
        One of `FUNCTIONS`.
    operands : tuple of formula
        One or two, as the function wants.
    span_ms : int
        Length of its window; 0 for functions without one.
    """

    name: str
    operands: tuple[Formula, ...]
    span_ms: int = 0


Formula = SeriesRef | FunctionCall


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    """What a function of the language takes.

    Attributes
    ----------
    formulas : int
        How many formulas.
    has_span : bool
        Whether a window follows.
    """

    formulas: int
    has_span: bool


FUNCTIONS: Final[dict[str, FunctionSignature]] = {
    "ratio": FunctionSignature(2, False),
    "difference": FunctionSignature(2, False),
    "index": FunctionSignature(1, False),
    "log": FunctionSignature(1, False),
    "change": FunctionSignature(1, True),
    "mean": FunctionSignature(1, True),
    "zscore": FunctionSignature(1, True),
}


@dataclass(frozen=True, slots=True, eq=False)
class KnownSeries:
    """Values and when each could first be read.

    Attributes
    ----------
    ts : int64 array, shape (n,)
        Times known, ascending.
    values : float64 array, shape (n,)
        NaN where a formula has no answer.
    """

    ts: IntArray
    values: FloatArray


def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises
    ------
    UsageError
        With what was given and what is accepted.
    """
    if len(text) > MOST_LETTERS:
        raise UsageError(
            "formula_must_most_characters",
            "a formula must have at most {most_letters} characters, had {text_count}",
            most_letters=MOST_LETTERS,
            text_count=len(text),
        )
    tokens = _tokens(text)
    formula, at = _parse_formula_at(tokens, 0, 1)
    if at != len(tokens):
        raise UsageError(
            "formula_must_end_after",
            "a formula must end after {formula}, went on with {tokens!r}",
            formula=render_formula(formula)[:80],
            tokens=tokens[at][:40],
        )
    if len(series_of(formula)) > MOST_SERIES:
        raise UsageError(
            "formula_must_use_most_series",
            "a formula must use at most {most_series} series, used {formula_count}",
            most_series=MOST_SERIES,
            formula_count=len(series_of(formula)),
        )
    return formula


def render_formula(formula: Formula) -> str:
    """Write a formula as it stands in an address."""
    if isinstance(formula, SeriesRef):
        return formula.series
    parts = [render_formula(operand) for operand in formula.operands]
    if formula.span_ms:
        parts.append(_span_text(formula.span_ms))
    return f"{formula.name}({','.join(parts)})"


def series_of(formula: Formula) -> tuple[str, ...]:
    """Return the ids of the series a formula reads, each once, in order."""
    if isinstance(formula, SeriesRef):
        return (formula.series,)
    return tuple(dict.fromkeys(name for operand in formula.operands for name in series_of(operand)))


def unit_of(formula: Formula, units: Mapping[str, str]) -> str:
    """Return the unit of a formula's values; empty where it has none that makes sense."""
    if isinstance(formula, SeriesRef):
        return units.get(formula.series, "")
    inner = [unit_of(operand, units) for operand in formula.operands]
    if formula.name == "ratio":
        return "ratio" if inner[0] == inner[1] else f"{inner[0]}/{inner[1]}"
    if formula.name == "difference":
        return inner[0] if inner[0] == inner[1] else ""
    if formula.name == "mean":
        return inner[0]
    return {"index": "index", "log": "log", "change": "fraction", "zscore": "sigma"}[formula.name]


def evaluate(formula: Formula, series: Mapping[str, KnownSeries], *, as_of: int | None = None) -> KnownSeries:
    """Return the values of a formula at the times at which one of its parts became known.

    Parameters
    ----------
    formula : Formula
        As from `parse_formula`.
    series : mapping of str to KnownSeries
        Every series of `series_of`.
    as_of : int, optional
        What became known later is left out.

    Returns
    -------
    KnownSeries
        From the first time on at which every part is known.

    Raises
    ------
    UsageError
        If a series is missing.
    """
    if isinstance(formula, SeriesRef):
        return _known_values(formula.series, series, as_of)
    parts = [evaluate(operand, series, as_of=as_of) for operand in formula.operands]
    ts = reduce(np.union1d, [part.ts for part in parts]).astype(np.int64)
    rows = [align(part.ts, part.values, ts) for part in parts]
    begin = max([int(part.ts[0]) for part in parts if len(part.ts)], default=0)
    is_known = ts >= begin if all(len(part.ts) for part in parts) else np.zeros(len(ts), dtype=np.bool_)
    ts, rows = ts[is_known], [row[is_known] for row in rows]
    return KnownSeries(ts, _VALUES[formula.name](ts, rows, formula.span_ms))


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UsageError(
                "formula_use_only_names",
                "a formula may use only names, series and brackets, was {text!r}",
                text=text[at : at + 20],
            )
        tokens.append(match[1])
        at = match.end()
    if not tokens:
        raise UsageError("formula_must_not_empty", "a formula must not be empty")
    return tokens


def _parse_formula_at(tokens: list[str], at: int, depth: int) -> tuple[Formula, int]:
    if depth > MOST_DEPTH:
        raise UsageError(
            "formula_nest_most_brackets",
            "a formula can nest at most {most_depth} brackets",
            most_depth=MOST_DEPTH,
        )
    word = _read_word(tokens, at)
    if at + 1 < len(tokens) and tokens[at + 1] == "(":
        return _parse_call(word, tokens, at + 2, depth)
    if not _SERIES.fullmatch(word):
        raise UsageError(
            "series_must_look_like_market_bitcoin",
            "a series must look like market/bitcoin/price_usd, was {word!r}",
            word=word[:60],
        )
    return SeriesRef(word), at + 1


def _parse_call(name: str, tokens: list[str], at: int, depth: int) -> tuple[Formula, int]:
    function = FUNCTIONS.get(name)
    if function is None:
        raise UsageError(
            "unknown_function",
            "function must be one of {functions}, was {name!r}",
            functions=" ".join(FUNCTIONS),
            name=name[:60],
        )
    parts: list[Formula] = []
    for _ in range(function.formulas):
        if parts:
            at = _expect(",", tokens, at, name)
        part, at = _parse_formula_at(tokens, at, depth + 1)
        parts.append(part)
    span = 0
    if function.has_span:
        at = _expect(",", tokens, at, name)
        span = _parse_span(_read_word(tokens, at), name)
        at += 1
    return FunctionCall(name, tuple(parts), span), _expect(")", tokens, at, name)


def _read_word(tokens: list[str], at: int) -> str:
    if at >= len(tokens) or tokens[at] in "(),":
        actual = repr(tokens[at]) if at < len(tokens) else Refusal("end", "the end")
        raise UsageError(
            "formula_must_name_series_here",
            "a formula must have a name or a series here, had {actual}",
            actual=actual,
        )
    return tokens[at]


def _expect(mark: str, tokens: list[str], at: int, name: str) -> int:
    if at >= len(tokens) or tokens[at] != mark:
        actual = repr(tokens[at][:40]) if at < len(tokens) else Refusal("end", "the end")
        function = FUNCTIONS[name]
        wants = (
            f"{function.formulas} formula{'s' * (function.formulas > 1)}{' and a span' * function.has_span}"
        )
        raise UsageError(
            "must_expected",
            "{name} must have {wants}: expected {mark!r}, had {actual}",
            name=name,
            wants=wants,
            mark=mark,
            actual=actual,
        )
    return at + 1


def _parse_span(text: str, name: str) -> int:
    match = _SPAN.fullmatch(text)
    span = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < span <= LONGEST_DAYS * DAY_MS:
        raise UsageError(
            "period_must_h",
            "period of {name} must be 1h to {longest_days}d, was {text!r}",
            name=name,
            longest_days=LONGEST_DAYS,
            text=text[:40],
        )
    return span


def _span_text(span_ms: int) -> str:
    return f"{span_ms // DAY_MS}d" if span_ms % DAY_MS == 0 else f"{span_ms // HOUR_MS}h"


def _known_values(name: str, series: Mapping[str, KnownSeries], as_of: int | None) -> KnownSeries:
    known = series.get(name)
    if known is None:
        raise UsageError("series_unknown", "series {name} is unknown", name=name)
    is_known = ~np.isnan(known.values)
    if as_of is not None:
        is_known &= known.ts <= as_of
    return KnownSeries(known.ts[is_known], known.values[is_known])


Rows = list[FloatArray]


def _ratio(_ts: IntArray, rows: Rows, _span: int) -> FloatArray:
    above, below = rows
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below == 0, np.nan, above / below)


def _difference(_ts: IntArray, rows: Rows, _span: int) -> FloatArray:
    return rows[0] - rows[1]


def _index(_ts: IntArray, rows: Rows, _span: int) -> FloatArray:
    known = np.flatnonzero(rows[0] > 0)
    return rows[0] / rows[0][known[0]] * 100.0 if len(known) else np.full(len(rows[0]), np.nan)


def _log(_ts: IntArray, rows: Rows, _span: int) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rows[0] > 0, np.log10(rows[0]), np.nan)


def _change(ts: IntArray, rows: Rows, span: int) -> FloatArray:
    before = align(ts, rows[0], ts - span)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, rows[0] / before - 1, np.nan)


def _mean(ts: IntArray, rows: Rows, span: int) -> FloatArray:
    return _apply_window(ts, rows[0], span, lambda part: float(np.mean(part)))


def _zscore(ts: IntArray, rows: Rows, span: int) -> FloatArray:
    def score(part: FloatArray) -> float:
        spread = float(np.std(part))
        return float((part[-1] - np.mean(part)) / spread) if spread > 0 else float("nan")

    return _apply_window(ts, rows[0], span, score)


def _apply_window(
    ts: IntArray, values: FloatArray, span: int, function: Callable[[FloatArray], float]
) -> FloatArray:
    """Apply a function to the values known in the window that ends at each time; NaN until a window is whole."""
    out = np.full(len(ts), np.nan)
    begins = np.searchsorted(ts, ts - span, side="right")
    for k in range(len(ts)):
        if ts[k] - span >= ts[0] and not np.isnan(values[begins[k] : k + 1]).any():
            out[k] = function(values[begins[k] : k + 1])
    return out


_VALUES: Final[dict[str, Callable[[IntArray, Rows, int], FloatArray]]] = {
    "ratio": _ratio,
    "difference": _difference,
    "index": _index,
    "log": _log,
    "change": _change,
    "mean": _mean,
    "zscore": _zscore,
}
