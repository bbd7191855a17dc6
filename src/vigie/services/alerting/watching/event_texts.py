"""Titles of events: the English sentence, and beside it the code and arguments that say it in other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from vigie.catalogue import NamedTexts, read_catalogue
from vigie.domain.alert import AlertEvent
from vigie.domain.errors import UsageError
from vigie.domain.refusal import to_stored
from vigie.services.alerting.watching.event_arguments import EventArgument, say_argument
from vigie.services.reader_texts import ReaderText

# What ends a line somewhere: in a title, in the header of a mail.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
EVENT_TEXTS: Final = NamedTexts(
    "alert",
    {
        "price.enters": "{name}: {where}",
        "price.leaves": "{name}: no longer {where}",
        "screener.enters": "{name} now matches: {where}",
        "screener.leaves": "{name} no longer matches: {where}",
        "peg.enters": "{name} is {percent}% off its $1 peg, at ${price}",
        "peg.leaves": "{name} is back near its $1 peg, at ${price}",
        "emerging.coin": "New coin: {name} (risk flags: {flags})",
        "emerging.pool": "New pool: {name} (risk flags: {flags})",
        "emerging.listed": "{name} now matches on Emerging: {where} (risk flags: {flags})",
        "emerging.gone.coin": "{name} left the list of emerging coins",
        "emerging.gone.pool": "{name} left the list of emerging pools",
        "emerging.unlisted": "{name} no longer matches on Emerging: {where}",
        "spike.items": "News spike on {name}: {count} items in 24 h, up from {usual} per day",
        "spike.sentiment": "News sentiment on {name} changed: {now} in 24 h, {usual} the week before (-1 to 1)",
        "register.added": "{register}: {name} added",
        "register.changed": "{register}: entry of {name} changed",
        "register.ended": "{register}: licence of {name} ended on {day}",
        "register.ends": "{register}: licence of {name} ends on {day}",
        "register.removed": "{register}: {name} removed",
        "desk.state": "Account {account} changed from {before} to {state}",
        "desk.halt": "Account {account} halted: {why}",
        "desk.loss": "Account {account}: {share}% of the daily loss limit used",
        "desk.difference": "Account {account} differs from the venue: {why}",
        "desk.trouble": "Account {account}: {what}: {why}",
        "desk.job": "Job failed ({job}): {why}",
        "desk.stream.enters": "Stream {name} is down: {why}",
        "desk.stream.leaves": "Stream {name} is back",
        "brief.week": "The week in crypto, {days} (week {number})",
        "letter.week": "Your week: a letter about what you own, {day}",
        "letter.month": "Your month: a letter about what you own, {day}",
        "desk.restart": "Vigie restarted",
        "desk.plan": "Plan {side} {market}, account {account}: {state}",
        "desk.plan.near": "Plan {side} {market}, account {account}: price {price} is {distance} from the {level} at "
        "{at} (alert within {within}, a quarter of the way from entry to stop)",
        "desk.plan.news": "Plan {side} {market}, account {account}: news ({status}; publishers: {publishers}): {title}",
        "desk.plan.loss": "Plan {side} {market}, account {account}: {share}% of the planned risk is lost so far "
        "(alert from {least}%)",
        "desk.plan.limit": "Plan {side} {market}, account {account}: {share}% of its limit is used, {limit} "
        "(alert from {least}%)",
        "holding.stretched": "{name} is now stretched against its own past",
        "holding.depressed": "{name} is now depressed against its own past",
        "holding.normal": "{name} is back to normal against its own past",
        "holding.volume": "{name}: {ratio} times the usual daily volume",
        "holding.share": "{name} is above your limit of {limit}% of what you own",
        "setup.forming": "Forming: {name}. Criteria met: {criteria}. {cancelled}. {sources}.",
        "setup.confirmed": "Confirmed: {name}. Criteria met: {criteria}. {cancelled}. {sources}.",
        "setup.invalidated": "Invalidated: {name}, {cause}. {sources}.",
        "channel.dead": "Alerts to {address} cannot be delivered: {why}",
        "channel.server": "The mail server is not accepting alerts. Vigie will try again: {why}",
        "channel.way": "Alerts to {address} are delayed. Vigie will try again: {why}",
        "setup.title.forming": "Forming: {name}",
        "setup.title.confirmed": "Confirmed: {name}",
        "setup.title.invalidated": "Invalidated: {name}",
    },
)


def make_event(
    kind: str, text_key: str, key: str, values: Mapping[str, object], now: int, **more: Any
) -> AlertEvent:
    """Return something that is raised.

    Parameters
    ----------
    text_key : str
        Which of `EVENT_TEXTS`, without its kind.
    values : mapping
        What stands in the text: as it is in every language, or an `EventArgument`. A refusal keeps its own code.
    more : Any
        Facts, and of the event itself `status`, `url`, `source`.

    Returns
    -------
    AlertEvent
        Its facts hold ``title``: the code of the text and its arguments.
    """
    message = make_message(f"{kind}.{text_key}", values)
    event_fields = {name: more.pop(name) for name in ("status", "url", "source") if name in more}
    title = say_message(message, "en")
    return AlertEvent(kind, key, title, now, now, facts={"title": message, **more}, **event_fields)


def make_message(code: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return what is stored of a text that languages say otherwise: its code, and its arguments as plain JSON."""
    return {"code": code, "arguments": {name: _to_stored(value) for name, value in values.items()}}


def say_message(message: Mapping[str, object], language: str) -> str:
    """Return a text in a language.

    Raises
    ------
    LookupError, TypeError, ValueError, UsageError
        If the catalogue lacks the text or one of its arguments, or takes others: written by another release.
    """
    arguments = message["arguments"]
    if not isinstance(arguments, Mapping):
        raise TypeError
    values = {name: say_argument(value, language) for name, value in arguments.items()}
    code = str(message["code"])
    # A partial catalogue may lack the text: it is said in English then, with all that stands in it.
    text = EVENT_TEXTS["en"][code] if language == "en" else read_catalogue(language).named[f"alert.{code}"]
    return _CONTROL.sub(" ", text.format(**values))


def _to_stored(value: object) -> object:
    if isinstance(value, EventArgument):
        return value.to_stored()
    stored = to_stored(value) if isinstance(value, str) else None
    return value if stored is None else {**stored, "en": value}


def title_of(event: AlertEvent, language: str) -> str:
    """Return the title in a language.

    Parameters
    ----------
    event : AlertEvent
        As it was raised or stored; older ones hold finished titles by language.
    language : str
        ``en``, ``fr``, ...

    Returns
    -------
    str
        The sentence of the catalogue with the event's arguments; the stored title where the event has no code, or the
        catalogue no such text.
    """
    return _text_by_code(event, "title", language) or str(event.facts.get(f"title_{language}") or event.title)


def reader_title(event: AlertEvent) -> ReaderText:
    """Return the English title, which pages say in their reader's language."""
    return ReaderText(event.title, partial(title_of, event))


def short_title_of(event: AlertEvent, language: str) -> str:
    """Return the title in a few words, where it has such a one; older events hold it finished, by language."""
    short = event.facts.get("short")
    kept = short.get(language) if isinstance(short, Mapping) else None
    return _text_by_code(event, "short", language) or (str(kept) if kept else title_of(event, language))


def _text_by_code(event: AlertEvent, name: str, language: str) -> str:
    """Return a text that an event holds by its code; empty where it holds none that is known."""
    stored = event.facts.get(name)
    # What was said in English when it was raised stays.
    if (name == "title" and language == "en") or not isinstance(stored, Mapping):
        return ""
    with suppress(LookupError, TypeError, ValueError, UsageError):
        # The catalogue may have got a placeholder since the event was stored.
        return say_message(stored, language)
    return ""
