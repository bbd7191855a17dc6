"""Kinds of sources, topics, reliability and steps in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from vigie.catalogue import language_name
from vigie.domain.item import NEWS_LANGUAGES
from vigie.services.alerting.rule_parsing import TOPICS
from vigie.services.news.entities import naming
from vigie.views.web.request_context import RequestContext

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


def tiers(context: RequestContext) -> dict[str, str]:
    """Return kinds of sources."""
    return {
        "regulator": context.text("Regulator"), "primary": context.text("Primary source"),
        "media": context.text("Media"), "aggregator": context.text("Aggregator"), "social": context.text("Social"),
    }  # fmt: skip


def topics(context: RequestContext) -> dict[str, str]:
    """Return topics."""
    names = {
        "regulation": context.text("Regulation"), "enforcement": context.text("Enforcement"),
        "etf": context.text("ETF"), "hack": context.text("Hacks"), "listing": context.text("Listings"),
        "stablecoin": context.text("Stablecoins"), "macro": context.text("Economy"),
        "technology": context.text("Technology"), "legal": context.text("Courts"),
        "adoption": context.text("Adoption"), "exchange": context.text("Exchanges"),
        "policy": context.text("Policy"), "elections": context.text("Elections"),
        "sanctions": context.text("Sanctions"), "tax": context.text("Tax"),
    }  # fmt: skip
    return {name: names[name] for name in TOPICS}


def statuses(context: RequestContext) -> dict[str, str]:
    """Return how far an item can be believed."""
    return {
        "confirmed": context.text("Confirmed by a primary source"), "repeated": context.text("Repeated by others"),
        "disputed": context.text("Disputed"), "unconfirmed": context.text("Unconfirmed"),
        "flagged": context.text("Flagged"),
    }  # fmt: skip


def short_statuses(context: RequestContext) -> dict[str, str]:
    """Return how far a story can be believed, in one word each."""
    return {
        "confirmed": context.text("Confirmed"), "repeated": context.text("Repeated"),
        "disputed": context.text("Disputed"), "unconfirmed": context.text("Unconfirmed"),
        "flagged": context.text("Flagged"),
    }  # fmt: skip


def periods(context: RequestContext) -> dict[str, str]:
    """Return the spans that a list goes back; all of time last."""
    return {
        "24h": context.text("24 hours"), "1w": context.text("1 week"), "1m": context.text("1 month"),
        "1y": context.text("1 year"), "": context.text("All"),
    }  # fmt: skip


def news_languages(context: RequestContext) -> dict[str, str]:
    """Return the languages that news are read in, as labels."""
    names = {code: language_name(code, context.lang.language) for code in NEWS_LANGUAGES}
    return {code: name[:1].upper() + name[1:] for code, name in names.items()}


def changed_statuses(context: RequestContext) -> dict[str, str]:
    """Return what became of an item by what was seen later."""
    return {
        "confirmed": context.text("Later confirmed"), "disputed": context.text("Later disputed"),
        "corrected": context.text("Later corrected"), "withdrawn": context.text("Later withdrawn"),
        "flagged": context.text("Flagged"),
    }  # fmt: skip


def moods(context: RequestContext) -> dict[str, str]:
    """Return how an item sounds; what is neutral or unclear is not worth a badge."""
    return {"positive": context.text("Positive"), "negative": context.text("Negative")}


def steps(context: RequestContext) -> dict[str, str]:
    """Return the steps of reading."""
    return {
        "language": context.text("Language"), "relevance": context.text("Relevance to crypto"),
        "duplicate": context.text("Duplicate check"), "entities": context.text("Named entities"),
        "topics": context.text("Topics"), "sentiment": context.text("Sentiment"),
        "novelty": context.text("Novelty"), "urgency": context.text("Urgency"),
        "reliability": context.text("Reliability"), "story": context.text("Story"),
        "summary": context.text("Summary"), "keywords": context.text("Keywords"),
    }  # fmt: skip


def label_values(context: RequestContext) -> dict[str, Any]:
    """Return what every page of news names."""
    return {
        "tiers": tiers(context), "topics": topics(context), "statuses": statuses(context), "moods": moods(context),
        "became": changed_statuses(context), "became_badges": BECAME_BADGES,
        "tier_badges": TIER_BADGES, "status_badges": STATUS_BADGES, "mood_badges": MOOD_BADGES,
    }  # fmt: skip


def item_asset_names(context: RequestContext, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what the assets of items are called, by their ids."""
    return asset_names(
        context, {asset for row in rows for asset in str(row.get("assets") or "").split(",") if asset}
    )


def asset_names(context: RequestContext, assets: Iterable[str]) -> dict[str, str]:
    """Return what assets are called, by their ids."""
    ids = ",".join(f"coin:{asset}" for asset in sorted(assets))
    # Whole ids only: what is cut off keeps its id as its name.
    whole_ids = ids if len(ids) <= _NAMED else ids[:_NAMED].rpartition(",")[0]
    names = context.call("entities.names", entities=whole_ids).names if whole_ids else {}
    return {entity.partition(":")[2]: name for entity, name in names.items()}


def entity_names(context: RequestContext, ids: str) -> dict[str, str]:
    """Return what entities are called in the visitor's language; ids with commas between them."""
    names = context.call("entities.names", entities=ids).names if ids else {}
    return {entity: translate_name(context, entity, name) for entity, name in names.items()}


def translate_name(context: RequestContext, entity: str, name: str) -> str:
    """Return what an entity is called in the visitor's language, given its name in the lists."""
    return naming.localised_name(entity, name, context.lang.language)


def changes(context: RequestContext) -> dict[str, str]:
    """Return what a revision changed."""
    return {
        "title": context.text("title"), "text": context.text("text"), "address": context.text("address"),
        "date": context.text("date"), "withdrawn": context.text("withdrawn"),
        "shown again": context.text("shown again"),
    }  # fmt: skip
