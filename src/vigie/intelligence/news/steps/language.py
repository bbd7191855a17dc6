"""Language: what a title and its text are in; what the source says decides only where they do not tell.

Body: ``language``, ``en``, ``fr`` or another code, empty where it is not told; ``surety`` from 0 to 1.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import NEWS_LANGUAGES, ItemFinding, NewsItem
from vigie.intelligence.news.reading.languages import guess_language, letter_group_weights, vocabulary
from vigie.intelligence.news.reading.words import TITLE_READ, tokenize
from vigie.intelligence.news.step import Context, ReadingStep

# Below this the word of the source counts more than what its letters look like.
_SURE: Final = 0.75
_STATED: Final = 0.5
# Where nothing tells, a text is read as one of these.
_FITTED: Final = frozenset(("", *NEWS_LANGUAGES))


def unfitted_language(context: Context) -> str:
    """Return the language of an item where no model of ours was fitted to it; empty where one was."""
    finding = context.findings.get("language")
    if finding is None or finding.body["surety"] < _STATED:
        return ""
    return "" if finding.body["language"] in _FITTED else str(finding.body["language"])


class LanguageStep:
    """Tells the language of an item."""

    name = "language"
    version = 2
    needs: tuple[str, ...] = ()

    def __init__(self) -> None:
        # Lists are read when a step is made, so that its first item does not wait for them.
        letter_group_weights()
        vocabulary()

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return the language."""
        guess = guess_language(
            tokenize(item.content.title, TITLE_READ), tokenize(item.content.text, TITLE_READ)
        )
        stated = (item.content.language or context.publisher.language)[:2].lower()
        if guess.surety < _SURE and stated and stated != guess.language:
            return self._finding(stated, _STATED, "as its source says")
        why = "its words" if guess.language else "nothing in it tells"
        return self._finding(guess.language, guess.surety, why)

    def _finding(self, code: str, surety: float, why: str) -> ItemFinding:
        return ItemFinding(self.name, self.version, {"language": code, "surety": surety}, why)


def make() -> ReadingStep:
    """Return the step."""
    return LanguageStep()
