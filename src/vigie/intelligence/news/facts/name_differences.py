"""Names of a copy that are not those of the release: somebody else in the place of whom it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.misspelt_names import (
    RANKS,
    begins_otherwise,
    is_first_in_sentence,
    is_nobodys,
    is_telling,
    misspelt,
    renamed,
    spelt_otherwise,
    substituted,
)
from vigie.intelligence.news.facts.name_roles import office_findings
from vigie.intelligence.news.facts.names import (
    StatedName,
    are_capitals_telling,
    is_known,
    is_neutral,
    sound,
)
from vigie.intelligence.news.facts.outcome import FactDifference, Findings
from vigie.intelligence.news.facts.parties import party_findings
from vigie.intelligence.news.facts.statement import FactSentence, beside, is_doubtful
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import words

_OFFICES: Final = frozenset(
    """president chairman chair director chief executive officer founder head commissioner governor
    compliance presidente directeur directrice general generale""".split()
)
_SHARED: Final = 3
_SHORT: Final = 3
_SMALL: Final = SMALL["en"] | SMALL["fr"]
_FRENCH: Final = SMALL["fr"] - SMALL["en"]
_ENGLISH: Final = SMALL["en"] - SMALL["fr"]
_LOCATES: Final = frozenset("in at on near from a au aux en sur dans pres vers chez".split())
_ARTICLES: Final = frozenset("the la le l les".split())
_LEAST: Final = 4
_HERE: Final = 0.2
_LIKEST: Final = 2
_BESIDE: Final = 4
_NEAR: Final = 6


def name_findings(
    copy: Sequence[FactSentence], release: Sequence[FactSentence], told: Iterable[str]
) -> Findings:
    """Return which names of a copy stand in the place of others, and which the release does not name.

    Parameters
    ----------
    told : iterable of str
        What else may be named: who publishes the release, in its own words.
    """
    known = {word for sentence in release for word in sentence.found.folded}
    known |= {word for text in told for word in words(text).folded} | _initials(release)
    families = {family for word in known for family, _ in meanings(word)}
    alignment = Alignment(release)
    said = {word for sentence in copy for word in sentence.found.folded}
    is_translated = _is_french(copy) != _is_french(release)
    theirs = _sure(release)
    sounds = {sound(word) for word in known if len(word) > _LEAST}
    if is_translated:
        theirs = [(of, name) for of, name in theirs if not _place(of, name)]
    missing = [(of, name) for of, name in theirs if not any(is_known(word, said) for word in _core(name))]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for sentence in copy:
        for name in sentence.names:
            others = tuple(
                word
                for word in name.words
                if not (is_known(word, known) or _is_translated(word, families) or _is_short_for(word, known))
                and not (is_translated and sound(word) in sounds)
                # «ATM» is no misspelt «ATMs».
                and known.isdisjoint({f"{word}s", word.removesuffix("s")})
            )
            swapped = substituted(sentence, name, theirs, known, said)
            if swapped is not None and (not sentence.is_title or are_capitals_telling(sentence.found)):
                differences.setdefault(
                    name.text, FactDifference("name", name.text, swapped.text, "substituted")
                )
                continue
            if not others:
                is_same = all(is_known(word, known) for word in name.words)
                mixed = _mixed(sentence, name, theirs, said) if is_same else None
                if mixed is not None:
                    differences.setdefault(name.text, FactDifference("name", name.text, mixed.text, "mixed"))
                continue
            if is_translated and _place(sentence, name):
                unproven.append(name.text)
                continue
            if is_doubtful(sentence, name):
                other = begins_otherwise(sentence, others, theirs, said)
                if other is not None:
                    differences.setdefault(
                        " ".join(others), FactDifference("name", name.text, other.text, "begins")
                    )
                continue
            other, rule = _otherwise(sentence, name, others, theirs, missing, said)
            if other is not None and _is_of_here(sentence, name, other, theirs, known, alignment):
                differences.setdefault(" ".join(others), FactDifference("name", name.text, other.text, rule))
            else:
                unproven.append(name.text)
    for one in (*office_findings(copy, release, known), *party_findings(copy, release)):
        differences.setdefault(one.copy_says, one)
    unproven += [*_elsewhere(copy, release), *_misplaced(copy, theirs)]
    return Findings(tuple(differences.values()), tuple(unproven))


def _otherwise(
    sentence: FactSentence,
    name: StatedName,
    others: tuple[str, ...],
    theirs: Sequence[tuple[FactSentence, StatedName]],
    missing: Sequence[tuple[FactSentence, StatedName]],
    said: set[str],
) -> tuple[StatedName | None, str]:
    """Return the name of the release that one is told instead of, with the rule that finds it."""
    here, is_first = set(sentence.found.folded), is_first_in_sentence(sentence, name)
    if (other := misspelt(others, theirs, here)) is not None:
        return other, "misspelt"
    if (other := spelt_otherwise(name, others, theirs, said, here, is_first=is_first)) is not None:
        return other, "spelt"
    if (other := renamed(name, others, theirs, said)) is not None:
        return other, "renamed"
    return _in_place(sentence, name, others, missing), "in_place"


def _is_of_here(
    sentence: FactSentence,
    name: StatedName,
    other: StatedName,
    theirs: Sequence[tuple[FactSentence, StatedName]],
    known: set[str],
    alignment: Alignment,
) -> bool:
    """Tell whether a sentence tells of what the release tells: strangers in others may look like its names."""
    if any(is_known(word, other.words) for word in name.words if is_nobodys(word)):
        return True
    if any(
        mine.words and all(is_known(word, known) for word in mine.words)
        for mine in sentence.names
        if mine is not name
    ):
        return True
    near = alignment.near(sentence, name.start, name.end, is_figured=True)
    return any(
        alignment.alike(near, alignment.near(of, held.start, held.end, is_figured=True)) >= _HERE
        for of, held in theirs
        if held.text == other.text
    )


def _is_french(sentences: Sequence[FactSentence]) -> bool:
    every = [word for sentence in sentences for word in sentence.found.folded]
    return sum(word in _FRENCH for word in every) > sum(word in _ENGLISH for word in every)


def _is_short_for(word: str, known: set[str]) -> bool:
    # «FCFA» and «CFA».
    return _SHORT <= len(word) <= _LEAST and any(
        one.endswith(word) for one in known if len(one) <= _LEAST + 1
    )


def _place(sentence: FactSentence, name: StatedName) -> str:
    """Return what leads to a name of one word that stands where places do, which each language writes its own way."""
    found = sentence.found
    at = next((at for at, start in enumerate(found.starts) if start == name.start), 0)
    while at and found.folded[at - 1] in _ARTICLES:
        at -= 1
    is_led = len(name.words) == 1 and at > 0 and found.folded[at - 1] in _LOCATES
    return found.folded[at - 1] if is_led else ""


def _mixed(
    sentence: FactSentence,
    name: StatedName,
    theirs: Sequence[tuple[FactSentence, StatedName]],
    said: set[str],
) -> StatedName | None:
    """Return the name that one is put together from, with a word of another: all its words are the release's."""
    mine = [word for word in name.words if is_telling(word) and not meanings(word)]
    if len(mine) <= 1 or is_doubtful(sentence, name):
        return None
    if any(_is_run(of, mine) for of, _ in theirs):
        return None
    if any(sum(is_known(word, other.words) for word in mine) > 1 for _, other in theirs):
        # A name of the release with words of a place or an office before it.
        return None
    for _, other in theirs:
        shared = [word for word in mine if word in other.words]
        gone = [word for word in other.words if is_nobodys(word) and not is_known(word, said)]
        if shared and gone and len(shared) < len(mine) and len(other.words) > 1:
            return other
    return None


def _is_run(sentence: FactSentence, mine: Sequence[str]) -> bool:
    return any(all(is_known(word, words(name.text).folded) for word in mine) for name in sentence.names)


def _sure(release: Sequence[FactSentence]) -> list[tuple[FactSentence, StatedName]]:
    """Return the names of a release, without words that have their capital from where they stand."""
    every = [(sentence, name) for sentence in release for name in sentence.names]
    sure = {word for sentence, name in every if not is_doubtful(sentence, name) for word in name.words}
    return [(sentence, name) for sentence, name in every if sure.intersection(name.words)]


def _is_translated(word: str, families: set[str]) -> bool:
    return any(family in families for family, _ in meanings(word))


def _elsewhere(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[str]:
    """Yield names of the release that a copy tells of where the release's likest sentence tells of others."""
    for sentence in copy:
        about = {feature for feature in sentence.features if feature[0] != "@"}
        likest = max(release, key=lambda other: len(about & other.features), default=None)
        if likest is None or not likest.names or len(about & likest.features) < _LIKEST:
            continue
        there = set(likest.found.folded)
        yield from (
            one.text for one in sentence.names if not any(is_known(word, there) for word in one.words)
        )


def _misplaced(
    copy: Sequence[FactSentence], theirs: Sequence[tuple[FactSentence, StatedName]]
) -> Iterator[str]:
    """Yield names that stand where the release has others: beside the same words."""
    places = [(other, _beside_name(of, other)) for of, other in theirs]
    for sentence in copy:
        for name in sentence.names:
            near = _beside_name(sentence, name)
            is_same = [any(is_known(word, other.words) for word in name.words) for other, _ in places]
            shared = [len(near & place) for _, place in places]
            own = max((count for count, same in zip(shared, is_same, strict=True) if same), default=0)
            rival = max((count for count, same in zip(shared, is_same, strict=True) if not same), default=0)
            if rival > own:
                yield name.text


def _beside_name(sentence: FactSentence, name: StatedName) -> frozenset[str]:
    return beside(sentence, name.start, name.end, _BESIDE) - {word[:5] for word in name.words}


def _core(name: StatedName) -> tuple[str, ...]:
    return tuple(word for word in name.words if len(word) >= _LEAST and not meanings(word)) or name.words


def _initials(release: Sequence[FactSentence]) -> set[str]:
    found: set[str] = set()
    for sentence in release:
        letters = [word[0] for word in sentence.found.folded if len(word) > 2 and word not in _SMALL]
        found |= {
            "".join(letters[at : at + size]) for size in (3, 4, 5) for at in range(len(letters) - size + 1)
        }
    return found


def _is_institution(name: StatedName) -> bool:
    # Each language calls authorities and places as it does: only what is no word of either names a firm or person.
    found = words(name.text).folded
    return any(is_neutral(word) and word not in RANKS for word in found) or any(
        meanings(word) for word in found if word not in RANKS
    )


def _is_short(others: Sequence[str]) -> bool:
    return len(others) == 1 and len(others[0]) <= _LEAST


def _in_place(
    sentence: FactSentence,
    name: StatedName,
    others: Sequence[str],
    missing: Sequence[tuple[FactSentence, StatedName]],
) -> StatedName | None:
    """Return a name that the copy leaves out where another stands in its place, in a sentence about the same."""
    if (
        is_doubtful(sentence, name)
        or len(others) < len(name.words)
        or _is_short(others)
        or _is_institution(name)
    ):
        return None
    clause = _around(sentence, name)
    ranked = []
    for of, other in missing:
        if _is_institution(other) or _place(sentence, name) != _place(of, other):
            continue
        place = _around(of, other)
        # The same figure beside both says twice as much as a word.
        shared = len(clause & place) + sum(feature[0] == "#" for feature in clause & place)
        is_of_one_form = (len(name.words) > 1) == (len(other.words) > 1)
        ranks = set(words(name.text).folded) & set(words(other.text).folded) & _OFFICES
        is_ranked = (
            (bool(ranks) or "=director" in clause & place) and len(others) > 1 and len(other.words) > 1
        )
        if shared + is_ranked + bool(ranks) >= _SHARED and (is_of_one_form or shared > _SHARED):
            ranked.append((shared, other))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _around(sentence: FactSentence, name: StatedName) -> frozenset[str]:
    """Return what the clause of a name is about, and the words beside it."""
    near = beside(sentence, name.start, name.end, _NEAR)
    return (near | sentence.clause_features[sentence.clause_at(name.start)]) - {
        word[:5] for word in name.words
    }
