"""What is raised, in words; an event holds its title in French too, and who reads chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.catalogue import NamedTexts
from vigie.domain.alert import AlertEvent

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
        "desk.restart": "Vigie restarted",
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
    values, french : mapping
        What stands in the text; French ones where they are others.
    more : Any
        Facts, and of the happening itself `status`, `url`, `source`.
    """
    english, french_text = (EVENT_TEXTS[language][f"{kind}.{text_key}"] for language in ("en", "fr"))
    title_fr = french_text.format(**{**values, **(french or {})})
    event_fields = {name: more.pop(name) for name in ("status", "url", "source") if name in more}
    return AlertEvent(
        kind, key, english.format(**values), now, now, facts={"title_fr": title_fr, **more}, **event_fields
    )


def french_decimals(values: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Return figures among values as French writes them."""
    return {name: str(values[name]).replace(".", ",") for name in names}


def title_of(event: AlertEvent, language: str) -> str:
    """Return the title in a language, where it has one of its own."""
    return str(event.facts.get(f"title_{language}") or event.title)
