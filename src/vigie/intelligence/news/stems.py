"""Words as they are searched for: without case, accents and endings, so that both databases find the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import snowballstemmer

from vigie.domain.accents import fold_text

LANGUAGES: Final = {"en": "english", "fr": "french"}
# Longer ones are no words, and PostgreSQL indexes none longer than two kilobytes.
_LONGEST: Final = 60
# Letters and digits only: databases cut everything else in ways of their own.
_WORD: Final = re.compile(r"[^\W_]+")
_ASKED: Final = re.compile(r'"([^"]*)"|(\S+)')
_MOST_ASKED: Final = 12


def plain_words(text: str) -> list[str]:
    """Return the words of a text without case and accents, in order."""
    return [word[:_LONGEST] for word in _WORD.findall(fold_text(text))]


def stem_words(text: str, language: str) -> list[str]:
    """Return the words of a text by their stems; of a language without rules, the words."""
    return [_stem(word, LANGUAGES.get(language, "")) for word in plain_words(text)]


def parse_phrases(query: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Return what a query asks for: for each language, phrases that must all be there.

    Words in quotes stand in a row; everything else may stand anywhere. Nothing where it names no word.
    """
    terms = [match[0] or match[1] for match in _ASKED.findall(query)][:_MOST_ASKED]
    groups = [
        tuple(tuple(stemmed) for text in terms if (stemmed := stem_words(text, name)))
        for name in (*LANGUAGES, "")
    ]
    return tuple(dict.fromkeys(group for group in groups if group))


def join_stems(words: Sequence[str]) -> str:
    """Return stems as they are stored."""
    return " ".join(words)


@lru_cache(maxsize=65_536)
def _stem(word: str, rules: str) -> str:
    return _stemmer(rules).stemWord(word) if rules else word


@lru_cache
def _stemmer(rules: str) -> Any:
    return snowballstemmer.stemmer(rules)
