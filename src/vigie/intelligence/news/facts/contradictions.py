"""Parts of a copy that deny what the release's likest part tells, or the reverse, weighed by fitted figures.

Rules find a contradiction where nearly all words of two parts are the same. This finds more of them: a part of the copy
is held against every part of the release that says the contrary, and against those that do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.denial_differences import coverage
from vigie.intelligence.news.facts.fitted_weights import FittedWeights, load_weights
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.stated_events import FIGURED, is_excepted, is_opposite, is_same_event
from vigie.intelligence.news.facts.statement import FactSentence

_LEAST_SHARED: Final = 1
_LONGEST: Final = 90
_UNTIL: Final = frozenset("until till before avant jusqu tant moins sauf unless".split())


class ContradictionCandidate(NamedTuple):
    """A part of a copy with the likest one of the release that says the contrary, and what tells so."""

    part: Predication
    rival: Predication
    features: Mapping[str, float]


class _PartMatch(NamedTuple):
    part: Predication
    shared: float
    n_shared: int
    covered: float
    by_denial: bool
    by_turn: bool
    is_denied_word_shared: bool
    is_same: bool


def contradiction_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    load_model: Callable[[str], FittedWeights] = load_weights,
) -> list[FactDifference]:
    """Return which parts of a copy say the contrary of the release.

    Parameters
    ----------
    load_model : callable
        Gives the figures by name.
    """
    model = load_model("contradicted")
    return [
        FactDifference(
            "negation", _part_text(candidate.part), _part_text(candidate.rival), "contradicted", likelihood
        )
        for candidate in contradiction_candidates(copy, release)
        if (likelihood := model.probability(candidate.features)) >= model.least
    ]


def contradiction_candidates(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[ContradictionCandidate]:
    """Yield the parts of a copy that a part of the release may contradict."""
    release_parts = [match for sentence in release for match in predications(sentence)]
    counts = Counter(key for match in release_parts for key in match.keys)
    for sentence in copy:
        for part in predications(sentence):
            matches = [
                match
                for other in release_parts
                if (match := _match_parts(part, other, counts)).n_shared >= _LEAST_SHARED
            ]
            rivals = [match for match in matches if match.by_denial or match.by_turn]
            if not rivals:
                continue
            rival = max(
                rivals,
                key=lambda match: (
                    match.shared * (1.5 if match.is_denied_word_shared or match.by_turn else 1.0)
                ),
            )
            agreeing = [match for match in matches if not (match.by_denial or match.by_turn)]
            yield ContradictionCandidate(part, rival.part, _features(part, rival, agreeing, counts))


def _match_parts(part: Predication, other: Predication, counts: Counter[str]) -> _PartMatch:
    shared = [keys for word in part.content if (keys := word.keys & other.keys)]
    shared += [frozenset({key}) for key in part.keys & other.keys if key[0] == "#"]
    event_pairs = [
        (is_opposite(event, other_event), is_same_event(event, other_event))
        for event in part.events
        for other_event in other.events
        if event.family == other_event.family != FIGURED
    ]
    is_same = any(same for _, same in event_pairs)
    is_odd_denial = (part.denials - other.denials) % 2 == 1
    targets = [word for event in (part, other) for word in event.targets]
    is_met = any(
        not word.keys.isdisjoint(other_event.keys)
        for word in targets
        for other_event in (other if word in part.targets else part).content
    )
    return _PartMatch(
        other,
        sum(1.0 / min(counts[key] for key in keys) for keys in shared),
        len(shared),
        coverage(part, other, counts),
        is_odd_denial and not is_same,
        any(opposite for opposite, _ in event_pairs) and not is_same,
        is_met,
        is_same,
    )


def _features(
    part: Predication, rival: _PartMatch, agreeing: Sequence[_PartMatch], counts: Counter[str]
) -> Mapping[str, float]:
    best = max(agreeing, key=lambda match: match.shared, default=None)
    same_share = best.shared if best else 0.0
    same_cover = max((match.covered for match in agreeing), default=0.0)
    other = rival.part
    gain = log((rival.shared + 0.3) / (same_share + 0.3))
    reverse_coverage = coverage(other, part, counts)
    n_open = sum(
        word.keys.isdisjoint(each.keys)
        for match, each in ((part, other), (other, part))
        for word in match.opens
    )
    plain = other if part.denials else part
    words = plain.sentence.tokens.folded[plain.first : plain.last]
    first = part.targets or other.targets
    head_keys = first[0].keys if first else frozenset[str]()
    has_head = any(not head_keys.isdisjoint(word.keys) for word in plain.content)
    features = {
        "open_words": min(len(plain.opens), 2) / 2, "until": not _UNTIL.isdisjoint(words),
        "head": has_head, "head_covered": has_head * rival.covered, "head_back": has_head * reverse_coverage,
        "shared": min(rival.shared, 6.0), "count": min(rival.n_shared, 6) / 6, "covered": rival.covered,
        "back": reverse_coverage, "own_shared": min(same_share, 6.0), "own_covered": same_cover, "gain": gain,
        "shared_by_gain": min(rival.shared, 6.0) * max(gain, 0.0),
        "covered_gain": rival.covered - same_cover,
        "denied": rival.by_denial, "turned": rival.by_turn, "both": rival.by_denial and rival.by_turn,
        "met": rival.is_denied_word_shared, "met_covered": rival.is_denied_word_shared * rival.covered,
        "met_shared": rival.is_denied_word_shared * min(rival.shared, 6.0),
        "turned_covered": rival.by_turn * rival.covered,
        "copy_denies": part.denials > 0, "release_denies": other.denials > 0,
        "twice": max(part.denials, other.denials) > 1,
        "opened": min(n_open, 3) / 3,
        "copy_might": part.is_hypothetical, "release_might": other.is_hypothetical,
        "without": part.is_without or other.is_without,
        "noun_denied": part.is_noun_denied or other.is_noun_denied,
        "excepted": is_excepted(part.sentence.tokens.folded) or is_excepted(other.sentence.tokens.folded),
        "words": min(len(part.content), 12) / 12, "other_words": min(len(other.content), 12) / 12,
        "title": part.sentence.is_title, "same_turn": any(match.is_same for match in agreeing),
        "own_met": any(match.is_denied_word_shared for match in agreeing),
    }  # fmt: skip
    return {name: float(value) for name, value in features.items()}


def _part_text(part: Predication) -> str:
    tokens = part.sentence.tokens
    return tokens.text[tokens.starts[part.first] : tokens.ends[part.last - 1]][:_LONGEST]
