"""Letters without accents and case, so that two spellings of a word are one."""

from __future__ import annotations

import unicodedata


def strip_accents(text: str) -> str:
    """Return a text without accents; what is drawn as one sign is taken apart (``ﬁ`` is ``fi``).

    Parameters
    ----------
    text : str
        Any text; ASCII comes back unchanged.

    Returns
    -------
    str
        Decomposed (NFKD) without combining marks; case and spaces stay.
    """
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def fold_text(text: str) -> str:
    """Return a text without case and accents.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Key to compare texts by: case-folded, then without accents.
    """
    return strip_accents(text.casefold())
