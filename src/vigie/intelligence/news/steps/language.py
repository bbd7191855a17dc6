"""Language: what a title and its text are in; what the source says decides only where they do not tell.

Body: ``language``, ``en``, ``fr`` or another code, empty where it is not told; ``surety`` from 0 to 1.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.reading.languages import groups, language, vocabulary
from vigie.intelligence.news.reading.words import TITLE_READ, words
from vigie.intelligence.news.step import Context, Step

# Below this the word of the source counts more than what its letters look like.
_SURE: Final = 0.75
_STATED: Final = 0.5
# What models of wording were fitted to; where nothing tells, a text is read as one of them.
_FITTED: Final = frozenset(("", "en", "fr"))


def stranger(context: Context) -> str:
    """Return the language of an item where no model of ours was fitted to it; empty where one was."""
    found = context.found.get("language")
    if found is None or found.body["surety"] < _STATED:
        return ""
    return "" if found.body["language"] in _FITTED else str(found.body["language"])


class Language:
    """Tells the language of an item."""

    name = "language"
    version = 2
    needs: tuple[str, ...] = ()

    def __init__(self) -> None:
        # Lists are read when a step is made, so that its first item does not wait for them.
        groups()
        vocabulary()

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the language."""
        guess = language(words(item.said.title, TITLE_READ), words(item.said.text, TITLE_READ))
        stated = (item.said.language or context.publisher.language)[:2].lower()
        if guess.surety < _SURE and stated and stated != guess.language:
            return self._finding(stated, _STATED, "as its source says")
        why = "its words" if guess.language else "nothing in it tells"
        return self._finding(guess.language, guess.surety, why)

    def _finding(self, found: str, surety: float, why: str) -> ItemFinding:
        return ItemFinding(self.name, self.version, {"language": found, "surety": surety}, why)


def make() -> Step:
    """Return the step."""
    return Language()
