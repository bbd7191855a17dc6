"""Objections and answers, beside a source's score and on an item's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from vigie.views.web.form_responses import redirect
from vigie.views.web.request_context import RequestContext


def add_note(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Note what a form says, and show where it stands."""
    values = {name: form.get(name, "").strip() for name in ("source", "item", "kind", "text")}
    context.call("news.appeal", **{name: value for name, value in values.items() if value})
    return redirect(f"/news/{values['item']}#appeals" if values["item"] else "/mood#held")


def by_source(context: RequestContext) -> dict[str, list[dict[str, Any]]]:
    """Return what was noted, newest first, by source."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in context.call("news.appeals").rows:
        by_id.setdefault(row["source"], []).append(row)
    return by_id


def by_item(context: RequestContext, item: str) -> list[dict[str, Any]]:
    """Return what was noted about an item, newest first."""
    rows: list[dict[str, Any]] = context.call("news.appeals", item=item).rows
    return rows


def kinds(context: RequestContext) -> dict[str, str]:
    """Return what a note may be, in the visitor's language."""
    return {"objection": context.text("Objection"), "answer": context.text("Answer")}
