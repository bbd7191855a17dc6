"""Names that no list has, told by their capitals: what keeps two titles apart that differ in a firm alone."""

from __future__ import annotations

from typing import Final

from vigie.intelligence.news.reading.earlier_findings import all_mentions
from vigie.intelligence.news.reading.happenings import happening_of
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import TITLE_READ, tokenize
from vigie.intelligence.news.step import AnalysedItem

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_SHORT: Final = 4


def unlisted_words(entry: AnalysedItem) -> frozenset[str]:
    """Return the capitalised words of a title that nobody listed, as compared."""
    title = entry.item.content.title[:TITLE_READ]
    tokens = tokenize(title)
    if not _do_capitals_mark_names(tokens.raw):
        return frozenset()
    taken_places = {
        place
        for mention in all_mentions(entry.findings)
        if mention["in"] == "title"
        for place in range(mention["start"], mention["end"])
    }
    title_tokens = zip(tokens.raw, tokens.folded, tokens.starts, strict=True)
    return frozenset(
        folded
        for raw, folded, start in title_tokens
        if len(raw) >= _SHORT
        and raw[0].isupper()
        and start not in taken_places
        and folded not in _SMALL
        and not happening_of(folded)
    )


def _do_capitals_mark_names(raw: list[str]) -> bool:
    # Where every word of a headline has a capital, capitals tell nothing.
    long = [word for word in raw if len(word) >= _SHORT]
    return any(word.islower() for word in long)


def have_swapped_names(ours: AnalysedItem, theirs: AnalysedItem) -> bool:
    """Tell whether one title has somebody unlisted in the place of somebody whom the other names."""
    own_words, other_words = unlisted_words(ours), unlisted_words(theirs)
    return not own_words <= _title_words(theirs) and not other_words <= _title_words(ours)


def _title_words(entry: AnalysedItem) -> frozenset[str]:
    return frozenset(tokenize(entry.item.content.title[:TITLE_READ]).folded)
