"""How words of others stand in a text: the marks around them, and in which language they are where it is another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale

# By the language of the text that quotes, not of what is quoted.
QUOTES: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("\u201c", "\u201d"),
    "fr": ("«\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}»"),
}
# Quotation marks that texts come with, opening and closing, as several languages pair them.
_PAIRS: Final = ("\u201c\u201d", "«»", "\u201e\u201c", "\u201e\u201d", '""')
_SPACES: Final = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\t\n"
# Marks of the first level within a quotation become those of the second.
_WITHIN: Final = {
    "en": (re.compile("\u201c([^\u201c\u201d]*)\u201d"), "\u2018\\1\u2019"),
    "fr": (re.compile(rf"«[{_SPACES}]*([^«»]*?)[{_SPACES}]*»"), "\u201c\\1\u201d"),
}
# Codes of ISO 639 for what is in no language, in several, in an uncoded one, or in one that nobody knows.
_NO_LANGUAGE: Final = ("und", "mul", "zxx", "mis")
_IN: Final = {"en": "in {name}", "fr": "en {name}"}
_ELSE: Final = {"en": "in another language", "fr": "dans une autre langue"}


def quote_text(text: str, reader_language: str) -> str:
    """Return a text between the quotation marks of a language."""
    opening, closing = QUOTES.get(reader_language, QUOTES["en"])
    return f"{opening}{normalise_quotes(text, reader_language)}{closing}"


def normalise_quotes(text: str, reader_language: str) -> str:
    """Return a text as it stands between the quotation marks of a language.

    Marks around the whole of it are left out, and marks of the same kind in it become those of a quotation within a
    quotation.
    """
    bare = text.strip(_SPACES)
    while any(_is_enclosed(bare, pair) for pair in _PAIRS):
        bare = bare[1:-1].strip(_SPACES)
    marks, second = _WITHIN.get(reader_language, _WITHIN["en"])
    return marks.sub(second, bare or text)


def _is_enclosed(text: str, pair: str) -> bool:
    """Return whether the first letter and the last one are marks that belong together: ``"a" and "b"`` has none."""
    opening, closing = pair[0], pair[1]
    inside = text[1:-1]
    if len(text) < 2 or text[0] != opening or text[-1] != closing:
        return False
    if opening == closing:
        return opening not in inside
    depth = 0
    for letter in inside:
        depth += (letter == opening) - (letter == closing)
        if depth < 0:
            return False
    return depth == 0


def language_mark(language: str, reader_language: str) -> str:
    """Return in which language quoted words are, ``[en anglais]``; empty where it is the reader's, or not known.

    Parameters
    ----------
    language : str
        Of the words, as ISO 639 codes it.
    reader_language : str
        What its reader reads, ``en`` or ``fr``.
    """
    code = language.partition("-")[0].lower()
    if not code or code == reader_language or code in _NO_LANGUAGE:
        return ""
    name = _names(reader_language).get(code)
    return f"[{_IN[reader_language].format(name=name)}]" if name else f"[{_ELSE[reader_language]}]"


@cache
def _names(reader_language: str) -> Mapping[str, str]:
    return dict(Locale(reader_language).languages)
