"""What is raised, in words of both languages; titles of happenings hold both, and who reads chooses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.alert import AlertEvent

EVENT_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "price.enters": ("{name}: {where}", "{name} : {where}"),
    "price.leaves": ("{name}: no longer {where}", "{name}\u00a0: n’est plus vrai\u00a0: {where}"),
    "screener.enters": ("{name} now matches: {where}", "{name} correspond maintenant à\u00a0: {where}"),
    "screener.leaves": ("{name} no longer matches: {where}", "{name} ne correspond plus à\u00a0: {where}"),
    "peg.enters": (
        "{name} is {percent}% off its $1 peg, at ${price}",
        "{name} s’écarte de {percent}\u00a0% de sa parité avec le dollar, à {price} $",
    ),
    "peg.leaves": (
        "{name} is back near its $1 peg, at ${price}",
        "{name} revient près de sa parité avec le dollar, à {price} $",
    ),
    "emerging.coin": (
        "New coin: {name} (risk flags: {flags})",
        "Nouvelle crypto\u00a0: {name} (signaux de risque\u00a0: {flags})",
    ),
    "emerging.pool": (
        "New pool: {name} (risk flags: {flags})",
        "Nouveau pool\u00a0: {name} (signaux de risque\u00a0: {flags})",
    ),
    "emerging.listed": (
        "{name} now matches on Emerging: {where} (risk flags: {flags})",
        "{name} entre dans la liste des cryptos émergentes\u00a0: {where} (signaux de risque\u00a0: {flags})",
    ),
    "emerging.gone.coin": ("{name} left the list of emerging coins", "{name} quitte la liste des cryptos émergentes"),
    "emerging.gone.pool": ("{name} left the list of emerging pools", "{name} quitte la liste des pools émergents"),
    "emerging.unlisted": (
        "{name} no longer matches on Emerging: {where}", "{name} quitte la liste des cryptos émergentes\u00a0: {where}",
    ),
    "spike.items": (
        "News spike on {name}: {count} items in 24 h, up from {usual} per day",
        "Pic d’actualité sur {name}\u00a0: {count} actualités en 24 h, contre {usual} par jour auparavant",
    ),
    "spike.sentiment": (
        "News sentiment on {name} changed: {now} in 24 h, {usual} the week before (-1 to 1)",
        "Le sentiment des actualités sur {name} a changé\u00a0: {now} sur 24 h, {usual} la semaine précédente (-1 à 1)",
    ),
    "register.added": ("{register}: {name} added", "{register}\u00a0: ajout de {name}"),
    "register.changed": ("{register}: entry of {name} changed", "{register}\u00a0: modification pour {name}"),
    "register.ended": (
        "{register}: licence of {name} ended on {day}", "{register}\u00a0: l’agrément de {name} a pris fin le {day}",
    ),
    "register.ends": (
        "{register}: licence of {name} ends on {day}", "{register}\u00a0: l’agrément de {name} prend fin le {day}",
    ),
    "register.removed": ("{register}: {name} removed", "{register}\u00a0: retrait de {name}"),
    "desk.state": (
        "Account {account} changed from {before} to {state}",
        "Le compte {account} passe de «\u00a0{before}\u00a0» à «\u00a0{state}\u00a0»",
    ),
    "desk.halt": ("Account {account} halted: {why}", "Compte {account} suspendu\u00a0: {why}"),
    "desk.loss": (
        "Account {account}: {share}% of the daily loss limit used",
        "Compte {account}\u00a0: {share}\u00a0% de la limite de perte du jour atteints",
    ),
    "desk.difference": (
        "Account {account} differs from the venue: {why}",
        "Compte {account}, écart avec la plateforme\u00a0: {why}",
    ),
    "desk.trouble": ("Account {account}: {what}: {why}", "Compte {account} : {what} : {why}"),
    "desk.job": ("Job failed ({job}): {why}", "Tâche en échec ({job})\u00a0: {why}"),
    "desk.stream.enters": ("Stream {name} is down: {why}", "Flux {name} coupé\u00a0: {why}"),
    "desk.stream.leaves": ("Stream {name} is back", "Flux {name} rétabli"),
    "brief.week": ("The week in crypto, {days} (week {number})", "La semaine crypto, {days} (semaine {number})"),
    "desk.restart": ("Vigie restarted", "Vigie a redémarré"),
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
