"""What tells one event from another that is worded alike: whom an item names, what it counts, what happens.

Names that no list has are told by their capitals, and where a headline has none to go by, by those of its text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.by_word import ByWord
from vigie.intelligence.news.reading.genres import EVENT, Genre, genre
from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.named import kind, mentions
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.words import BEGINNING, TITLE_READ, Words, words
from vigie.intelligence.news.step import Seen

TEASER_READ: Final = 320
# A coin that is only the company's other name says nothing that the company does not.
MEANT: Final = 0.7
SAID_ALWAYS: Final = (
    SMALL["en"] | SMALL["fr"] | frozenset("crypto cryptos cryptocurrency cryptomonnaie report".split())
)
# Small numbers and years stand anywhere.
PLAIN: Final = frozenset([*map(str, range(13)), *map(str, range(2008, 2040)), "24", "100%"])
# After these a sentence begins, and with it a capital that says nothing.
_BEGINS: Final = frozenset(':.!?;«»“”"|–—')
_LONG: Final = 4
_SHORTEST: Final = 3

Names = frozenset[str]
# Id of whom a mention means, whether it stands in the title, and where.
Meant = tuple[str, bool, int, int]


class Traits(NamedTuple):
    """What an item tells of; words by their beginnings.

    Attributes
    ----------
    coins, others, countries : frozenset of str
        Ids of who and what is named in the title.
    listed : frozenset of str
        Ids of all that are named, but countries.
    names : frozenset of str
        Words of the title that are names no list has.
    perhaps : frozenset of str
        Words of the title that may be, with a capital because a sentence begins with them.
    titled, said : frozenset of str
        Words that are neither listed nor what happens, of the title and of all.
    counts, figures : frozenset of str
        Numbers of the title and of all, without those that stand anywhere.
    dates : frozenset of str
        Dates of the title, as a column has them.
    happens, turns : frozenset of str
        What happens in the title and in all.
    genre : Genre
        What kind of headline the title is.
    """

    coins: Names
    others: Names
    countries: Names
    listed: Names
    names: Names
    perhaps: Names
    titled: Names
    said: Names
    counts: Names
    figures: Names
    dates: Names
    happens: Names
    turns: Names
    genre: Genre = EVENT


class _Part(NamedTuple):
    words: tuple[str, ...]
    happens: Names
    sure: Names
    first: Names
    small: Names


# A step asks for those of one item a dozen times in a row.
@lru_cache(maxsize=64)
def traits(seen: Seen) -> Traits:
    """Return what an item tells of."""
    title, text = seen.item.said.title[:TITLE_READ], seen.item.said.text[:TEASER_READ]
    return remembered(title, text, meant(seen))


@lru_cache(maxsize=1_024)
def meant(seen: Seen) -> tuple[Meant, ...]:
    """Return whom the title and the beginning of the text mean, and where."""
    return tuple(
        (one["id"], one["in"] == "title", one["start"], one["end"])
        for one in mentions(seen.found)
        if one["surety"] >= MEANT and one["start"] < TEASER_READ
    )


# Every item is weighed against those of its window again and again.
@lru_cache(maxsize=8_192)
def remembered(title: str, text: str, meant: tuple[Meant, ...]) -> Traits:
    """Return what a title and a text tell of, by who is meant where; remembered for the next time."""
    named: dict[str, set[str]] = {"coin": set(), "country": set(), "": set()}
    held: tuple[set[int], set[int]] = (set(), set())
    for id_, is_titled, start, end in meant:
        held[is_titled].update(range(start, end))
        if is_titled:
            named.get(kind(id_), named[""]).add(id_)
    found = words(title)
    head, body = _part(found, held[True]), _part(words(text), held[False])
    coins = [(id_, start, end) for id_, is_titled, start, end in meant if is_titled and kind(id_) == "coin"]
    others = [(id_, start, end) for id_, is_titled, start, end in meant if is_titled and kind(id_) != "coin"]
    counts = numbers(title)
    titled, sure = frozenset(head.words), head.sure | body.sure
    return Traits(
        coins=frozenset(named["coin"]),
        others=frozenset(named[""]),
        countries=frozenset(named["country"]),
        listed=frozenset(id_ for id_, *_ in meant if kind(id_) != "country"),
        names=sure & titled,
        perhaps=head.first - sure - head.small - body.small,
        titled=titled,
        said=titled.union(body.words),
        counts=counts - PLAIN,
        figures=(counts | numbers(text)) - PLAIN,
        dates=frozenset(one for one in counts if "/" in one),
        happens=head.happens,
        turns=head.happens | body.happens,
        genre=genre(found, coins, others, sure & titled),
    )


def _said(folded: str) -> tuple[str, str]:
    """Return the beginning of a word and what it says happens; nothing of one that says nothing."""
    if folded in SAID_ALWAYS or len(folded) < _SHORTEST or folded[0].isdigit():
        return "", ""
    return folded[:BEGINNING], happening(folded)


_SAID: Final = ByWord(_said)


def _part(found: Words, held: set[int]) -> _Part:
    is_told = _is_told(found)
    kept: dict[str, None] = {}
    happens: set[str] = set()
    sure: set[str] = set()
    first: set[str] = set()
    small: set[str] = set()
    told = zip(map(_SAID.__getitem__, found.folded), found.raw, found.starts, strict=True)
    for at, ((beginning, event), raw, start) in enumerate(told):
        if not beginning or start in held:
            continue
        if event:
            happens.add(event)
            continue
        kept[beginning] = None
        if not raw[0].isupper():
            small.add(beginning)
        elif not is_told or _begins(found, at):
            first.add(beginning)
        else:
            sure.add(beginning)
    return _Part(tuple(kept), frozenset(happens), frozenset(sure), frozenset(first), frozenset(small))


def _is_told(found: Words) -> bool:
    # Whether capitals tell names: some long word has none.
    for raw, folded in zip(found.raw, found.folded, strict=True):
        if len(raw) >= _LONG and raw.islower() and folded not in SAID_ALWAYS:
            return True
    return False


def _begins(found: Words, at: int) -> bool:
    return not at or not _BEGINS.isdisjoint(found.text[found.ends[at - 1] : found.starts[at]])
