"""What a sentence says in parts of one verb each, with what is denied in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from vigie.intelligence.news.facts.lexicon import links, meanings, verbs
from vigie.intelligence.news.facts.stated_events import (
    ASIDES,
    StatedEvent,
    clause_numbers,
    is_declined,
    is_no_longer,
)
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.languages import SMALL

_SMALL: Final = SMALL["en"] | SMALL["fr"]
# They stand in any clause, beside any verb.
_HELPERS: Final = frozenset(
    """been being did does do done had having avoir etre must should would could also met mettre mis mise put puts
    aussi egalement peuvent pouvait pourra pourrait doit doivent devait devra devrait seront serait aurait
    avaient etaient ont eu ayant cannot any either both ainsi alors dont lors very too such cours procede
    procedait itself themselves himself herself lui elle eux outre plus besides only same other others another
    one ones autre autres the yet encore desormais already deja now""".split()
)
_RELATIVES: Final = frozenset("who which qui dont whereas tandis while but mais although bien".split())
_JOINS: Final = frozenset({"and", "et"})
_DENY: Final = frozenset(
    "not never cannot no none nobody nothing neither nor without pas jamais aucun aucune nul nulle rien ni sans".split()
)
# «Not only», «no fewer than», «pas moins de»: nothing is denied.
_NOUN_DENIES: Final = frozenset("no none aucun aucune nul nulle".split())
_NIL: Final = frozenset("nul nulle nuls nulles".split())
_UNTIL: Final = frozenset("until before avant".split())
_FAILS: Final = ("fail", "omet", "omis")
_MERELY: Final = frozenset(
    """only just merely seulement uniquement simplement fewer later more necessarily necessairement delay
    delai precedent doubt doute exception surprise""".split()
)
_COMPARES: Final = frozenset("moins less".split())
_THAN: Final = frozenset("than de d que qu".split())
# What may deny without a word for it: nothing is told of parts that have one.
_OPEN: Final = frozenset(
    """fail fails failed failing lack lacks lacked avoid avoids avoided spare spares spared except sauf hors outside
    free instead rather plutot still yet pending await awaits zero nil only seul seuls seule uniquement
    seulement drop drops dropped deny denies denied nie nient nier ban bans banned bar bars barred stop stops
    stopped cesse cessent halt halted hardly barely peine few fewer peu loin far intact skip skips silent muet
    unlike omis omit omits omet unable left laisse laissee laissees unless innocent relaxe relaxee vain manque
    manquent neither hid hidden late tard tarde oppose opposes opposed opposition absence absent empty vide
    blank nowhere void gone epargne epargnee epargnes tait tu lapsed without slow slowly""".split()
)
_OPENS: Final = tuple(
    """refus declin escap echapp evite exempt exclu renonc waive waiving abandon reject rejet dismiss dement interdi
    prohib ceased ceasing cessation discontinu untouch bypass silenc contrairement oublie forgot forgo overlook neglig
    neglect ignor incapab impossib withhold withheld conceal dissimul secret unregist unlicen unauthor uninsur unprotect
    unregul unaware unanswer unreview uncheck undone unpaid impay inaction acquit deboute blanchi blanchie reporte
    postpon aucunement nullement absten abstain suspend suspens insuffis insuffic inadequ depourv infond unfound
    contest disput termin finished ecart""".split()
)
_MIGHT: Final = frozenset(
    """would could might may aurait pourrait serait auraient pourraient seraient if si
    prefer preferred prefers favoured wanted souhaitaient souhaitait preferaient preferait""".split()
)
# What follows these is another part, with a verb of its own or one left out.
_STRONG: Final = frozenset(";:—")
_MODAL: Final = frozenset("may can could cannot peut peuvent pourra pourront pouvait".split())
_SHORTEST: Final = 3
_STEM: Final = 5
_REACH: Final = 6
_TARGETS: Final = 2
_BEFORE: Final = 4
_TO_VERB: Final = 4


class ContentWord(NamedTuple):
    """A word that means something, by its place, with what it is compared by."""

    at: int
    keys: frozenset[str]
    is_name: bool


class Predication(NamedTuple):
    """Part of a sentence with one verb.

    Attributes
    ----------
    targets : tuple of ContentWord
        What is denied in it: the first words that a negation stands at; empty where nothing is.
    denied : frozenset of str
        What any of its negations stands at.
    denials : int
        How often anything is denied in it.
    opens : tuple of ContentWord
        Words of it that may deny without a negation.
    denial_text : str
        The words of the denial, as written.
    """

    sentence: FactSentence
    content: tuple[ContentWord, ...]
    keys: frozenset[str]
    targets: tuple[ContentWord, ...]
    denied: frozenset[str]
    denials: int
    is_noun_denied: bool
    opens: tuple[ContentWord, ...]
    is_hypothetical: bool
    is_modal: bool
    is_without: bool
    is_supposed: bool
    events: tuple[StatedEvent, ...]
    denial_text: str
    first: int
    last: int


@lru_cache(maxsize=16_384)
def content_keys(word: str) -> frozenset[str]:
    """Return by what a folded word is compared across languages; nothing of words that stand anywhere."""
    if word in _SMALL or word in _HELPERS or len(word) < _SHORTEST:
        return frozenset()
    if word[0].isdigit():
        return frozenset()
    return frozenset((word[:_STEM], *(f"={family}" for family, _ in meanings(word)), *links(word)))


def sentence_keys(sentences: Iterable[FactSentence]) -> frozenset[str]:
    """Return by what any word of some sentences is compared."""
    return frozenset[str]().union(
        *(content_keys(word) for sentence in sentences for word in sentence.tokens.folded)
    )


class _SentenceIdentity:
    """A sentence by which it is, as the same is asked for by each kind of fact."""

    __slots__ = ("sentence",)

    def __init__(self, sentence: FactSentence) -> None:
        self.sentence = sentence

    def __hash__(self) -> int:
        return id(self.sentence)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SentenceIdentity) and self.sentence is other.sentence


def predications(sentence: FactSentence) -> list[Predication]:
    """Return the parts of a sentence, each with one verb as far as commas and joints tell."""
    return list(_predications(_SentenceIdentity(sentence)))


@lru_cache(maxsize=1_024)
def _predications(identity: _SentenceIdentity) -> tuple[Predication, ...]:
    sentence = identity.sentence
    return tuple(_predication(sentence, first, last) for first, last in _spans(sentence) if last > first)


def _spans(sentence: FactSentence) -> Iterator[tuple[int, int]]:
    folded, parts = sentence.tokens.folded, clause_numbers(sentence.tokens)
    begin = 0
    for at in range(1, len(folded)):
        between = sentence.tokens.text[sentence.tokens.ends[at - 1] : sentence.tokens.starts[at]]
        if not _STRONG.isdisjoint(between) and _has_verb(folded, begin, at):
            yield begin, at
            begin = at
            continue
        is_break = parts[at] != parts[at - 1] or folded[at] in _RELATIVES
        is_joint = folded[at] in _JOINS and _begins_verb(folded, at + 1)
        is_joint = is_joint or (folded[at] == "that" and _has_verb(folded, at + 1, min(at + 2, len(folded))))
        if (
            (is_break or is_joint)
            and _has_verb(folded, begin, at)
            and _has_verb(folded, at, _clause_end(parts, at))
        ):
            yield begin, at
            begin = at
    yield begin, len(folded)


def _begins_verb(folded: Sequence[str], index: int) -> bool:
    for word_index in range(index, min(index + _TO_VERB, len(folded))):
        if _has_verb(folded, word_index, word_index + 1):
            return True
        if folded[word_index] not in _SMALL:
            return False
    return False


def _clause_end(parts: Sequence[int], at: int) -> int:
    end = at
    while end < len(parts) and parts[end] == parts[at]:
        end += 1
    return end


_FINITE: Final = frozenset(
    """is are was were be been has have had will would can could may might must did does do est sont etait etaient ont
    avait avaient sera seront serait aurait aura auront peut doit pas not ne""".split()
)


def _has_verb(folded: Sequence[str], first: int, last: int) -> bool:
    return any(
        word in _FINITE or any(is_verb(family) for family, _ in meanings(word)) for word in folded[first:last]
    )


def is_verb(family: str) -> bool:
    """Tell whether a family of the lexicon is one of verbs."""
    return family in verbs()


def _predication(sentence: FactSentence, first: int, last: int) -> Predication:
    folded = sentence.tokens.folded
    names = {word for name in sentence.names for word in name.words}
    content = [
        ContentWord(at, keys, folded[at] in names)
        for at in range(first, last)
        if (keys := content_keys(folded[at]))
    ]
    numbers = _figure_keys(sentence, first, last)
    denials = [at for at in range(first, last) if _is_denial(folded, at)]
    if not _UNTIL.isdisjoint(folded[first:last]):
        # «Did not report it until May»: it did.
        denials = []
    # «Neither admits nor denies» denies once.
    denials = [at for number, at in enumerate(denials) if not number or folded[at] not in ("nor", "ni")]
    targets = tuple(word for at in denials[:1] for word in _denied_words(folded, at, content))
    opens = tuple(
        ContentWord(at, content_keys(folded[at]), False)
        for at in range(first, last)
        if _is_open(folded[at]) or _is_finished(folded, at)
    )
    events = tuple(event for event in sentence.stated_events(frozenset()) if first <= event.at < last)
    is_noun = bool(denials) and folded[denials[0]] in _NOUN_DENIES
    is_without = bool(denials) and folded[denials[0]] in ("without", "sans")
    is_supposed = not {"would", "aurait", "auraient", "serait"}.isdisjoint(folded)
    is_modal = not _MODAL.isdisjoint(folded[first:last])
    is_hypothetical = any(folded[at] in _MIGHT for at in range(first, last))
    keys = frozenset[str]().union(*(word.keys for word in content), numbers)
    denial_text = _denial_text(sentence, denials[0], targets) if denials and targets else ""
    return Predication(
        sentence,
        tuple(content),
        keys,
        targets,
        frozenset[str]().union(*(word.keys for at in denials for word in _denied_words(folded, at, content))),
        len(denials),
        is_noun,
        opens,
        is_hypothetical,
        is_modal,
        is_without,
        is_supposed,
        events,
        denial_text,
        first,
        last,
    )


def _figure_keys(sentence: FactSentence, first: int, last: int) -> frozenset[str]:
    tokens = sentence.tokens
    start, end = tokens.starts[first], tokens.ends[last - 1]
    return frozenset(f"#{figure.base:g}" for figure in sentence.figures if start <= figure.start < end)


def _is_finished(folded: Sequence[str], at: int) -> bool:
    return folded[at] in ("over", "done") and at > 0 and folded[at - 1] in ("is", "are", "was", "were")


def _is_open(word: str) -> bool:
    return word in _OPEN or (word.startswith(_OPENS) and not word.startswith("blanchim"))


def _is_denial(folded: Sequence[str], index: int) -> bool:
    word = folded[index]
    if word == "t" and index and folded[index - 1].endswith("n") and len(folded[index - 1]) > 2:
        return True
    if is_no_longer(folded, index) or (is_declined(folded, index) and not word.startswith(_FAILS)):
        return True
    if word == "no" and (index + 1 == len(folded) or folded[index + 1] in _SMALL):
        # «Votes no» denies nothing that follows.
        return False
    if word in _NIL and index and folded[index - 1] in _FINITE:
        # A result that is nil denies nothing that follows.
        return False
    if word == "personne":
        return bool({"n", "ne"} & set(folded[index + 1 : index + 3]))
    if word in _DENY and folded[index + 1 : index + 2] and folded[index + 1] in _COMPARES:
        # «Pas moins de 40» denies nothing, «pas moins exigeante» does.
        return not (
            folded[index + 2 : index + 3] and (folded[index + 2] in _THAN or folded[index + 2][0].isdigit())
        )
    return word in _DENY and not (index + 1 < len(folded) and folded[index + 1] in _MERELY)


def _denied_words(folded: Sequence[str], at: int, content: Sequence[ContentWord]) -> list[ContentWord]:
    begin = at
    if folded[at] in ("pas", "plus", "jamais", "aucun", "aucune", "rien", "ni"):
        for place in range(at - 1, max(-1, at - _BEFORE), -1):
            if folded[place] in ("ne", "n"):
                begin = place
    near = [word for word in content if begin < word.at <= at + _REACH and folded[word.at] not in ASIDES]
    return near[:_TARGETS]


def _denial_text(sentence: FactSentence, index: int, targets: Sequence[ContentWord]) -> str:
    tokens = sentence.tokens
    first = min(index, targets[0].at)
    while first > 0 and index - first < _BEFORE and tokens.folded[first - 1] in (_FINITE | {"n", "ne"}):
        first -= 1
    return tokens.text[tokens.starts[first] : tokens.ends[max(index, targets[0].at)]]
