"""Whether a copy says what a release says: figures, dates, names and verbs, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from vigie.intelligence.news.facts.authorities import authority_findings
from vigie.intelligence.news.facts.contradicted import contradiction_findings
from vigie.intelligence.news.facts.date_differences import date_findings
from vigie.intelligence.news.facts.denial_differences import denial_findings
from vigie.intelligence.news.facts.direction_differences import direction_findings
from vigie.intelligence.news.facts.exchanged import exchange_findings
from vigie.intelligence.news.facts.figure_differences import figure_findings
from vigie.intelligence.news.facts.figures import same_unit, same_value
from vigie.intelligence.news.facts.fitted import Fitted, fitted
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_differences import name_findings
from vigie.intelligence.news.facts.names import is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactComparison, FactDifference, Findings
from vigie.intelligence.news.facts.predications import content_keys, sentence_keys
from vigie.intelligence.news.facts.statement import FactSentence, Statement, taken_apart, word_features
from vigie.intelligence.news.facts.sureness import sure_of
from vigie.intelligence.news.facts.turn_differences import turn_findings
from vigie.intelligence.news.reading.languages import SMALL

# Of the words of each sentence so many must be the release's, in one language or the other.
COVERED: Final = 0.7
_SMALL: Final = SMALL["en"] | SMALL["fr"]
_LEAST: Final = 4
_PLAIN: Final = 12
_SHARED: Final = 3
_FEW: Final = 2
_THIRD: Final = 1 / 3


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
    every = all_findings(ours, theirs, (copy.day, release.day), told)
    found = [one for held in every for one in held.differences]
    sure = _once(sure_of(found, ours, theirs, told)) if found and _are_of_one_matter(ours, theirs) else ()
    if sure:
        return FactComparison("differs", sure)
    if found:
        # What is not sure keeps a copy from being borne out, and is held against nobody.
        return FactComparison("unproven", (), tuple(one.copy_says for one in _once(found)))
    unproven = (*(one for found in every for one in found.unproven), *_uncovered(ours, theirs))
    return FactComparison("unproven" if unproven else "agrees", (), unproven)


def all_findings(
    ours: Sequence[FactSentence],
    theirs: Sequence[FactSentence],
    days: tuple[str, str],
    told: tuple[str, ...] = (),
    models: Callable[[str], Fitted] = fitted,
) -> tuple[Findings, ...]:
    """Return what each rule finds in a copy held against a release, sure or not.

    Parameters
    ----------
    days : tuple of str
        When the copy and the release came out, as ISO dates.
    told : tuple of str
        Names that a copy may use without the release.
    models : callable
        Gives the fitted figures by name.
    """
    return (
        figure_findings(ours, theirs, days[1], told),
        date_findings(ours, theirs, *days, told),
        name_findings(ours, theirs, told),
        turn_findings(ours, theirs),
        denial_findings(ours, theirs),
        direction_findings(ours, theirs),
        authority_findings(ours, theirs, told),
        Findings(tuple(exchange_findings(ours, theirs, days, told, models))),
        Findings(tuple(contradiction_findings(ours, theirs, models))),
    )


def _once(differences: Iterable[FactDifference]) -> tuple[FactDifference, ...]:
    """Return each difference once: what two rules find in the same words is one."""
    found: dict[tuple[str, str], FactDifference] = {}
    for one in differences:
        is_told = any(
            one.kind == held.kind
            and (one.copy_says == held.copy_says or one.release_says == held.release_says)
            for held in found.values()
        )
        if one.kind != "negation" or not is_told:
            found.setdefault((one.copy_says, one.release_says), one)
    return tuple(found.values())


def _are_of_one_matter(ours: Sequence[FactSentence], theirs: Sequence[FactSentence]) -> bool:
    """Tell whether two statements share a name, a figure or a matter; two matters do not contradict each other."""
    every = sentence_keys(theirs)
    named = {word for one in ours for name in one.names for word in name.words}
    content = {
        word for one in ours for word in one.found.folded if word_features(word) and not is_neutral(word)
    }
    content -= named
    if sum(not content_keys(word).isdisjoint(every) for word in content) >= max(_FEW, _THIRD * len(content)):
        return True
    if any(_matter(one, other) >= _SHARED for one in ours for other in theirs):
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


def _matter(sentence: FactSentence, other: FactSentence) -> int:
    """Return how many words of a sentence another has too, in either language."""
    return sum(
        not word_features(word).isdisjoint(other.features)
        for word in set(sentence.found.folded)
        if not is_neutral(word)
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
