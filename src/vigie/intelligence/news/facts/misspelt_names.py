"""Names that are others of the release spelt otherwise, or with other words in the places of their own."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from vigie.intelligence.news.facts.lexicon import meanings
from vigie.intelligence.news.facts.names import (
    StatedName,
    is_known,
    is_neutral,
    phonetic_form,
    spelling_similarity,
)
from vigie.intelligence.news.facts.statement import FactSentence
from vigie.intelligence.news.reading.words import tokenize

# In the names of many firms.
_GENERIC: Final = frozenset(
    """bank banque capital group groupe fund funds fonds securities markets trust financial finance credit
    asset assets management digital europe partners invest investment investments global international
    wealth advisers services technologies technology exchange trading energy energies energie insurance
    assurance assurances gestion patrimoine commodities ventures labs protocol network pay payments
    first royal national union biotech pharma holdings digital""".split()
)
# So alike two words are one name spelt otherwise; so alike, where their neighbours are one.
_ALIKE: Final = 0.72
_PERHAPS: Final = 0.5
_LONG_ALIKE: Final = 0.6
_SHORT: Final = 3
_BEGUN: Final = 0.7
_LEAST: Final = 4
# Before the name of a person, or of the form of a firm.
RANKS: Final = frozenset(
    """mr mrs ms miss dr mme mlle sir lord inc ltd llc lp plc corp corporation limited sa sas sarl ag gmbh
    nv bv spa ab president chairman chair director chief executive officer founder head commissioner
    governor compliance presidente directeur directrice general generale group groupe holding holdings
    company""".split()
)


def find_misspelt(
    unknown_words: Sequence[str],
    release_names: Sequence[tuple[FactSentence, StatedName]],
    sentence_words: set[str],
) -> StatedName | None:
    """Return a name of the release that one nearly is, and that its sentence does not have as it is written."""
    similar_names = []
    for _, other in release_names:
        missing = [
            word
            for word in other.words
            if len(word) > _LEAST and not is_known(word, sentence_words) and is_uncommon(word)
        ]
        if any(
            spelling_similarity(unknown_word, missing_word) >= _ALIKE
            for unknown_word in unknown_words
            if is_uncommon(unknown_word)
            for missing_word in missing
        ):
            similar_names.append(other)
    return max(similar_names, key=lambda unknown_word: len(unknown_word.words), default=None)


def find_spelt_otherwise(
    name: StatedName,
    unknown_words: Sequence[str],
    release_names: Sequence[tuple[FactSentence, StatedName]],
    copy_words: set[str],
    sentence_words: set[str],
    *,
    is_first: bool,
) -> StatedName | None:
    """Return a name of the release that one is with other letters, or with another word among its own."""
    best: tuple[float, StatedName] | None = None
    for _, other in release_names:
        other_words = set(tokenize(other.text).folded)
        shared = [
            word
            for word in tokenize(name.text).folded
            if word not in unknown_words and word in other_words and is_distinctive(word)
        ]
        # Whose name is written right elsewhere may be written wrong here, where part of it stands.
        words_used = sentence_words if shared else copy_words
        missing = [word for word in other.words if not is_known(word, words_used) and not is_neutral(word)]
        if not missing:
            continue
        similarity = max(
            spelling_similarity(unknown_word, missing_word) if unknown_word not in _GENERIC else 0.0
            for unknown_word in unknown_words
            for missing_word in missing
        )
        is_own = any(word not in _GENERIC and not is_neutral(word) for word in shared)
        is_own = is_own and len(name.words) == len(other.words) and not set(missing) <= _GENERIC
        is_own = is_own and not (is_first and set(unknown_words) == set(name.words[:1]))
        is_enough = similarity >= _ALIKE or is_own or (similarity >= _PERHAPS and bool(shared))
        is_long = len(unknown_words) > 1 and len(missing) > 1 and _all_alike(unknown_words, missing)
        if (is_enough or is_long) and (best is None or similarity > best[0]):
            best = (similarity, other)
    return best[1] if best is not None else None


def _all_alike(unknown_words: Sequence[str], missing: Sequence[str]) -> bool:
    return (
        sum(
            max(spelling_similarity(unknown_word, missing_word) for missing_word in missing)
            for unknown_word in unknown_words
        )
        / len(unknown_words)
        >= _LONG_ALIKE
    )


def is_uncommon(word: str) -> bool:
    """Tell whether a word is long enough to be misspelt, and no word of either language."""
    return len(word) > _LEAST and not meanings(word) and not is_neutral(word) and word not in _GENERIC


def is_distinctive(word: str) -> bool:
    """Tell whether a word tells a name: no short one, no rank."""
    return len(word) >= _LEAST and word not in RANKS


def find_substituted(
    sentence: FactSentence,
    name: StatedName,
    release_names: Sequence[tuple[FactSentence, StatedName]],
    known: set[str],
    copy_words: set[str],
) -> StatedName | None:
    """Return a name of the release of as many words that has others in their places: «Quill Union Bank»."""
    own_words = _words_without_rank(name)
    is_first = is_first_in_sentence(sentence, name)
    for _, other in release_names:
        other_words = _words_without_rank(other)
        if (
            is_first
            and own_words
            and other_words
            and own_words[0] != other_words[0]
            and own_words[1:] == other_words[1:]
        ):
            continue
        if len(own_words) != len(other_words) or len(own_words) <= 1:
            continue
        shared = [
            own_word
            for own_word, other_word in zip(own_words, other_words, strict=True)
            if own_word == other_word
        ]
        pairs = [
            (own_word, other_word)
            for own_word, other_word in zip(own_words, other_words, strict=True)
            if own_word != other_word
        ]
        is_shared = any(
            is_uncommon(word) or (len(word) >= _LEAST and word not in _GENERIC) for word in shared
        )
        is_told = any(not {own_word, other_word} <= _GENERIC for own_word, other_word in pairs)
        is_new = all(
            len(own_word) > 1 and own_word not in known and not is_known(other_word, copy_words)
            for own_word, other_word in pairs
        )
        if pairs and is_shared and is_told and is_new and not any(_are_synonyms(*pair) for pair in pairs):
            return other
    return None


def _words_without_rank(name: StatedName) -> list[str]:
    return [word for word in tokenize(name.text).folded if len(word) > 1 and word not in RANKS]


def is_first_in_sentence(sentence: FactSentence, name: StatedName) -> bool:
    """Tell whether a sentence begins with a name."""
    # Any word that a sentence begins with has a capital.
    return not sentence.tokens.text[: name.start].strip(" \u00a0«»“”\"'")


def _are_synonyms(word: str, other: str) -> bool:
    families = {family for family, _ in meanings(other)}
    return any(family in families for family, _ in meanings(word)) or phonetic_form(word) == phonetic_form(
        other
    )


def find_altered_beginning(
    sentence: FactSentence,
    unknown_words: Sequence[str],
    release_names: Sequence[tuple[FactSentence, StatedName]],
    copy_words: set[str],
) -> StatedName | None:
    """Return a name of the release that a sentence nearly begins with, and that the copy never has."""
    if sentence.is_title or not all(map(is_uncommon, unknown_words)):
        return None
    for _, other in release_names:
        missing = [word for word in other.words if is_uncommon(word) and not is_known(word, copy_words)]
        if any(
            unknown_word[:_SHORT] == missing_word[:_SHORT] and _ratio(unknown_word, missing_word) >= _BEGUN
            for unknown_word in unknown_words
            for missing_word in missing
        ):
            return other
    return None


def _ratio(word: str, other: str) -> float:
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


def find_renamed(
    name: StatedName,
    unknown_words: Sequence[str],
    release_names: Sequence[tuple[FactSentence, StatedName]],
    copy_words: set[str],
) -> StatedName | None:
    """Return a name of the release that begins as one does, and ends with a word that the copy never has."""
    first = name.words[0]
    for _, other in release_names:
        parts = other.words
        missing = [word for word in parts[1:] if not is_known(word, copy_words) and not is_neutral(word)]
        is_begun = is_distinctive(first) and not meanings(first) and first not in _GENERIC
        is_alike = first == parts[0] or (
            len(unknown_words) > 1 and spelling_similarity(first, parts[0]) >= _ALIKE
        )
        if (
            len(parts) > 1
            and missing
            and is_begun
            and is_alike
            and unknown_words[-1] not in _GENERIC - {"partners"}
        ):
            return other
    return None
