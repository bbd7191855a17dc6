"""What a copy denies and the release tells, or the reverse: part by part, across languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.facts.turn_context import TurnContext
from vigie.intelligence.news.facts.turns import FIGURED, StatedTurn, is_excepted, is_opposite, is_same_turn
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


def denial_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Findings:
    """Return where one of two statements denies what the other tells."""
    ours = [one for sentence in copy for one in predications(sentence)]
    theirs = [one for sentence in release for one in predications(sentence)]
    context = TurnContext(release)
    differences: dict[str, FactDifference] = {}
    for denied in theirs:
        one = _contrary(denied, ours, theirs, is_copy=False)
        if one is not None and context.around(
            one.sentence, _met(one, denied), denied.sentence, denied.targets[0].at
        ):
            differences.setdefault(
                denied.said, FactDifference("negation", _said(one, denied), denied.said, "told")
            )
    for denied in ours:
        one = _contrary(denied, theirs, ours, is_copy=True)
        if one is not None:
            differences.setdefault(
                denied.said, FactDifference("negation", denied.said, _said(one, denied), "denied")
            )
    for one in ours:
        for said, other in _opposed(one, theirs, context):
            differences.setdefault(said, FactDifference("negation", said, other, "opposed"))
    return Findings(tuple(differences.values()))


def _opposed(
    one: Predication, theirs: Sequence[Predication], context: TurnContext
) -> Iterator[tuple[str, str]]:
    """Yield what a part says happened, with the opposite that the likest part of the release says."""
    if one.is_hypothetical:
        return
    everywhere = _counted(theirs)
    for turn in one.turns:
        if turn.family == FIGURED:
            continue
        ranked = [(coverage(one, other, everywhere, turn.family), other) for other in theirs]
        covered, best = max(ranked, key=lambda row: row[0], default=(0.0, one))
        is_loose = turn.family in _LOOSE
        if covered < (_SURE if is_loose else _COVERED):
            continue
        mine, held = _unpaired(one.turns, best.turns, turn.family)
        opposite = next((each for each in held if is_opposite(turn, each)), None)
        is_same = any(
            is_same_turn(turn, each)
            for share, other in ranked
            if share > covered - _MARGIN and not other.is_hypothetical
            for each in (held if other is best else other.turns)
        )
        if opposite is None or turn not in mine or is_same or any(is_opposite(turn, each) for each in mine):
            continue
        if turn.family == _STEADY and _is_of_changes(best):
            continue
        if any(is_excepted(each.sentence.found.folded) for each in (one, best)):
            continue
        if _is_rather(one, turn, theirs, best, opposite):
            continue
        if turn.family not in _MATTERS and context.of(one.sentence, turn, best.sentence, opposite) < _CONTEXT:
            continue
        alike = _alike(one, best, turn.family)
        if alike >= (_MANY + is_loose if covered < _CERTAIN or is_loose else _SHARED):
            yield turn.text, opposite.text


def _is_of_changes(part: Predication) -> bool:
    """Tell whether a sentence tells of things that changed beside things that did not."""
    return any(turn.family == _CHANGE for turn in part.sentence.turns(frozenset()))


def _is_rather(
    one: Predication,
    turn: StatedTurn,
    theirs: Sequence[Predication],
    best: Predication,
    opposite: StatedTurn,
) -> bool:
    """Tell whether a sentence that says both, of one thing this and of another that, says the same of this thing."""
    told = _objects(one, best, opposite)
    return any(
        _objects(one, other, held) >= max(told, 1)
        for other in theirs
        if other.sentence is best.sentence and other is not best
        for held in other.turns
        if is_same_turn(turn, held)
    )


def _objects(one: Predication, other: Predication, turn: StatedTurn) -> int:
    """Return how many words that follow a turn another part has too."""
    return sum(word.at > turn.at and not word.keys.isdisjoint(one.keys) for word in other.content)


def _unpaired(
    ours: Sequence[StatedTurn], theirs: Sequence[StatedTurn], family: str
) -> tuple[list[StatedTurn], list[StatedTurn]]:
    """Return the turns of a family that are left where those that say the same in the same words are taken out."""
    mine, held = ([each for each in turns if each.family == family] for turns in (ours, theirs))
    for one in tuple(mine):
        other = next((each for each in held if is_same_turn(one, each) and _stem(one) == _stem(each)), None)
        if other is not None and (len(mine) > 1 or len(held) > 1):
            mine.remove(one)
            held.remove(other)
    return mine, held


def _stem(turn: StatedTurn) -> str:
    return fold(turn.text.split()[-1])[:5]


def _alike(one: Predication, other: Predication, family: str) -> int:
    """Return how many words and figures two parts share, besides those of a family and of spans of time."""
    numbers = sum(key[0] == "#" for key in one.keys & other.keys)
    about = [word for word in one.content if f"={family}" not in word.keys and not word.keys & _TIMES]
    return numbers + sum(not word.keys.isdisjoint(other.keys) for word in about)


def _contrary(
    denied: Predication, others: Sequence[Predication], own: Sequence[Predication], *, is_copy: bool
) -> Predication | None:
    """Return what tells, of the same matter, what one part denies; nothing where anything else may be meant."""
    if not denied.targets or (denied.is_without and denied.is_supposed):
        return None
    if is_excepted(denied.sentence.found.folded):
        return None
    ranked = []
    everywhere = _counted(others if is_copy else own)
    for other in others:
        is_even = other.denials != denied.denials - 1 or (denied.denials == 1 and _agree(denied, other))
        is_supposed = other.is_hypothetical and not (denied.is_modal and other.is_modal)
        is_denied_too = not denied.targets[0].keys.isdisjoint(other.denied)
        if is_even or is_supposed or is_denied_too or _is_open(denied, other) or not _meets(denied, other):
            continue
        told, held = (denied, other) if is_copy else (other, denied)
        covered, shared = coverage(told, held, everywhere), _shared(denied, other)
        is_brief = covered >= _WHOLE and len(told.content) <= _BRIEF
        least = (_MANY if is_copy else _SHARED) - is_brief
        if covered >= (_SURE if is_copy else _COVERED) and shared >= least:
            ranked.append((covered, shared, other))
    if not ranked:
        return None
    covered, _, best = max(ranked, key=lambda row: row[:2])
    is_elsewhere = any(
        other.denials >= denied.denials
        and _meets(denied, other)
        and coverage(*((denied, other) if is_copy else (other, denied)), everywhere) >= _LIKELY * covered
        for other in others
    )
    rivals = (
        [coverage(best, one, everywhere) for one in own if not one.denials and _meets(denied, one)]
        if not is_copy
        else []
    )
    return None if is_elsewhere or any(rival >= covered for rival in rivals) else best


def _meets(denied: Predication, other: Predication) -> bool:
    """Tell whether a part has what another denies: the verb, or any word of «no such thing»."""
    first = denied.targets[0]
    # «Does not propose to ban» denies a ban.
    is_light = not _LIGHT.isdisjoint(first.keys)
    targets = denied.targets if denied.is_noun_denied else denied.targets[1:] if is_light else (first,)
    sought = frozenset[str]().union(*(target.keys for target in targets))
    return any(not word.is_name and not word.keys.isdisjoint(sought) for word in other.content)


def _is_open(denied: Predication, other: Predication) -> bool:
    """Tell whether a part may deny in words of its own, which the other does not have."""
    own = frozenset[str]().union(*(word.keys for word in denied.content))
    return any(word.keys.isdisjoint(own) for word in other.opens)


def _agree(denied: Predication, other: Predication) -> bool:
    """Tell whether two parts say the same with and without a negation: «n'a pas retenu» and «a écarté»."""
    places = {word.at for word in denied.targets}
    return any(is_same_turn(one, held) for one in denied.turns if one.at in places for held in other.turns)


def _shared(denied: Predication, other: Predication) -> int:
    """Return how many words of one part the other has, besides what is denied."""
    wide = other.keys | {feature.removeprefix("@") for feature in other.sentence.features}
    rest = [word for word in denied.content if word.at != denied.targets[0].at]
    numbers = sum(key[0] == "#" and key in wide for key in denied.keys)
    return sum(not word.keys.isdisjoint(wide) for word in rest) + numbers


def coverage(
    told: Predication, held: Predication, everywhere: Counter[str] | None = None, without: str = ""
) -> float:
    """Return the share of what one part is about that another is about too.

    Parameters
    ----------
    everywhere : Counter of str
        In how many parts of the other's text a word stands: what is there at all counts a little, what is in many
        tells none of them from the others.
    without : str
        A family that is left out.
    """
    wide, text = held.sentence.features, everywhere or Counter[str]()
    count = found = 0.0
    for word in told.content:
        if f"={without}" in word.keys:
            continue
        weight = _NAME if word.is_name else 1.0
        weight *= _COMMON if min((text[key] for key in word.keys if text[key]), default=0) >= _MANY else 1.0
        count += weight
        if not word.keys.isdisjoint(held.keys):
            found += weight
        elif not word.keys.isdisjoint(wide):
            found += weight * _SENTENCE
        elif any(text[key] for key in word.keys):
            found += weight * _TEXT
    return found / count if count else 0.0


def _counted(parts: Sequence[Predication]) -> Counter[str]:
    return Counter(key for one in parts for key in one.keys)


def _said(one: Predication, denied: Predication) -> str:
    found, at = one.sentence.found, _met(one, denied)
    first = max(one.first, at - 1)
    return found.text[found.starts[first] : found.ends[min(at + 1, one.last - 1)]]


def _met(one: Predication, denied: Predication) -> int:
    """Return the place of the word that tells what another part denies."""
    sought = frozenset[str]().union(*(target.keys for target in denied.targets))
    return next((word.at for word in one.content if not word.keys.isdisjoint(sought)), one.first)
