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
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.logodds import standing_out
from vigie.intelligence.news.reading.term_counter import TermCounter
from vigie.intelligence.news.reading.words import TITLE_READ, Tokens, tokenize
from vigie.intelligence.news.step import Context, ReadingStep
from vigie.intelligence.news.word_cache import WordCache

SPAN_MS: Final = 72 * HOUR_MS
MOST: Final = 6
# Of the text what a teaser has; the title counts twice.
TEASER_READ: Final = 600
_SHORTEST: Final = 3
_SMALL: Final = SMALL["en"] | SMALL["fr"] | frozenset("was were been being very also than have".split())
_TITLE_COUNTS: Final = 2.0
JOINTS: Final = frozenset((" ", "-", "\u00a0"))


CountsAndSpellings = tuple[Mapping[str, float], Mapping[str, str]]


class KeywordsStep:
    """Names the words that stand out."""

    name = "keywords"
    version = 1
    needs: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.counter = TermCounter(lambda entry: tuple(_item_counts(entry.item)[0]))

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the words that stand out."""
        window = context.window.before(item, SPAN_MS)
        self.counter.set_window(window)
        counts, spellings = _item_counts(item)
        scores = standing_out(counts, self.counter.counts, usual_total=float(self.counter.size))
        # They come in the order in which they are written; of equals the first stays before others.
        standing_words = [word for word, value in scores.items() if value > 0.0]
        keywords = _drop_overlaps(sorted(standing_words, key=scores.__getitem__, reverse=True))
        body = {"words": [spellings[word] for word in keywords]}
        return ItemFinding(self.name, self.version, body, f"against {len(window)} items of three days")


def _drop_overlaps(ranked: list[str]) -> list[str]:
    # A pair stands for its words, and a word for the pairs that it is in: whichever comes first.
    keywords: list[str] = []
    taken: set[str] = set()
    for word in ranked:
        parts = word.split()
        if taken.isdisjoint(parts):
            keywords.append(word)
            taken.update(parts)
            if len(keywords) == MOST:
                break
    return keywords


def headline_terms(title: str) -> dict[str, str]:
    """Return the words of a headline, and pairs of neighbours, that may say something, each as it is written."""
    return dict(_count_terms(title[:TITLE_READ], "")[1])


def may_say(word: str) -> bool:
    """Tell whether a word, as compared, may say something: it is long enough, no number and no word of grammar."""
    return _MAY_SAY[word]


def _item_counts(item: NewsItem) -> CountsAndSpellings:
    return _count_terms(item.content.title[:TITLE_READ], item.content.text[:TEASER_READ])


@lru_cache(maxsize=512)
def _count_terms(title: str, text: str) -> CountsAndSpellings:
    # How often each word and pair stands, and how it is written first.
    counts: dict[str, float] = {}
    spellings: dict[str, str] = {}
    for part, count in ((title, _TITLE_COUNTS), (text, 1.0)):
        tokens = tokenize(part)
        for word, first, last in _find_terms(tokens):
            known_count = counts.get(word)
            if known_count is None:
                counts[word] = count
                spellings[word] = tokens.text[tokens.starts[first] : tokens.ends[last]]
            else:
                counts[word] = known_count + count
    return counts, spellings


def _find_terms(tokens: Tokens) -> list[tuple[str, int, int]]:
    folded = tokens.folded
    indexes = [at for at, may_say in enumerate(map(_MAY_SAY.__getitem__, folded)) if may_say]
    terms = [(folded[at], at, at) for at in indexes]
    for index, next_index in pairwise(indexes):
        if next_index == index + 1 and tokens.text[tokens.ends[index] : tokens.starts[next_index]] in JOINTS:
            terms.append((f"{folded[index]} {folded[next_index]}", index, next_index))
    return terms


def _is_telling(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in _SMALL and not word[0].isdigit()


_MAY_SAY: Final = WordCache(_is_telling)


def make() -> ReadingStep:
    """Return the step."""
    return KeywordsStep()
