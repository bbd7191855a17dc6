"""Sentiment: whether a headline is good or bad news for what it is about, or plainly tells.

Body: ``label``, negative, neutral, positive or unclear; ``probabilities`` of the three; ``words``, what the lexicon
knows of it with its weights. Unclear is said where the likeliest label is below the model's threshold, and without
probabilities of what is in a language that the model was not fitted to: ``unread``.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.judging.lexicon import FRENCH, lexicon_weights
from vigie.intelligence.news.judging.linear_model import LinearModel, likeliest_label, shipped_model
from vigie.intelligence.news.judging.ngrams import split_words
from vigie.intelligence.news.step import Context, ReadingStep
from vigie.intelligence.news.steps.language import unfitted_language

UNCLEAR: Final = "unclear"
# Teasers stand in where a source gives no title; no more of one than a headline is long.
LONGEST: Final = 300


class SentimentStep:
    """Reads a headline with a linear model; what is known to be French with one of its own."""

    name = "sentiment"
    version = 5
    needs: tuple[str, ...] = ("language",)

    def __init__(self, model: LinearModel, french: LinearModel | None = None) -> None:
        self.model = model
        self.french = french or model
        vectors = model.about.get("vectors")
        if vectors or model.about["rows"] != shipped_model(self.name).about["rows"]:
            # Fitted to other rows it finds otherwise, so what another model read is read anew.
            vectors_version = int(vectors["digest"][:7], 16) if vectors else 0
            self.version = SentimentStep.version + int(model.about["rows"][:7], 16) + vectors_version

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how it sounds."""
        if foreign_language := unfitted_language(context):
            unread = {"label": UNCLEAR, "probabilities": {}, "words": [], "unread": foreign_language}
            return ItemFinding(self.name, self.version, unread, f"no model reads {foreign_language!r}")
        text = headline_of(item)
        language_finding = context.findings.get("language")
        language = str(language_finding.body["language"]) if language_finding else ""
        model = self.french if language == FRENCH else self.model
        probabilities = model.probabilities(text, language)
        label, surety = likeliest_label(probabilities)
        stated_label = label if surety >= model.threshold and split_words(text) else UNCLEAR
        marked = marked_words(text, language)
        body = {
            "label": stated_label,
            "probabilities": {name: round(value, 4) for name, value in probabilities.items()},
            "words": marked,
        }
        word_weights = ", ".join(f"{word} {weight:+d}" for word, weight in marked) or "no word of the lexicon"
        return ItemFinding(self.name, self.version, body, f"{label} at {surety:.0%}: {word_weights}")


def headline_of(item: NewsItem) -> str:
    """Return what is read of an item: its title, else the beginning of its text."""
    return (item.content.title or item.content.text)[:LONGEST]


def marked_words(text: str, language: str = "") -> list[tuple[str, int]]:
    """Return the words that the lexicon has a weight for, as it stands there."""
    words_and_weights = zip(
        split_words(text), lexicon_weights(text, FRENCH if language == FRENCH else ""), strict=True
    )
    return [(word, weight) for word, weight in words_and_weights if weight]


def make(model: LinearModel | None = None) -> ReadingStep:
    """Return the step, with the models that Vigie comes with unless another is given.

    A model of a user's labels reads what is French as well, unless it was fitted to none that is.
    """
    french = shipped_model("sentiment_fr")
    if model is None:
        return SentimentStep(shipped_model("sentiment"), french)
    return SentimentStep(model, model if model.about.get("reads_french", True) else french)
