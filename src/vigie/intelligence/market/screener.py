"""Conditions as plain sentences and in an address; all of them must hold.

Takes text; gives typed conditions and the text back, the same in every form: ``change_24h>0.05,price>sma_200``
in an address, "24 h change above 5% and price above SMA 200" in a sentence. Evaluation takes columns; what is
not known never matches, and is counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray
from vigie.domain.errors import UsageError
from vigie.intelligence.market.fields import FIELDS
from vigie.intelligence.market.words import FIXED, MINUS, THIN, MarketTexts, load_texts, scales_of_amounts

Operator = Literal[">", ">=", "<", "<="]

MOST_CONDITIONS: Final = 12
MOST_LETTERS: Final = 2_000
SMALLEST: Final = 1e-12
LARGEST: Final = 1e18
# Longer signs first: one is the beginning of the other.
OPERATORS: Final[tuple[Operator, ...]] = (">=", "<=", ">", "<")
_URL: Final = re.compile(r"([a-z0-9_]{1,40})(>=|<=|>|<)([a-z0-9_.+-]{1,40})")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})(e[+-]?\d{1,2})?")
_SCALES: Final[dict[str, Decimal]] = {
    word: Decimal(10) ** power
    for names, power in (("k", 3), ("m", 6), ("b md", 9), ("t", 12))
    for word in names.split()
}


@dataclass(frozen=True, slots=True)
class ScreenerCondition:
    """One condition: a field against a number, or against another field of the same unit.

    Attributes
    ----------
    field : str
        A name of `FIELDS`.
    operator : str
        One of `OPERATORS`.
    bound : float or str
        A number in the field's unit (fractions, not per cent), or the name of a field.
    """

    field: str
    operator: Operator
    bound: float | str

    def __post_init__(self) -> None:
        """Refuse what no column can answer."""
        _check_field(self.field)
        if self.operator not in OPERATORS:
            raise UsageError(
                "unknown_comparison",
                "comparison must be one of {operators}, was {operator!r}",
                operators=" ".join(OPERATORS),
                operator=self.operator,
            )
        if isinstance(self.bound, str):
            _check_same_unit(self.field, self.bound)
        elif self.bound != 0 and not SMALLEST <= abs(self.bound) <= LARGEST:
            raise UsageError(
                "value_must_between_e_e18",
                "the value for {field} must be 0 or between 1e-12 and 1e18, was {bound}",
                field=self.field,
                bound=self.bound,
            )


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """What the conditions found.

    Attributes
    ----------
    matches : bool array, shape (n_assets,)
        Where all conditions hold.
    unknown : mapping of str to int
        For each field asked for, how many assets have no value; fields known of all are left out.
    """

    matches: BoolArray
    unknown: Mapping[str, int]

    def unknown_text(self, language: str) -> tuple[str, ...]:
        """Return one sentence for each field that some assets have no value for."""
        table = load_texts(language)
        return tuple(
            table(
                f"screener.{'one_unknown' if count == 1 else 'unknown'}",
                count=count,
                field=_title(name, table),
            )
            for name, count in self.unknown.items()
        )


def parse_where(text: str) -> tuple[ScreenerCondition, ...]:
    """Read conditions from an address, ``change_24h>0.05,rsi_14<30``; empty text is no condition.

    Raises
    ------
    UsageError
        With what was given and what is accepted.
    """
    return tuple(_parse_url_condition(part.strip()) for part in _split_conditions(text, ","))


def render_where(conditions: tuple[ScreenerCondition, ...]) -> str:
    """Write conditions as they stand in an address (not yet percent-encoded)."""
    return ",".join(
        f"{c.field}{c.operator}{c.bound if isinstance(c.bound, str) else shortest_text(c.bound)}"
        for c in conditions
    )


def parse_sentence(text: str, language: str) -> tuple[ScreenerCondition, ...]:
    """Read conditions from a sentence; fields by title or by name, numbers with %, k, M, B, T (French: Md, Bn).

    Raises
    ------
    UsageError
        With what was given and what is accepted.
    """
    table = load_texts(language)
    joint = re.compile(rf"\s+{re.escape(table('screener.and'))}\s+", re.IGNORECASE)
    return tuple(
        _parse_sentence_condition(part, table) for part in _split_conditions(_plain_spaces(text), joint)
    )


def render_sentence(conditions: tuple[ScreenerCondition, ...], language: str) -> str:
    """Write conditions as one sentence without a full stop."""
    table = load_texts(language)
    parts = [
        f"{_title(c.field, table)} {table(f'screener.{_OPERATOR_KEYS[c.operator]}')} {_bound_text(c, table)}"
        for c in conditions
    ]
    return f" {table('screener.and')} ".join(parts)


def screen(
    conditions: tuple[ScreenerCondition, ...], columns: Mapping[str, FloatArray], n_assets: int
) -> ScreenResult:
    """Return which assets meet all conditions.

    Parameters
    ----------
    conditions : tuple of ScreenerCondition
        None: every asset matches.
    columns : mapping of str to float64 array, shape (n_assets,)
        As from `metrics.columns_of`; a column that is missing is not known of any asset.
    n_assets : int
        How many assets there are.
    """
    matches = np.ones(n_assets, dtype=np.bool_)
    unknown: dict[str, int] = {}
    nothing = np.full(n_assets, np.nan)
    for condition in conditions:
        left = columns.get(condition.field, nothing)
        names = [condition.field]
        right: FloatArray | float
        if isinstance(condition.bound, str):
            right = columns.get(condition.bound, nothing)
            names.append(condition.bound)
        else:
            right = condition.bound
        matches &= _COMPARE[condition.operator](left, right)
        for name in names:
            missing = int(np.count_nonzero(np.isnan(columns.get(name, nothing))))
            if missing:
                unknown[name] = missing
    return ScreenResult(matches, unknown)


_COMPARE: Final = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}
_OPERATOR_KEYS: Final[dict[Operator, str]] = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}


def _split_conditions(text: str, joint: str | re.Pattern[str]) -> list[str]:
    if len(text) > MOST_LETTERS:
        raise UsageError(
            "conditions_must_most_characters",
            "conditions must have at most {most_letters} characters, had {text_count}",
            most_letters=MOST_LETTERS,
            text_count=len(text),
        )
    if not text.strip():
        return []
    parts = text.split(joint) if isinstance(joint, str) else joint.split(text)
    if len(parts) > MOST_CONDITIONS:
        raise UsageError(
            "most_conditions_allowed",
            "at most {most_conditions} conditions are allowed, were {parts_count}",
            most_conditions=MOST_CONDITIONS,
            parts_count=len(parts),
        )
    return parts


def _parse_url_condition(part: str) -> ScreenerCondition:
    match = _URL.fullmatch(part)
    if match is None:
        raise UsageError(
            "condition_must_look_like_change",
            "a condition must look like change_24h>0.05, was {part}",
            part=_quote_input(part),
        )
    name, sign, bound = match.groups()
    operator = next(known for known in OPERATORS if known == sign)
    _check_field(name)
    if bound in FIELDS:
        return ScreenerCondition(name, operator, bound)
    if not _NUMBER.fullmatch(bound):
        raise UsageError(
            "value_must_number_field",
            "the value for {name} must be a number or a field, was {bound}",
            name=name,
            bound=_quote_input(bound),
        )
    return ScreenerCondition(name, operator, float(bound))


def _parse_sentence_condition(part: str, table: MarketTexts) -> ScreenerCondition:
    text = " ".join(part.split())
    for operator in OPERATORS:
        word = f" {table(f'screener.{_OPERATOR_KEYS[operator]}')} "
        left, has_word, right = text.partition(word)
        if has_word:
            name = _find_field(left, table)
            if name is None:
                raise UsageError(
                    "unknown_field",
                    "field must be one of {fields}, was {left}",
                    fields=" ".join(FIELDS),
                    left=_quote_input(left),
                )
            other_field = _find_field(right, table)
            return ScreenerCondition(name, operator, other_field or _parse_bound(right, name, table))
    known = ", ".join(table(f"screener.{key}") for key in _OPERATOR_KEYS.values())
    raise UsageError(
        "condition_must_use",
        "a condition must use one of: {known}; was {text}",
        known=known,
        text=_quote_input(text),
    )


def _find_field(text: str, table: MarketTexts) -> str | None:
    title = text.strip().casefold()
    return next((name for name in FIELDS if title in (name, _title(name, table).casefold())), None)


def _parse_bound(text: str, name: str, table: MarketTexts) -> float:
    """Return the number that a person wrote, in the unit of the field."""
    raw = text.strip().casefold().replace(MINUS, "-").replace("$", "")
    raw = raw.replace(table.numbers.group, "") if table.numbers.group != THIN else raw
    raw = raw.replace(" ", "").replace(table.numbers.point, ".")
    match = re.fullmatch(rf"({_NUMBER.pattern})(%|[a-z]{{1,3}})?", raw)
    if match is None:
        raise UsageError(
            "value_must_number_field",
            "the value for {name} must be a number or a field, was {bound}",
            name=name,
            bound=_quote_input(text),
        )
    try:
        number = Decimal(match[1])
    except InvalidOperation:
        raise UsageError(
            "value_must_number",
            "the value for {name} must be a number, was {text}",
            name=name,
            text=_quote_input(text),
        ) from None
    return float(number * _bound_factor(match[match.re.groups] or "", name, table.language))


def scales_of(language: str) -> Mapping[str, Decimal]:
    """Return what a letter after an amount stands for, in lower case."""
    return {**_SCALES, load_texts(language)("screener.trillion"): _SCALES["t"]}


def _bound_factor(suffix: str, name: str, language: str) -> Decimal:
    unit, scales = FIELDS[name].unit, scales_of(language)
    if unit in ("fraction", "rate"):
        if suffix == "%":
            return Decimal("0.01")
        if not suffix:
            raise UsageError(
                "value_must_per_cent", "the value for {name} must be in per cent, such as 5 %", name=name
            )
    elif not suffix or suffix == _SUFFIX.get(unit):
        return Decimal(1)
    elif suffix in scales and unit in ("usd", "price"):
        return scales[suffix]
    raise UsageError(
        "value_must_not_end",
        "the value for {name} must not end with {suffix}",
        name=name,
        suffix=_quote_input(suffix),
    )


_SUFFIX: Final = {"bps": "bps", "ratio": "x", "atr": "atr"}


def _bound_text(condition: ScreenerCondition, table: MarketTexts) -> str:
    if isinstance(condition.bound, str):
        return _title(condition.bound, table)
    unit = FIELDS[condition.field].unit
    exact = Decimal(repr(condition.bound))
    if unit in ("fraction", "rate"):
        return f"{_decimal_text(exact * 100, table)}{table.numbers.before_unit}%"
    if unit in ("usd", "price"):
        return dollars_text(exact, table)
    suffix = _SUFFIX.get(unit)
    return _decimal_text(exact, table) + (f"{FIXED}{suffix}" if suffix else "")


def dollars_text(exact: Decimal, table: MarketTexts) -> str:
    """Write a bound of money: in dollars for everybody, since an address must mean the same to all who follow it."""
    text, gap = _decimal_text(exact, table), table.numbers.before_unit
    for scale, word in scales_of_amounts(table.language):
        # Thousands are written out, as people write them.
        if abs(exact) >= scale >= 1e6:
            text = f"{_decimal_text(exact / Decimal(scale), table)}{gap}{word}"
            break
    return f"${text}" if table.numbers.is_sign_first else f"{text}{FIXED}$"


def _decimal_text(value: Decimal, table: MarketTexts) -> str:
    text = f"{value.normalize():,f}"
    return (
        text.replace("-", MINUS).replace(",", "\0").replace(".", table.numbers.point)
        .replace("\0", table.numbers.group)
    )  # fmt: skip


def shortest_text(value: float) -> str:
    """Write a number as it stands in an address: no more than it needs."""
    text = repr(value)
    return text.removesuffix(".0").replace("e+", "e")


def _title(name: str, table: MarketTexts) -> str:
    return table(f"fields.{name}.title")


def _check_field(name: str) -> None:
    if name not in FIELDS:
        raise UsageError(
            "unknown_field",
            "field must be one of {fields}, was {left}",
            fields=" ".join(FIELDS),
            left=_quote_input(name),
        )


def _check_same_unit(name: str, other: str) -> None:
    _check_field(other)
    if other == name:
        raise UsageError("must_not_compared_itself", "{name} must not be compared with itself", name=name)
    unit, other_unit = FIELDS[name].unit, FIELDS[other].unit
    if unit != other_unit:
        raise UsageError(
            "must_compared_field",
            "{name} must be compared with a field in {unit}; {other} is in {other_unit}",
            name=name,
            unit=unit,
            other=other,
            other_unit=other_unit,
        )


def _plain_spaces(text: str) -> str:
    return text.replace(FIXED, " ").replace(THIN, " ")


def _quote_input(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
