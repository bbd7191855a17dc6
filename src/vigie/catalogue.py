"""The texts of Vigie in other languages: one catalogue a language, ``locales/fr.po``.

A text is found by its English. One that has an id of its own (`market.trend.words.rising`), because code builds
sentences of it, is found by that id, which stands as its context (`msgctxt`); its English stands beside the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

LOCALES: Final = Path(__file__).parent / "locales"
# French sets a space before these marks, and no line begins with one of them.
_BEFORE_MARK: Final = re.compile(" (?=[;:!?\u00bb])|(?<=\u00ab) ")
# Catalogues are typed with the sign of the keyboard; what is read has the one of print, as beside it elsewhere.
_ELIDED: Final = re.compile(r"(?<=[^\W\d_])'(?=[\w%\u00ab])")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of a language.

    Attributes
    ----------
    texts : mapping
        By their English, plurals beside singulars, with the spaces and apostrophes of print.
    named : mapping
        By their id, as they are typed: code builds sentences of them.
    """

    texts: Mapping[str, str]
    named: Mapping[str, str]


@cache
def read_catalogue(language: str) -> Catalogue:
    """Return the texts of a language.

    Raises
    ------
    FileNotFoundError
        If there is no catalogue of it.
    """
    texts: dict[str, str] = {}
    named: dict[str, str] = {}
    for message in read_po(BytesIO((LOCALES / f"{language}.po").read_bytes()), locale=language):
        if not message.id or message.fuzzy:
            continue
        if message.context:
            named[message.context] = str(message.string)
            continue
        keys, translations = message.id, message.string
        pairs = zip(
            keys if isinstance(keys, tuple | list) else (keys,),
            translations if isinstance(translations, tuple | list) else (translations,),
            strict=False,
        )
        texts.update({key: _typographic(text) for key, text in pairs if text})
    return Catalogue(texts, named)


def _typographic(text: str) -> str:
    """Return a text with the spaces and apostrophes of print."""
    return _ELIDED.sub("\u2019", _BEFORE_MARK.sub("\u00a0", text))


def translate(english: str, language: str) -> str:
    """Return a text in a language; the English one where its catalogue has no other."""
    return english if language == "en" else read_catalogue(language).texts.get(english, english)


def languages() -> tuple[str, ...]:
    """Return the languages that Vigie speaks: English, and each that has a catalogue."""
    return ("en", *sorted(path.stem for path in LOCALES.glob("*.po")))


class NamedTexts(Mapping[str, Mapping[str, str]]):
    """Texts that have ids of their own, by language: English as the code says it, others from the catalogue.

    Parameters
    ----------
    name : str
        What their ids begin with: ``mail`` makes ``mail.digest`` of ``digest``.
    english : mapping
        The English texts by the rest of their ids; one that is empty is so in every language.
    """

    def __init__(self, name: str, english: Mapping[str, str]) -> None:
        self._name = name
        self._by_language: dict[str, Mapping[str, str]] = {"en": english}

    def __getitem__(self, language: str) -> Mapping[str, str]:
        if language not in self._by_language:
            if language not in languages():
                raise KeyError(language)
            named = read_catalogue(language).named
            self._by_language[language] = {
                key: text and named[f"{self._name}.{key}"] for key, text in self._by_language["en"].items()
            }
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())
