"""What the font has no letters for: in its place stands which script it is, never a row of boxes.

Texts from right to left are among it, since the font has no letters of theirs: none is printed in a wrong order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from vigie.adapters.printing.setting import STYLES, clean
from vigie.adapters.printing.truetype import Font
from vigie.ports.printing import DocumentBlock, PrintedDocument, TextSpan

_SCRIPTS: Final = {
    "en": {
        "ARABIC": "Arabic script", "HEBREW": "Hebrew script", "CJK": "Chinese script", "HIRAGANA": "Japanese script",
        "KATAKANA": "Japanese script", "HANGUL": "Korean script", "THAI": "Thai script",
        "DEVANAGARI": "Devanagari script", "": "another script", "So": "emoji",
    },
    "fr": {
        "ARABIC": "écriture arabe", "HEBREW": "écriture hébraïque", "CJK": "écriture chinoise",
        "HIRAGANA": "écriture japonaise", "KATAKANA": "écriture japonaise", "HANGUL": "écriture coréenne",
        "THAI": "écriture thaïe", "DEVANAGARI": "écriture dévanagari", "": "autre écriture", "So": "émoji",
    },
}  # fmt: skip
# Signs and spaces between letters that are missing belong to them.
_RUN: Final = re.compile("x(?:[x. ]*x)?")


def printable(paper: PrintedDocument, fonts: Mapping[str, Font]) -> Sequence[DocumentBlock]:
    """Return the pieces of a paper as they can be printed."""
    return [
        replace(one, spans=[_span(span, fonts[STYLES[one.kind].face], paper.language) for span in one.spans])
        for one in paper.blocks
    ]


def _span(span: TextSpan, font: Font, language: str) -> TextSpan:
    return replace(span, text=legible(clean(span.text), font, language))


def legible(text: str, font: Font, language: str) -> str:
    """Return a text with what script it is, in square brackets, in place of letters that the font has not."""
    shape = "".join(_kind(letter, font) for letter in text)
    if "x" not in shape:
        return text
    said, done = [], 0
    for run in _RUN.finditer(shape):
        said += [text[done : run.start()], f"[{_script(text[run.start() : run.end()], font, language)}]"]
        done = run.end()
    return "".join([*said, text[done:]])


def _kind(letter: str, font: Font) -> str:
    if not font.glyph(letter):
        return "x"
    return "a" if letter.isalnum() else " " if letter.isspace() else "."


def _script(text: str, font: Font, language: str) -> str:
    names = _SCRIPTS.get(language, _SCRIPTS["en"])
    kinds = [
        "So" if unicodedata.category(one) == "So" else unicodedata.name(one, "").partition(" ")[0]
        for one in text
        if not font.glyph(one)
    ]
    # Chinese signs stand in Japanese texts: signs of its own tell it.
    found = next((one for one in ("HIRAGANA", "KATAKANA") if one in kinds), max(kinds, key=kinds.count))
    return names.get(found, names[""])
