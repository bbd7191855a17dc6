"""Names that no list has, told by their capitals: what keeps two events of one coin apart where firms are unknown."""

from __future__ import annotations

from typing import Final

from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.named import mentions
from vigie.intelligence.news.reading.numbers import numbers
from vigie.intelligence.news.reading.words import TITLE_READ, words
from vigie.intelligence.news.step import Seen

_TEXT_READ: Final = 600
_SMALL: Final = SMALL["en"] | SMALL["fr"]
# After these a sentence begins, and with it a capital that says nothing.
_BEGINS: Final = frozenset(':.!?;«»“”"|–—')
_SHORT: Final = 4
_HEADLINE: Final = 2


def strangers(seen: Seen, *, first: bool = False, headline: bool = False) -> frozenset[str]:
    """Return the capitalised words of a title that nobody listed, as compared.

    Parameters
    ----------
    first : bool
        The words that begin a sentence, too: they have a capital whatever they are.
    headline : bool
        Only what stands after the last colon.
    """
    title = seen.item.said.title[:TITLE_READ]
    found = words(title)
    if not _is_told_by_capitals(found.raw):
        return frozenset()
    told = _begin(title) if headline else 0
    held = {
        place
        for one in mentions(seen.found)
        if one["in"] == "title"
        for place in range(one["start"], one["end"])
    }
    end = 0
    named: set[str] = set()
    for raw, folded, start in zip(found.raw, found.folded, found.starts, strict=True):
        begins = not end or not _BEGINS.isdisjoint(title[end:start])
        end = start + len(raw)
        if start < told or len(raw) < _SHORT or not raw[0].isupper() or start in held or folded in _SMALL:
            continue
        if (first or not begins) and not happening(folded):
            named.add(folded)
    return frozenset(named)


def _begin(title: str) -> int:
    # What stands before a colon names the publisher of a letter, or says «Breaking», as often as it names anybody.
    head, colon, tail = title.rpartition(": ")
    return len(head) + len(colon) if colon and tail.count(" ") >= _HEADLINE else 0


def _is_told_by_capitals(raw: list[str]) -> bool:
    # Where every word of a headline has a capital, capitals tell nothing.
    long = [word for word in raw if len(word) >= _SHORT]
    return any(word.islower() for word in long)


def are_strangers(ours: Seen, theirs: Seen) -> bool:
    """Tell whether each of two titles names somebody unlisted whom the other item does not, and no number is shared."""
    counts, others = numbers(ours.item.said.title), numbers(theirs.item.said.title)
    if not counts.isdisjoint(others):
        return False
    # Over other amounts the first word of a title is believed to be a name, too: «Vexley must pay $18 million».
    over = bool(counts and others)
    mine, yours = strangers(ours, first=over, headline=over), strangers(theirs, first=over, headline=over)
    return bool(mine and yours) and mine.isdisjoint(_all(theirs)) and yours.isdisjoint(_all(ours))


def are_exchanged(ours: Seen, theirs: Seen) -> bool:
    """Tell whether one title has somebody unlisted in the place of somebody whom the other names."""
    mine, yours = strangers(ours, first=True), strangers(theirs, first=True)
    return not mine <= _titled(theirs) and not yours <= _titled(ours)


def _titled(seen: Seen) -> frozenset[str]:
    return frozenset(words(seen.item.said.title[:TITLE_READ]).folded)


def _all(seen: Seen) -> frozenset[str]:
    return _titled(seen) | frozenset(words(seen.item.said.text[:_TEXT_READ]).folded)
