"""Names that no list has, told by their capitals: what keeps two titles apart that differ in a firm alone."""

from __future__ import annotations

from typing import Final

from vigie.intelligence.news.reading.happenings import happening
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.named import mentions
from vigie.intelligence.news.reading.words import TITLE_READ, words
from vigie.intelligence.news.step import Seen

_SMALL: Final = SMALL["en"] | SMALL["fr"]
_SHORT: Final = 4


def strangers(seen: Seen) -> frozenset[str]:
    """Return the capitalised words of a title that nobody listed, as compared."""
    title = seen.item.said.title[:TITLE_READ]
    found = words(title)
    if not _is_told_by_capitals(found.raw):
        return frozenset()
    held = {
        place
        for one in mentions(seen.found)
        if one["in"] == "title"
        for place in range(one["start"], one["end"])
    }
    told = zip(found.raw, found.folded, found.starts, strict=True)
    return frozenset(
        folded
        for raw, folded, start in told
        if len(raw) >= _SHORT
        and raw[0].isupper()
        and start not in held
        and folded not in _SMALL
        and not happening(folded)
    )


def _is_told_by_capitals(raw: list[str]) -> bool:
    # Where every word of a headline has a capital, capitals tell nothing.
    long = [word for word in raw if len(word) >= _SHORT]
    return any(word.islower() for word in long)


def are_exchanged(ours: Seen, theirs: Seen) -> bool:
    """Tell whether one title has somebody unlisted in the place of somebody whom the other names."""
    mine, yours = strangers(ours), strangers(theirs)
    return not mine <= _titled(theirs) and not yours <= _titled(ours)


def _titled(seen: Seen) -> frozenset[str]:
    return frozenset(words(seen.item.said.title[:TITLE_READ]).folded)
