"""Whether a copy says what a release says: figures, dates, names and verbs, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from vigie.intelligence.news.facts.authorities import authority_findings
from vigie.intelligence.news.facts.date_differences import date_findings
from vigie.intelligence.news.facts.figure_differences import figure_findings
from vigie.intelligence.news.facts.figures import same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_differences import name_findings
from vigie.intelligence.news.facts.names import is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactComparison
from vigie.intelligence.news.facts.statement import FactSentence, Statement, taken_apart, word_features
from vigie.intelligence.news.facts.turn_differences import turn_findings
from vigie.intelligence.news.reading.languages import SMALL

# Of the words of each sentence so many must be the release's, in one language or the other.
COVERED: Final = 0.7
_SMALL: Final = SMALL["en"] | SMALL["fr"]
_LEAST: Final = 4
_PLAIN: Final = 12
_SHARED: Final = 4


@lru_cache(maxsize=2_048)
def compared(copy: Statement, release: Statement, told: tuple[str, ...] = ()) -> FactComparison:
    """Return how a copy stands to a release.

    Parameters
    ----------
    told : tuple of str
        Names that a copy may use without the release: those of who publishes them.
    """
    ours, theirs = taken_apart(copy), taken_apart(release)
    if {tuple(one.found.folded) for one in ours} <= {tuple(one.found.folded) for one in theirs}:
        # Word for word the release's own sentences: nothing in them can be another's.
        return FactComparison("agrees")
    every = (
        figure_findings(ours, theirs),
        date_findings(ours, theirs, copy.day, release.day),
        name_findings(ours, theirs, told),
        turn_findings(ours, theirs),
        authority_findings(ours, theirs, told),
    )
    differences = tuple(one for found in every for one in found.differences)
    if differences and _are_of_one_matter(ours, theirs):
        return FactComparison("differs", differences)
    if differences:
        return FactComparison("unproven", (), tuple(one.copy_says for one in differences))
    unproven = (*(one for found in every for one in found.unproven), *_uncovered(ours, theirs))
    return FactComparison("unproven" if unproven else "agrees", (), unproven)


def _are_of_one_matter(ours: Sequence[FactSentence], theirs: Sequence[FactSentence]) -> bool:
    """Tell whether two statements share a name, a figure or a matter; two matters do not contradict each other."""
    if any(len(_matter(one) & _matter(other)) >= _SHARED for one in ours for other in theirs):
        return True
    named = {word for sentence in theirs for name in sentence.names for word in name.words}
    if any(is_known(word, named) for sentence in ours for name in sentence.names for word in name.words):
        return True
    figures = [figure for sentence in theirs for figure in sentence.figures]
    return any(
        abs(one.bare - other.bare) <= 1e-9 * one.bare or (same_unit(one, other) and same_value(one, other))
        for sentence in ours
        for one in sentence.figures
        if one.bare > _PLAIN or one.bare != int(one.bare)
        for other in figures
    )


def _matter(sentence: FactSentence) -> frozenset[str]:
    # A word of the lexicon by its family, any other by its beginning: each counts once.
    return frozenset(
        next((f"={family}" for family, _ in meanings(word)), word[:5])
        for word in sentence.found.folded
        if word_features(word) and not is_neutral(word)
    )


def _uncovered(ours: Sequence[FactSentence], theirs: Sequence[FactSentence]) -> Iterable[str]:
    known = frozenset().union(*(sentence.features for sentence in theirs))
    for sentence in ours:
        content = [word for word in sentence.found.folded if word_features(word) and not word[0].isdigit()]
        held = sum(is_neutral(word) or word[:5] in known or _is_meant(word, known) for word in content)
        if content and held < COVERED * len(content):
            yield sentence.found.text


def _is_meant(word: str, known: frozenset[str]) -> bool:
    return any(f"={family}" in known for family, _ in meanings(word))
