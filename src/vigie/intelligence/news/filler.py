"""Words of headlines that name nothing: how outlets write, when, how much, and what every headline of the market has.

``filler.csv`` lists them. Its English was written on one half of an archive of real headlines; its French says the
same from the grammar alone, as there is no such archive. Beside a word of the kind ``filler``, another one says no
more than alone; one of the kind ``vague`` may name something beside another word: bear market.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib import resources
from typing import Final

# What is left of letters that a reader of feeds got wrong: ``xa0``, ``x93``.
_BROKEN: Final = re.compile(r"x[89a-f][0-9a-f]")


def is_filler(term: str, outlets: frozenset[str] = frozenset()) -> bool:
    """Tell whether a word, or a pair of words with a space between, names nothing.

    Parameters
    ----------
    term : str
        As compared: small letters, no accents.
    outlets : frozenset of str
        Names of those who publish, as compared.
    """
    words, kinds = term.split(" "), _kind_by_word()
    if term in outlets or any(
        kinds.get(word) == "filler" or word in outlets or _BROKEN.fullmatch(word) is not None
        for word in words
    ):
        return True
    return all(kinds.get(word) == "vague" for word in words)


@cache
def _kind_by_word() -> dict[str, str]:
    text = resources.files("vigie.intelligence.news.reading").joinpath("filler.csv").read_text("utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["kind"], reverse=True)
    # What is filler in one language is so in the other: headlines mix them.
    return {row["word"]: row["kind"] for row in rows}
