"""What a person or a test asks the newsroom for: it is published at once, and remembered with the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NEWS_KINDS: Final = {
    "regulator": "the regulator publishes about a coin; outlets follow",
    "story": "a fine about a coin: all outlets, a copy, a wrong figure, its correction, a denial",
    "giveaway": "the aggregator passes on a giveaway of a look-alike host",
    "register": "one licence is granted and another withdrawn",
}


@dataclass(frozen=True, slots=True)
class NewsRequest:
    """One of them.

    Attributes
    ----------
    what : str
        A key of `NEWS_KINDS`.
    ts : int
        When, market time.
    coin : str
        Id of the coin it is about.
    """

    what: str
    ts: int
    coin: str = "bitcoin"
