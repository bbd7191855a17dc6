"""Sentiment: whether a headline is good or bad news for what it is about, or plainly tells.

Body: ``label``, negative, neutral, positive or unclear; ``probabilities`` of the three; ``words``, what the lexicon
knows of it with its weights. Unclear is said where the likeliest label is below the model's threshold, and without
probabilities of what is in a language that the model was not fitted to: ``unread``.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import Finding, Item
from vigie.intelligence.news.judging.grams import words
from vigie.intelligence.news.judging.lexicon import weights_of
from vigie.intelligence.news.judging.linear import LinearModel, likeliest, shipped_model
from vigie.intelligence.news.step import Context, Step
from vigie.intelligence.news.steps.language import stranger

UNCLEAR: Final = "unclear"
# Teasers stand in where a source gives no title; no more of one than a headline is long.
LONGEST: Final = 300


class Sentiment:
    """Reads a headline with a linear model."""

    name = "sentiment"
    version = 4
    needs: tuple[str, ...] = ("language",)

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        vectors = model.about.get("vectors")
        if vectors or model.about["rows"] != shipped_model(self.name).about["rows"]:
            # Fitted to other rows it finds otherwise, so what another model read is read anew.
            seen = int(vectors["digest"][:7], 16) if vectors else 0
            self.version = Sentiment.version + int(model.about["rows"][:7], 16) + seen

    def read(self, item: Item, context: Context) -> Finding:
        """Return how it sounds."""
        if other := stranger(context):
            unread = {"label": UNCLEAR, "probabilities": {}, "words": [], "unread": other}
            return Finding(self.name, self.version, unread, f"no model reads {other!r}")
        text = headline(item)
        told = context.found.get("language")
        probabilities = self.model.probabilities(text, str(told.body["language"]) if told else "")
        label, surety = likeliest(probabilities)
        said = label if surety >= self.model.threshold and words(text) else UNCLEAR
        marked = marked_words(text)
        body = {
            "label": said,
            "probabilities": {name: round(value, 4) for name, value in probabilities.items()},
            "words": marked,
        }
        heard = ", ".join(f"{word} {weight:+d}" for word, weight in marked) or "no word of the lexicon"
        return Finding(self.name, self.version, body, f"{label} at {surety:.0%}: {heard}")


def headline(item: Item) -> str:
    """Return what is read of an item: its title, else the beginning of its text."""
    return (item.said.title or item.said.text)[:LONGEST]


def marked_words(text: str) -> list[tuple[str, int]]:
    """Return the words that the lexicon has a weight for, as it stands there."""
    found = zip(words(text), weights_of(text), strict=True)
    return [(word, weight) for word, weight in found if weight]


def make(model: LinearModel | None = None) -> Step:
    """Return the step, with the model that Vigie comes with unless another is given."""
    return Sentiment(model or shipped_model("sentiment"))
