"""What a reader does in lists of news: mark as read and take that back, keep to read, keep a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.views.web.answering import go
from vigie.views.web.visit import Visit

KEPT: Final = "/news/kept"
_LONGEST: Final = 500
# What the page itself adds to its address.
_OWN: Final = ("done", "cursor", "lang", "removed", "was")


def mark(visit: Visit, form: Mapping[str, str]) -> Response:
    """Do what one button of a list asks for, and show the list again."""
    done, at = "", ""
    if item := form.get("read"):
        visit.ask("news.mark_read", items=[item])
        done, at = "read", item
    elif until := form.get("until"):
        visit.ask("news.mark_read", until=until)
        done = "read"
    elif form.get("undo"):
        visit.ask("news.undo_read")
    elif item := form.get("keep"):
        visit.ask("news.keep", item=item)
        at = item
    elif item := form.get("unkeep"):
        visit.ask("news.unkeep", item=item)
        at = item
    else:
        raise UsageError("say what is to be done with which item")
    return back(form, done, at)


def search(visit: Visit, form: Mapping[str, str]) -> Response:
    """Keep the filters of the page under a name, remove a kept search, or bring it back."""
    if name := form.get("remove"):
        was = {row["name"]: row["query"] for row in visit.ask("news.searches").rows}.get(name, "")
        visit.ask("news.remove_search", name=name)
        return go("/news", **_narrowed(form), removed=name, was=was)
    query = form["was"] if "was" in form else urlencode(_narrowed(form))
    visit.ask("news.save_search", name=form.get("name", ""), query=query)
    return back(form, "", "")


def back(form: Mapping[str, str], done: str, at: str) -> Response:
    """Lead back to the list where one was."""
    if form.get("list") == "kept":
        return go(KEPT)
    query = {**_narrowed(form), **({"done": done} if done else {})}
    return go("/news" + (f"?{urlencode(query)}" if query else "") + (f"#i-{at}" if at else ""))


def _narrowed(form: Mapping[str, str]) -> dict[str, str]:
    pairs = parse_qsl(form.get("query", "")[:_LONGEST])
    return {name: value for name, value in pairs if name not in _OWN}


def told(visit: Visit) -> dict[str, Any]:
    """Return what lists show of what was read."""
    query = {name: value for name, value in visit.query.items() if name not in _OWN and value}
    return {
        "marks": visit.ask("news.marks"),
        "may_mark": visit.caller.may("write"),
        "here": urlencode(query)[:_LONGEST],
        "searches": visit.ask("news.searches").rows,
        "done": visit.query.get("done", ""),
        "removed": visit.query.get("removed", "")[:60],
        "was": visit.query.get("was", "")[:_LONGEST],
    }
