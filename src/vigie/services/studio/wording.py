"""What filled parts are called, in the language of the board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.services.studio.board import Language

SPANS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "24h": "over 24 hours", "1w": "over 1 week", "1m": "over 1 month", "1y": "over 1 year",
        "max": "since the first close", "dates": "between two dates",
    },
    "fr": {
        "24h": "sur 24 heures", "1w": "sur 1 semaine", "1m": "sur 1 mois", "1y": "sur 1 an",
        "max": "depuis la première clôture", "dates": "entre deux dates",
    },
}  # fmt: skip
# Headings of columns and titles of parts.
WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "and": "and", "asset": "Asset", "price": "Price", "change": "Change", "24h": "24 h", "1w": "1 week",
        "1m": "1 month", "1y": "1 year", "max": "Since the first close", "time": "Time",
        "first_value": "since first data",
        "cap": "Market cap", "volume": "Volume 24 h", "list": "List", "up": "gainers", "down": "losers",
        "changes": "Changes of {names}", "markets": "Markets", "movers": "Biggest moves {span}",
        "words": "Headline keywords {span}", "heat": "The market {span}",
        "correlation": "Correlation of daily returns over 90 days", "from": "from {start} to {end}",
        "funding": "Funding rate (8 h), {names} {span}", "open_interest": "Open interest, {names} {span}",
        "basis": "Basis, {names} {span}", "long_short": "Long/short ratio, {names} {span}",
        "liquidations": "Liquidations, {names} {span}", "volatility": "Implied volatility (options) {span}",
    },
    "fr": {
        "and": "et", "asset": "Actif", "price": "Prix", "change": "Variation", "24h": "24 h", "1w": "1 semaine",
        "1m": "1 mois", "1y": "1 an", "max": "Depuis la première clôture", "time": "Heure",
        "first_value": "depuis les premières données",
        "cap": "Capitalisation", "volume": "Volume 24 h", "list": "Liste", "up": "hausses", "down": "baisses",
        "changes": "Variations : {names}", "markets": "Marchés", "movers": "Plus fortes variations {span}",
        "words": "Mots-clés des titres {span}", "heat": "Le marché {span}",
        "correlation": "Corrélation des rendements quotidiens sur 90 jours", "from": "du {start} au {end}",
        "funding": "Taux de financement (8 h), {names} {span}",
        "open_interest": "Open interest, {names} {span}", "basis": "Base, {names} {span}",
        "long_short": "Ratio longs/shorts, {names} {span}",
        "liquidations": "Liquidations, {names} {span}",
        "volatility": "Volatilité implicite (options) {span}",
    },
}  # fmt: skip


def format_word(language: Language, name: str, **values: str) -> str:
    """Return a heading in a language."""
    return WORDS[language][name].format(**values)


def join_names(language: Language, names: Sequence[str]) -> str:
    """Return names as one says them: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {WORDS[language]['and']} {names[-1]}"
