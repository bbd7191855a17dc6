"""What a reader does in lists of news: mark as read and take that back, keep to read, keep a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from vigie.domain.errors import UsageError
from vigie.views.web.form_responses import redirect
from vigie.views.web.request_context import RequestContext

KEPT: Final = "/news/kept"
_LONGEST: Final = 500
# What the page itself adds to its address.
_OWN: Final = ("done", "cursor", "lang", "removed", "was")


def apply_mark(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Do what one button of a list asks for, and show the list again."""
    done, at = "", ""
    if item := form.get("read"):
        context.call("news.mark_read", items=[item])
        done, at = "read", item
    elif until := form.get("until"):
        context.call("news.mark_read", until=until)
        done = "read"
    elif form.get("undo"):
        context.call("news.undo_read")
    elif item := form.get("keep"):
        context.call("news.keep", item=item)
        at = item
    elif item := form.get("unkeep"):
        context.call("news.unkeep", item=item)
        at = item
    else:
        raise UsageError("choose_news_item", "choose a news item")
    return return_to_list(form, done, at)


def change_search(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep the filters of the page under a name, remove a kept search, or bring it back."""
    if name := form.get("remove"):
        old_query = {row["name"]: row["query"] for row in context.call("news.searches").rows}.get(name, "")
        context.call("news.remove_search", name=name)
        return redirect("/news", **_list_query(form), removed=name, was=old_query)
    query = form["was"] if "was" in form else urlencode(_list_query(form))
    context.call("news.save_search", name=form.get("name", ""), query=query)
    return return_to_list(form, "", "")


def return_to_list(form: Mapping[str, str], done: str, at: str) -> Response:
    """Lead back to the list where one was."""
    if form.get("list") == "kept":
        return redirect(KEPT)
    query = {**_list_query(form), **({"done": done} if done else {})}
    return redirect("/news" + (f"?{urlencode(query)}" if query else "") + (f"#i-{at}" if at else ""))


def _list_query(form: Mapping[str, str]) -> dict[str, str]:
    pairs = parse_qsl(form.get("query", "")[:_LONGEST])
    return {name: value for name, value in pairs if name not in _OWN}


def mark_values(context: RequestContext) -> dict[str, Any]:
    """Return what lists show of what was read."""
    query = {name: value for name, value in context.query.items() if name not in _OWN and value}
    return {
        "marks": context.call("news.marks"),
        "may_mark": context.caller.may("write"),
        "here": urlencode(query)[:_LONGEST],
        "searches": context.call("news.searches").rows,
        "done": context.query.get("done", ""),
        "removed": context.query.get("removed", "")[:60],
        "was": context.query.get("was", "")[:_LONGEST],
    }
