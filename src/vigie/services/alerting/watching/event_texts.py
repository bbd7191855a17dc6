"""What is raised, in words of both languages; titles of happenings hold both, and who reads chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.alert import AlertEvent

EVENT_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "price.enters": ("{name}: {where}", "{name} : {where}"),
    "price.leaves": ("{name}: no more {where}", "{name} : fin de {where}"),
    "screener.enters": ("{name} entered the screen {where}", "{name} entre dans la sélection {where}"),
    "screener.leaves": ("{name} left the screen {where}", "{name} quitte la sélection {where}"),
    "peg.enters": (
        "{name} is {percent} % away from its dollar, at {price}",
        "{name} s’écarte de {percent} % de son dollar, à {price}",
    ),
    "peg.leaves": ("{name} is back at its dollar, at {price}", "{name} revient à son dollar, à {price}"),
    "emerging.coin": ("New coin: {name}, {flags} risk flags", "Nouvelle crypto : {name}, {flags} signaux de risque"),
    "emerging.pool": ("New pool: {name}, {flags} risk flags", "Nouveau pool : {name}, {flags} signaux de risque"),
    "emerging.listed": (
        "{name} entered the list of emerging ones: {where}; {flags} risk flags",
        "{name} entre dans la liste des émergentes : {where} ; {flags} signaux de risque",
    ),
    "emerging.gone.coin": ("{name} left the list of emerging coins", "{name} quitte la liste des cryptos émergentes"),
    "emerging.gone.pool": ("{name} left the list of emerging pools", "{name} quitte la liste des pools émergents"),
    "emerging.unlisted": (
        "{name} left the list of emerging ones: {where}", "{name} quitte la liste des émergentes : {where}",
    ),
    "spike.items": (
        "{name} is written of more than usual: {count} items in 24 h, {usual} a day before",
        "{name} fait plus parler que d’habitude : {count} articles en 24 h, {usual} par jour auparavant",
    ),
    "spike.sentiment": (
        "The tone on {name} changed: {now} in 24 h, {usual} in the week before (-1 to 1)",
        "Le ton sur {name} change : {now} en 24 h, {usual} la semaine précédente (de -1 à 1)",
    ),
    "register.added": ("{register}: {name} was added", "{register} : {name} a été ajouté"),
    "register.changed": ("{register}: {name} was changed", "{register} : {name} a été modifié"),
    "register.ended": (
        "{register}: the licence of {name} ended on {day}", "{register} : l’agrément de {name} a pris fin le {day}",
    ),
    "register.ends": (
        "{register}: the licence of {name} ends on {day}", "{register} : l’agrément de {name} prend fin le {day}",
    ),
    "register.removed": ("{register}: {name} was removed", "{register} : {name} a été retiré"),
    "desk.state": ("Account {account}: {before} becomes {state}", "Compte {account} : {before} devient {state}"),
    "desk.halt": ("Account {account} was halted: {why}", "Le compte {account} est suspendu : {why}"),
    "desk.loss": (
        "Account {account}: {share} % of the loss allowed a day is used",
        "Compte {account} : {share} % de la perte permise par jour est atteinte",
    ),
    "desk.difference": (
        "Account {account}: the venue and the log differ: {why}",
        "Compte {account} : la place et le journal diffèrent : {why}",
    ),
    "desk.trouble": ("Account {account}: {what}: {why}", "Compte {account} : {what} : {why}"),
    "desk.job": ("A job failed: {job}: {why}", "Une tâche a échoué : {job} : {why}"),
    "desk.stream.enters": ("The stream {name} is silent: {why}", "Le flux {name} se tait : {why}"),
    "desk.stream.leaves": ("The stream {name} speaks again", "Le flux {name} parle de nouveau"),
    "brief.week": ("The week in crypto, {days} (week {number})", "La semaine crypto, {days} (semaine {number})"),
    "desk.restart": ("Vigie was started again", "Vigie a redémarré"),
}  # fmt: skip


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
    english, french_text = EVENT_TEXTS[f"{kind}.{text_key}"]
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
