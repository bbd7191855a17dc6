"""What a copy says happened and the release says did not, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.event_context import EventContext
from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.predications import content_keys
from vigie.intelligence.news.facts.stated_events import (
    FIGURED,
    StatedEvent,
    is_excepted,
    is_opposite,
    negated_clauses,
)
from vigie.intelligence.news.facts.statement import FactSentence

# Said of the one matter that a release is about: nothing else need be shared.
_ALWAYS: Final = frozenset({"guilty", "admit", "cooperate"})
# There is one of it in a release.
_MATTERS: Final = _ALWAYS | {"appeal"}
# Both sides are in many releases, of several people or things.
_LOOSE: Final = frozenset({"custody", "allow"})
# What a release is about, told by words that mean little else; of anything else, parts are compared one by one.
_EVENTS: Final = frozenset(
    "approve guilty verdict admit charge appeal custody suspend allow cooperate contest restitute".split()
)
_ALIKE: Final = 2
# The words beside two turns are alike so much, unless one is what the release begins with.
_CONTEXT: Final = 0.5
_MAIN: Final = 2
_SUPPOSED: Final = ("would have", "could have", "might", "may ", "could ", "aurait", "auraient", "pourrait")
# In any text of any release, of anything.
_COMMON: Final = frozenset(
    "trade publish affect seek keep evidence public mandatory former profit civil list".split()
)


class _EventInSentence(NamedTuple):
    sentence: FactSentence
    event: StatedEvent

    @property
    def about(self) -> frozenset[str]:
        return self.sentence.clause_features[self.event.clause] - self._own()

    @property
    def around(self) -> frozenset[str]:
        return self.sentence.features - self._own()

    def _own(self) -> frozenset[str]:
        return frozenset({f"={self.event.family}", self.event.text[:5].lower()})


def event_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> FactFindings:
    """Return which turns of a copy are the opposite of the release's, and which the release does not tell."""
    negated_stems = frozenset[str]().union(*(sentence.negated for sentence in (*copy, *release)))
    copy_events = [
        _EventInSentence(sentence, event)
        for sentence in copy
        for event in sentence.stated_events(negated_stems)
    ]
    release_events = [
        _EventInSentence(sentence, event)
        for sentence in release
        for event in sentence.stated_events(negated_stems)
    ]
    context = EventContext(release)
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for placed in copy_events:
        if placed.event.family == FIGURED:
            continue
        same = [
            other
            for other in release_events
            if other.event.family == placed.event.family and other.event.sign == placed.event.sign
        ]
        opposite = [
            other
            for other in release_events
            if other.event.family == placed.event.family and other.event.sign != placed.event.sign
        ]
        if not opposite:
            if not same and placed.event.family not in _COMMON:
                unproven.append(placed.event.text)
            continue
        is_both = any(
            placed.sentence is own.sentence and is_opposite(placed.event, own.event) for own in copy_events
        )
        nearest = max(opposite, key=lambda other: _nearness(placed, other))
        best = max((_nearness(placed, other) for other in same), default=-1.0)
        is_event = not is_both and placed.event.family in _EVENTS and not _is_supposed(placed.event)
        is_event = is_event and not any(
            is_excepted(each.sentence.tokens.folded) for each in (placed, nearest)
        )
        if (
            is_event
            and _nearness(placed, nearest) > best
            and _is_enough(placed, nearest, same, is_twice=len(opposite) > 1)
            and (
                placed.event.family in _MATTERS
                or any(nearest.sentence is main for main in release[:_MAIN])
                or context.event_similarity(placed.sentence, placed.event, nearest.sentence, nearest.event)
                >= _CONTEXT
            )
        ):
            differences.setdefault(
                placed.event.family,
                FactDifference("negation", placed.event.text, nearest.event.text, "turned"),
            )
        elif not same or _nearness(placed, nearest) >= best:
            unproven.append(placed.event.text)
    return FactFindings(tuple(differences.values()), (*unproven, *_clauses_negated_otherwise(copy, release)))


def _clauses_negated_otherwise(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[str]:
    """Yield the clauses of a copy that deny where the release's likest one does not, or the reverse."""
    release_clauses = [pair for sentence in release for pair in _clause_negations(sentence)]
    for sentence in copy:
        for features, is_negated in _clause_negations(sentence):
            shared = max((len(features & other) for other, _ in release_clauses), default=0)
            most_similar = [
                is_other for other, is_other in release_clauses if len(features & other) == shared
            ]
            if shared >= _ALIKE and is_negated not in most_similar:
                yield sentence.tokens.text


def _clause_negations(sentence: FactSentence) -> Iterator[tuple[frozenset[str], bool]]:
    negated = negated_clauses(sentence.tokens)
    for number, features in enumerate(sentence.clause_features):
        yield features, number in negated


def _nearness(placed: _EventInSentence, other: _EventInSentence) -> float:
    return len(placed.about & other.about) + 0.5 * len(placed.around & other.around)


def _has_shared_content_word(placed: _EventInSentence, other: _EventInSentence) -> bool:
    """Tell whether two sentences share any word besides what is said to happen."""
    family_key = f"={placed.event.family}"
    other_keys = [content_keys(word) for word in other.sentence.tokens.folded]
    return any(
        family_key not in keys and any(not keys.isdisjoint(release_keys) for release_keys in other_keys)
        for keys in map(content_keys, placed.sentence.tokens.folded)
    )


def _is_supposed(event: StatedEvent) -> bool:
    """Tell whether something would have happened, which is no news of an event."""
    return event.text.lower().startswith(_SUPPOSED)


def _has_shared_mark(
    placed: _EventInSentence, other: _EventInSentence, same: Sequence[_EventInSentence]
) -> bool:
    """Tell whether a name or figure stands beside two opposite turns, and beside none that says the same."""
    marks = {feature for feature in placed.sentence.features & other.sentence.features if feature[0] in "#@"}
    return bool(marks - {feature for agreeing in same for feature in agreeing.sentence.features})


def _n_words(features: frozenset[str]) -> int:
    # The words of a name are there as words as well.
    return sum(feature[0] != "@" for feature in features)


def _is_enough(
    placed: _EventInSentence, other: _EventInSentence, same: Sequence[_EventInSentence], *, is_twice: bool
) -> bool:
    is_alone = not same
    shared = max(_n_words(placed.about & other.around), _n_words(placed.around & other.about))
    if not is_alone:
        return shared >= _ALIKE and _has_shared_mark(placed, other, same)
    if placed.event.family in _LOOSE:
        return shared > _ALIKE
    if placed.event.family in _ALWAYS:
        return shared >= 1 or _has_shared_content_word(placed, other)
    # What a release says twice, it says of its own matter.
    return shared >= (1 if is_twice else _ALIKE)
