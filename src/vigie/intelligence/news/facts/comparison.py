"""Whether a copy says what a release says: figures, dates, names and verbs, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final

from vigie.intelligence.news.facts.authorities import authority_findings
from vigie.intelligence.news.facts.confidence import confident_differences
from vigie.intelligence.news.facts.contradictions import contradiction_findings
from vigie.intelligence.news.facts.date_differences import date_findings
from vigie.intelligence.news.facts.denial_differences import denial_findings
from vigie.intelligence.news.facts.direction_differences import direction_findings
from vigie.intelligence.news.facts.event_differences import event_findings
from vigie.intelligence.news.facts.figure_differences import figure_findings
from vigie.intelligence.news.facts.figures import same_unit, same_value
from vigie.intelligence.news.facts.fitted_weights import FittedWeights, load_weights
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_differences import name_findings
from vigie.intelligence.news.facts.names import is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactComparison, FactDifference, FactFindings
from vigie.intelligence.news.facts.predications import content_keys, sentence_keys
from vigie.intelligence.news.facts.statement import (
    FactSentence,
    NewsStatement,
    parse_statement,
    word_features,
)
from vigie.intelligence.news.facts.swapped_facts import swap_findings
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
def compare_statements(
    copy: NewsStatement, release: NewsStatement, allowed_names: tuple[str, ...] = ()
) -> FactComparison:
    """Return how a copy stands to a release.

    Parameters
    ----------
    allowed_names : tuple of str
        Names that a copy may use without the release: those of who publishes them.
    """
    ours, theirs = parse_statement(copy), parse_statement(release)
    if {tuple(item.tokens.folded) for item in ours} <= {tuple(item.tokens.folded) for item in theirs}:
        # Word for word the release's own sentences: nothing in them can be another's.
        return FactComparison("agrees")
    findings = all_findings(ours, theirs, (copy.day, release.day), allowed_names)
    by_rules = [item for finding in findings for item in finding.differences]
    certain = (
        _unique_differences(confident_differences(by_rules, ours, theirs, allowed_names))
        if by_rules and _has_shared_matter(ours, theirs)
        else ()
    )
    if certain:
        return FactComparison("differs", certain)
    if by_rules:
        # What is not sure keeps a copy from being borne out, and is held against nobody.
        return FactComparison("unproven", (), tuple(item.copy_says for item in _unique_differences(by_rules)))
    unproven = (
        *(item for by_rules in findings for item in by_rules.unproven),
        *_uncovered_sentences(ours, theirs),
    )
    return FactComparison("unproven" if unproven else "agrees", (), unproven)


def all_findings(
    ours: Sequence[FactSentence],
    theirs: Sequence[FactSentence],
    days: tuple[str, str],
    allowed_names: tuple[str, ...] = (),
    load_model: Callable[[str], FittedWeights] = load_weights,
) -> tuple[FactFindings, ...]:
    """Return what each rule finds in a copy held against a release, sure or not.

    Parameters
    ----------
    days : tuple of str
        When the copy and the release came out, as ISO dates.
    allowed_names : tuple of str
        Names that a copy may use without the release.
    load_model : callable
        Gives the fitted figures by name.
    """
    return (
        figure_findings(ours, theirs, days[1], allowed_names),
        date_findings(ours, theirs, *days, allowed_names),
        name_findings(ours, theirs, allowed_names),
        event_findings(ours, theirs),
        denial_findings(ours, theirs),
        direction_findings(ours, theirs),
        authority_findings(ours, theirs, allowed_names),
        FactFindings(tuple(swap_findings(ours, theirs, days, allowed_names, load_model))),
        FactFindings(tuple(contradiction_findings(ours, theirs, load_model))),
    )


def _unique_differences(differences: Iterable[FactDifference]) -> tuple[FactDifference, ...]:
    """Return each difference once: what two rules find in the same words is one."""
    unique: dict[tuple[str, str], FactDifference] = {}
    for difference in differences:
        is_known = any(
            difference.kind == known.kind
            and (difference.copy_says == known.copy_says or difference.release_says == known.release_says)
            for known in unique.values()
        )
        if difference.kind != "negation" or not is_known:
            unique.setdefault((difference.copy_says, difference.release_says), difference)
    return tuple(unique.values())


def _has_shared_matter(ours: Sequence[FactSentence], theirs: Sequence[FactSentence]) -> bool:
    """Tell whether two statements share a name, a figure or a matter; two matters do not contradict each other."""
    release_keys = sentence_keys(theirs)
    name_words = {word for fact in ours for name in fact.names for word in name.words}
    content = {
        word for fact in ours for word in fact.tokens.folded if word_features(word) and not is_neutral(word)
    }
    content -= name_words
    if sum(not content_keys(word).isdisjoint(release_keys) for word in content) >= max(
        _FEW, _THIRD * len(content)
    ):
        return True
    if any(_n_shared_words(fact, other) >= _SHARED for fact in ours for other in theirs):
        return True
    name_words = {word for sentence in theirs for name in sentence.names for word in name.words}
    if any(is_known(word, name_words) for sentence in ours for name in sentence.names for word in name.words):
        return True
    figures = [figure for sentence in theirs for figure in sentence.figures]
    return any(
        abs(fact.bare - other.bare) <= 1e-9 * fact.bare
        or (same_unit(fact, other) and same_value(fact, other))
        for sentence in ours
        for fact in sentence.figures
        if fact.bare > _PLAIN or fact.bare != int(fact.bare)
        for other in figures
    )


def _n_shared_words(sentence: FactSentence, other: FactSentence) -> int:
    """Return how many words of a sentence another has too, in either language."""
    return sum(
        not word_features(word).isdisjoint(other.features)
        for word in set(sentence.tokens.folded)
        if not is_neutral(word)
    )


def _uncovered_sentences(ours: Sequence[FactSentence], theirs: Sequence[FactSentence]) -> Iterable[str]:
    known = frozenset().union(*(sentence.features for sentence in theirs))
    for sentence in ours:
        content_words = [
            word for word in sentence.tokens.folded if word_features(word) and not word[0].isdigit()
        ]
        n_covered = sum(
            is_neutral(word) or word[:5] in known or _has_known_meaning(word, known) for word in content_words
        )
        if content_words and n_covered < COVERED * len(content_words):
            yield sentence.tokens.text


def _has_known_meaning(word: str, known: frozenset[str]) -> bool:
    return any(f"={family}" in known for family, _ in meanings(word))
