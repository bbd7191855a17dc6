"""What the font has no letters for: in its place stands which script it is, never a row of boxes.

Texts from right to left are among it, since the font has no letters of theirs: none is printed in a wrong order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from vigie.adapters.printing.truetype import Font
from vigie.adapters.printing.typesetting import STYLES, clean_text
from vigie.catalogue import NamedTexts
from vigie.ports.printing import DocumentBlock, PrintedDocument, TextSpan

_SCRIPTS: Final = NamedTexts(
    "writing",
    {
        "arabic": "Arabic script",
        "hebrew": "Hebrew script",
        "cjk": "Chinese script",
        "hiragana": "Japanese script",
        "katakana": "Japanese script",
        "hangul": "Korean script",
        "thai": "Thai script",
        "devanagari": "Devanagari script",
        "other": "another script",
        "emoji": "emoji",
    },
)
# Signs and spaces between letters that are missing belong to them.
_RUN: Final = re.compile("x(?:[x. ]*x)?")


def printable_blocks(document: PrintedDocument, fonts: Mapping[str, Font]) -> Sequence[DocumentBlock]:
    """Return the pieces of a paper as they can be printed."""
    return [
        replace(
            block,
            spans=[
                _printable_span(span, fonts[STYLES[block.kind].face], document.language)
                for span in block.spans
            ],
        )
        for block in document.blocks
    ]


def _printable_span(span: TextSpan, font: Font, language: str) -> TextSpan:
    return replace(span, text=replace_missing(clean_text(span.text), font, language))


def replace_missing(text: str, font: Font, language: str) -> str:
    """Return a text with what script it is, in square brackets, in place of letters that the font has not."""
    shape = "".join(_letter_class(letter, font) for letter in text)
    if "x" not in shape:
        return text
    parts, end = [], 0
    for run in _RUN.finditer(shape):
        parts += [text[end : run.start()], f"[{_script_name(text[run.start() : run.end()], font, language)}]"]
        end = run.end()
    return "".join([*parts, text[end:]])


def _letter_class(letter: str, font: Font) -> str:
    if not font.glyph(letter):
        return "x"
    return "a" if letter.isalnum() else " " if letter.isspace() else "."


def _script_name(text: str, font: Font, language: str) -> str:
    names = _SCRIPTS[language if language in _SCRIPTS else "en"]
    kinds = [
        "emoji"
        if unicodedata.category(item) == "So"
        else unicodedata.name(item, "").partition(" ")[0].lower()
        for item in text
        if not font.glyph(item)
    ]
    # Chinese signs stand in Japanese texts: signs of its own tell it.
    script = next((item for item in ("hiragana", "katakana") if item in kinds), max(kinds, key=kinds.count))
    return names.get(script, names["other"])
