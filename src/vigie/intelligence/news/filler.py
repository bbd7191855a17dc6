"""Words of headlines that name nothing: how outlets write, when, how much, and what every headline of the market has.

``filler.csv`` lists them. Beside a word of the kind ``filler``, another one says no more than alone; one of the kind
``vague`` may name something beside another word, one of the kind ``leading`` only before it; a pair of the kind
``notion`` does, whatever its words are: bear market. Readers judged words that stand out in real weeks:
``python -m tests.readers.mood_words``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources
from typing import Final

# What is left of letters that a reader of feeds got wrong: ``xa0``, ``x93``.
_BROKEN: Final = re.compile(r"x[89a-f][0-9a-f]")


def word_kind(term: str) -> str:
    """Return the kind of a word, or of a pair of words with a space between: empty where it names
    something: filler, vague, leading or notion.

    Parameters
    ----------
    term : str
        As compared: small letters, no accents.
    """
    kind = _kind_by_word().get(term, "")
    return "filler" if not kind and _BROKEN.fullmatch(term) is not None else kind


@cache
def _kind_by_word() -> dict[str, str]:
    text = resources.files("vigie.intelligence.news.reading").joinpath("filler.csv").read_text("utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["kind"], reverse=True)
    # What is filler in one language is so in the other: headlines mix them.
    return {row["word"]: row["kind"] for row in rows}
