"""Whom a release does not know: sentences of a copy that tell of them are context of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from vigie.intelligence.news.facts.names import StatedName, is_known, sound
from vigie.intelligence.news.facts.statement import FactSentence, is_doubtful
from vigie.intelligence.news.reading.words import words


def strangers(release: Sequence[FactSentence], told: Iterable[str]) -> Callable[[StatedName], bool]:
    """Return what tells whether a release knows no word of a name.

    Parameters
    ----------
    told : iterable of str
        Names that a copy may use without the release.
    """
    known = {word for sentence in release for word in sentence.found.folded}
    known |= {word for text in told for word in words(text).folded}
    sounds = {sound(word) for word in known}
    return lambda name: (
        bool(name.words) and not any(is_known(word, known) or sound(word) in sounds for word in name.words)
    )


def is_of_strangers(sentence: FactSentence, is_stranger: Callable[[StatedName], bool]) -> bool:
    """Tell whether a sentence names anybody whom a release does not know."""
    return any(is_stranger(name) and not is_doubtful(sentence, name) for name in sentence.names)
