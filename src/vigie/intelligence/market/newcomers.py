"""Conditions on emerging coins and pools, in an address and as plain sentences; all of them must hold.

Takes text such as ``age_hours<=72,liquidity_usd>=100000,place=eth,without=imitates``; gives typed conditions, the
text back in one form, and sentences. What is not known of a newcomer never matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Final

from vigie.domain.errors import UsageError
from vigie.intelligence.market.emerging import FLAGS, FlaggedNewcomer
from vigie.intelligence.market.screener import OPERATORS, dollars_text, shortest_text
from vigie.intelligence.market.words import FIXED, MarketTexts, load_texts

MOST_CONDITIONS: Final = 12
MOST_LETTERS: Final = 200
# Measured of a newcomer, and how a bound of it is written.
MEASURED: Final = {
    "age_hours": "hours", "liquidity_usd": "usd", "volume_24h_usd": "usd", "turnover": "times",
}  # fmt: skip
_NAMED: Final = ("kind", "place", "flags", "without")
_CHOICES: Final = {"kind": ("coin", "pool"), "flags": ("none", "some"), "without": FLAGS}
_TEXT: Final = re.compile(r"([a-z0-9_]{1,40})(>=|<=|>|<|=)([a-z0-9_.:-]{1,60})")
_NUMBER: Final = re.compile(r"\d{1,15}(\.\d{1,4})?")
_COMPARE: Final = {">": gt, ">=": ge, "<": lt, "<=": le}
_WORDS: Final = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}


@dataclass(frozen=True, slots=True)
class NewcomerCondition:
    """One condition on newcomers.

    Attributes
    ----------
    field : str
        A name of `MEASURED`, else ``kind``, ``place``, ``flags`` or ``without``.
    operator : str
        ``=`` where the field is named, not measured.
    value : float or str
        A bound, else what it must be: ``pool``, ``eth``, ``none``, a flag that must be missing.
    """

    field: str
    operator: str
    value: float | str

    def holds(self, candidate: FlaggedNewcomer) -> bool:
        """Tell whether a newcomer meets it; what is not known does not."""
        flags = {flag.key for flag in candidate.flags}
        if isinstance(self.value, float):
            measured = measure_of(candidate, self.field)
            return bool(_COMPARE[self.operator](measured, self.value))
        if self.field == "flags":
            return bool(flags) == (self.value == "some")
        if self.field == "without":
            return self.value not in flags
        return str(getattr(candidate.newcomer, self.field)).lower() == self.value


def parse_newcomers(text: str) -> tuple[NewcomerCondition, ...]:
    """Read conditions from an address; empty text is no condition, of the same one the last counts.

    Raises
    ------
    UsageError
        With what was given and what is accepted.
    """
    if len(text) > MOST_LETTERS:
        raise UsageError(
            "conditions_must_most_characters",
            "conditions must have at most {most_letters} characters, had {text_count}",
            most_letters=MOST_LETTERS,
            text_count=len(text),
        )
    parts = [part.strip().lower() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_CONDITIONS:
        raise UsageError(
            "most_conditions_allowed",
            "at most {most_conditions} conditions are allowed, were {parts_count}",
            most_conditions=MOST_CONDITIONS,
            parts_count=len(parts),
        )
    by_slot = {_condition_slot(condition): condition for condition in map(_parse_condition, parts)}
    return tuple(by_slot[key] for key in sorted(by_slot))


def render_newcomers(conditions: Iterable[NewcomerCondition]) -> str:
    """Write conditions as they stand in an address: two who mean the same write the same."""
    return ",".join(
        f"{condition.field}{condition.operator}"
        f"{shortest_text(condition.value) if isinstance(condition.value, float) else condition.value}"
        for condition in conditions
    )


def newcomers_sentence(conditions: Iterable[NewcomerCondition], language: str) -> str:
    """Write conditions as one sentence without a full stop."""
    table = load_texts(language)
    return f" {table('screener.and')} ".join(_condition_text(condition, table) for condition in conditions)


def _condition_slot(condition: NewcomerCondition) -> tuple[int, str]:
    """Return in which place a condition stands: one lower and one upper bound of a measure, one of each name."""
    place = (*MEASURED, *_NAMED).index(condition.field)
    side = str(condition.value) if condition.field == "without" else condition.operator[:1]
    return place, side


def _parse_condition(part: str) -> NewcomerCondition:
    match = _TEXT.fullmatch(part)
    if match is None:
        raise UsageError(
            "condition_must_look_like_age",
            "a condition must look like age_hours<72 or place=eth, was {part!r}",
            part=part[:60],
        )
    name, sign, value = match.groups()
    if name in MEASURED:
        if sign not in OPERATORS or not _NUMBER.fullmatch(value):
            raise UsageError(
                "must_compared_number",
                "{name} must be compared with a number, as in {name}>24, was {part!r}",
                name=name,
                part=part[:60],
            )
        return NewcomerCondition(name, sign, float(value))
    if name not in _NAMED or sign != "=":
        known = " ".join((*MEASURED, *_NAMED))
        raise UsageError(
            "condition_emerging_coins_must_use",
            "a condition on emerging coins must use one of {known}, was {part!r}",
            known=known,
            part=part[:60],
        )
    choices: tuple[str, ...] = _CHOICES.get(name, ())
    if choices and value not in choices:
        raise UsageError(
            "must_one",
            "{name} must be one of {choices}, was {value!r}",
            name=name,
            choices=" ".join(choices),
            value=value,
        )
    return NewcomerCondition(name, sign, value)


def measure_of(candidate: FlaggedNewcomer, field: str) -> float:
    """Return a measure of a newcomer, NaN where it is not known."""
    return {
        "age_hours": candidate.age_hours, "liquidity_usd": candidate.newcomer.liquidity_usd,
        "volume_24h_usd": candidate.newcomer.volume_24h, "turnover": candidate.turnover,
    }[field]  # fmt: skip


def _condition_text(condition: NewcomerCondition, table: MarketTexts) -> str:
    if isinstance(condition.value, float):
        bound = _bound_text(condition.value, MEASURED[condition.field], table)
        return f"{table(f'newcomers.{condition.field}')} {table(f'screener.{_WORDS[condition.operator]}')} {bound}"
    if condition.field == "without":
        return table("newcomers.without", flag=table(f"flags.{condition.value}.title"))
    if condition.field == "place":
        return table("newcomers.place", place=condition.value)
    return table(f"newcomers.{condition.field}_{condition.value}")


def _bound_text(value: float, unit: str, table: MarketTexts) -> str:
    if unit == "usd":
        return dollars_text(Decimal(repr(value)), table)
    return f"{table.numbers.plain(value)}{FIXED}h" if unit == "hours" else table.numbers.plain(value)
