"""News: items with filters and search, one item with everything that was found in it, and its raw answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.visit import Visit

PAGE: Final = 25
FILTERS: Final = ("tier", "source", "language", "asset", "entity", "topic", "story", "period")
PERIODS: Final = ("24h", "1w", "1m", "1y", "")
_LONGEST: Final = 120


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the list that the address describes."""
    known = visit.ask("news.filters")
    given = _given(visit, known)
    query = visit.query.get("q", "").strip()[:200]
    ask: dict[str, Any] = {**given, "limit": PAGE, "everything": visit.query.get("everything") == "1"}
    ask["cursor"] = visit.query.get("cursor", "")[:60]
    table, refused = None, ""
    try:
        table = visit.ask("news.search", q=query, **ask) if query else visit.ask("news.list", **ask)
    except UsageError:
        # A query without a word in it, or a page that is no more.
        refused = visit.text("Nothing can be searched for with that: write a word.")
    return {
        "table": table, "refused": refused, "known": known, "given": given, "q": query,
        "everything": ask["everything"], "is_narrowed": bool(query or any(given.values())),
        "periods": PERIODS, **_names(visit),
    }  # fmt: skip


def _given(visit: Visit, known: Any) -> dict[str, str]:
    """Return the filters of the address; what cannot be one is left out."""
    given = {name: visit.query.get(name, "").strip()[:_LONGEST] for name in FILTERS}
    choices = {"tier": known.tiers, "period": PERIODS, "language": ("en", "fr")}
    found = {name: "" if name in choices and one not in choices[name] else one for name, one in given.items()}
    shortest = {"source": 60, "asset": 80, "topic": 40, "story": 60}
    return {name: one[: shortest.get(name, _LONGEST)] for name, one in found.items()}


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one item."""
    try:
        item = visit.ask("news.item", item=visit.params["id"])
    except UsageError as fault:
        raise NotFound(f"there is no item {visit.params['id']!r}; /news lists them") from fault
    bodies = {one.step: json.dumps(one.body, ensure_ascii=False, indent=1) for one in item.found}
    return {"item": item, "row": item.row, "bodies": bodies, "changes": words.changes(visit), **_names(visit)}


def show_evidence(visit: Visit) -> Mapping[str, Any]:
    """Ask for the raw answer of a revision."""
    try:
        found = visit.ask(
            "news.evidence", item=visit.params["id"], revision=visit.query.get("revision", "1")[:7]
        )
    except UsageError as fault:
        raise NotFound(f"there is no such revision of {visit.params['id']!r}") from fault
    return {"evidence": found}


def _names(visit: Visit) -> dict[str, Any]:
    return {
        "tiers": words.tiers(visit), "topics": words.topics(visit), "statuses": words.statuses(visit),
        "moods": words.moods(visit), "steps": words.steps(visit), "tier_badges": words.TIER_BADGES,
        "status_badges": words.STATUS_BADGES, "mood_badges": words.MOOD_BADGES,
    }  # fmt: skip


PAGES = (
    Page(
        name="news",
        path="/news",
        title="News",
        description="What regulators, primary sources and media publish about crypto, with source, times and why.",
        show=show,
    ),
    Page(
        name="news_item",
        path="/news/{id}",
        title="News item",
        description="One item: its source, its times, its revisions, and what each step of reading found in it.",
        show=show_one,
        template="item.html",
    ),
    Page(
        name="news_evidence",
        path="/news/{id}/evidence",
        title="Evidence",
        description="The raw answer of the source that an item was read from.",
        show=show_evidence,
        template="evidence.html",
    ),
)
