"""What an item tells of, in terms that items in other words and in the other language share.

Names by id, numbers by value, what happens by its kind, and the beginnings of the remaining words: names that no list
has, and what both languages took from the same root. What stands in the title counts twice, in a form of its own.
"""

from __future__ import annotations

from typing import Final

from vigie.intelligence.news.reading.tfidf_index import Terms
from vigie.intelligence.news.reading.traits import Traits, item_traits
from vigie.intelligence.news.step import AnalysedItem

_WEIGHTS: Final = {"e": 2.0, "c": 1.0, "n": 1.0, "m": 1.1, "h": 1.2, "w": 0.8, "t": 0.6}
# Reports of prices have a term that finds them and says nothing.
_SQUARES: Final = {**{kind: weighs**2 for kind, weighs in _WEIGHTS.items()}, "p": 0.0}


def item_features(entry: AnalysedItem) -> Terms:
    """Return the terms of an item.

    They begin with ``e:`` for who is named, ``c:`` which country, ``n:`` numbers of the title, ``m:`` of title or text,
    ``h:`` what happens, ``w:`` words of the title, ``t:`` of title or text.
    """
    return trait_terms(item_traits(entry))


def trait_terms(traits_found: Traits) -> Terms:
    """Return the terms of what an item tells of."""
    return (
        *(f"e:{value}" for value in sorted(traits_found.listed)),
        *(f"c:{value}" for value in sorted(traits_found.countries)),
        *(f"n:{value}" for value in sorted(traits_found.counts)),
        *map(figure_term, sorted(traits_found.figures)),
        *(f"h:{value}" for value in sorted(traits_found.happens)),
        *(f"w:{value}" for value in sorted(traits_found.title_words)),
        *(f"t:{value}" for value in sorted(traits_found.all_words)),
    )


def figure_term(figure: str) -> str:
    """Return the term of a number of title or text."""
    return f"m:{figure}"


def term_weight(term: str) -> float:
    """Return how much a kind of term counts beside its rarity."""
    return _WEIGHTS[term[0]]


def squared_weights(terms: Terms) -> tuple[float, ...]:
    """Return the square of the weight of each term."""
    return tuple([_SQUARES[term[0]] for term in terms])
