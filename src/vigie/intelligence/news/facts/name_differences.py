"""Names of a copy that are not those of the release: somebody else in the place of whom it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from vigie.intelligence.news.facts.alignment import Alignment
from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.misspelt_names import (
    RANKS,
    find_altered_beginning,
    find_misspelt,
    find_renamed,
    find_spelt_otherwise,
    find_substituted,
    is_distinctive,
    is_first_in_sentence,
    is_uncommon,
)
from vigie.intelligence.news.facts.name_roles import office_findings
from vigie.intelligence.news.facts.names import (
    StatedName,
    do_capitals_mark_names,
    is_known,
    is_neutral,
    phonetic_form,
)
from vigie.intelligence.news.facts.outcome import FactDifference, FactFindings
from vigie.intelligence.news.facts.parties import party_findings
from vigie.intelligence.news.facts.statement import FactSentence, features_beside, is_doubtful
from vigie.intelligence.news.reading.languages import SMALL
from vigie.intelligence.news.reading.words import tokenize

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
    copy: Sequence[FactSentence], release: Sequence[FactSentence], allowed_names: Iterable[str]
) -> FactFindings:
    """Return which names of a copy stand in the place of others, and which the release does not name.

    Parameters
    ----------
    allowed_names : iterable of str
        What else may be named: who publishes the release, in its own words.
    """
    known = {word for sentence in release for word in sentence.tokens.folded}
    known |= {word for text in allowed_names for word in tokenize(text).folded} | _possible_acronyms(release)
    families = {family for word in known for family, _ in meanings(word)}
    alignment = Alignment(release)
    copy_words = {word for sentence in copy for word in sentence.tokens.folded}
    is_translated = _is_french(copy) != _is_french(release)
    release_names = _comparable_names(release, is_translated=is_translated)
    # What a translation may spell its own way as long as it sounds the same.
    sounds = {phonetic_form(word) for word in known if len(word) > _LEAST} if is_translated else set()
    missing_names = [
        (sentence_of, name)
        for sentence_of, name in release_names
        if not any(is_known(word, copy_words) for word in _core_words(name))
    ]
    differences: dict[str, FactDifference] = {}
    unproven: list[str] = []
    for sentence in copy:
        for name in sentence.names:
            unknown_words = _unknown_words(name, known, families, sounds)
            swapped = find_substituted(sentence, name, release_names, known, copy_words)
            if swapped is not None and (not sentence.is_title or do_capitals_mark_names(sentence.tokens)):
                differences.setdefault(
                    name.text, FactDifference("name", name.text, swapped.text, "substituted")
                )
                continue
            if not unknown_words:
                is_same = all(is_known(word, known) for word in name.words)
                mixed = _find_mixed_name(sentence, name, release_names, copy_words) if is_same else None
                if mixed is not None:
                    differences.setdefault(name.text, FactDifference("name", name.text, mixed.text, "mixed"))
                continue
            if is_translated and _locating_word(sentence, name):
                unproven.append(name.text)
                continue
            if is_doubtful(sentence, name):
                other = find_altered_beginning(sentence, unknown_words, release_names, copy_words)
                if other is not None:
                    differences.setdefault(
                        " ".join(unknown_words), FactDifference("name", name.text, other.text, "begins")
                    )
                continue
            other, rule = _find_name_instead(
                sentence, name, unknown_words, release_names, missing_names, copy_words
            )
            if other is not None and _is_same_context(sentence, name, other, release_names, known, alignment):
                differences.setdefault(
                    " ".join(unknown_words), FactDifference("name", name.text, other.text, rule)
                )
            else:
                unproven.append(name.text)
    for difference in (*office_findings(copy, release, known), *party_findings(copy, release)):
        differences.setdefault(difference.copy_says, difference)
    unproven += [*_names_told_elsewhere(copy, release), *_misplaced(copy, release_names)]
    return FactFindings(tuple(differences.values()), tuple(unproven))


def _comparable_names(
    release: Sequence[FactSentence], *, is_translated: bool
) -> list[tuple[FactSentence, StatedName]]:
    """Return the names of a release that a copy must tell; a translation writes those of places its own way."""
    return [
        (sentence, name)
        for sentence, name in _certain_names(release)
        if not (is_translated and _locating_word(sentence, name))
    ]


def _unknown_words(
    name: StatedName, known: set[str], families: set[str], sounds: set[str]
) -> tuple[str, ...]:
    """Return the words of a name that a release has in no form."""
    return tuple(
        word
        for word in name.words
        if not (is_known(word, known) or _is_translated(word, families) or _is_short_for(word, known))
        and phonetic_form(word) not in sounds
        # «ATM» is no misspelt «ATMs».
        and known.isdisjoint({f"{word}s", word.removesuffix("s")})
    )


def _find_name_instead(
    sentence: FactSentence,
    name: StatedName,
    unknown_words: tuple[str, ...],
    release_names: Sequence[tuple[FactSentence, StatedName]],
    missing_names: Sequence[tuple[FactSentence, StatedName]],
    copy_words: set[str],
) -> tuple[StatedName | None, str]:
    """Return the name of the release that one is told instead of, with the rule that finds it."""
    sentence_words, is_first = set(sentence.tokens.folded), is_first_in_sentence(sentence, name)
    if (other := find_misspelt(unknown_words, release_names, sentence_words)) is not None:
        return other, "misspelt"
    if (
        other := find_spelt_otherwise(
            name, unknown_words, release_names, copy_words, sentence_words, is_first=is_first
        )
    ) is not None:
        return other, "spelt"
    if (other := find_renamed(name, unknown_words, release_names, copy_words)) is not None:
        return other, "renamed"
    return _find_replaced_name(sentence, name, unknown_words, missing_names), "in_place"


def _is_same_context(
    sentence: FactSentence,
    name: StatedName,
    other: StatedName,
    release_names: Sequence[tuple[FactSentence, StatedName]],
    known: set[str],
    alignment: Alignment,
) -> bool:
    """Tell whether a sentence tells of what the release tells: strangers in others may look like its names."""
    if any(is_known(word, other.words) for word in name.words if is_uncommon(word)):
        return True
    if any(
        other_in_sentence.words and all(is_known(word, known) for word in other_in_sentence.words)
        for other_in_sentence in sentence.names
        if other_in_sentence is not name
    ):
        return True
    near_words = alignment.near_words(sentence, name.start, name.end, is_figured=True)
    return any(
        alignment.similarity(
            near_words,
            alignment.near_words(sentence_of, release_name.start, release_name.end, is_figured=True),
        )
        >= _HERE
        for sentence_of, release_name in release_names
        if release_name.text == other.text
    )


def _is_french(sentences: Sequence[FactSentence]) -> bool:
    all_words = [word for sentence in sentences for word in sentence.tokens.folded]
    return sum(word in _FRENCH for word in all_words) > sum(word in _ENGLISH for word in all_words)


def _is_short_for(word: str, known: set[str]) -> bool:
    # «FCFA» and «CFA».
    return _SHORT <= len(word) <= _LEAST and any(
        known_word.endswith(word) for known_word in known if len(known_word) <= _LEAST + 1
    )


def _locating_word(sentence: FactSentence, name: StatedName) -> str:
    """Return what leads to a name of one word that stands where places do, which each language writes its own way."""
    tokens = sentence.tokens
    index = next((index for index, start in enumerate(tokens.starts) if start == name.start), 0)
    while index and tokens.folded[index - 1] in _ARTICLES:
        index -= 1
    is_led = len(name.words) == 1 and index > 0 and tokens.folded[index - 1] in _LOCATES
    return tokens.folded[index - 1] if is_led else ""


def _find_mixed_name(
    sentence: FactSentence,
    name: StatedName,
    release_names: Sequence[tuple[FactSentence, StatedName]],
    copy_words: set[str],
) -> StatedName | None:
    """Return the name that one is put together from, with a word of another: all its words are the release's."""
    own_words = [word for word in name.words if is_distinctive(word) and not meanings(word)]
    if len(own_words) <= 1 or is_doubtful(sentence, name):
        return None
    if any(_are_in_one_name(sentence_of, own_words) for sentence_of, _ in release_names):
        return None
    if any(sum(is_known(word, other.words) for word in own_words) > 1 for _, other in release_names):
        # A name of the release with words of a place or an office before it.
        return None
    for _, other in release_names:
        shared = [word for word in own_words if word in other.words]
        missing = [word for word in other.words if is_uncommon(word) and not is_known(word, copy_words)]
        if shared and missing and len(shared) < len(own_words) and len(other.words) > 1:
            return other
    return None


def _are_in_one_name(sentence: FactSentence, own_words: Sequence[str]) -> bool:
    return any(
        all(is_known(word, tokenize(name.text).folded) for word in own_words) for name in sentence.names
    )


def _certain_names(release: Sequence[FactSentence]) -> list[tuple[FactSentence, StatedName]]:
    """Return the names of a release, without words that have their capital from where they stand."""
    all_names = [(sentence, name) for sentence in release for name in sentence.names]
    certain_words = {
        word for sentence, name in all_names if not is_doubtful(sentence, name) for word in name.words
    }
    return [(sentence, name) for sentence, name in all_names if certain_words.intersection(name.words)]


def _is_translated(word: str, families: set[str]) -> bool:
    return any(family in families for family, _ in meanings(word))


def _names_told_elsewhere(copy: Sequence[FactSentence], release: Sequence[FactSentence]) -> Iterator[str]:
    """Yield names of the release that a copy tells of where the release's likest sentence tells of others."""
    for sentence in copy:
        features = {feature for feature in sentence.features if feature[0] != "@"}
        most_similar = max(release, key=lambda other: len(features & other.features), default=None)
        if most_similar is None or not most_similar.names or len(features & most_similar.features) < _LIKEST:
            continue
        release_words = set(most_similar.tokens.folded)
        yield from (
            name.text
            for name in sentence.names
            if not any(is_known(word, release_words) for word in name.words)
        )


def _misplaced(
    copy: Sequence[FactSentence], release_names: Sequence[tuple[FactSentence, StatedName]]
) -> Iterator[str]:
    """Yield names that stand where the release has others: beside the same words."""
    places = [(other, _beside_name(sentence_of, other)) for sentence_of, other in release_names]
    for sentence in copy:
        for name in sentence.names:
            features = _beside_name(sentence, name)
            is_same = [any(is_known(word, other.words) for word in name.words) for other, _ in places]
            shared = [len(features & place) for _, place in places]
            own_shared = max((count for count, same in zip(shared, is_same, strict=True) if same), default=0)
            rival_shared = max(
                (count for count, same in zip(shared, is_same, strict=True) if not same), default=0
            )
            if rival_shared > own_shared:
                yield name.text


def _beside_name(sentence: FactSentence, name: StatedName) -> frozenset[str]:
    return features_beside(sentence, name.start, name.end, _BESIDE) - {word[:5] for word in name.words}


def _core_words(name: StatedName) -> tuple[str, ...]:
    return tuple(word for word in name.words if len(word) >= _LEAST and not meanings(word)) or name.words


def _possible_acronyms(release: Sequence[FactSentence]) -> set[str]:
    acronyms: set[str] = set()
    for sentence in release:
        letters = [word[0] for word in sentence.tokens.folded if len(word) > 2 and word not in _SMALL]
        acronyms |= {
            "".join(letters[at : at + size]) for size in (3, 4, 5) for at in range(len(letters) - size + 1)
        }
    return acronyms


def _is_institution(name: StatedName) -> bool:
    # Each language calls authorities and places as it does: only what is no word of either names a firm or person.
    name_words = tokenize(name.text).folded
    return any(is_neutral(word) and word not in RANKS for word in name_words) or any(
        meanings(word) for word in name_words if word not in RANKS
    )


def _is_short(others: Sequence[str]) -> bool:
    return len(others) == 1 and len(others[0]) <= _LEAST


def _find_replaced_name(
    sentence: FactSentence,
    name: StatedName,
    unknown_words: Sequence[str],
    missing_names: Sequence[tuple[FactSentence, StatedName]],
) -> StatedName | None:
    """Return a name that the copy leaves out where another stands in its place, in a sentence about the same."""
    if (
        is_doubtful(sentence, name)
        or len(unknown_words) < len(name.words)
        or _is_short(unknown_words)
        or _is_institution(name)
    ):
        return None
    clause = _features_around(sentence, name)
    ranked = []
    for sentence_of, other in missing_names:
        if _is_institution(other) or _locating_word(sentence, name) != _locating_word(sentence_of, other):
            continue
        place = _features_around(sentence_of, other)
        # The same figure beside both says twice as much as a word.
        shared = len(clause & place) + sum(feature[0] == "#" for feature in clause & place)
        is_of_one_form = (len(name.words) > 1) == (len(other.words) > 1)
        ranks = set(tokenize(name.text).folded) & set(tokenize(other.text).folded) & _OFFICES
        is_ranked = (
            (bool(ranks) or "=director" in clause & place) and len(unknown_words) > 1 and len(other.words) > 1
        )
        if shared + is_ranked + bool(ranks) >= _SHARED and (is_of_one_form or shared > _SHARED):
            ranked.append((shared, other))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _features_around(sentence: FactSentence, name: StatedName) -> frozenset[str]:
    """Return what the clause of a name is about, and the words beside it."""
    near = features_beside(sentence, name.start, name.end, _NEAR)
    return (near | sentence.clause_features[sentence.clause_at(name.start)]) - {
        word[:5] for word in name.words
    }
