"""What is to be known of a line, as its reader writes days and numbers."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from vigie.catalogue import format_day
from vigie.domain.refusal import Refusal, change_words
from vigie.intelligence.market.words import numbers_of

# Their arguments are days and numbers of lines; other refusals repeat what was typed.
_WRITTEN: Final = ("import_far_amount", "import_looks_kept")
_FIGURE: Final = re.compile(r"(?<![\w.-])(?:\d{4}-\d\d-\d\d|\d+(?:\.\d+)?)(?![\w-])", re.ASCII)


def notice_text(message: str, language: str) -> str:
    """Return what is to be known, still to be translated, with days and numbers of a language.

    Parameters
    ----------
    message : str
        What is told of a row or a line; one that is no such notice stays as it is.
    language : str
        Of the reader.
    """
    if not isinstance(message, Refusal) or message.code not in _WRITTEN:
        return message

    def written(match: re.Match[str]) -> str:
        figure = match[0]
        if "-" in figure:
            return format_day(date.fromisoformat(figure), language)
        return numbers_of(language).exact(figure)

    return change_words(message, lambda text: _FIGURE.sub(written, text))
