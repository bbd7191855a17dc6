"""Whether two headlines tell of opposite turns: a venue that opens trading and one that ends it are two events.

What one side denies or corrects is no event of its own: a denial stays with what it denies.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from vigie.intelligence.news.judging.wording_signs import find_contradiction
from vigie.intelligence.news.reading.words import TITLE_READ, tokenize

# Words as compared, of either side; whole ones: «close» is also near.
_BEGINS: Final = (
    "opens opened launches launched lists listed adds added begins began starts started debuts "
    "ouvre ouvrent lance lancent cote cotent ajoute ajoutent demarre demarrent"
)
_ENDS: Final = (
    "ends ended delists delisted removes removed closes closed ceases ceased withdraws withdrew drops dropped "
    "retire retirent radie radient ferme ferment cesse cessent arrete arretent"
)
_YES: Final = (
    "approves approved accepts accepted adopts adopted authorises authorised authorizes authorized "
    "approuve approuvent accepte acceptent adopte adoptent autorise autorisent"
)
_NO: Final = "rejects rejected refuses refused vetoes vetoed rejette rejettent refuse refusent"
_GIVES: Final = "grants granted accorde accordent delivre delivrent"
_TAKES: Final = "revokes revoked withdraws withdrew revoque revoquent retire retirent"
_PAIRS: Final = ((_BEGINS, _ENDS), (_YES, _NO), (_GIVES, _TAKES))
_SIDES: Final = tuple((frozenset(one.split()), frozenset(other.split())) for one, other in _PAIRS)


def are_opposites(title: str, other: str) -> bool:
    """Tell whether two headlines tell of opposite turns of the same kind."""
    ours, theirs = _title_sides(title), _title_sides(other)
    return any(own_side * other_side < 0 for own_side, other_side in zip(ours, theirs, strict=True))


@lru_cache(maxsize=8_192)
def _title_sides(title: str) -> tuple[int, ...]:
    """Return for each pair 1 or -1 for its side, 0 where a headline has neither or both."""
    title_words = frozenset(tokenize(title, TITLE_READ).folded)
    sides = tuple(
        (not title_words.isdisjoint(first_side)) - (not title_words.isdisjoint(second_side))
        for first_side, second_side in _SIDES
    )
    return tuple(0 for _ in _SIDES) if any(sides) and find_contradiction(title) else sides
