"""Objections and answers, beside a source's score and on an item's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from vigie.views.web.answering import go
from vigie.views.web.visit import Visit


def note(visit: Visit, form: Mapping[str, str]) -> Response:
    """Note what a form says, and show where it stands."""
    given = {name: form.get(name, "").strip() for name in ("source", "item", "kind", "text")}
    visit.ask("news.appeal", **{name: one for name, one in given.items() if one})
    return go(f"/news/{given['item']}#appeals" if given["item"] else "/mood#held")


def by_source(visit: Visit) -> dict[str, list[dict[str, Any]]]:
    """Return what was noted, newest first, by source."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in visit.ask("news.appeals").rows:
        found.setdefault(row["source"], []).append(row)
    return found


def of_item(visit: Visit, item: str) -> list[dict[str, Any]]:
    """Return what was noted about an item, newest first."""
    rows: list[dict[str, Any]] = visit.ask("news.appeals", item=item).rows
    return rows


def kinds(visit: Visit) -> dict[str, str]:
    """Return what a note may be, in the visitor's language."""
    return {"objection": visit.text("Objection"), "answer": visit.text("Answer")}
