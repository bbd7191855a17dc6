"""What Hyperliquid's words say happened: it has no codes, errors are English sentences.

From https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/error-responses and what integrations met, read
in copies of late 2025. Words that are not here are ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.adapters.venues.envelope import Meaning

VENUE_REFUSED: Final = "refused"
"""Stands for a code: the venue's own refusal, not that of a server before it."""

FLAT: Final = "reduce only order would increase position"
"""There is no position to make smaller."""

_PHRASES_BY_MEANING: Final[Mapping[Meaning, tuple[str, ...]]] = {
    "absent": (
        "never placed, already canceled, or filled",
        "cannot modify canceled or filled order",
    ),
    # An agent that is not one of the account's, or a signature for the other network.
    "auth": ("user or api wallet", "must deposit before performing actions", "vault not registered"),
    "throttled": ("too many cumulative requests",),
    "halted": ("only post-only orders allowed immediately after", "trading is halted"),
    "gone": ("delisted", "invalid asset"),
    "duplicate": ("duplicate cloid",),
    # A nonce that was used is no proof: what was sent under it may have been done.
    "ambiguous": ("duplicate nonce",),
    "clock": ("invalid nonce", "expired", "expiresafter"),
    "rejected": (
        "minimum value of",
        "insufficient margin",
        FLAT,
        "divisible by tick size",
        "invalid size",
        "zero size",
        "could not immediately match",
        "invalid tp/sl price",
        "no liquidity available",
        "post only order would have",
        "away from the reference price",
        "too far from oracle",
        "more aggressive than oracle",
        "open interest",
        "margin tier limit",
        "invalid leverage",
        "cannot switch leverage type",
        "cannot change leverage",
        "failed to deserialize",
    ),
}
_MEANINGS: Final = tuple((part, meaning) for meaning, parts in _PHRASES_BY_MEANING.items() for part in parts)


def meaning_of(code: str, words: str, status: int) -> Meaning:
    """Return what an answer says happened.

    Parameters
    ----------
    code, words : str
        `VENUE_REFUSED` where the venue itself refused, and its words.
    status : int
        Of HTTP: what a server that failed says of an order is no proof.
    """
    if status >= 500:
        return "ambiguous"
    if status in (403, 429):
        return "throttled"
    if code != VENUE_REFUSED and status != 422:
        return "ambiguous"
    text = words.lower()
    return next((meaning for phrase, meaning in _MEANINGS if phrase in text), "ambiguous")
