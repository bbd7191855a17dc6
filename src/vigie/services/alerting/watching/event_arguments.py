"""Values of titles that languages write differently: kept as what they are, and written for the reader.

A figure is kept as its digits, a day as its instant, conditions as they are typed, a word by its id: so every language
can write them, one that Vigie learns later, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from vigie.catalogue import NamedTexts, translate
from vigie.domain.refusal import Refusal, from_stored, read_refusals, with_refusals
from vigie.intelligence.market.newcomers import newcomers_sentence, parse_newcomers
from vigie.intelligence.market.screener import parse_where, render_sentence
from vigie.intelligence.market.words import numbers_of
from vigie.services.alerting.watching.setup_words import (
    CAUSES,
    ages_of_sources,
    cancelling_level,
    met_criteria,
    price_text,
    setup_name,
)
from vigie.services.alerting.wording import WORDS
from vigie.services.news.brief.words import day_of, days_of
from vigie.services.reader_texts import has_whole, say_refusal, say_sentence

# States of accounts and of streams, as they stand in texts.
STATES: Final = NamedTexts(
    "alert_state",
    {
        "active": "active",
        "reducing": "reducing",
        "halted": "halted",
        "flat": "flat",
        "stale": "stale",
        "failing": "failing",
        "entered": "in position",
        "closed": "closed",
        "refused": "refused",
        "expired": "expired",
        "closed_stop": "closed at the stop",
        "closed_target": "closed at the target",
        "closed_liquidation": "liquidated",
        "level_zone": "zone",
        "level_stop": "stop",
        "level_target": "target",
        "limit_daily_loss": "daily loss",
        "limit_window_drawdown": "drawdown of the last days",
        "limit_account_drawdown": "drawdown of the account",
        "limit_global_drawdown": "drawdown since the start",
        "long": "long",
        "short": "short",
    },
)

ArgumentKind = Literal[
    "figure", "price", "day", "week", "word", "text", "sentence", "screen", "newcomers", "setup_name",
    "setup_criteria", "setup_level", "setup_sources",
]  # fmt: skip
Fields = Mapping[str, object]
# Texts that words of titles are of, by the name that is kept.
_TEXTS: Final[Mapping[str, NamedTexts]] = {"states": STATES, "mail": WORDS, "setup_causes": CAUSES}


@dataclass(frozen=True, slots=True)
class EventArgument:
    """One value of a title.

    Attributes
    ----------
    kind : str
        How it is written.
    fields : mapping
        What it is, plain JSON.
    """

    kind: ArgumentKind
    fields: Fields

    def say(self, language: str) -> str:
        """Return it as a language writes it."""
        return _WRITERS[self.kind](self.fields, language)

    def to_stored(self) -> dict[str, object]:
        """Return what is stored of it: with its English, for a Vigie that does not know its kind."""
        return {"kind": self.kind, "fields": dict(self.fields), "en": self.say("en")}


def figure(text: str) -> EventArgument:
    """Return a figure, given its digits with a decimal point."""
    return EventArgument("figure", {"text": text})


def price(value: float | None) -> EventArgument:
    """Return a price; nothing where it is not known."""
    return EventArgument("price", {"value": value})


def day(ts_ms: int) -> EventArgument:
    """Return the day of an instant, in UTC."""
    return EventArgument("day", {"ts": ts_ms})


def week(start_ms: int) -> EventArgument:
    """Return the seven days from a Monday on."""
    return EventArgument("week", {"ts": start_ms})


def word(texts: NamedTexts, key: str, *, otherwise: str | None = None) -> EventArgument:
    """Return a word of some texts; one that they do not have is said as it is, or otherwise."""
    name = next(name for name, known in _TEXTS.items() if known is texts)
    return EventArgument("word", {"of": name, "key": key, "else": key if otherwise is None else otherwise})


def text(english: str) -> str | EventArgument:
    """Return a text that the catalogue may have; a refusal keeps its own code."""
    return english if isinstance(english, Refusal) else EventArgument("text", {"text": english})


def sentence(english: str, values: Mapping[str, str]) -> EventArgument:
    """Return a sentence of the catalogue with its values, refusals among them."""
    return EventArgument("sentence", {"text": english, "values": with_refusals(values)})


def screen(where: str) -> EventArgument:
    """Return conditions of the screener."""
    return EventArgument("screen", {"where": where})


def newcomers(where: str) -> EventArgument:
    """Return conditions of the page of emerging coins."""
    return EventArgument("newcomers", {"where": where})


def _text(fields: Fields, name: str) -> str:
    return str(fields[name])


def _whole(fields: Fields, name: str) -> int:
    return int(_text(fields, name))


def _number(fields: Fields, name: str) -> float | None:
    value = fields[name]
    return float(value) if isinstance(value, int | float) else None


def _price(fields: Fields, language: str) -> str:
    value = _number(fields, "value")
    return "" if value is None else price_text(value, language)


def _word(fields: Fields, language: str) -> str:
    return _TEXTS[_text(fields, "of")][language].get(_text(fields, "key"), _text(fields, "else"))


def _sentence(fields: Fields, language: str) -> str:
    kept = fields["values"]
    values = read_refusals(kept) if isinstance(kept, Mapping) else {}
    return say_sentence(_text(fields, "text"), values, language)


def _criteria(fields: Fields, language: str) -> str:
    names = fields["names"]
    held = [str(name) for name in names] if isinstance(names, list) else []
    return met_criteria(held, _whole(fields, "width"), language)


_WRITERS: Final[Mapping[str, Callable[[Fields, str], str]]] = {
    "figure": lambda fields, language: _text(fields, "text").replace(".", numbers_of(language).point),
    "price": _price,
    "day": lambda fields, language: day_of(_whole(fields, "ts"), language),
    "week": lambda fields, language: days_of(_whole(fields, "ts"), language),
    "word": _word,
    "text": lambda fields, language: translate(_text(fields, "text"), language),
    "sentence": _sentence,
    "screen": lambda fields, language: render_sentence(parse_where(_text(fields, "where")), language),
    "newcomers": lambda fields, language: newcomers_sentence(
        parse_newcomers(_text(fields, "where")), language
    ),
    "setup_name": lambda fields, language: setup_name(
        **{name: _text(fields, name) for name in ("coin", "side", "strategy", "timeframe")}, language=language
    ),
    "setup_criteria": _criteria,
    "setup_level": lambda fields, language: cancelling_level(
        _text(fields, "side"), _number(fields, "stop"), language
    ),
    "setup_sources": lambda fields, language: ages_of_sources(
        {name: _whole(fields, name) for name in fields}, language
    ),
}


def _catalogue_texts(stored: Fields) -> list[str]:
    """Return what a value says in texts of the catalogue; figures, days and names are written without it."""
    if "kind" not in stored:
        return [from_stored(str(stored.get("en", "")), stored)]
    kind, fields = stored["kind"], stored["fields"]
    match kind, fields:
        case "text", {"text": str(english)}:
            return [english]
        case "sentence", {"text": str(english), "values": Mapping() as kept}:
            return [english, *map(str, read_refusals(kept).values())]
        case "setup_name", {"side": str(side)}:
            return [side]
        case "setup_criteria", {"names": list(names)}:
            return [str(name) for name in names]
    return []


def say_argument(stored: object, language: str) -> object:
    """Return a stored value as a language writes it; one of before holds its text by language.

    Raises
    ------
    LookupError, TypeError, ValueError, UsageError
        If it is not what its kind takes: written by another release; or if the language lacks a text of it.
    """
    if not isinstance(stored, Mapping):
        return stored
    if language in stored:
        return stored[language]
    if not has_whole(language, *_catalogue_texts(stored)):
        raise LookupError(language)
    english = str(stored.get("en", ""))
    if "kind" in stored:
        fields = stored["fields"]
        return _WRITERS[stored["kind"]](fields, language) if stored["kind"] in _WRITERS else english
    return say_refusal(from_stored(english, stored), language)
