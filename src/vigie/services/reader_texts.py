"""What services say, in the reader's language: sentences of the catalogue with their values, and refusals by code.

A text without a code, such as a venue's own words or a row of before, is said as the catalogue says it, else as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from vigie.catalogue import (
    NamedTexts,
    complete_languages,
    format_day,
    known_texts,
    read_catalogue,
    translate,
)
from vigie.domain.refusal import Refusal
from vigie.intelligence.market.words import numbers_of
from vigie.services.refusal_text import fill_refusal

# Fields as their forms call them, and scopes; programs read both by their names.
_LABELS: Final = {
    "field": NamedTexts(
        "field",
        {
            "assets": "Assets",
            "account": "Account",
            "address": "Address",
            "bars": "Valid for, in bars",
            "bound": "Number or field",
            "capital": "Capital",
            "coin": "Coin",
            "columns": "Columns",
            "cool_down_minutes": "Minutes between alerts",
            "daily_budget": "Max per day",
            "fee": "Fee",
            "folds": "Folds",
            "further_targets": "Further targets",
            "high": "Zone to",
            "horizon": "Horizon",
            "instrument": "Instrument",
            "limit_entries": "Limit entries",
            "low": "Zone from",
            "note": "Note",
            "place": "Market",
            "plan": "Plan",
            "price": "Price",
            "quantity": "Quantity",
            "setup": "Setup",
            "side": "Side",
            "state": "State",
            "stop": "Stop",
            "target": "Target",
            "days": "Expires after (days)",
            "documents_days": "Raw documents",
            "jobs_days": "Finished jobs and logs",
            "last": "Last N bars",
            "leverage": "Max leverage",
            "maker": "Maker fee",
            "max_bars": "Time stop",
            "name": "Name",
            "quiet_from": "Quiet hours from",
            "quiet_to": "Quiet hours until",
            "random": "Random sample size",
            "risk_fraction": "Planned risk per trade",
            "slippage_bps": "Slippage",
            "stop_atr": "Stop",
            "strategy": "Strategy",
            "taker": "Taker fee",
            "target_atr": "Target",
            "timeframe": "Timeframe",
            "title": "Title",
            "venue": "Venue",
            "zone": "Time zone",
        },
    ),
    "scope": NamedTexts("scope", {"read": "read", "write": "write", "trade": "trade", "admin": "admin"}),
}

# A number with decimals: it has a comma in French. What a person typed stands in quotation marks and stays.
_DECIMAL: Final = re.compile(r"-?\d+\.\d+")
# An instant as programs read it.
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:(?!00)\d\d)?(?::00)?(?:\.\d+)?Z", re.ASCII)


class ReaderText(str):
    """A text in English, as programs read it, that pages say in their reader's language.

    Parameters
    ----------
    english : str
        What it is equal to.
    say : callable
        From a language to the text in it.
    """

    __slots__ = ("say",)

    say: Callable[[str], str]

    def __new__(cls, english: str, say: Callable[[str], str]) -> ReaderText:
        """Keep how it is said."""
        text = super().__new__(cls, english)
        text.say = say
        return text

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Pydantic makes a plain text of every text: this one stays, and is described as the text that it is.
        kept = core_schema.is_instance_schema(cls)
        return core_schema.json_or_python_schema(handler(str), core_schema.union_schema([kept, handler(str)]))


def say_sentence(sentence: str, values: Mapping[str, str], language: str) -> str:
    """Return a sentence of the catalogue with its values: words where they are known, decimals as they are written."""
    if language == "en" or not has_whole(language, sentence, *values.values()):
        return sentence % {name: _with_moments(value, "en") for name, value in values.items()}
    said = {name: _value_text(value, language) for name, value in values.items()}
    return translate(sentence, language) % said


def _value_text(value: str, language: str) -> str:
    if _DECIMAL.fullmatch(value):
        return value.replace(".", numbers_of(language).point)
    return say_refusal(_with_moments(value, language), language)


def _with_moments(text: str, language: str) -> str:
    """Return a value with instants as people write them; of a refusal, its arguments are written one by one."""
    if isinstance(text, Refusal):
        return text
    return _INSTANT.sub(lambda match: _moment_text(match[0], language), text)


def _moment_text(value: str, language: str) -> str:
    """Return an instant as a language writes it; as it is where there is no such day."""
    match = _INSTANT.fullmatch(value)
    if match is None:
        return value
    try:
        day = date.fromisoformat(match[1])
    except ValueError:
        return value
    return f"{format_day(day, language)} {match[2]}{match[3] or ''} UTC"


def say_refusal(refusal: str, language: str) -> str:
    """Return a refusal in a language; in English where a partial language lacks a part of it."""
    if language == "en" or not has_whole(language, refusal):
        return _with_labels(refusal)
    if not isinstance(refusal, Refusal):
        return translate(refusal, language)
    return fill_refusal(refusal, language, partial(_argument_text, language))


def has_whole(language: str, *texts: str) -> bool:
    """Tell whether a language has texts with everything in them, so that no sentence mixes it with English.

    Complete languages have everything. A text that none of them has is data, such as a venue's own words.
    """
    if language in complete_languages():
        return True
    return all(_has_text(language, text) for text in texts)


def _has_text(language: str, text: str) -> bool:
    if isinstance(text, Refusal):
        is_known = f"refusal.{text.code}" in read_catalogue(language).named
        return is_known and has_whole(language, *text.arguments.values())
    return text in read_catalogue(language).texts or text not in known_texts()


def split_refusals(refusal: str) -> list[str]:
    """Return what a refusal joins as parts of their own, so that they can be counted and listed."""
    if isinstance(refusal, Refusal) and refusal.code == "several":
        return [refusal.arguments["first"], *split_refusals(refusal.arguments["rest"])]
    return [refusal]


def _with_labels(refusal: str) -> str:
    """Return an English refusal with fields as forms call them; programs read their names."""
    parts = [_with_label(part) for part in split_refusals(refusal)]
    return "; ".join(parts) if len(parts) > 1 else parts[0]


def _with_label(refusal: str) -> str:
    if not isinstance(refusal, Refusal):
        return refusal
    if refusal.code != "field_refused":
        return _with_argument_moments(refusal)
    return f"{_field_label('en', refusal.arguments['field'])}: {_with_argument_moments(refusal.arguments['reason'])}"


def _with_argument_moments(refusal: str) -> str:
    """Return an English refusal with the instants among its arguments as people write them."""
    if not isinstance(refusal, Refusal):
        return refusal
    text = str(refusal)
    for value in refusal.arguments.values():
        if isinstance(value, Refusal):
            text = text.replace(str(value), _with_argument_moments(value))
        elif _INSTANT.fullmatch(value):
            text = text.replace(value, _moment_text(value, "en"))
    return text


def _field_label(language: str, field: str) -> str:
    """Return what a form calls a field; of a list also which of its values is meant."""
    labels = _LABELS["field"][language]
    name, _, place = field.partition(".")
    if field not in labels and name in labels and place.isdecimal():
        return f"{labels[name]} ({int(place) + 1})"
    return labels.get(field, field)


def _argument_text(language: str, name: str, value: str) -> str:
    if isinstance(value, Refusal):
        return say_refusal(value, language)
    if name == "threshold":
        return numbers_of(language).exact(value.replace(",", ""))
    if _DECIMAL.fullmatch(value):
        return numbers_of(language).exact(value)
    if _INSTANT.fullmatch(value):
        return _moment_text(value, language)
    if name == "field":
        return _field_label(language, value)
    return _LABELS[name][language].get(value, value) if name in _LABELS else value
