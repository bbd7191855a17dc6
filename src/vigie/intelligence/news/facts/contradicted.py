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
from vigie.intelligence.news.facts.fitted import Fitted, fitted
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.turns import FIGURED, is_excepted, is_opposite, is_same_turn

_LEAST_SHARED: Final = 1
_LONGEST: Final = 90
_UNTIL: Final = frozenset("until till before avant jusqu tant moins sauf unless".split())


class Contradiction(NamedTuple):
    """A part of a copy with the likest one of the release that says the contrary, and what tells so."""

    part: Predication
    rival: Predication
    features: Mapping[str, float]


class _Held(NamedTuple):
    part: Predication
    shared: float
    number: int
    covered: float
    by_denial: bool
    by_turn: bool
    is_met: bool
    is_same: bool


def contradiction_findings(
    copy: Sequence[FactSentence],
    release: Sequence[FactSentence],
    models: Callable[[str], Fitted] = fitted,
) -> list[FactDifference]:
    """Return which parts of a copy say the contrary of the release.

    Parameters
    ----------
    models : callable
        Gives the figures by name.
    """
    model = models("contradicted")
    return [
        FactDifference("negation", _said(one.part), _said(one.rival), "contradicted", likelihood)
        for one in contradictions(copy, release)
        if (likelihood := model.probability(one.features)) >= model.least
    ]


def contradictions(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[Contradiction]:
    """Yield the parts of a copy that a part of the release may contradict."""
    theirs = [one for sentence in release for one in predications(sentence)]
    counts = Counter(key for one in theirs for key in one.keys)
    for sentence in copy:
        for part in predications(sentence):
            held = [one for other in theirs if (one := _held(part, other, counts)).number >= _LEAST_SHARED]
            rivals = [one for one in held if one.by_denial or one.by_turn]
            if not rivals:
                continue
            rival = max(rivals, key=lambda one: one.shared * (1.5 if one.is_met or one.by_turn else 1.0))
            own = [one for one in held if not (one.by_denial or one.by_turn)]
            yield Contradiction(part, rival.part, _features(part, rival, own, counts))


def _held(part: Predication, other: Predication, counts: Counter[str]) -> _Held:
    shared = [keys for word in part.content if (keys := word.keys & other.keys)]
    shared += [frozenset({key}) for key in part.keys & other.keys if key[0] == "#"]
    turned = [
        (is_opposite(one, each), is_same_turn(one, each))
        for one in part.turns
        for each in other.turns
        if one.family == each.family != FIGURED
    ]
    is_same = any(same for _, same in turned)
    is_odd = (part.denials - other.denials) % 2 == 1
    targets = [word for one in (part, other) for word in one.targets]
    is_met = any(
        not word.keys.isdisjoint(each.keys)
        for word in targets
        for each in (other if word in part.targets else part).content
    )
    return _Held(
        other,
        sum(1.0 / min(counts[key] for key in keys) for keys in shared),
        len(shared),
        coverage(part, other, counts),
        is_odd and not is_same,
        any(opposite for opposite, _ in turned) and not is_same,
        is_met,
        is_same,
    )


def _features(
    part: Predication, rival: _Held, own: Sequence[_Held], counts: Counter[str]
) -> Mapping[str, float]:
    best = max(own, key=lambda one: one.shared, default=None)
    same_share = best.shared if best else 0.0
    same_cover = max((one.covered for one in own), default=0.0)
    other = rival.part
    gain = log((rival.shared + 0.3) / (same_share + 0.3))
    back = coverage(other, part, counts)
    opened = sum(
        word.keys.isdisjoint(each.keys) for one, each in ((part, other), (other, part)) for word in one.opens
    )
    plain = other if part.denials else part
    words = plain.sentence.found.folded[plain.first : plain.last]
    first = part.targets or other.targets
    head = first[0].keys if first else frozenset[str]()
    has_head = any(not head.isdisjoint(word.keys) for word in plain.content)
    found = {
        "open_words": min(len(plain.opens), 2) / 2, "until": not _UNTIL.isdisjoint(words),
        "head": has_head, "head_covered": has_head * rival.covered, "head_back": has_head * back,
        "shared": min(rival.shared, 6.0), "count": min(rival.number, 6) / 6, "covered": rival.covered,
        "back": back, "own_shared": min(same_share, 6.0), "own_covered": same_cover, "gain": gain,
        "shared_by_gain": min(rival.shared, 6.0) * max(gain, 0.0),
        "covered_gain": rival.covered - same_cover,
        "denied": rival.by_denial, "turned": rival.by_turn, "both": rival.by_denial and rival.by_turn,
        "met": rival.is_met, "met_covered": rival.is_met * rival.covered,
        "met_shared": rival.is_met * min(rival.shared, 6.0),
        "turned_covered": rival.by_turn * rival.covered,
        "copy_denies": part.denials > 0, "release_denies": other.denials > 0,
        "twice": max(part.denials, other.denials) > 1,
        "opened": min(opened, 3) / 3,
        "copy_might": part.is_hypothetical, "release_might": other.is_hypothetical,
        "without": part.is_without or other.is_without,
        "noun_denied": part.is_noun_denied or other.is_noun_denied,
        "excepted": is_excepted(part.sentence.found.folded) or is_excepted(other.sentence.found.folded),
        "words": min(len(part.content), 12) / 12, "other_words": min(len(other.content), 12) / 12,
        "title": part.sentence.is_title, "same_turn": any(one.is_same for one in own),
        "own_met": any(one.is_met for one in own),
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def _said(part: Predication) -> str:
    found = part.sentence.found
    return found.text[found.starts[part.first] : found.ends[part.last - 1]][:_LONGEST]
