"""Who does what to whom, and whose figure it is: parties of a release that a copy exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_roles import offices, party_names
from vigie.intelligence.news.facts.names import StatedName, is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.placed import Placed
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.words import words

_TITLES: Final = frozenset("mr mrs ms miss dr mme mlle sir lord m mm messrs justice judge".split())
_FORMS: Final = frozenset(
    """inc ltd limited llc lp llp plc corp corporation sa sas sarl ag gmbh nv bv spa ab abp oyj kg pte co company fund
    funds bank banque capital securities trust holdings holding group groupe partners markets exchange finance
    investments advisers management gestion technologies labs insurance assurances""".split()
)
_BY: Final = frozenset({"by", "par"})
_AND: Final = frozenset({"and", "et"})
_BETWEEN: Final = 3
_PLAIN: Final = 12
_LONGEST: Final = 3
# A rival stands among so much of what stands beside a name, in so many words, and the name itself among so little.
_RIVAL: Final = 0.4
_FIGURED: Final = 0.3
_WORDS: Final = 2
_OWN: Final = 0.25
# Told of who acts and who is acted on.
_DEEDS: Final = frozenset(
    """acquire sell pay charge appoint replace transfer lend borrow steal mislead send trade support invest dismiss
    merge supervise attack reimburse warn arrest violate investigate protect""".split()
)


class _Deed(NamedTuple):
    family: str
    agent: StatedName
    patient: StatedName
    text: str


def party_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> list[FactDifference]:
    """Return where a copy tells of one party of the release what the release tells of another."""
    return [*_exchanged(copy, release), *_disowned(copy, release), *_displaced(copy, release)]


def _displaced(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[FactDifference]:
    """Yield who stands in a copy among the words and figures that stand beside somebody else in the release."""
    sorts, alignment = sorts_of(release), Alignment(release)
    known = {word for sentence in release for word in sentence.found.folded}
    held = [
        (name, alignment.near(sentence, name.start, name.end, is_figured=True))
        for sentence in release
        for name in party_names(sentence)
        if sort_of(name, sorts)
    ]
    for sentence in copy:
        for name in party_names(sentence):
            if not sort_of(name, sorts) or not all(is_known(word, known) for word in name.words):
                continue
            near = alignment.near(sentence, name.start, name.end, is_figured=True)
            own = max(
                (alignment.alike(near, place) for other, place in held if _are_same(name, other)), default=0.0
            )
            rivals = [
                (sum(shared), len(shared), alignment.is_figured(near, place), other)
                for other, place in held
                if not _are_same(name, other)
                and are_alike(name, other, sorts)
                and not any(_are_same(other, mine) for mine in sentence.names)
                and (shared := alignment.shared(near, place))
            ]
            best, count, is_figured, rival = max(
                rivals, key=lambda row: row[0], default=(0.0, 0, False, name)
            )
            is_enough = best >= (_FIGURED if is_figured else _RIVAL) and count + is_figured >= _WORDS
            if is_enough and own <= _OWN * best:
                yield FactDifference("name", name.text, rival.text, "displaced")


def _exchanged(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[FactDifference]:
    """Yield who does to somebody what the release says that one does to them."""
    ours, theirs = list(_deeds(copy)), list(_deeds(release))
    for one in ours:
        same = [other for other in theirs if other.family == one.family]
        turned = [
            other
            for other in same
            if _are_same(one.agent, other.patient) and _are_same(one.patient, other.agent)
        ]
        straight = [
            other for other in (*same, *ours)
            if other is not one and other.family == one.family
            and (_are_same(one.agent, other.agent) or _are_same(one.patient, other.patient))
        ]  # fmt: skip
        if turned and not straight:
            yield FactDifference("name", one.text, turned[0].text, "reversed")


def _deeds(sentences: Sequence[FactSentence]) -> Iterator[_Deed]:
    for sentence in sentences:
        for part in predications(sentence):
            yield from _deeds_of(part)


def _deeds_of(part: Predication) -> Iterator[_Deed]:
    sentence = part.sentence
    folded, starts = sentence.found.folded, sentence.found.starts
    names = [
        (at, name)
        for name in party_names(sentence)
        if part.first <= (at := _at(starts, name.start)) < part.last
    ]
    if len(names) < 2:
        return
    for at in range(part.first, part.last):
        families = [family for family, _ in meanings(folded[at]) if family in _DEEDS]
        if not families or any(place <= at < place + len(words(name.text).folded) for place, name in names):
            continue
        by = next((name for place, name in names if place > at and _is_led(folded, place)), None)
        before = [name for place, name in names if place < at]
        after = [name for place, name in names if place > at and name is not by]
        agent = by or (before[-1] if before else None)
        patient = (
            (after[0] if after else before[-1] if before else None) if by else (after[0] if after else None)
        )
        if agent is not None and patient is not None and not _are_same(agent, patient):
            text = f"{agent.text} … {sentence.found.raw[at]} … {patient.text}"
            yield from (_Deed(family, agent, patient, text) for family in families)


def _is_led(folded: Sequence[str], place: int) -> bool:
    return not _BY.isdisjoint(folded[max(0, place - _BETWEEN) : place])


def _at(starts: Sequence[int], start: int) -> int:
    return next((at for at, place in enumerate(starts) if place >= start), len(starts))


def _disowned(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[FactDifference]:
    """Yield figures that a copy tells of one person or firm and the release of another."""
    sorts = sorts_of(release)
    theirs = [Placed(sentence, figure) for sentence in release for figure in sentence.figures]
    for sentence in copy:
        for figure in sentence.figures:
            one = Placed(sentence, figure)
            owner = _owner_of(one, sorts)
            same = [other for other in theirs if _is_exact(figure, other.figure)]
            if owner is None or len(owner.words) < 2 or not same or not _is_telling(figure):
                continue
            held = [_owners_of(other, sorts) for other in same]
            if not all(held) or any(_are_same(owner, name) for names in held for name in names):
                continue
            kinds = {sort_of(name, sorts) for names in ([owner], *held) for name in names}
            if not kinds or not kinds <= {"person", "either"}:
                continue
            own = [
                other for other in theirs if any(_are_same(owner, name) for name in _owners_of(other, sorts))
            ]
            rival = next((other for other in own if _are_rivals(figure, other.figure)), None)
            if rival is not None:
                yield FactDifference(
                    "amount", f"{owner.text}: {figure.text}", f"{owner.text}: {rival.figure.text}", "disowned"
                )
            elif kinds == {"person"}:
                name = held[0][-1]
                yield FactDifference(
                    "name", f"{owner.text}: {figure.text}", f"{name.text}: {same[0].figure.text}", "disowned"
                )


def _is_exact(one: StatedFigure, other: StatedFigure) -> bool:
    return one.kind == other.kind and same_unit(one, other) and same_value(one, other)


def _are_rivals(one: StatedFigure, other: StatedFigure) -> bool:
    return one.kind == other.kind and same_unit(one, other) and not same_value(one, other)


def _is_telling(figure: StatedFigure) -> bool:
    return figure.kind in ("money", "time", "part") or figure.value > _PLAIN


def _owner_of(one: Placed, sorts: dict[str, str]) -> StatedName | None:
    """Return the one person or firm of the part of a sentence that a figure stands in."""
    starts = one.sentence.found.starts
    at = _at(starts, one.figure.start + 1) - 1
    part = next((each for each in predications(one.sentence) if each.first <= at < each.last), None)
    if part is None:
        return None
    every = [name for name in one.sentence.names if sort_of(name, sorts)]
    here = [name for name in every if part.first <= _at(starts, name.start) < part.last]
    return every[0] if len(every) == 1 and here in ([], every) else None


def _owners_of(one: Placed, sorts: dict[str, str]) -> list[StatedName]:
    """Return whose figure of a release it may be: who stands between the figures on both sides of it."""
    sentence, figure = one.sentence, one.figure
    names = [name for name in sentence.names if sort_of(name, sorts)]
    alike = [each for each in sentence.figures if each.kind == figure.kind]
    if any(word.startswith("respectiv") for word in sentence.found.folded):
        return [names[alike.index(figure)]] if len(names) == len(alike) else []
    before = max((each.end for each in alike if each.end <= figure.start), default=0)
    after = min((each.start for each in alike if each.start >= figure.end), default=len(sentence.found.text))
    return [name for name in names if name.start >= before and name.end <= after]


def sorts_of(release: Sequence[FactSentence]) -> dict[str, str]:
    """Return which words of names are a person's and which a firm's."""
    persons, firms, perhaps = set[str](), set[str](), set[str]()
    held = {held.name.text for held in offices(release)}
    for sentence in release:
        before, was_person = 0, False
        for name in sentence.names:
            is_joined = was_person and sentence.found.text[before : name.start].strip() in _AND
            before, was_person = name.end, False
            folded = words(name.text).folded
            at = _at(sentence.found.starts, name.start)
            end = at + len(folded)
            is_titled = not _TITLES.isdisjoint((*folded[:1], *sentence.found.folded[max(0, at - 1) : at]))
            if not _FORMS.isdisjoint((*folded, *sentence.found.folded[end : end + 1])):
                firms.update(name.words)
            elif name.text in held or is_titled or is_joined:
                persons.update(name.words)
                was_person = True
            elif 1 < len(folded) <= _LONGEST and not any(
                meanings(word) or is_neutral(word) for word in folded
            ):
                perhaps.update(name.words)
    found = dict.fromkeys(perhaps, "either") | dict.fromkeys(persons, "person")
    return found | dict.fromkeys(firms - persons, "firm")


def are_alike(one: StatedName, other: StatedName, sorts: dict[str, str]) -> bool:
    """Tell whether two names may both be of persons, or both of firms."""
    kinds = {sort_of(one, sorts), sort_of(other, sorts)}
    return "" not in kinds and (len(kinds) == 1 or kinds == {"either", "person"})


def sort_of(name: StatedName, sorts: Mapping[str, str]) -> str:
    """Return whether a name is a person's, a firm's, either, or of what the release does not tell."""
    kinds = {sorts[word] for word in name.words if word in sorts}
    sure = kinds - {"either"} or kinds
    return sure.pop() if len(sure) == 1 else ""


def _are_same(one: StatedName, other: StatedName) -> bool:
    return any(is_known(word, other.words) for word in one.words)
