"""Titles of events: the English sentence, and beside it the code and arguments that say it in other languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from vigie.catalogue import NamedTexts
from vigie.domain.alert import AlertEvent
from vigie.domain.refusal import to_stored

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
        "setup.title.forming": "Forming: {name}",
        "setup.title.confirmed": "Confirmed: {name}",
        "setup.title.invalidated": "Invalidated: {name}",
    },
)
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


def make_event(
    kind: str,
    text_key: str,
    key: str,
    values: Mapping[str, Any],
    now: int,
    *,
    french: Mapping[str, Any] | None = None,
    **more: Any,
) -> AlertEvent:
    """Return something that is raised.

    Parameters
    ----------
    text_key : str
        Which of `EVENT_TEXTS`, without its kind.
    values : mapping
        What stands in the text, in English. A refusal keeps its own code and arguments.
    french : mapping, optional
        Those of the values that are others in French.
    more : Any
        Facts, and of the event itself `status`, `url`, `source`.

    Returns
    -------
    AlertEvent
        Its facts hold ``title``: the code of the text and its arguments.
    """
    code = f"{kind}.{text_key}"
    values = {name: _in_one_line(value) for name, value in values.items()}
    french_values = {name: _in_one_line(value) for name, value in (french or {}).items()}
    arguments = {name: _to_argument(value, french_values.get(name, value)) for name, value in values.items()}
    event_fields = {name: more.pop(name) for name in ("status", "url", "source") if name in more}
    return AlertEvent(
        kind,
        key,
        EVENT_TEXTS["en"][code].format(**values),
        now,
        now,
        facts={"title": {"code": code, "arguments": arguments}, **more},
        **event_fields,
    )


def _to_argument(english: object, french: object) -> object:
    """Return what is stored of a value: itself, or its text by language with the code that it may have."""
    stored = to_stored(english) if isinstance(english, str) else None
    if stored is None and english == french:
        return english
    return {**(stored or {}), "en": english, "fr": french}


def french_decimals(values: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return figures among values as French writes them."""
    return {name: str(values[name]).replace(".", ",") for name in names}


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
    stored = event.facts.get("title")
    if language != "en" and isinstance(stored, Mapping):
        template = EVENT_TEXTS[language].get(str(stored.get("code")))
        arguments = stored.get("arguments")
        if template is not None and isinstance(arguments, Mapping):
            values = {name: _argument_in(value, language) for name, value in arguments.items()}
            with suppress(KeyError, IndexError, ValueError):
                # The catalogue may have got a placeholder since the event was stored.
                return template.format(**values)
    return str(event.facts.get(f"title_{language}") or event.title)


def _argument_in(value: object, language: str) -> object:
    return value.get(language, value.get("en")) if isinstance(value, Mapping) else value


def _in_one_line(value: object) -> object:
    """Return a text without the control characters that would end a line of a title, or a header of a mail."""
    # A refusal keeps its code: it is replaced only where it has such characters.
    return _CONTROL.sub(" ", value) if isinstance(value, str) and _CONTROL.search(value) else value
