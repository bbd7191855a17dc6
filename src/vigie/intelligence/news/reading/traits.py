"""What tells one event from another that is worded alike: whom an item names, what it counts, what happens.

Names that no list has are told by their capitals, and where a headline has none to go by, by those of its text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.reading.earlier_findings import all_mentions, entity_kind
from vigie.intelligence.news.reading.genres import EVENT, Genre, classify_headline
from vigie.intelligence.news.reading.happenings import happening_of
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.words import BEGINNING, TITLE_READ, Tokens, tokenize
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.word_cache import WordCache

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
MeantMention = tuple[str, bool, int, int]


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
    possible_names : frozenset of str
        Words of the title that may be, with a capital because a sentence begins with them.
    title_words, all_words : frozenset of str
        Words that are neither listed nor what happens, of the title and of all.
    counts, figures : frozenset of str
        Numbers of the title and of all, without those that stand anywhere.
    dates : frozenset of str
        Dates of the title, as a column has them.
    happens, all_happenings : frozenset of str
        What happens in the title and in all.
    genre : Genre
        What kind of headline the title is.
    """

    coins: Names
    others: Names
    countries: Names
    listed: Names
    names: Names
    possible_names: Names
    title_words: Names
    all_words: Names
    counts: Names
    figures: Names
    dates: Names
    happens: Names
    all_happenings: Names
    genre: Genre = EVENT


class _Part(NamedTuple):
    words: tuple[str, ...]
    happens: Names
    certain_names: Names
    possible_names: Names
    lower_case: Names


# A step asks for those of one item a dozen times in a row.
@lru_cache(maxsize=64)
def item_traits(entry: AnalysedItem) -> Traits:
    """Return what an item tells of."""
    title, text = entry.item.content.title[:TITLE_READ], entry.item.content.text[:TEASER_READ]
    return cached_traits(title, text, mentions_read(entry))


@lru_cache(maxsize=1_024)
def mentions_read(entry: AnalysedItem) -> tuple[MeantMention, ...]:
    """Return whom the title and the beginning of the text mean, and where."""
    return tuple(
        (mention["id"], mention["in"] == "title", mention["start"], mention["end"])
        for mention in all_mentions(entry.findings)
        if mention["surety"] >= MEANT and mention["start"] < TEASER_READ
    )


# Every item is weighed against those of its window again and again.
@lru_cache(maxsize=8_192)
def cached_traits(title: str, text: str, mentions_used: tuple[MeantMention, ...]) -> Traits:
    """Return what a title and a text tell of, by who is meant where; remembered for the next time."""
    ids_by_kind: dict[str, set[str]] = {"coin": set(), "country": set(), "": set()}
    taken_starts: tuple[set[int], set[int]] = (set(), set())
    for id_, is_titled, start, end in mentions_used:
        taken_starts[is_titled].update(range(start, end))
        if is_titled:
            ids_by_kind.get(entity_kind(id_), ids_by_kind[""]).add(id_)
    tokens = tokenize(title)
    head, body = _parse_part(tokens, taken_starts[True]), _parse_part(tokenize(text), taken_starts[False])
    coins = [
        (id_, start, end)
        for id_, is_titled, start, end in mentions_used
        if is_titled and entity_kind(id_) == "coin"
    ]
    others = [
        (id_, start, end)
        for id_, is_titled, start, end in mentions_used
        if is_titled and entity_kind(id_) != "coin"
    ]
    counts = numbers(title)
    title_words, sure = frozenset(head.words), head.certain_names | body.certain_names
    return Traits(
        coins=frozenset(ids_by_kind["coin"]),
        others=frozenset(ids_by_kind[""]),
        countries=frozenset(ids_by_kind["country"]),
        listed=frozenset(id_ for id_, *_ in mentions_used if entity_kind(id_) != "country"),
        names=sure & title_words,
        possible_names=head.possible_names - sure - head.lower_case - body.lower_case,
        title_words=title_words,
        all_words=title_words.union(body.words),
        counts=counts - PLAIN,
        figures=(counts | numbers(text)) - PLAIN,
        dates=frozenset(number for number in counts if "/" in number),
        happens=head.happens,
        all_happenings=head.happens | body.happens,
        genre=classify_headline(tokens, coins, others, sure & title_words),
    )


def _prefix_and_happening(folded: str) -> tuple[str, str]:
    """Return the beginning of a word and what it says happens; nothing of one that says nothing."""
    if folded in SAID_ALWAYS or len(folded) < _SHORTEST or folded[0].isdigit():
        return "", ""
    return folded[:BEGINNING], happening_of(folded)


_PREFIXES: Final = WordCache(_prefix_and_happening)


def _parse_part(tokens: Tokens, taken_starts: set[int]) -> _Part:
    do_capitals_mark = _do_capitals_mark_names(tokens)
    prefixes: dict[str, None] = {}
    happens: set[str] = set()
    certain: set[str] = set()
    possible: set[str] = set()
    lower_case: set[str] = set()
    token_rows = zip(map(_PREFIXES.__getitem__, tokens.folded), tokens.raw, tokens.starts, strict=True)
    for at, ((beginning, event), raw, start) in enumerate(token_rows):
        if not beginning or start in taken_starts:
            continue
        if event:
            happens.add(event)
            continue
        prefixes[beginning] = None
        if not raw[0].isupper():
            lower_case.add(beginning)
        elif not do_capitals_mark or _is_clause_start(tokens, at):
            possible.add(beginning)
        else:
            certain.add(beginning)
    return _Part(
        tuple(prefixes), frozenset(happens), frozenset(certain), frozenset(possible), frozenset(lower_case)
    )


def _do_capitals_mark_names(tokens: Tokens) -> bool:
    # Whether capitals tell names: some long word has none.
    for raw, folded in zip(tokens.raw, tokens.folded, strict=True):
        if len(raw) >= _LONG and raw.islower() and folded not in SAID_ALWAYS:
            return True
    return False


def _is_clause_start(tokens: Tokens, index: int) -> bool:
    return not index or not _BEGINS.isdisjoint(tokens.text[tokens.ends[index - 1] : tokens.starts[index]])
