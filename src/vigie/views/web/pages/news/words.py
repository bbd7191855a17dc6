"""Kinds of sources, topics, reliability and steps in the visitor's language."""

from __future__ import annotations

from typing import Final

from vigie.services.alerting.wishing import TOPICS
from vigie.views.web.visit import Visit

TIER_BADGES: Final = {"regulator": "info", "primary": "good", "media": "", "aggregator": "", "social": "warn"}
STATUS_BADGES: Final = {
    "confirmed": "good", "repeated": "info", "disputed": "warn", "unconfirmed": "", "flagged": "bad",
}  # fmt: skip
MOOD_BADGES: Final = {"positive": "good", "negative": "bad"}


def tiers(visit: Visit) -> dict[str, str]:
    """Return kinds of sources."""
    return {
        "regulator": visit.text("Regulator"), "primary": visit.text("Primary source"),
        "media": visit.text("Media"), "aggregator": visit.text("Aggregator"), "social": visit.text("Social"),
    }  # fmt: skip


def topics(visit: Visit) -> dict[str, str]:
    """Return topics."""
    names = {
        "regulation": visit.text("Regulation"), "enforcement": visit.text("Enforcement"),
        "etf": visit.text("ETF"), "hack": visit.text("Hacks"), "listing": visit.text("Listings"),
        "stablecoin": visit.text("Stablecoins"), "macro": visit.text("Economy"),
        "technology": visit.text("Technology"), "legal": visit.text("Courts"),
        "adoption": visit.text("Adoption"), "exchange": visit.text("Exchanges"),
        "policy": visit.text("Policy"), "elections": visit.text("Elections"),
        "sanctions": visit.text("Sanctions"), "tax": visit.text("Tax"),
    }  # fmt: skip
    return {name: names[name] for name in TOPICS}


def statuses(visit: Visit) -> dict[str, str]:
    """Return how far an item can be believed."""
    return {
        "confirmed": visit.text("Confirmed by a primary source"), "repeated": visit.text("Repeated"),
        "disputed": visit.text("Disputed"), "unconfirmed": visit.text("Unconfirmed"),
        "flagged": visit.text("Flagged"),
    }  # fmt: skip


def moods(visit: Visit) -> dict[str, str]:
    """Return how an item sounds; what is neutral or unclear is not worth a badge."""
    return {"positive": visit.text("Positive"), "negative": visit.text("Negative")}


def steps(visit: Visit) -> dict[str, str]:
    """Return the steps of reading."""
    return {
        "language": visit.text("Language"), "relevance": visit.text("About crypto or not"),
        "duplicate": visit.text("Copy"), "entities": visit.text("Who and what is named"),
        "topics": visit.text("Topics"), "sentiment": visit.text("Sentiment"),
        "novelty": visit.text("Novelty"), "urgency": visit.text("Urgency"),
        "reliability": visit.text("Reliability"), "story": visit.text("Story"),
        "summary": visit.text("Summary"), "keywords": visit.text("Keywords"),
    }  # fmt: skip


def changes(visit: Visit) -> dict[str, str]:
    """Return what a revision changed."""
    return {
        "title": visit.text("title"), "text": visit.text("text"), "address": visit.text("address"),
        "date": visit.text("date"), "withdrawn": visit.text("withdrawn"),
        "shown again": visit.text("shown again"),
    }  # fmt: skip
