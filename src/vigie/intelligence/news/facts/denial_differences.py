"""What a copy denies and the release tells, or the reverse: part by part, across languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from vigie.intelligence.news.facts.event_context import EventContext
from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.stated_events import (
    FIGURED,
    StatedEvent,
    is_excepted,
    is_opposite,
    is_same_event,
)
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.words import fold

_COVERED: Final = 0.65
_SURE: Final = 0.75
_SHARED: Final = 2
_SENTENCE: Final = 0.7
_TEXT: Final = 0.5
_CERTAIN: Final = 0.9
_MARGIN: Final = 0.1
# Names stand in every sentence of a release.
_NAME: Final = 0.5
_LIKELY: Final = 0.75
_COMMON: Final = 0.5
_MANY: Final = 3
_WHOLE, _BRIEF = 0.9, 4
# Both sides are in most releases, of many things.
_LOOSE: Final = frozenset(
    """register trade harm
    publish meet balance vote profit fine evidence keep affect grant hide strengthen pace know enough
    correct public civil mandatory former internal permanent success overstate postpone borrow seek change
    compared""".split()
)
_LIGHT: Final = frozenset({"~intend", "=file"})
# There is one of it in a release; of all else the words beside both turns are alike so much.
_MATTERS: Final = frozenset({"guilty", "verdict", "admit", "cooperate", "appeal"})
_CONTEXT: Final = 0.4
_STEADY, _CHANGE = "steady", "change"
_TIMES: Final = frozenset("=month =quarter =half =week =year =day =first =second =third".split())


def denial_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> FactFindings:
    """Return where one of two statements denies what the other tells."""
    copy_parts = [part for sentence in copy for part in predications(sentence)]
    release_parts = [part for sentence in release for part in predications(sentence)]
    context = EventContext(release)
    differences: dict[str, FactDifference] = {}
    for denied in release_parts:
        part = _find_contrary(denied, copy_parts, release_parts, is_copy=False)
        if part is not None and context.word_similarity(
            part.sentence, _denied_word_index(part, denied), denied.sentence, denied.targets[0].at
        ):
            differences.setdefault(
                denied.denial_text,
                FactDifference("negation", _contrary_text(part, denied), denied.denial_text, "told"),
            )
    for denied in copy_parts:
        part = _find_contrary(denied, release_parts, copy_parts, is_copy=True)
        if part is not None:
            differences.setdefault(
                denied.denial_text,
                FactDifference("negation", denied.denial_text, _contrary_text(part, denied), "denied"),
            )
    for part in copy_parts:
        for copy_text, release_text in _opposed_events(part, release_parts, context):
            differences.setdefault(copy_text, FactDifference("negation", copy_text, release_text, "opposed"))
    return FactFindings(tuple(differences.values()))


def _opposed_events(
    part: Predication, release_parts: Sequence[Predication], context: EventContext
) -> Iterator[tuple[str, str]]:
    """Yield what a part says happened, with the opposite that the likest part of the release says."""
    if part.is_hypothetical:
        return
    key_counts = _key_counts(release_parts)
    for event in part.events:
        if event.family == FIGURED:
            continue
        ranked = [(coverage(part, other, key_counts, event.family), other) for other in release_parts]
        covered, best = max(ranked, key=lambda row: row[0], default=(0.0, part))
        is_loose = event.family in _LOOSE
        if covered < (_SURE if is_loose else _COVERED):
            continue
        own_events, release_events = _unpaired(part.events, best.events, event.family)
        opposite = next((candidate for candidate in release_events if is_opposite(event, candidate)), None)
        is_same = any(
            is_same_event(event, candidate)
            for share, other in ranked
            if share > covered - _MARGIN and not other.is_hypothetical
            for candidate in (release_events if other is best else other.events)
        )
        if (
            opposite is None
            or event not in own_events
            or is_same
            or any(is_opposite(event, candidate) for candidate in own_events)
        ):
            continue
        if event.family == _STEADY and _has_changes(best):
            continue
        if any(is_excepted(candidate.sentence.tokens.folded) for candidate in (part, best)):
            continue
        if _has_closer_agreement(part, event, release_parts, best, opposite):
            continue
        if (
            event.family not in _MATTERS
            and context.event_similarity(part.sentence, event, best.sentence, opposite) < _CONTEXT
        ):
            continue
        alike = _n_shared(part, best, event.family)
        if alike >= (_MANY + is_loose if covered < _CERTAIN or is_loose else _SHARED):
            yield event.text, opposite.text


def _has_changes(part: Predication) -> bool:
    """Tell whether a sentence tells of things that changed beside things that did not."""
    return any(event.family == _CHANGE for event in part.sentence.stated_events(frozenset()))


def _has_closer_agreement(
    part: Predication,
    event: StatedEvent,
    release_parts: Sequence[Predication],
    best: Predication,
    opposite: StatedEvent,
) -> bool:
    """Tell whether a sentence that says both, of one thing this and of another that, says the same of this thing."""
    n_objects = _n_shared_objects(part, best, opposite)
    return any(
        _n_shared_objects(part, other, other_event) >= max(n_objects, 1)
        for other in release_parts
        if other.sentence is best.sentence and other is not best
        for other_event in other.events
        if is_same_event(event, other_event)
    )


def _n_shared_objects(part: Predication, other: Predication, event: StatedEvent) -> int:
    """Return how many words that follow a turn another part has too."""
    return sum(word.at > event.at and not word.keys.isdisjoint(part.keys) for word in other.content)


def _unpaired(
    ours: Sequence[StatedEvent], theirs: Sequence[StatedEvent], family: str
) -> tuple[list[StatedEvent], list[StatedEvent]]:
    """Return the turns of a family that are left where those that say the same in the same words are taken out."""
    own_events, release_events = (
        [each for each in events if each.family == family] for events in (ours, theirs)
    )
    for own_event in tuple(own_events):
        pair = next(
            (
                each
                for each in release_events
                if is_same_event(own_event, each) and _stem(own_event) == _stem(each)
            ),
            None,
        )
        if pair is not None and (len(own_events) > 1 or len(release_events) > 1):
            own_events.remove(own_event)
            release_events.remove(pair)
    return own_events, release_events


def _stem(event: StatedEvent) -> str:
    return fold(event.text.split()[-1])[:5]


def _n_shared(part: Predication, other: Predication, family: str) -> int:
    """Return how many words and figures two parts share, besides those of a family and of spans of time."""
    numbers = sum(key[0] == "#" for key in part.keys & other.keys)
    about = [word for word in part.content if f"={family}" not in word.keys and not word.keys & _TIMES]
    return numbers + sum(not word.keys.isdisjoint(other.keys) for word in about)


def _find_contrary(
    denied: Predication, others: Sequence[Predication], own: Sequence[Predication], *, is_copy: bool
) -> Predication | None:
    """Return what tells, of the same matter, what one part denies; nothing where anything else may be meant."""
    if not denied.targets or (denied.is_without and denied.is_supposed):
        return None
    if is_excepted(denied.sentence.tokens.folded):
        return None
    ranked = []
    key_counts = _key_counts(others if is_copy else own)
    for other in others:
        is_even = other.denials != denied.denials - 1 or (
            denied.denials == 1 and _is_same_despite_negation(denied, other)
        )
        is_supposed = other.is_hypothetical and not (denied.is_modal and other.is_modal)
        is_denied_too = not denied.targets[0].keys.isdisjoint(other.denied)
        if (
            is_even
            or is_supposed
            or is_denied_too
            or _may_deny_openly(denied, other)
            or not _has_denied_word(denied, other)
        ):
            continue
        teller, reference = (denied, other) if is_copy else (other, denied)
        covered, shared = coverage(teller, reference, key_counts), _n_shared_besides(denied, other)
        is_brief = covered >= _WHOLE and len(teller.content) <= _BRIEF
        least = (_MANY if is_copy else _SHARED) - is_brief
        if covered >= (_SURE if is_copy else _COVERED) and shared >= least:
            ranked.append((covered, shared, other))
    if not ranked:
        return None
    covered, _, best = max(ranked, key=lambda row: row[:2])
    is_elsewhere = any(
        other.denials >= denied.denials
        and _has_denied_word(denied, other)
        and coverage(*((denied, other) if is_copy else (other, denied)), key_counts) >= _LIKELY * covered
        for other in others
    )
    rivals = (
        [
            coverage(best, part, key_counts)
            for part in own
            if not part.denials and _has_denied_word(denied, part)
        ]
        if not is_copy
        else []
    )
    return None if is_elsewhere or any(rival >= covered for rival in rivals) else best


def _has_denied_word(denied: Predication, other: Predication) -> bool:
    """Tell whether a part has what another denies: the verb, or any word of «no such thing»."""
    first = denied.targets[0]
    # «Does not propose to ban» denies a ban.
    is_light = not _LIGHT.isdisjoint(first.keys)
    targets = denied.targets if denied.is_noun_denied else denied.targets[1:] if is_light else (first,)
    sought = frozenset[str]().union(*(target.keys for target in targets))
    return any(not word.is_name and not word.keys.isdisjoint(sought) for word in other.content)


def _may_deny_openly(denied: Predication, other: Predication) -> bool:
    """Tell whether a part may deny in words of its own, which the other does not have."""
    own = frozenset[str]().union(*(word.keys for word in denied.content))
    return any(word.keys.isdisjoint(own) for word in other.opens)


def _is_same_despite_negation(denied: Predication, other: Predication) -> bool:
    """Tell whether two parts say the same with and without a negation: «n'a pas retenu» and «a écarté»."""
    places = {word.at for word in denied.targets}
    return any(
        is_same_event(event, other_event)
        for event in denied.events
        if event.at in places
        for other_event in other.events
    )


def _n_shared_besides(denied: Predication, other: Predication) -> int:
    """Return how many words of one part the other has, besides what is denied."""
    features = other.keys | {feature.removeprefix("@") for feature in other.sentence.features}
    rest = [word for word in denied.content if word.at != denied.targets[0].at]
    numbers = sum(key[0] == "#" and key in features for key in denied.keys)
    return sum(not word.keys.isdisjoint(features) for word in rest) + numbers


def coverage(
    part: Predication,
    reference: Predication,
    key_counts: Counter[str] | None = None,
    left_out_family: str = "",
) -> float:
    """Return the share of what one part is about that another is about too.

    Parameters
    ----------
    key_counts : Counter of str
        In how many parts of the other's text a word stands: what is there at all counts a little, what is in many
        tells none of them from the others.
    left_out_family : str
        A family that is left out.
    """
    reference_features, text_counts = reference.sentence.features, key_counts or Counter[str]()
    total = covered = 0.0
    for word in part.content:
        if f"={left_out_family}" in word.keys:
            continue
        weight = _NAME if word.is_name else 1.0
        weight *= (
            _COMMON
            if min((text_counts[key] for key in word.keys if text_counts[key]), default=0) >= _MANY
            else 1.0
        )
        total += weight
        if not word.keys.isdisjoint(reference.keys):
            covered += weight
        elif not word.keys.isdisjoint(reference_features):
            covered += weight * _SENTENCE
        elif any(text_counts[key] for key in word.keys):
            covered += weight * _TEXT
    return covered / total if total else 0.0


def _key_counts(parts: Sequence[Predication]) -> Counter[str]:
    return Counter(key for part in parts for key in part.keys)


def _contrary_text(part: Predication, denied: Predication) -> str:
    tokens, index = part.sentence.tokens, _denied_word_index(part, denied)
    first = max(part.first, index - 1)
    return tokens.text[tokens.starts[first] : tokens.ends[min(index + 1, part.last - 1)]]


def _denied_word_index(part: Predication, denied: Predication) -> int:
    """Return the place of the word that tells what another part denies."""
    sought = frozenset[str]().union(*(target.keys for target in denied.targets))
    return next((word.at for word in part.content if not word.keys.isdisjoint(sought)), part.first)
