"""How words of others stand in a text: the marks around them, and in which language they are where it is another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale

from vigie.catalogue import NamedTexts

# By the language of the text that quotes, not of what is quoted.
_TEXTS: Final = NamedTexts("quote", {
    "open": "\u201c", "close": "\u201d", "open_within": "\u2018", "close_within": "\u2019",
    "in": "in {name}", "else": "in another language",
})  # fmt: skip
# Quotation marks that texts come with, opening and closing, as several languages pair them.
_PAIRS: Final = ("\u201c\u201d", "«»", "\u201e\u201c", "\u201e\u201d", '""')
_SPACES: Final = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\t\n"
# Codes of ISO 639 for what is in no language, in several, in an uncoded one, or in one that nobody knows.
_NO_LANGUAGE: Final = ("und", "mul", "zxx", "mis")


def quotation_marks(reader_language: str) -> tuple[str, str]:
    """Return the marks that open and close a quotation in a language; the English ones where it is not known."""
    texts = _texts_of(reader_language)
    return texts["open"], texts["close"]


def _texts_of(language: str) -> Mapping[str, str]:
    return _TEXTS[language if language in _TEXTS else "en"]


def quote_text(text: str, reader_language: str) -> str:
    """Return a text between the quotation marks of a language."""
    opening, closing = quotation_marks(reader_language)
    return f"{opening}{normalise_quotes(text, reader_language)}{closing}"


def normalise_quotes(text: str, reader_language: str) -> str:
    """Return a text as it stands between the quotation marks of a language.

    Marks around the whole of it are left out, and marks of the same kind in it become those of a quotation within a
    quotation.
    """
    bare = text.strip(_SPACES)
    while any(_is_enclosed(bare, pair) for pair in _PAIRS):
        bare = bare[1:-1].strip(_SPACES)
    marks, second = _marks_within(reader_language)
    return marks.sub(second, bare or text)


@cache
def _marks_within(language: str) -> tuple[re.Pattern[str], str]:
    """Return marks of the first level, and those of a quotation within one in their place."""
    texts = _texts_of(language)
    opening, closing = (re.escape(texts[name].strip(_SPACES)) for name in ("open", "close"))
    # Where marks stand off, any space does so.
    spaces = "" if texts["open"] == texts["open"].strip(_SPACES) else f"[{_SPACES}]*"
    pattern = f"{opening}{spaces}([^{opening}{closing}]*?){spaces}{closing}"
    return re.compile(pattern), f"{texts['open_within']}\\1{texts['close_within']}"


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
    name, texts = _names(reader_language).get(code), _texts_of(reader_language)
    return f"[{texts['in'].format(name=name)}]" if name else f"[{texts['else']}]"


@cache
def _names(reader_language: str) -> Mapping[str, str]:
    return dict(Locale(reader_language).languages)
