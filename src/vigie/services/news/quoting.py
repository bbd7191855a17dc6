"""How words of others stand in a text: the marks around them, and in which language they are where it is another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale

# By the language of the text that quotes, not of what is quoted.
QUOTES: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("\u201c", "\u201d"),
    "fr": ("«\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}»"),
}
_IN: Final = {"en": "in {name}", "fr": "en {name}"}
_ELSE: Final = {"en": "in another language", "fr": "dans une autre langue"}


def quoted(text: str, here: str) -> str:
    """Return a text between the quotation marks of a language."""
    opening, closing = QUOTES.get(here, QUOTES["en"])
    return f"{opening}{text}{closing}"


def foreign(language: str, here: str) -> str:
    """Return in which language quoted words are, ``[en anglais]``; empty where it is the reader's, or not known.

    Parameters
    ----------
    language : str
        Of the words, as ISO 639 codes it.
    here : str
        What its reader reads, ``en`` or ``fr``.
    """
    code = language.partition("-")[0].lower()
    if not code or code == here:
        return ""
    name = _names(here).get(code)
    return f"[{_IN[here].format(name=name)}]" if name else f"[{_ELSE[here]}]"


@cache
def _names(here: str) -> Mapping[str, str]:
    return dict(Locale(here).languages)
