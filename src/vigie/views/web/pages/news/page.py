"""News: items with filters and search, a reading list, one item with all that was found in it, its raw answer."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.services.operations.news import MOST_ITEMS
from vigie.views.web.page import Page
from vigie.views.web.pages.news import appeals, beside, briefing, marking, regulation, words
from vigie.views.web.pages.news.spoken import spoken, within
from vigie.views.web.visit import Visit

PAGE: Final = 25
STORIES: Final = 4
# A sentence that a summary quotes, at most.
_LONGEST_SENTENCE: Final = 600
FILTERS: Final = ("tier", "source", "language", "asset", "entity", "topic", "status", "story", "period")
# Who is asked for with "primary sources only".
FIRST_HAND: Final = ("regulator", "primary")
PERIODS: Final = ("24h", "1w", "1m", "1y", "")
_LONGEST: Final = 120


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the list that the address describes."""
    known = visit.ask("news.filters")
    given = _given(visit, known)
    query = visit.query.get("q", "").strip()[:200]
    ask: dict[str, Any] = {**given, "limit": PAGE}
    ask |= {name: visit.query.get(name) == "1" for name in ("everything", "first_hand")}
    ask["cursor"] = visit.query.get("cursor", "")[:60]
    operation = "news.search" if query else "news.list"
    table, refused = None, ""
    try:
        table = visit.ask(operation, q=query or None, **ask)
    except UsageError:
        # A query without a word in it, or a page that is no more.
        refused = visit.text("Nothing can be searched for with that: write a word.")
    return {
        "table": table, "operation": operation, "exports": _exports(ask, query), "most": MOST_ITEMS,
        "refused": refused, "known": known, "given": given, "q": query,
        "everything": ask["everything"], "first_hand": ask["first_hand"],
        "spans": words.periods(visit), "languages": words.languages(visit),
        "narrowed": _narrowed(visit, given),
        "is_narrowed": bool(query or any(given.values()) or ask["first_hand"]),
        "rule": _rule(given, query, is_first_hand=ask["first_hand"]),
        "top": _top(visit, given), "beside": beside.card_of(visit, given), **marking.told(visit), **_names(visit),
        "coins": words.coins(visit, table.rows if table else ()),
    }  # fmt: skip


def _exports(ask: Mapping[str, Any], query: str) -> dict[str, Any]:
    """Return what the files of the list are asked: its filters and words, from its beginning."""
    kept = {name: value for name, value in ask.items() if value and name not in ("limit", "cursor")}
    switches = {name: "true" for name, value in kept.items() if value is True}
    return {**({"q": query} if query else {}), **kept, **switches, "limit": MOST_ITEMS}


def _rule(given: Mapping[str, str], query: str, *, is_first_hand: bool) -> dict[str, str]:
    """Return what a rule that tells of such news is made of; nothing where the list says nothing that a rule has."""
    tiers = given["tier"] or (",".join(FIRST_HAND) if is_first_hand else "")
    told = {
        "tiers": tiers, "topics": given["topic"], "assets": given["asset"], "entities": given["entity"],
        "sources": given["source"], "languages": given["language"], "statuses": given["status"], "words": query,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _narrowed(visit: Visit, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return by what the list is narrowed, in words, to be taken off one by one."""
    said = {
        "tier": words.tiers(visit), "topic": words.topics(visit), "status": words.statuses(visit),
        "period": words.periods(visit), "language": words.languages(visit),
    }  # fmt: skip
    found = [(name, said.get(name, {}).get(given[name], given[name])) for name in FILTERS if given[name]]
    switches = {"first_hand": "Primary sources only", "everything": "Also what is not about crypto"}
    return found + [
        (name, visit.text(text)) for name, text in switches.items() if visit.query.get(name) == "1"
    ]


def _top(visit: Visit, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the stories that most publishers had, on the first page of what is not searched in."""
    if visit.query.get("cursor") or visit.query.get("q") or given["story"] or given["source"]:
        return []
    period = given["period"] if given["period"] in ("24h", "1w", "1m") else "24h"
    asked = {"period": period, "asset": given["asset"], "entity": given["entity"], "limit": STORIES}
    rows: list[dict[str, Any]] = visit.ask("stories.top", **asked, language=visit.tongue.language).rows
    return rows


def show_kept(visit: Visit) -> Mapping[str, Any]:
    """Ask for the reading list."""
    table = visit.ask("news.kept")
    return {"table": table, "coins": words.coins(visit, table.rows), **marking.told(visit), **_names(visit)}


def _given(visit: Visit, known: Any) -> dict[str, str]:
    """Return the filters of the address; what cannot be one is left out."""
    given = {name: visit.query.get(name, "").strip()[:_LONGEST] for name in FILTERS}
    choices = {
        "tier": known.tiers,
        "period": PERIODS,
        "language": ("en", "fr"),
        "status": words.STATUS_BADGES,
    }
    found = {name: "" if name in choices and one not in choices[name] else one for name, one in given.items()}
    found |= {name: _meant(visit, name, found[name]) for name in ("asset", "entity") if found[name]}
    shortest = {"source": 60, "asset": 80, "topic": 40, "story": 60}
    return {name: one[: shortest.get(name, _LONGEST)] for name, one in found.items()}


def _meant(visit: Visit, name: str, typed: str) -> str:
    """Return the id of what somebody typed as they call it; what nobody is called stays, and finds nothing."""
    if name == "asset":
        rows = visit.ask("assets.search", q=typed[:80], limit=1).rows
        wanted = typed.lower()
        is_called = rows and wanted in (str(rows[0][one]).lower() for one in ("asset", "symbol", "name"))
        return str(rows[0]["asset"]) if is_called else typed
    if ":" in typed:
        return typed
    found = visit.ask("entities.find", q=typed[:80], whole=True).found
    return str(found[0]["entity"]) if found else typed


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for one item."""
    try:
        item = visit.ask("news.item", item=visit.params["id"], language=visit.tongue.language)
    except UsageError as fault:
        raise NotFound(f"there is no item {visit.params['id']!r}; /news lists them") from fault
    bodies = {one.step: json.dumps(one.body, ensure_ascii=False, indent=1) for one in item.found}
    named = words.entities(visit, item.row["entities"][:4_000])
    return {
        "item": item, "row": item.row, "bodies": bodies, "told": _reasons(item), "changes": words.changes(visit),
        "named": named, "sentence": _sentence(visit, item), "since": _since(visit, item.row),
        "appeals": appeals.of_item(visit, item.row["id"]), "appeal_kinds": appeals.kinds(visit), **_names(visit),
    }  # fmt: skip


def _reasons(item: Any) -> dict[str, Any]:
    """Return why each step found what it found; words of the item and headlines of others bear their language."""
    language = item.row["language"]
    return {
        one.step: within(one.told, language)
        if one.step == "keywords" and one.body.get("words")
        else spoken(one.told, item.titles, language)
        for one in item.found
    }


def _since(visit: Visit, row: Mapping[str, Any]) -> Any:
    """Return what a later item made of this one; None where it stands as it was read."""
    found = visit.ask("news.standing", item=row["id"])
    return found if found.is_changed else None


def _sentence(visit: Visit, item: Any) -> str:
    """Return the sentence of an item that a summary quotes, as its address says."""
    start, end = (visit.query.get(name, "") for name in ("start", "end"))
    newest = item.revisions[-1]
    text = newest.title if visit.query.get("in") == "title" else newest.text
    if not (start.isdecimal() and end.isdecimal() and len(start) < 7 and len(end) < 7):
        return ""
    return str(text[int(start) : int(end)][:_LONGEST_SENTENCE])


def show_evidence(visit: Visit) -> Mapping[str, Any]:
    """Ask for the raw answer of a revision."""
    try:
        found = visit.ask(
            "news.evidence", item=visit.params["id"], revision=visit.query.get("revision", "1")[:7]
        )
    except Forbidden:
        raise
    except UsageError as fault:
        raise NotFound(f"there is no such revision of {visit.params['id']!r}") from fault
    return {"evidence": found}


def send_bundle(visit: Visit) -> Response:
    """Give the evidence of an item as one file."""
    try:
        found = visit.ask("news.bundle", item=visit.params["id"])
    except Forbidden:
        raise
    except UsageError as fault:
        raise NotFound(f"there is no item {visit.params['id']!r}; /news lists them") from fault
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(b64decode(found.content), media_type="application/zip", headers=headers)


def _names(visit: Visit) -> dict[str, Any]:
    return {"steps": words.steps(visit), **words.all_of(visit)}


PAGES = (
    Page(
        name="news",
        path="/news",
        title="News",
        description="What regulators, primary sources and media publish about crypto, with source, times and why.",
        show=show,
        acts={"/news/mark": marking.mark, "/news/search": marking.search, "/news/appeal": appeals.note},
    ),
    Page(
        name="news_kept",
        path=marking.KEPT,
        title="Reading list",
        description="The news that you keep to read, the one you kept last first.",
        show=show_kept,
        template="kept.html",
    ),
    Page(
        name="regulation",
        path="/news/regulation",
        title="Regulation",
        description="What regulators publish, changes of public registers, known dates, and who is licensed where.",
        show=regulation.show,
        template="regulation.html",
    ),
    *briefing.PAGES,
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
    Page(
        name="news_bundle",
        path="/news/{id}/evidence.zip",
        title="Evidence of an item",
        description="Raw answers, hashes, times, revisions and findings of an item, in one file.",
        show=send_bundle,
    ),
)
