"""What a copy says happened and the release says did not, or the reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.predications import content_keys
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.turn_context import TurnContext
from vigie.intelligence.news.facts.turns import FIGURED, StatedTurn, is_excepted, is_opposite, negated_clauses

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


class _Turned(NamedTuple):
    sentence: FactSentence
    turn: StatedTurn

    @property
    def about(self) -> frozenset[str]:
        return self.sentence.clause_features[self.turn.clause] - self._own()

    @property
    def around(self) -> frozenset[str]:
        return self.sentence.features - self._own()

    def _own(self) -> frozenset[str]:
        return frozenset({f"={self.turn.family}", self.turn.text[:5].lower()})


def turn_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Findings:
    """Return which turns of a copy are the opposite of the release's, and which the release does not tell."""
    asked = frozenset[str]().union(*(sentence.negated for sentence in (*copy, *release)))
    ours = [_Turned(sentence, turn) for sentence in copy for turn in sentence.turns(asked)]
    theirs = [_Turned(sentence, turn) for sentence in release for turn in sentence.turns(asked)]
    context = TurnContext(release)
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for one in ours:
        if one.turn.family == FIGURED:
            continue
        same = [
            other
            for other in theirs
            if other.turn.family == one.turn.family and other.turn.sign == one.turn.sign
        ]
        opposite = [
            other
            for other in theirs
            if other.turn.family == one.turn.family and other.turn.sign != one.turn.sign
        ]
        if not opposite:
            if not same and one.turn.family not in _COMMON:
                unproven.append(one.turn.text)
            continue
        is_both = any(one.sentence is mine.sentence and is_opposite(one.turn, mine.turn) for mine in ours)
        nearest = max(opposite, key=lambda other: _nearness(one, other))
        best = max((_nearness(one, other) for other in same), default=-1.0)
        is_event = not is_both and one.turn.family in _EVENTS and not _is_supposed(one.turn)
        is_event = is_event and not any(is_excepted(each.sentence.found.folded) for each in (one, nearest))
        if (
            is_event
            and _nearness(one, nearest) > best
            and _is_enough(one, nearest, same, is_twice=len(opposite) > 1)
            and (
                one.turn.family in _MATTERS
                or any(nearest.sentence is main for main in release[:_MAIN])
                or context.of(one.sentence, one.turn, nearest.sentence, nearest.turn) >= _CONTEXT
            )
        ):
            differences.setdefault(
                one.turn.family, FactDifference("negation", one.turn.text, nearest.turn.text, "turned")
            )
        elif not same or _nearness(one, nearest) >= best:
            unproven.append(one.turn.text)
    return Findings(tuple(differences.values()), (*unproven, *_negated_otherwise(copy, release)))


def _negated_otherwise(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[str]:
    """Yield the clauses of a copy that deny where the release's likest one does not, or the reverse."""
    theirs = [pair for sentence in release for pair in _by_clause(sentence)]
    for sentence in copy:
        for features, is_negated in _by_clause(sentence):
            shared = max((len(features & other) for other, _ in theirs), default=0)
            likest = [is_other for other, is_other in theirs if len(features & other) == shared]
            if shared >= _ALIKE and is_negated not in likest:
                yield sentence.found.text


def _by_clause(sentence: FactSentence) -> Iterator[tuple[frozenset[str], bool]]:
    negated = negated_clauses(sentence.found)
    for number, features in enumerate(sentence.clause_features):
        yield features, number in negated


def _nearness(one: _Turned, other: _Turned) -> float:
    return len(one.about & other.about) + 0.5 * len(one.around & other.around)


def _is_of_one(one: _Turned, other: _Turned) -> bool:
    """Tell whether two sentences share any word besides what is said to happen."""
    own = f"={one.turn.family}"
    theirs = [content_keys(word) for word in other.sentence.found.folded]
    return any(
        own not in keys and any(not keys.isdisjoint(held) for held in theirs)
        for keys in map(content_keys, one.sentence.found.folded)
    )


def _is_supposed(turn: StatedTurn) -> bool:
    """Tell whether something would have happened, which is no news of an event."""
    return turn.text.lower().startswith(_SUPPOSED)


def _is_marked(one: _Turned, other: _Turned, same: Sequence[_Turned]) -> bool:
    """Tell whether a name or figure stands beside two opposite turns, and beside none that says the same."""
    marks = {feature for feature in one.sentence.features & other.sentence.features if feature[0] in "#@"}
    return bool(marks - {feature for each in same for feature in each.sentence.features})


def _words(features: frozenset[str]) -> int:
    # The words of a name are there as words as well.
    return sum(feature[0] != "@" for feature in features)


def _is_enough(one: _Turned, other: _Turned, same: Sequence[_Turned], *, is_twice: bool) -> bool:
    is_alone = not same
    shared = max(_words(one.about & other.around), _words(one.around & other.about))
    if not is_alone:
        return shared >= _ALIKE and _is_marked(one, other, same)
    if one.turn.family in _LOOSE:
        return shared > _ALIKE
    if one.turn.family in _ALWAYS:
        return shared >= 1 or _is_of_one(one, other)
    # What a release says twice, it says of its own matter.
    return shared >= (1 if is_twice else _ALIKE)
