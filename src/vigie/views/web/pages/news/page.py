"""News: items with filters and search, a reading list, one item with all that was found in it, its raw answer."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.item import NEWS_LANGUAGES
from vigie.services.operations.news import MOST_ITEMS
from vigie.views.web.page import Page
from vigie.views.web.pages.news import appeals, briefing, entity_card, reading_marks, regulation, words
from vigie.views.web.pages.news.quote_languages import mark_language, mark_quotes
from vigie.views.web.request_context import RequestContext

PAGE: Final = 25
STORIES: Final = 12
# Of the table of stories, beside the usual one.
ORDERS: Final = ("-publishers", "-ts_last", "ts_last", "-ts_first", "ts_first")
# With 24 a page of stories that many tell had 1,401 elements.
ALL_STORIES: Final = 22
REGULATORS: Final = 3
# A sentence that a summary quotes, at most.
_LONGEST_SENTENCE: Final = 600
FILTERS: Final = ("tier", "source", "language", "asset", "entity", "topic", "status", "story", "period")
# Those that no line of filters names: typed, or followed from another page.
TYPED: Final = ("source", "asset", "entity", "story")
# Who is asked for with "primary sources only".
FIRST_HAND: Final = ("regulator", "primary")
PERIODS: Final = ("24h", "1w", "1m", "1y", "")
_LONGEST: Final = 120


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the list that the address describes."""
    choices = context.call("news.filters")
    filters = _filters(context, choices)
    query = context.query.get("q", "").strip()[:200]
    inputs: dict[str, Any] = {**filters, "limit": PAGE}
    inputs |= {name: context.query.get(name) == "1" for name in ("everything", "first_hand")}
    inputs["cursor"] = context.query.get("cursor", "")[:60]
    operation = "news.search" if query else "news.list"
    table, refusal = None, ""
    try:
        table = context.call(operation, q=query or None, **inputs)
    except UsageError:
        # A query without a word in it, or a page that is no more.
        refusal = context.text("This search contains no word. Type at least one.")
    is_narrowed = bool(query or any(filters.values()) or inputs["first_hand"])
    top = _top_stories(context, filters)
    stories = top["top"].rows if top["top"] else []
    return {
        "table": table, "operation": operation, "exports": _exports(inputs, query), "most": MOST_ITEMS,
        "refused": refusal, "known": choices, "given": filters, "q": query,
        "everything": inputs["everything"], "first_hand": inputs["first_hand"],
        "spans": words.periods(context), "languages": words.news_languages(context),
        "narrowed": [(name, filters[name]) for name in TYPED if filters[name]],
        "is_narrowed": is_narrowed,
        "rule": _rule_query(filters, query, is_first_hand=inputs["first_hand"]),
        **top, **({"lane": []} if is_narrowed else _regulators(context)),
        "beside": entity_card.entity_card(context, filters), "short_statuses": words.short_statuses(context),
        **reading_marks.mark_values(context), **_names(context),
        "coins": words.item_asset_names(context, [*(table.rows if table else ()), *stories]),
    }  # fmt: skip


def _exports(inputs: Mapping[str, Any], query: str) -> dict[str, Any]:
    """Return what the files of the list are asked: its filters and words, from its beginning."""
    values = {name: value for name, value in inputs.items() if value and name not in ("limit", "cursor")}
    switches = {name: "true" for name, value in values.items() if value is True}
    return {**({"q": query} if query else {}), **values, **switches, "limit": MOST_ITEMS}


def _rule_query(filters: Mapping[str, str], query: str, *, is_first_hand: bool) -> dict[str, str]:
    """Return what a rule that tells of such news is made of; nothing where the list says nothing that a rule has."""
    tiers = filters["tier"] or (",".join(FIRST_HAND) if is_first_hand else "")
    values = {
        "tiers": tiers, "topics": filters["topic"], "assets": filters["asset"], "entities": filters["entity"],
        "sources": filters["source"], "languages": filters["language"], "statuses": filters["status"], "words": query,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _top_stories(context: RequestContext, filters: Mapping[str, str]) -> dict[str, Any]:
    """Return the stories of the period with what was asked for; none where a filter is about items alone."""
    is_about_items = any(filters[name] for name in ("story", "source", "topic", "language"))
    asks_items = any(context.query.get(name) for name in ("cursor", "q", "first_hand"))
    if is_about_items or asks_items:
        return {"top": None}
    query = {
        "period": filters["period"] if filters["period"] in ("24h", "1w", "1m") else "24h",
        "least": 1,
        "limit": ALL_STORIES if context.query.get("stories") == "all" else STORIES,
        **{name: filters[name] for name in ("asset", "entity", "status", "tier") if filters[name]},
    }
    if context.query.get("order") in ORDERS:
        query["sort"] = context.query["order"]
    found = context.call("stories.top", **query, language=context.lang.content_language)
    return {"top": found if found.rows else None, "top_query": query}


def _regulators(context: RequestContext) -> dict[str, Any]:
    """Return the newest of what regulators said, beside the list of everything."""
    return {"lane": context.call("news.list", tier="regulator", limit=REGULATORS, period="1w").rows}


def show_kept(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the reading list."""
    table = context.call("news.kept")
    return {
        "table": table,
        "coins": words.item_asset_names(context, table.rows),
        **reading_marks.mark_values(context),
        **_names(context),
    }


def _filters(context: RequestContext, available: Any) -> dict[str, str]:
    """Return the filters of the address; what cannot be one is left out."""
    values = {name: context.query.get(name, "").strip()[:_LONGEST] for name in FILTERS}
    choices = {
        "tier": available.tiers,
        "period": PERIODS,
        "language": NEWS_LANGUAGES,
        "status": words.STATUS_BADGES,
    }
    valid = {
        name: "" if name in choices and value not in choices[name] else value
        for name, value in values.items()
    }
    valid |= {name: _find_id(context, name, valid[name]) for name in ("asset", "entity") if valid[name]}
    shortest = {"source": 60, "asset": 80, "topic": 40, "story": 60}
    return {name: value[: shortest.get(name, _LONGEST)] for name, value in valid.items()}


def _find_id(context: RequestContext, name: str, typed: str) -> str:
    """Return the id of what somebody typed as they call it; what nobody is called stays, and finds nothing."""
    if name == "asset":
        rows = context.call("assets.search", q=typed[:80], limit=1).rows
        lowered = typed.lower()
        is_called = rows and lowered in (str(rows[0][field]).lower() for field in ("asset", "symbol", "name"))
        return str(rows[0]["asset"]) if is_called else typed
    if ":" in typed:
        return typed
    entities = context.call("entities.find", q=typed[:80], whole=True).found
    return str(entities[0]["entity"]) if entities else typed


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for one item."""
    try:
        item = context.call("news.item", item=context.params["id"], language=context.lang.content_language)
    except UsageError as fault:
        raise NotFound(
            "no_news_item_lists", "there is no news item {id!r}; /news lists them", id=context.params["id"]
        ) from fault
    bodies = {finding.step: json.dumps(finding.body, ensure_ascii=False, indent=1) for finding in item.found}
    entity_names = words.entity_names(context, item.row["entities"][:4_000])
    return {
        "item": item, "row": item.row, "bodies": bodies, "told": _reasons(item), "changes": words.changes(context),
        "named": entity_names, "sentence": _quoted_sentence(context, item),
        "since": _standing_change(context, item.row),
        "appeals": appeals.by_item(context, item.row["id"]), "appeal_kinds": appeals.kinds(context), **_names(context),
    }  # fmt: skip


def _reasons(item: Any) -> dict[str, Any]:
    """Return why each step found what it found; words of the item and headlines of others bear their language."""
    language = item.row["language"]
    return {
        finding.step: mark_language(finding.told, language)
        if finding.step == "keywords" and finding.body.get("words")
        else mark_quotes(finding.told, item.titles, language)
        for finding in item.found
    }


def _standing_change(context: RequestContext, row: Mapping[str, Any]) -> Any:
    """Return what a later item made of this one; None where it stands as it was read."""
    standing = context.call("news.standing", item=row["id"])
    return standing if standing.is_changed else None


def _quoted_sentence(context: RequestContext, item: Any) -> str:
    """Return the sentence of an item that a summary quotes, as its address says."""
    start, end = (context.query.get(name, "") for name in ("start", "end"))
    newest = item.revisions[-1]
    text = newest.title if context.query.get("in") == "title" else newest.text
    if not (start.isdecimal() and end.isdecimal() and len(start) < 7 and len(end) < 7):
        return ""
    return str(text[int(start) : int(end)][:_LONGEST_SENTENCE])


def show_evidence(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the raw answer of a revision."""
    try:
        evidence = context.call(
            "news.evidence", item=context.params["id"], revision=context.query.get("revision", "1")[:7]
        )
    except Forbidden:
        raise
    except UsageError as fault:
        raise NotFound(
            "no_such_revision", "there is no such revision of {id!r}", id=context.params["id"]
        ) from fault
    return {"evidence": evidence}


def send_bundle(context: RequestContext) -> Response:
    """Give the evidence of an item as one file."""
    try:
        bundle = context.call("news.bundle", item=context.params["id"])
    except Forbidden:
        raise
    except UsageError as fault:
        raise NotFound(
            "no_news_item_lists", "there is no news item {id!r}; /news lists them", id=context.params["id"]
        ) from fault
    headers = {"Content-Disposition": f'attachment; filename="{bundle.name}"'}
    return Response(b64decode(bundle.content), media_type="application/zip", headers=headers)


def _names(context: RequestContext) -> dict[str, Any]:
    return {"steps": words.steps(context), **words.label_values(context)}


GROUP: Final = "news"
PAGES = (
    Page(
        name="news",
        path="/news",
        title="News",
        description="Crypto news from regulators, primary sources and media, with source, times and reasons for "
        "each label.",
        show=show,
        actions={
            "/news/mark": reading_marks.apply_mark,
            "/news/search": reading_marks.change_search,
            "/news/appeal": appeals.add_note,
        },
    ),
    Page(
        name="news_kept",
        path=reading_marks.KEPT,
        title="Reading list",
        description="News you saved to read later, last saved first.",
        show=show_kept,
        template="kept.html",
    ),
    Page(
        name="regulation",
        path="/news/regulation",
        title="Regulation",
        description="What regulators publish, changes in public registers, the calendar, and who is licensed "
        "where.",
        show=regulation.show,
        template="regulation.html",
    ),
    *briefing.PAGES,
    Page(
        name="news_item",
        path="/news/{id}",
        title="News item",
        description="One news item: its source, times, revisions and what each step of the analysis found.",
        show=show_one,
        template="item.html",
    ),
    Page(
        name="news_evidence",
        path="/news/{id}/evidence",
        title="Evidence",
        description="The source's raw answer that a news item comes from.",
        show=show_evidence,
        template="evidence.html",
    ),
    Page(
        name="news_bundle",
        path="/news/{id}/evidence.zip",
        title="News item evidence",
        description="Raw answers, hashes, times, revisions and findings of a news item in one file.",
        show=send_bundle,
    ),
)
