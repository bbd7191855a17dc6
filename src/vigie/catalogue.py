"""The languages of Vigie, and its texts in each: one catalogue a language, ``locales/fr.po``.

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
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from babel import Locale

LOCALES: Final = Path(__file__).parent / "locales"
# What the first lines of a catalogue say of its language.
_HEADER: Final = re.compile(r'^"X-Vigie-(\w+): (.*)\\n"$', re.MULTILINE)
_HEADER_LETTERS: Final = 2_000
# French sets a space before these marks, and no line begins with one of them.
_BEFORE_MARK: Final = re.compile(" (?=[;:!?\u00bb])|(?<=\u00ab) ")
# Catalogues are typed with the sign of the keyboard; what is read has the one of print, as beside it elsewhere.
_ELIDED: Final = re.compile(r"(?<=[^\W\d_])'(?=[\w%\u00ab])")

_FIRST_DAY: Final = re.compile(r"\b1 (?=[^\W\d])")


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
    # Here: it loads what mails are made of, and who reads English needs no catalogue.
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    named: dict[str, str] = {}
    for message in read_po(BytesIO((LOCALES / f"{language}.po").read_bytes()), locale=language):
        if not message.id or message.fuzzy:
            continue
        if message.context:
            named[message.context] = _typographic(str(message.string))
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


@cache
def known_texts() -> frozenset[str]:
    """Return the English of every text that a catalogue of all texts has: what else pages show is data."""
    complete = (language for language in complete_languages() if language != "en")
    return frozenset().union(*(read_catalogue(language).texts for language in complete))


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """A language that pages can be read in.

    Attributes
    ----------
    name : str
        As who speaks it calls it.
    partial : str
        That only a part is translated, in a word of the language; empty where everything is. Pages say the rest in
        English, and nothing else is in such a language.
    locale : str
        The locale whose dates and numbers it takes, ``fr_FR``; empty for that of the language itself.
    """

    name: str
    partial: str = ""
    locale: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether texts without a translation are said in English."""
        return bool(self.partial)

    @property
    def title(self) -> str:
        """Its name, and where so, that it is partial."""
        return f"{self.name} ({self.partial})" if self.partial else self.name


@cache
def spoken_languages() -> Mapping[str, SpokenLanguage]:
    """Return English, and each language that has a catalogue, by its code."""
    # English as the field writes it everywhere: day before month, 24 hours.
    found = {"en": SpokenLanguage("English", locale="en_GB")}
    for path in sorted(LOCALES.glob("*.po")):
        with path.open(encoding="utf-8") as file:
            header = dict(_HEADER.findall(file.read(_HEADER_LETTERS)))
        found[path.stem] = SpokenLanguage(
            header.get("Name", path.stem), header.get("Partial", ""), header.get("Locale", "")
        )
    return found


def languages() -> tuple[str, ...]:
    """Return the languages that pages can be read in."""
    return tuple(spoken_languages())


def complete_languages() -> tuple[str, ...]:
    """Return the languages that everything is said in: pages, mails, boards, reports, answers to programs."""
    return tuple(code for code, language in spoken_languages().items() if not language.is_partial)


def complete_language(language: str) -> str:
    """Return a language if everything is said in it, else English."""
    return language if language in complete_languages() else "en"


@cache
def locale_of(language: str) -> Locale:
    """Return the locale of a language: how numbers, dates and plurals are written."""
    # Here: what Vigie says in English needs none, and a locale takes a twentieth of a backtest's time to load.
    from babel import Locale

    spoken = spoken_languages().get(language)
    return Locale.parse((spoken and spoken.locale) or language)


def language_name(code: str, language: str) -> str:
    """Return what a language is called in another, as it stands in a sentence: ``anglais``."""
    return str(locale_of(language).languages[code])


def format_day(day: date, language: str, pattern: str = "d MMM y") -> str:
    """Write a day as its language does; of the first one of a month French says *1er*."""
    from babel.dates import format_date

    text = str(format_date(day, pattern, locale=locale_of(language)))
    return _FIRST_DAY.sub(f"{MARKS[language]['first_day']} ", text)


def is_singular(language: str, number: int) -> bool:
    """Tell whether a language says a number of things in the singular."""
    if language == "en":
        return abs(number) == 1
    return locale_of(language).plural_form(number) == "one"


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
            self._by_language[language] = dict(self._texts_in(language))
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())

    def _texts_in(self, language: str) -> Iterator[tuple[str, str]]:
        named = read_catalogue(language).named
        is_partial = spoken_languages()[language].is_partial
        for key, text in self._by_language["en"].items():
            name = f"{self._name}.{key}"
            # A complete catalogue that lacks a text is a mistake, never a word of English in a sentence.
            yield key, (named.get(name, text) if is_partial else named[name]) if text else ""


# What stands between texts and around them, and the first day of a month.
MARKS: Final = NamedTexts(
    "mark",
    {
        "colon": ": ",
        "semicolon": "; ",
        "quote_begins": "\u201c",
        "quote_ends": "\u201d",
        "first_day": "1",
    },
)
