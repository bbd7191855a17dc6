"""What somebody may have meant who followed an address that leads nowhere."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from vigie.domain.errors import UsageError
from vigie.views.web.page import pages
from vigie.views.web.request_context import RequestContext

MOST: Final = 4
NEAR: Final = 0.7
LONGEST: Final = 80
# Titles of strategies are their names.
_STRATEGY: Final = "/strategies/"
_ASSET: Final = "/asset/"
# Pages of one thing whose name nobody knows by heart, each with the page that lists them.
_LISTS: Final = {"setup": "/signals", "plan": "/plans"}


def suggest_pages(context: RequestContext) -> list[tuple[str, str]]:
    """Return titles and addresses that are nearly what was asked for, the nearest kind first; none for strangers."""
    if not context.caller.may("read"):
        return []
    word = context.path.rstrip("/").rpartition("/")[2].lower()[:LONGEST]
    try:
        names = _similar_names(context, word) if word else []
    except UsageError:
        # The word is one that no operation takes: then there is nothing like it, either.
        names = []
    return (names + _similar_pages(context))[:MOST]


def _similar_names(context: RequestContext, word: str) -> list[tuple[str, str]]:
    if context.path.startswith(_STRATEGY):
        names = [row["name"] for row in context.call("strategies.list").rows]
        return [(name, f"{_STRATEGY}{name}") for name in get_close_matches(word, names, MOST, NEAR)]
    parts = context.path.split("/")
    typed = parts[2][:LONGEST] if context.path.startswith(_ASSET) and len(parts) > 2 else word
    rows = context.call("assets.search", q=typed, limit=MOST).rows if typed else []
    return [(f"{row['name']} ({row['symbol']})", f"{_ASSET}{row['asset']}") for row in rows]


def _similar_pages(context: RequestContext) -> list[tuple[str, str]]:
    path = _LISTS.get(context.path.split("/")[1], context.path)
    paths = {
        page.path: context.text(page.title)
        for page in pages().values()
        if "{" not in page.path and context.caller.may(page.scope)
    }
    return [(paths[found], found) for found in get_close_matches(path[:LONGEST].lower(), paths, MOST, NEAR)]
