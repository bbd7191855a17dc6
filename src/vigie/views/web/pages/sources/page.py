"""Sources: every connector with its state and its terms; pause, resume, try now, with or without a script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import NotFound
from vigie.views.web.answering import go
from vigie.views.web.forms import own_path
from vigie.views.web.ordering import ask_ordered
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.pages.sources.words import KINDS, every, languages, states, tiers
from vigie.views.web.visit import Visit

_ID: Final = re.compile(r"[a-z0-9_]{1,40}(/[a-z0-9_]{1,40})?")
PARTS: Final = ("", "news", "late")
_MOST: Final = 200
DONE: Final = ("paused", "resumed", "tested", "still_paused")


def show(visit: Visit) -> Mapping[str, Any]:
    """Ask for the connectors, those of the state in the address."""
    state = visit.query.get("state", "")
    state = state if state in KINDS else ""
    part = visit.query.get("part", "")
    part = part if part in PARTS else ""
    # Of a state all are shown, whatever they bring.
    brings = "" if state else "news" if part == "news" else "figures"
    found = ask_ordered(visit, "sources.list", state=state, brings=brings, limit=_MOST)
    table = found.table
    return {
        "unknown_order": found.unknown,
        "table": _acting(table), "state": state, "part": part, "brings": brings, "total": sum(table.counts.values()),
        "own": visit.ask("sources.own"), "pairs": visit.ask("own_feeds.pairs").pairs,
        "agreement": visit.ask("sources.agreement") if not (state or part) else None,
        "late": visit.ask("sources.punctuality") if part == "late" and not state else None,
        **_told(visit),
    }  # fmt: skip


def _acting(table: Any) -> Any:
    """Return a table whose column of ids holds what can be done."""
    columns = [
        column.model_copy(update={"title": "Actions", "definition": ""}) if column.name == "id" else column
        for column in table.columns
    ]
    return table.model_copy(update={"columns": columns})


def show_one(visit: Visit) -> Mapping[str, Any]:
    """Ask for the connectors of one source."""
    source = visit.params["id"]
    table = visit.ask("sources.list", source=source)
    if not table.rows:
        raise NotFound(f"there is no source {source!r}; /sources lists them")
    first = table.rows[0]
    names = {row["series"] for row in _series(visit, first)}
    return {
        "table": _acting(table), "one": first, "series": sorted(names)[:12], "others": max(len(names) - 12, 0),
        "is_paused": all(row["state"] == "paused" for row in table.rows), **_told(visit),
    }  # fmt: skip


def _series(visit: Visit, first: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = visit.ask("onchain.catalog", limit=500).rows
    return [row for row in rows if row["source"] == first["title"]]


def _told(visit: Visit) -> dict[str, Any]:
    """Return what every page of sources needs, and what was done just now."""
    query = visit.query
    source = query.get("source", "")
    # Only a connector's id stands in what is said: an address must not put words on the page.
    may = visit.caller.may("admin")
    done = query.get("done", "") if may and query.get("done") in DONE and _ID.fullmatch(source) else ""
    return {
        "states": states(visit), "tiers": tiers(visit), "publishers": words.tiers(visit),
        "publisher_badges": words.TIER_BADGES, "languages": languages(visit), "kinds": KINDS, "done": done,
        "every": lambda seconds: every(visit, seconds), "changed": source if done else "",
        "may_change": may, "acts": ("id",) if may else (),
        "here": visit.url(done=None, source=None),
    }  # fmt: skip


def pause(visit: Visit, form: Mapping[str, str]) -> Response:
    """Pause a connector and go back."""
    answer = visit.ask("sources.pause", source=form.get("source", ""))
    return _back(form, "paused" if answer.undo else "", answer.source)


def resume(visit: Visit, form: Mapping[str, str]) -> Response:
    """Resume a connector and go back."""
    answer = visit.ask("sources.resume", source=form.get("source", ""))
    return _back(form, "resumed" if answer.undo else "", answer.source)


def test(visit: Visit, form: Mapping[str, str]) -> Response:
    """Ask a connector now and go back."""
    answer = visit.ask("sources.test", source=form.get("source", ""))
    return _back(form, "still_paused" if answer.wanted == "paused" else "tested", answer.source)


def _back(form: Mapping[str, str], done: str, source: str) -> Response:
    there = own_path(form.get("next", "/sources"))
    path, _, query = there.partition("?")
    if not path.startswith("/sources"):
        path, query = "/sources", ""
    kept = dict(
        part.partition("=")[::2] for part in query.split("&") if part.startswith(("state=", "sort=", "part="))
    )
    return go(path, **kept, **({"done": done, "source": source} if done else {}))


PAGES = (
    Page(
        name="sources",
        path="/sources",
        title="Sources",
        description="Every connector with freshness, requests left, last error, terms and how well it is proven.",
        show=show,
        acts={"/sources/pause": pause, "/sources/resume": resume, "/sources/test": test},
    ),
    Page(
        name="source",
        path="/sources/{id}",
        title="Source",
        description="One source: what it delivers, how it does, under which terms, and how well it is proven.",
        show=show_one,
        template="source.html",
    ),
)
