"""What the font has no letters for: in its place stands which script it is, never a row of boxes.

Texts from right to left are among it, since the font has no letters of theirs: none is printed in a wrong order.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from vigie.adapters.printing.truetype import Font
from vigie.catalogue import NamedTexts

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
# As much as a page holds.
LONGEST: Final = 2_000
# What turns, hides or ends text, or is not known to anybody: controls, overrides of direction, private letters.
_DROPPED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_KEPT_SPACES: Final = "\u00a0\u202f"
_SPACES: Final = re.compile(" +")
# Signs and spaces between letters that are missing belong to them.
_RUN: Final = re.compile("x(?:[x. ]*x)?")


def printable(text: str, font: Font, language: str, longest: int = LONGEST) -> str:
    """Return a text as it can be printed: on one line, without hidden letters, scripts that are missing by name."""
    return replace_missing(clean_text(text, longest), font, language)


def clean_text(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, without what is no letter, cut where it is longer than allowed."""
    spaced = "".join(
        # The space that does not break is one between a number and its sign.
        " " if letter.isspace() and letter not in _KEPT_SPACES else letter
        for letter in text[: 2 * longest]
    )
    letters = "".join(letter for letter in spaced if unicodedata.category(letter) not in _DROPPED_CATEGORIES)
    line = _SPACES.sub(" ", letters).strip(" ")
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


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
    if not font.has(letter) and letter not in _KEPT_SPACES:
        return "x"
    return "a" if letter.isalnum() else " " if letter.isspace() else "."


def _script_name(text: str, font: Font, language: str) -> str:
    names = _SCRIPTS[language if language in _SCRIPTS else "en"]
    kinds = [
        "emoji"
        if unicodedata.category(item) == "So"
        else unicodedata.name(item, "").partition(" ")[0].lower()
        for item in text
        if not font.has(item)
    ]
    # Chinese signs stand in Japanese texts: signs of its own tell it.
    script = next((item for item in ("hiragana", "katakana") if item in kinds), max(kinds, key=kinds.count))
    return names.get(script, names["other"])
