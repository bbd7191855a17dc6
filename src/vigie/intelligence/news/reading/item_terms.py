"""What an item tells of as terms that are compared with those of others: who, what, amounts, and whether it is prices.

Names that no list has are told by how the background writes a word inside sentences: most headlines have a capital on
every word.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from sys import intern
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.earlier_findings import entity_kind
from vigie.intelligence.news.reading.features import item_features
from vigie.intelligence.news.reading.genres import find_move
from vigie.intelligence.news.reading.happenings import happening_of
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.price_words import HEDGE_WORDS
from vigie.intelligence.news.reading.rarity import DOCUMENTS, ENTITY, PLAIN_RARITY, term_counts
from vigie.intelligence.news.reading.tfidf_index import Terms
from vigie.intelligence.news.reading.traits import (
    PLAIN,
    SAID_ALWAYS,
    TEASER_READ,
    MeantMention,
    Names,
    Traits,
    cached_traits,
    mentions_read,
)
from vigie.intelligence.news.reading.words import BEGINNING, TITLE_READ, Tokens, tokenize
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.word_cache import WordCache

# Reports of prices are found by this term, items in other languages by the next.
PRICES: Final = "p:"
FOREIGN: Final = "p:foreign"
FIGURE: Final = "m:"
_COUNTRY: Final = "e:country:"
_SHORTEST: Final = 3
# Words of one stem, and names written otherwise, share runs of so many letters.
_RUN: Final = 4
# From this share of capitals on a word is a name, and a word that so few documents have may be one.
_NAMED: Final = 0.6
_UNKNOWN: Final = 2.0
_PRICE_WORDS: Final = frozenset(
    """price prices bull bulls bear bears bullish bearish rally rallies support resistance analyst analysts trader
    traders gains gain losses level levels chart dip dips market altcoins altcoin momentum usd higher lower correct
    dives drops falls surges jumps liquidated liquidations selloff ath tests rise rises btc low lows high highs
    outperforms slides struggle slump""".split()
)
_UP: Final = frozenset(
    """rise rises jumps surges rally rallies gains gain higher soars up above bullish bulls recovers rebounds climbs
    skyrockets spikes hits reclaims""".split()
)
_DOWN: Final = frozenset(
    """falls drops dives slides lower plunges crashes down below bearish bears decline declines declined tumbles sinks
    liquidated losses dips selloff correct collapse collapses lows slump bleeds red""".split()
)
# The market moves with these; another coin's own move is an event of its own.
_LEADING: Final = frozenset({"market", "coin:bitcoin", "coin:ethereum"})
# What looks at prices and tells none.
_VIEWS: Final = frozenset(
    """trader traders metric metrics data indicator indicators chart pattern technical signal signals history historical
    bottom cycle whales whale options futures derivatives hodlers hodler holders investors research report index
    report model institutional expiry levels weekly monthly year years reasons here top watch bet bets sentiment fear
    opinion survey buy bought buys selling sellers study week weekend fractal setup rsi moving average""".split()
)
_MOST_HEDGES: Final = 4
# What moves is not a price.
_BESIDE: Final = frozenset(
    """difficulty hash hashrate fees fee mining miners miner etf etfs whales whale dominance tvl volume volumes inactive
    transactions transaction wallets addresses nodes supply jobs funds fund nft nfts payments trading
    spending could might would decade""".split()
)
_WAYS: Final = {"up": 1, "down": -1, "flat": 0}
_LEVEL: Final = re.compile(r"(?:USD ?|\$ ?)(\d[\d,]{0,12}(?:\.\d{1,4})?) ?([KkMmBb]\b|million|billion)?")
_SCALES: Final = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "million": 1e6, "billion": 1e9}
# What a coin's price may be told as; smaller ones are changes of it, larger ones are volumes.
_LEAST_LEVEL: Final = 5_000.0
_MOST_LEVEL: Final = 500_000.0


class ItemTerms(NamedTuple):
    """Terms of an item: beginnings of words, and ``e:`` with an id for those that a list has.

    Attributes
    ----------
    title, every : frozenset of str
        Of the title, and of title and text.
    names, plain : frozenset of str
        Of the title: names, listed or not, without coins; and other words.
    coins, countries, others : frozenset of str
        Of the title, by what an id stands for.
    counts, figures : frozenset of str
        Numbers of the title and of all.
    price : float
        From 0 to 1, how much it is a report of prices.
    direction : int
        Of prices: 1 up, -1 down.
    is_led : bool
        Whether the title begins with how the market moves.
    n_hedges, n_market_words : int
        How many words of the title look at prices without telling one, and how many are of markets.
    levels : tuple of float
        Prices that it tells.
    weight, square, square_of_all : float
        Sum of the rarities of the title, of their squares, and of those of all.
    runs, pairs : frozenset of str
        Of the title: runs of letters, and words in a row.
    """

    title: Names
    every: Names
    names: Names
    plain: Names
    coins: Names
    countries: Names
    others: Names
    counts: Names
    figures: Names
    price: float
    direction: int
    is_led: bool
    n_hedges: int
    n_market_words: int
    levels: tuple[float, ...]
    weight: float
    square: float
    square_of_all: float
    traits: Traits
    runs: Names
    pairs: Names

    @property
    def is_price(self) -> bool:
        """Whether it is a report of prices."""
        return self.price > 0.5


@lru_cache(maxsize=1_024)
def item_terms(entry: AnalysedItem) -> ItemTerms:
    """Return the terms of an item."""
    content = entry.item.content
    return cached_item_terms(content.title[:TITLE_READ], content.text[:TEASER_READ], mentions_read(entry))


def index_terms(entry: AnalysedItem) -> Terms:
    """Return what an item is found by."""
    terms = item_features(entry)
    if item_terms(entry).is_price:
        terms = (*terms, PRICES)
    return terms if is_english(entry) else (*terms, FOREIGN)


def is_english(entry: AnalysedItem) -> bool:
    """Tell whether an item is in the language that weights were fitted to."""
    finding = entry.findings.get("language")
    return finding is not None and finding.body["language"] == "en"


def _index_term(term: str) -> str:
    if term.startswith(_COUNTRY):
        return f"c:{term[len(ENTITY) :]}"
    if term.startswith((ENTITY, FIGURE)):
        return term
    happening_found = happening_of(term)
    return f"h:{happening_found}" if happening_found else f"t:{term}"


# What a term is found by.
INDEXED: Final = WordCache(_index_term)


@lru_cache(maxsize=8_192)
def cached_item_terms(title: str, text: str, mentions: tuple[MeantMention, ...]) -> ItemTerms:
    """Return the terms of a title and a text by who is meant where; remembered for the next time."""
    traits = cached_traits(title, text, mentions)
    head, body = tokenize(title), tokenize(text)
    title_terms = _text_terms(
        head, {at: id_ for id_, is_titled, start, end in mentions if is_titled for at in range(start, end)}
    )
    body_terms = _text_terms(
        body,
        {at: id_ for id_, is_titled, start, end in mentions if not is_titled for at in range(start, end)},
    )
    listed = {term: entity_kind(term[len(ENTITY) :]) for term in title_terms if term.startswith(ENTITY)}
    capital = {word[:BEGINNING] for raw, word in zip(head.raw, head.folded, strict=True) if raw[0].isupper()}
    names = frozenset(
        term for term in title_terms
        if (listed[term] != "coin" if term in listed else _is_name(term, traits, term in capital))
    )  # fmt: skip
    coins, countries = (
        frozenset(term for term in listed if listed[term] == kind_name) for kind_name in ("coin", "country")
    )
    others = frozenset(listed) - coins - countries
    leading_move = _leading_move(
        head,
        {start: id_ for id_, is_titled, start, _ in mentions if is_titled and entity_kind(id_) == "coin"},
    )
    return ItemTerms(
        title=title_terms,
        every=title_terms | body_terms,
        names=names,
        plain=title_terms - names - frozenset(listed),
        coins=coins,
        countries=countries,
        others=others,
        counts=numbers(title) - PLAIN,
        figures=traits.figures,
        price=_price_likelihood(head, body, traits, len(others) + len(countries), leading_move),
        direction=_price_direction(head, body, traits, leading_move),
        is_led=leading_move[0],
        n_hedges=_n_hedges(head),
        n_market_words=sum(map(_PRICE_WORDS.__contains__, head.folded)),
        levels=_price_levels(f"{title} {text}"),
        weight=sum([PLAIN_RARITY[term] for term in title_terms]),
        square=sum([PLAIN_RARITY[term] ** 2 for term in title_terms]),
        square_of_all=sum([PLAIN_RARITY[term] ** 2 for term in title_terms | body_terms]),
        traits=traits,
        runs=_letter_runs(head),
        pairs=_word_pairs(head),
    )


# Items have the same words and runs of letters again and again: each is interned, or they would take a fifth more.
def _letter_runs(head: Tokens) -> Names:
    text = f" {' '.join(head.folded)} "
    return frozenset(map(intern, [text[at : at + _RUN] for at in range(len(text) - _RUN + 1)]))


def _word_pairs(head: Tokens) -> Names:
    prefixes = [word[:BEGINNING] for word in head.folded if word not in SAID_ALWAYS]
    return frozenset(map("_".join, pairwise(prefixes)))


def _text_terms(tokens: Tokens, entities_by_start: dict[int, str]) -> Names:
    terms = set()
    for word, start in zip(tokens.folded, tokens.starts, strict=True):
        if start in entities_by_start:
            terms.add(ENTITY + entities_by_start[start])
        elif word not in SAID_ALWAYS and len(word) >= _SHORTEST and not word[0].isdigit():
            terms.add(intern(word[:BEGINNING]))
    return frozenset(terms)


def _is_name(term: str, traits: Traits, is_capital: bool) -> bool:
    share = term_counts().capitals.get(term)
    if share is not None:
        return share > _NAMED
    if term in traits.names:
        return True
    return is_capital and not happening_of(term) and DOCUMENTS[term] <= _UNKNOWN


def _leading_move(head: Tokens, coins: dict[int, str]) -> tuple[bool, str]:
    # Whether a headline begins with how the market moves, whatever is named behind it, and which way.
    move_found = find_move(head, coins)
    if move_found is None or move_found[0].isdisjoint(_LEADING) or not _BESIDE.isdisjoint(head.folded):
        return False, ""
    return True, move_found[1]


def _price_likelihood(
    head: Tokens, body: Tokens, traits: Traits, others: int, leading_move: tuple[bool, str]
) -> float:
    n_title_words = sum(map(_PRICE_WORDS.__contains__, head.folded))
    n_body_words = sum(map(_PRICE_WORDS.__contains__, body.folded))
    is_bitcoin = "coin:bitcoin" in traits.coins
    is_genre = traits.genre.kind in ("prices", "outlook")
    # Set by hand: words of markets speak for a report of prices, whoever else is named against it.
    if leading_move[0]:
        others = 0
    points = (
        1.6 * leading_move[0]
        + 0.9 * n_title_words
        + 0.3 * n_body_words
        + 1.3 * is_genre
        - 1.6 * others
        + 0.8 * is_bitcoin
        - 2.2
    )
    likelihood = 1.0 / (1.0 + math.exp(-1.5 * points))
    return max(likelihood, 0.75) if is_genre else likelihood


def _n_hedges(head: Tokens) -> int:
    n_hedges = sum(word in HEDGE_WORDS or word in _VIEWS for word in head.folded)
    return min(_MOST_HEDGES, n_hedges + ("?" in head.text))


def _price_direction(head: Tokens, body: Tokens, traits: Traits, leading_move: tuple[bool, str]) -> int:
    if direction := traits.genre.direction or leading_move[1]:
        return _WAYS[direction]
    for part in (head, body):
        balance = sum((word in _UP) - (word in _DOWN) for word in part.folded)
        if balance:
            return 1 if balance > 0 else -1
    return 0


def _price_levels(text: str) -> tuple[float, ...]:
    levels = (
        float(match[1].replace(",", "")) * _SCALES[(match[2] or "").lower()]
        for match in _LEVEL.finditer(text)
    )
    return tuple(sorted({level for level in levels if _LEAST_LEVEL < level < _MOST_LEVEL}))
