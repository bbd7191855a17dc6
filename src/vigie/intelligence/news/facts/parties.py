"""Who does what to whom, and whose figure it is: parties of a release that a copy exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.figures import StatedFigure, same_unit, same_value
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.name_roles import find_office_holders, party_names
from vigie.intelligence.news.facts.names import StatedName, is_known, is_neutral
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.placed_figure import PlacedFigure
from vigie.intelligence.news.facts.predications import Predication, predications
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.words import tokenize

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


class _PartyAction(NamedTuple):
    family: str
    agent: StatedName
    patient: StatedName
    text: str


def party_findings(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> list[FactDifference]:
    """Return where a copy tells of one party of the release what the release tells of another."""
    return [
        *_exchanged_parties(copy, release),
        *_misattributed_figures(copy, release),
        *_displaced_parties(copy, release),
    ]


def _displaced_parties(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[FactDifference]:
    """Yield who stands in a copy among the words and figures that stand beside somebody else in the release."""
    kinds_by_word, alignment = classify_names(release), Alignment(release)
    known = {word for sentence in release for word in sentence.tokens.folded}
    release_names = [
        (name, alignment.near_words(sentence, name.start, name.end, is_figured=True))
        for sentence in release
        for name in party_names(sentence)
        if name_kind(name, kinds_by_word)
    ]
    for sentence in copy:
        for name in party_names(sentence):
            if not name_kind(name, kinds_by_word) or not all(is_known(word, known) for word in name.words):
                continue
            near_words = alignment.near_words(sentence, name.start, name.end, is_figured=True)
            own_similarity = max(
                (
                    alignment.similarity(near_words, place)
                    for other, place in release_names
                    if _are_same(name, other)
                ),
                default=0.0,
            )
            rivals = [
                (sum(shared), len(shared), alignment.has_shared_figure(near_words, place), other)
                for other, place in release_names
                if not _are_same(name, other)
                and may_be_same_kind(name, other, kinds_by_word)
                and not any(_are_same(other, name_in_sentence) for name_in_sentence in sentence.names)
                and (shared := alignment.shared_weights(near_words, place))
            ]
            best, count, is_figured, rival = max(
                rivals, key=lambda row: row[0], default=(0.0, 0, False, name)
            )
            is_enough = best >= (_FIGURED if is_figured else _RIVAL) and count + is_figured >= _WORDS
            if is_enough and own_similarity <= _OWN * best:
                yield FactDifference("name", name.text, rival.text, "displaced")


def _exchanged_parties(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[FactDifference]:
    """Yield who does to somebody what the release says that one does to them."""
    copy_actions, release_actions = list(_party_actions(copy)), list(_party_actions(release))
    for action in copy_actions:
        same_family = [other for other in release_actions if other.family == action.family]
        reversed_actions = [
            other
            for other in same_family
            if _are_same(action.agent, other.patient) and _are_same(action.patient, other.agent)
        ]
        agreeing_actions = [
            other for other in (*same_family, *copy_actions)
            if other is not action and other.family == action.family
            and (_are_same(action.agent, other.agent) or _are_same(action.patient, other.patient))
        ]  # fmt: skip
        if reversed_actions and not agreeing_actions:
            yield FactDifference("name", action.text, reversed_actions[0].text, "reversed")


def _party_actions(sentences: Sequence[FactSentence]) -> Iterator[_PartyAction]:
    for sentence in sentences:
        for part in predications(sentence):
            yield from _actions_of_part(part)


def _actions_of_part(part: Predication) -> Iterator[_PartyAction]:
    sentence = part.sentence
    folded, starts = sentence.tokens.folded, sentence.tokens.starts
    names = [
        (index, name)
        for name in party_names(sentence)
        if part.first <= (index := _word_index(starts, name.start)) < part.last
    ]
    if len(names) < 2:
        return
    for index in range(part.first, part.last):
        families = [family for family, _ in meanings(folded[index]) if family in _DEEDS]
        if not families or any(
            place <= index < place + len(tokenize(name.text).folded) for place, name in names
        ):
            continue
        agent_after_by = next(
            (name for place, name in names if place > index and _is_after_by(folded, place)), None
        )
        before = [name for place, name in names if place < index]
        after = [name for place, name in names if place > index and name is not agent_after_by]
        agent = agent_after_by or (before[-1] if before else None)
        patient = (
            (after[0] if after else before[-1] if before else None)
            if agent_after_by
            else (after[0] if after else None)
        )
        if agent is not None and patient is not None and not _are_same(agent, patient):
            text = f"{agent.text} … {sentence.tokens.raw[index]} … {patient.text}"
            yield from (_PartyAction(family, agent, patient, text) for family in families)


def _is_after_by(folded: Sequence[str], place: int) -> bool:
    return not _BY.isdisjoint(folded[max(0, place - _BETWEEN) : place])


def _word_index(starts: Sequence[int], start: int) -> int:
    return next((index for index, place in enumerate(starts) if place >= start), len(starts))


def _misattributed_figures(
    copy: Sequence[FactSentence], release: Sequence[FactSentence]
) -> Iterator[FactDifference]:
    """Yield figures that a copy tells of one person or firm and the release of another."""
    kinds_by_word = classify_names(release)
    release_figures = [PlacedFigure(sentence, figure) for sentence in release for figure in sentence.figures]
    for sentence in copy:
        for figure in sentence.figures:
            placed = PlacedFigure(sentence, figure)
            owner = _sole_owner(placed, kinds_by_word)
            same_figures = [other for other in release_figures if _is_exact(figure, other.figure)]
            if owner is None or len(owner.words) < 2 or not same_figures or not _is_telling(figure):
                continue
            release_owners = [_possible_owners(other, kinds_by_word) for other in same_figures]
            if not all(release_owners) or any(
                _are_same(owner, name) for names in release_owners for name in names
            ):
                continue
            kinds = {name_kind(name, kinds_by_word) for names in ([owner], *release_owners) for name in names}
            if not kinds or not kinds <= {"person", "either"}:
                continue
            own_figures = [
                other
                for other in release_figures
                if any(_are_same(owner, name) for name in _possible_owners(other, kinds_by_word))
            ]
            rival = next((other for other in own_figures if _are_rivals(figure, other.figure)), None)
            if rival is not None:
                yield FactDifference(
                    "amount", f"{owner.text}: {figure.text}", f"{owner.text}: {rival.figure.text}", "disowned"
                )
            elif kinds == {"person"}:
                name = release_owners[0][-1]
                yield FactDifference(
                    "name",
                    f"{owner.text}: {figure.text}",
                    f"{name.text}: {same_figures[0].figure.text}",
                    "disowned",
                )


def _is_exact(figure: StatedFigure, other: StatedFigure) -> bool:
    return figure.kind == other.kind and same_unit(figure, other) and same_value(figure, other)


def _are_rivals(figure: StatedFigure, other: StatedFigure) -> bool:
    return figure.kind == other.kind and same_unit(figure, other) and not same_value(figure, other)


def _is_telling(figure: StatedFigure) -> bool:
    return figure.kind in ("money", "time", "part") or figure.value > _PLAIN


def _sole_owner(placed: PlacedFigure, kinds_by_word: dict[str, str]) -> StatedName | None:
    """Return the one person or firm of the part of a sentence that a figure stands in."""
    starts = placed.sentence.tokens.starts
    index = _word_index(starts, placed.figure.start + 1) - 1
    part = next(
        (
            predication
            for predication in predications(placed.sentence)
            if predication.first <= index < predication.last
        ),
        None,
    )
    if part is None:
        return None
    names = [name for name in placed.sentence.names if name_kind(name, kinds_by_word)]
    names_in_part = [name for name in names if part.first <= _word_index(starts, name.start) < part.last]
    return names[0] if len(names) == 1 and names_in_part in ([], names) else None


def _possible_owners(placed: PlacedFigure, kinds_by_word: dict[str, str]) -> list[StatedName]:
    """Return whose figure of a release it may be: who stands between the figures on both sides of it."""
    sentence, figure = placed.sentence, placed.figure
    names = [name for name in sentence.names if name_kind(name, kinds_by_word)]
    same_kind_figures = [
        other_figure for other_figure in sentence.figures if other_figure.kind == figure.kind
    ]
    if any(word.startswith("respectiv") for word in sentence.tokens.folded):
        return [names[same_kind_figures.index(figure)]] if len(names) == len(same_kind_figures) else []
    before = max(
        (other_figure.end for other_figure in same_kind_figures if other_figure.end <= figure.start),
        default=0,
    )
    after = min(
        (other_figure.start for other_figure in same_kind_figures if other_figure.start >= figure.end),
        default=len(sentence.tokens.text),
    )
    return [name for name in names if name.start >= before and name.end <= after]


def classify_names(release: Sequence[FactSentence]) -> dict[str, str]:
    """Return which words of names are a person's and which a firm's."""
    persons, firms, possible = set[str](), set[str](), set[str]()
    holder_names = {holder_names.name.text for holder_names in find_office_holders(release)}
    for sentence in release:
        before, was_person = 0, False
        for name in sentence.names:
            is_joined = was_person and sentence.tokens.text[before : name.start].strip() in _AND
            before, was_person = name.end, False
            folded = tokenize(name.text).folded
            index = _word_index(sentence.tokens.starts, name.start)
            end = index + len(folded)
            is_titled = not _TITLES.isdisjoint(
                (*folded[:1], *sentence.tokens.folded[max(0, index - 1) : index])
            )
            if not _FORMS.isdisjoint((*folded, *sentence.tokens.folded[end : end + 1])):
                firms.update(name.words)
            elif name.text in holder_names or is_titled or is_joined:
                persons.update(name.words)
                was_person = True
            elif 1 < len(folded) <= _LONGEST and not any(
                meanings(word) or is_neutral(word) for word in folded
            ):
                possible.update(name.words)
    kinds = dict.fromkeys(possible, "either") | dict.fromkeys(persons, "person")
    return kinds | dict.fromkeys(firms - persons, "firm")


def may_be_same_kind(name: StatedName, other: StatedName, kinds_by_word: dict[str, str]) -> bool:
    """Tell whether two names may both be of persons, or both of firms."""
    kinds = {name_kind(name, kinds_by_word), name_kind(other, kinds_by_word)}
    return "" not in kinds and (len(kinds) == 1 or kinds == {"either", "person"})


def name_kind(name: StatedName, kinds_by_word: Mapping[str, str]) -> str:
    """Return whether a name is a person's, a firm's, either, or of what the release does not tell."""
    kinds = {kinds_by_word[word] for word in name.words if word in kinds_by_word}
    certain = kinds - {"either"} or kinds
    return certain.pop() if len(certain) == 1 else ""


def _are_same(name: StatedName, other: StatedName) -> bool:
    return any(is_known(word, other.words) for word in name.words)
