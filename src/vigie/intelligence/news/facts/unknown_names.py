"""Whom a release does not know: sentences of a copy that tell of them are context of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from vigie.intelligence.news.facts.names import StatedName, is_known, phonetic_form
from vigie.intelligence.news.facts.statement import FactSentence, is_doubtful
from vigie.intelligence.news.reading.words import tokenize


def unknown_name_test(
    release: Sequence[FactSentence], allowed_names: Iterable[str]
) -> Callable[[StatedName], bool]:
    """Return what tells whether a release knows no word of a name.

    Parameters
    ----------
    allowed_names : iterable of str
        Names that a copy may use without the release.
    """
    known_words = {word for sentence in release for word in sentence.tokens.folded}
    known_words |= {word for text in allowed_names for word in tokenize(text).folded}
    sounds = {phonetic_form(word) for word in known_words}
    return lambda name: (
        bool(name.words)
        and not any(is_known(word, known_words) or phonetic_form(word) in sounds for word in name.words)
    )


def has_unknown_names(sentence: FactSentence, is_unknown: Callable[[StatedName], bool]) -> bool:
    """Tell whether a sentence names anybody whom a release does not know."""
    return any(is_unknown(name) and not is_doubtful(sentence, name) for name in sentence.names)
