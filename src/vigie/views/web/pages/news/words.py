"""Kinds of sources, topics, reliability and steps in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vigie.services.alerting.rule_parsing import TOPICS
from vigie.services.news import naming
from vigie.views.web.visit import Visit

TIER_BADGES: Final = {"regulator": "info", "primary": "good", "media": "", "aggregator": "", "social": "warn"}
STATUS_BADGES: Final = {
    "confirmed": "good", "repeated": "info", "disputed": "warn", "unconfirmed": "", "flagged": "bad",
}  # fmt: skip
BECAME_BADGES: Final = {
    "confirmed": "good", "disputed": "warn", "corrected": "warn", "withdrawn": "bad", "flagged": "bad",
}  # fmt: skip
# As many letters of ids as may be asked for at once.
_NAMED: Final = 4_000
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


def periods(visit: Visit) -> dict[str, str]:
    """Return the spans that a list goes back; all of time last."""
    return {
        "24h": visit.text("24 hours"), "1w": visit.text("1 week"), "1m": visit.text("1 month"),
        "1y": visit.text("1 year"), "": visit.text("All"),
    }  # fmt: skip


def languages(visit: Visit) -> dict[str, str]:
    """Return the languages that items are in."""
    return {"en": visit.text("English"), "fr": visit.text("French")}


def became(visit: Visit) -> dict[str, str]:
    """Return what became of an item by what was seen later."""
    return {
        "confirmed": visit.text("Confirmed since"), "disputed": visit.text("Disputed since"),
        "corrected": visit.text("Corrected since"), "withdrawn": visit.text("Withdrawn since"),
        "flagged": visit.text("Flagged"),
    }  # fmt: skip


def moods(visit: Visit) -> dict[str, str]:
    """Return how an item sounds; what is neutral or unclear is not worth a badge."""
    return {"positive": visit.text("Positive"), "negative": visit.text("Negative")}


def steps(visit: Visit) -> dict[str, str]:
    """Return the steps of reading."""
    return {
        "language": visit.text("Language"), "relevance": visit.text("About crypto or not"),
        "duplicate": visit.text("A copy or not"), "entities": visit.text("Who and what is named"),
        "topics": visit.text("Topics"), "sentiment": visit.text("Sentiment"),
        "novelty": visit.text("Novelty"), "urgency": visit.text("Urgency"),
        "reliability": visit.text("Reliability"), "story": visit.text("Story"),
        "summary": visit.text("Summary"), "keywords": visit.text("Keywords"),
    }  # fmt: skip


def all_of(visit: Visit) -> dict[str, Any]:
    """Return what every page of news names."""
    return {
        "tiers": tiers(visit), "topics": topics(visit), "statuses": statuses(visit), "moods": moods(visit),
        "became": became(visit), "became_badges": BECAME_BADGES,
        "tier_badges": TIER_BADGES, "status_badges": STATUS_BADGES, "mood_badges": MOOD_BADGES,
    }  # fmt: skip


def coins(visit: Visit, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the assets of items are called, by their ids."""
    return called(visit, {one for row in rows for one in str(row.get("assets") or "").split(",") if one})


def called(visit: Visit, assets: Iterable[str]) -> dict[str, str]:
    """Return what assets are called, by their ids."""
    asked = ",".join(f"coin:{one}" for one in sorted(assets))
    # Whole ids only: what is cut off keeps its id as its name.
    whole = asked if len(asked) <= _NAMED else asked[:_NAMED].rpartition(",")[0]
    names = visit.ask("entities.names", entities=whole).names if whole else {}
    return {entity.partition(":")[2]: name for entity, name in names.items()}


def entities(visit: Visit, ids: str) -> dict[str, str]:
    """Return what entities are called in the visitor's language; ids with commas between them."""
    names = visit.ask("entities.names", entities=ids).names if ids else {}
    return {one: in_language(visit, one, name) for one, name in names.items()}


def in_language(visit: Visit, entity: str, name: str) -> str:
    """Return what an entity is called in the visitor's language, given its name in the lists."""
    return naming.localised_name(entity, name, visit.tongue.language)


def changes(visit: Visit) -> dict[str, str]:
    """Return what a revision changed."""
    return {
        "title": visit.text("title"), "text": visit.text("text"), "address": visit.text("address"),
        "date": visit.text("date"), "withdrawn": visit.text("withdrawn"),
        "shown again": visit.text("shown again"),
    }  # fmt: skip
