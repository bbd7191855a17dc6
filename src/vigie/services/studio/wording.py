"""What filled parts are called, in the language of the board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.catalogue import NamedTexts
from vigie.services.languages import Language

SPANS: Final = NamedTexts("board.span", {
        "24h": "over 24 hours", "1w": "over 1 week", "1m": "over 1 month", "1y": "over 1 year",
        "max": "since the first close", "dates": "between two dates",
    })  # fmt: skip
# Headings of columns and titles of parts.
WORDS: Final = NamedTexts("board", {
        "and": "and", "asset": "Asset", "price": "Price", "change": "Change", "24h": "24 h", "1w": "1 week",
        "1m": "1 month", "1y": "1 year", "max": "Since the first close", "time": "Time",
        "first_value": "since first data",
        "cap": "Market cap", "volume": "Volume 24 h", "list": "List", "up": "gainers", "down": "losers",
        "odds": "Odds of {names}", "probability": "Probability", "usual": "Usual rate", "model": "Model",
        "verdict": "Verdict", "luck": "luck", "more_than_luck": "more than luck",
        "not_more_than_holding": "more than luck, not than holding",
        "changes": "Changes of {names}", "markets": "Markets", "movers": "Biggest moves {span}",
        "words": "Headline keywords {span}", "heat": "The market {span}",
        "correlation": "Correlation of daily returns over 90 days", "from": "from {start} to {end}",
        "funding": "Funding rate (8 h), {names} {span}", "open_interest": "Open interest, {names} {span}",
        "basis": "Basis, {names} {span}", "long_short": "Long/short ratio, {names} {span}",
        "liquidations": "Liquidations, {names} {span}", "volatility": "Implied volatility (options) {span}",
    })  # fmt: skip


def format_word(language: Language, name: str, **values: str) -> str:
    """Return a heading in a language."""
    return WORDS[language][name].format(**values)


def join_names(language: Language, names: Sequence[str]) -> str:
    """Return names as one says them: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {WORDS[language]['and']} {names[-1]}"
