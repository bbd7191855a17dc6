"""Topics: what an item is about, of fifteen, and whether it is news of regulation, enforcement or public policy.

Body: ``topics``, each with its probability, the likeliest first; ``is_regulation`` with ``regulation``, how likely
that is; ``signs``, the words and names that a rule knows. What the rules know is what a linear model sees first,
beside words and letters: it weighs one rule against the other. In a language that the model was not fitted to, a topic
is said only where a rule knows a word of it, and regulation only where an authority is named or publishes.
"""

from __future__ import annotations

from typing import Final

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.judging.linear_model import LinearModel, shipped_model
from vigie.intelligence.news.judging.rows import REGULATION
from vigie.intelligence.news.judging.topic_rules import find_authorities, topics_by_rule
from vigie.intelligence.news.step import Context, ReadingStep
from vigie.intelligence.news.steps.language import unfitted_language
from vigie.intelligence.news.steps.sentiment import headline_of

SAID_FROM: Final = 0.6
# Above one half: an alert that is wrong costs more than the one headline in ten that a filter misses.
REGULATION_FROM: Final = 0.76
# An authority that is named makes news of regulation likelier, as odds.
_NAMED: Final = 3.0
_PUBLISHED_BY_ONE: Final = 2.0


class TopicsStep:
    """Finds topics by rules and a linear model."""

    name = "topics"
    version = 3
    needs: tuple[str, ...] = ("language",)

    def __init__(self, model: LinearModel) -> None:
        self.model = model

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return what it is about."""
        text = headline_of(item)
        probabilities = self.model.probabilities(text)
        words_by_topic, named = topics_by_rule(text), find_authorities(text)
        regulation = _raise_odds(probabilities.pop(REGULATION), _NAMED if named else 1.0)
        if context.publisher.tier == "regulator":
            regulation = _raise_odds(regulation, _PUBLISHED_BY_ONE)
        topic_probabilities = probabilities
        stated_topics = sorted(
            (topic for topic, value in topic_probabilities.items() if value >= SAID_FROM),
            key=lambda t: -topic_probabilities[t],
        )
        is_known = True
        if unfitted_language(context):
            stated_topics = [topic for topic in stated_topics if topic in words_by_topic]
            is_known = bool(named) or context.publisher.tier == "regulator"
        body = {
            "topics": {topic: round(topic_probabilities[topic], 4) for topic in stated_topics},
            "is_regulation": is_known and regulation >= REGULATION_FROM,
            "regulation": round(regulation, 4),
            "signs": [
                *named,
                *(f"{topic}: {word}" for topic, word in words_by_topic.items() if topic in stated_topics),
            ],
        }
        why = (
            ", ".join(f"{topic} {topic_probabilities[topic]:.0%}" for topic in stated_topics)
            or "none of the topics"
        )
        return ItemFinding(self.name, self.version, body, why)


def _raise_odds(probability: float, odds: float) -> float:
    return probability * odds / (1.0 - probability + probability * odds)


def make(model: LinearModel | None = None) -> ReadingStep:
    """Return the step, with the model that Vigie comes with unless another is given."""
    return TopicsStep(model or shipped_model("topics"))
