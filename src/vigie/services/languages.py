"""In which languages services answer: all complete ones, and that of a page for who reads one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vigie.catalogue import complete_languages, languages
from vigie.domain.person import Caller

if TYPE_CHECKING:
    Language = str
    """A language that everything is said in, as programs send it."""
    LanguageOrNone = str
    """The same, or empty."""
    PageLanguageOrNone = str
    """A language that pages can be read in, or empty."""
else:
    Language = Literal[complete_languages()]
    LanguageOrNone = Literal[("", *complete_languages())]
    PageLanguageOrNone = Literal[("", *languages())]


def answer_languages(caller: Caller) -> tuple[str, ...]:
    """Return the languages of texts in an answer: the complete ones, and that of the page it is for."""
    complete = complete_languages()
    return complete if caller.language in ("", *complete) else (*complete, caller.language)
