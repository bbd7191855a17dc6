"""Sources: every connector with its state and its terms; pause, resume, try now, with or without a script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vigie.domain.errors import NotFound
from vigie.services.operations.sources import SourceRow
from vigie.views.web.form_responses import redirect
from vigie.views.web.forms import own_path
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.pages.sources.late import SLOWER, hero_text, late_sources
from vigie.views.web.pages.sources.words import KINDS, interval_text, states, tiers
from vigie.views.web.request_context import RequestContext
from vigie.views.web.sorted_tables import call_sorted
from vigie.views.web.source_counts import BROKEN

_ID: Final = re.compile(r"[a-z0-9_]{1,40}(/[a-z0-9_]{1,40})?")
# Groups of sources by kind, with what they are asked for; `late` is the delay of news.
GROUPS: Final[dict[str, dict[str, str]]] = {
    "venues": {"kind": "venue"},
    "figures": {"kind": "source", "brings": "figures"},
    "news": {"brings": "news"},
}
PARTS: Final = ("", *GROUPS, "late")
_MOST: Final = 500
# Named in a group that is folded.
_NAMED: Final = 12
DONE: Final = ("paused", "resumed", "tested", "still_paused")


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the connectors, those of the state in the address."""
    state = context.query.get("state", "")
    state = state if state in KINDS else ""
    part = context.query.get("part", "")
    part = part if part in PARTS else ""
    # Of a state all are shown, whatever they bring; a group is folded until it is asked for.
    inputs = {"state": state} if state else GROUPS.get(part)
    ordered = call_sorted(context, "sources.list", **inputs, limit=_MOST) if inputs else None
    everything = context.call("sources.list", limit=_MOST)
    return {
        "unknown_order": ordered.unknown if ordered else "",
        "table": _add_actions(ordered.table if ordered else everything), "is_listed": ordered is not None,
        "state": state, "part": part, "inputs": inputs, "counts": everything.counts, "now": everything.ts,
        "headline": hero_text(context, everything.rows),
        "troubled": late_sources(context, everything.rows, everything.ts),
        "most_named": _NAMED,
        "n_troubled": sum(everything.counts[name] for name in (*BROKEN, *SLOWER)),
        "groups": [_group(context, name, everything.rows, part) for name in GROUPS],
        "own": context.call("sources.own"), "pairs": context.call("own_feeds.pairs").pairs,
        "agreement": context.call("sources.agreement") if not (state or part) else None,
        "late": context.call("sources.punctuality") if part == "late" and not state else None,
        **_common_values(context),
    }  # fmt: skip


def _group(context: RequestContext, name: str, rows: Sequence[SourceRow], part: str) -> dict[str, object]:
    """Return a group of sources: its title, how many, how many of them are late, and who is in it."""
    titles = {
        "venues": context.text("Exchanges"),
        "figures": context.text("Market, on-chain and economic figures"),
        "news": context.text("News and registers"),
    }
    members = [
        row
        for row in rows
        if name == ("news" if row["publisher"] else "venues" if row["kind"] == "venue" else "figures")
    ]
    return {
        "name": name,
        "title": titles[name],
        "count": len(members),
        "down": sum(row["state"] in BROKEN for row in members),
        "names": list(dict.fromkeys(row["title"] for row in members))[:_NAMED],
        "is_open": name == part,
    }


def _add_actions(table: Any) -> Any:
    """Return a table whose column of ids holds what can be done."""
    columns = [
        column.model_copy(update={"title": "Actions", "definition": ""}) if column.name == "id" else column
        for column in table.columns
    ]
    return table.model_copy(update={"columns": columns})


def show_one(context: RequestContext) -> Mapping[str, Any]:
    """Ask for the connectors of one source."""
    source = context.params["id"]
    table = context.call("sources.list", source=source)
    if not table.rows:
        raise NotFound(
            "no_source_sources", "there is no source {source!r}; /sources lists them", source=source
        )
    first = table.rows[0]
    names = {row["series"] for row in _series(context, first)}
    return {
        "table": _add_actions(table), "one": first, "series": sorted(names)[:12], "others": max(len(names) - 12, 0),
        "is_paused": all(row["state"] == "paused" for row in table.rows), **_common_values(context),
    }  # fmt: skip


def _series(context: RequestContext, first: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = context.call("onchain.catalog", limit=500).rows
    return [row for row in rows if row["source"] == first["title"]]


def _common_values(context: RequestContext) -> dict[str, Any]:
    """Return what every page of sources needs, and what was done just now."""
    query = context.query
    source = query.get("source", "")
    # Only a connector's id stands in what is said: an address must not put words on the page.
    is_admin = context.caller.may("admin")
    done = query.get("done", "") if is_admin and query.get("done") in DONE and _ID.fullmatch(source) else ""
    return {
        "states": states(context), "tiers": tiers(context), "publishers": words.tiers(context),
        "publisher_badges": words.TIER_BADGES, "languages": words.news_languages(context), "kinds": KINDS, "done": done,
        "every": lambda seconds: interval_text(context, seconds), "changed": source if done else "",
        "may_change": is_admin, "acts": ("id",) if is_admin else (),
        "here": context.url(done=None, source=None),
    }  # fmt: skip


def pause_source(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Pause a connector and go back."""
    result = context.call("sources.pause", source=form.get("source", ""))
    return _return_to_list(form, "paused" if result.undo else "", result.source)


def resume_source(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Resume a connector and go back."""
    result = context.call("sources.resume", source=form.get("source", ""))
    return _return_to_list(form, "resumed" if result.undo else "", result.source)


def try_now(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Ask a connector now and go back."""
    result = context.call("sources.test", source=form.get("source", ""))
    return _return_to_list(form, "still_paused" if result.wanted == "paused" else "tested", result.source)


def _return_to_list(form: Mapping[str, str], done: str, source: str) -> Response:
    next_path = own_path(form.get("next", "/sources"))
    path, _, query = next_path.partition("?")
    if not path.startswith("/sources"):
        path, query = "/sources", ""
    filters = dict(
        part.partition("=")[::2] for part in query.split("&") if part.startswith(("state=", "sort=", "part="))
    )
    return redirect(path, **filters, **({"done": done, "source": source} if done else {}))


GROUP: Final = "system"
PAGES = (
    Page(
        name="sources",
        path="/sources",
        title="Sources",
        description="Every source with its freshness, remaining requests, last error, terms and test level.",
        show=show,
        actions={"/sources/pause": pause_source, "/sources/resume": resume_source, "/sources/test": try_now},
    ),
    Page(
        name="source",
        path="/sources/{id}",
        title="Source",
        description="One source: its data, state, terms and test level.",
        show=show_one,
        template="source.html",
    ),
)
