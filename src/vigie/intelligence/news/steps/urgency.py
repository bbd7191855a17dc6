"""Urgency: how soon somebody who follows the matter would want to know, from 0 to 1.

Body: ``urgency``; ``signs``, the code of each reason with what it adds. It says nothing of importance to prices, and
only orders what is told at once before what can wait for the evening.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypedDict

from vigie.domain.item import ItemFinding, NewsItem
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.judging.wording_signs import find_urgency
from vigie.intelligence.news.step import Context, ReadingStep
from vigie.intelligence.news.steps.sentiment import headline_of

_BY_TOPIC: Final = {
    "hack": 0.3,
    "enforcement": 0.2,
    "sanctions": 0.2,
    "stablecoin": 0.1,
    "etf": 0.1,
    "regulation": 0.1,
}
_BY_TIER: Final = {"regulator": 0.2, "primary": 0.1}
_OLD_MS: Final = 12 * HOUR_MS


class UrgencyReason(TypedDict):
    """One reason: its code, what it adds, and what shows it."""

    code: str
    adds: float
    evidence: str


class UrgencyStep:
    """Adds up reasons."""

    name = "urgency"
    version = 1
    needs: tuple[str, ...] = ("topics", "sentiment", "duplicate")

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return how urgent it is."""
        signs = list(_signs(item, context))
        share = min(1.0, max(0.0, 0.1 + sum(sign["adds"] for sign in signs)))
        body = {"urgency": round(share, 2), "signs": signs}
        why = ", ".join(f"{sign['code']} {sign['adds']:+.1f}" for sign in signs) or "nothing urgent in it"
        return ItemFinding(self.name, self.version, body, why)


def _signs(item: NewsItem, context: Context) -> Iterable[UrgencyReason]:
    wording = find_urgency(headline_of(item))
    if "now" in wording:
        yield {"code": "wording", "adds": 0.3, "evidence": wording["now"]}
    if "can_wait" in wording:
        yield {"code": "can_wait", "adds": -0.3, "evidence": wording["can_wait"]}
    yield from _by_findings(context)
    if tier := _BY_TIER.get(context.publisher.tier):
        yield {"code": "tier", "adds": tier, "evidence": context.publisher.tier}
    if item.ts_first_seen - item.ts > _OLD_MS:
        yield {"code": "old", "adds": -0.3, "evidence": "published over twelve hours before it was seen"}


def _by_findings(context: Context) -> Iterable[UrgencyReason]:
    topics = context.findings.get("topics")
    topics_found = () if topics is None else topics.body["topics"]
    most_urgent = max(
        (topic for topic in topics_found if topic in _BY_TOPIC), key=lambda t: _BY_TOPIC[t], default=""
    )
    if most_urgent:
        yield {"code": "topic", "adds": _BY_TOPIC[most_urgent], "evidence": most_urgent}
    sentiment = context.findings.get("sentiment")
    if sentiment is not None and sentiment.body["label"] == "negative":
        yield {"code": "negative", "adds": 0.1, "evidence": "bad news"}
    copy = context.findings.get("duplicate")
    if copy is not None and copy.body["of"]:
        yield {"code": "copied", "adds": -0.4, "evidence": copy.body["of"]}


def make() -> ReadingStep:
    """Return the step."""
    return UrgencyStep()
