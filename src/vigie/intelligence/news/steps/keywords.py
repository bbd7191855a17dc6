"""Keywords: the words of an item that stand out against the items of three days before it.

Body: ``words``, at most six, as written, the one that stands out most first; pairs of words where both stand out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.by_word import ByWord
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.reading.tally import Tally
from vigie.intelligence.news.reading.words import TITLE_READ, Words, words
from vigie.intelligence.news.step import Context, Step

SPAN_MS: Final = 72 * HOUR_MS
MOST: Final = 6
# Of the text what a teaser has; the title counts twice.
TEASER_READ: Final = 600
_SHORTEST: Final = 3
_SMALL: Final = SMALL["en"] | SMALL["fr"] | frozenset("was were been being very also than have".split())
_TITLE_COUNTS: Final = 2.0
_JOINTS: Final = frozenset((" ", "-", "\u00a0"))


Counted = tuple[Mapping[str, float], Mapping[str, str]]


class Keywords:
    """Names the words that stand out."""

    name = "keywords"
    version = 1
    needs: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.tally = Tally(lambda seen: tuple(_counted(seen.item)[0]))

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the words that stand out."""
        window = context.window.before(item, SPAN_MS)
        self.tally.hold(window)
        counts, written = _counted(item)
        found = standing_out(counts, self.tally.counts, usual_total=float(self.tally.size))
        # They come in the order in which they are written; of equals the first stays before others.
        out = [word for word, value in found.items() if value > 0.0]
        kept = _apart(sorted(out, key=found.__getitem__, reverse=True))
        body = {"words": [written[word] for word in kept]}
        return ItemFinding(self.name, self.version, body, f"against {len(window)} items of three days")


def _apart(ranked: list[str]) -> list[str]:
    # A pair stands for its words, and a word for the pairs that it is in: whichever comes first.
    kept: list[str] = []
    taken: set[str] = set()
    for word in ranked:
        parts = word.split()
        if taken.isdisjoint(parts):
            kept.append(word)
            taken.update(parts)
            if len(kept) == MOST:
                break
    return kept


def terms_of(title: str) -> dict[str, str]:
    """Return the words of a headline, and pairs of neighbours, that may say something, each as it is written."""
    return dict(_counts(title[:TITLE_READ], "")[1])


def _counted(item: NewsItem) -> Counted:
    return _counts(item.said.title[:TITLE_READ], item.said.text[:TEASER_READ])


@lru_cache(maxsize=512)
def _counts(title: str, text: str) -> Counted:
    # How often each word and pair stands, and how it is written first.
    counts: dict[str, float] = {}
    written: dict[str, str] = {}
    for part, count in ((title, _TITLE_COUNTS), (text, 1.0)):
        found = words(part)
        for word, first, last in _terms(found):
            held = counts.get(word)
            if held is None:
                counts[word] = count
                written[word] = found.text[found.starts[first] : found.ends[last]]
            else:
                counts[word] = held + count
    return counts, written


def _terms(found: Words) -> list[tuple[str, int, int]]:
    folded = found.folded
    kept = [at for at, may in enumerate(map(_MAY_SAY.__getitem__, folded)) if may]
    terms = [(folded[at], at, at) for at in kept]
    for one, other in pairwise(kept):
        if other == one + 1 and found.text[found.ends[one] : found.starts[other]] in _JOINTS:
            terms.append((f"{folded[one]} {folded[other]}", one, other))
    return terms


def _may_say(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in _SMALL and not word[0].isdigit()


_MAY_SAY: Final = ByWord(_may_say)


def make() -> Step:
    """Return the step."""
    return Keywords()
