"""What somebody may have meant who followed an address that leads nowhere."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from vigie.domain.errors import UsageError
from vigie.views.web.page import pages
from vigie.views.web.visit import Visit

MOST: Final = 4
NEAR: Final = 0.7
LONGEST: Final = 80
# Titles of strategies are their names.
_STRATEGY: Final = "/strategies/"
_ASSET: Final = "/asset/"


def near(visit: Visit) -> list[tuple[str, str]]:
    """Return titles and addresses that are nearly what was asked for, the nearest kind first; none for strangers."""
    if not visit.caller.may("read"):
        return []
    word = visit.path.rstrip("/").rpartition("/")[2].lower()[:LONGEST]
    try:
        found = _named(visit, word) if word else []
    except UsageError:
        # The word is one that no operation takes: then there is nothing like it, either.
        found = []
    return (found + _pages(visit))[:MOST]


def _named(visit: Visit, word: str) -> list[tuple[str, str]]:
    if visit.path.startswith(_STRATEGY):
        names = [row["name"] for row in visit.ask("strategies.list").rows]
        return [(name, f"{_STRATEGY}{name}") for name in get_close_matches(word, names, MOST, NEAR)]
    parts = visit.path.split("/")
    asked = parts[2][:LONGEST] if visit.path.startswith(_ASSET) and len(parts) > 2 else word
    rows = visit.ask("assets.search", q=asked, limit=MOST).rows if asked else []
    return [(f"{row['name']} ({row['symbol']})", f"{_ASSET}{row['asset']}") for row in rows]


def _pages(visit: Visit) -> list[tuple[str, str]]:
    paths = {
        page.path: visit.text(page.title)
        for page in pages().values()
        if "{" not in page.path and visit.caller.may(page.scope)
    }
    return [
        (paths[path], path) for path in get_close_matches(visit.path[:LONGEST].lower(), paths, MOST, NEAR)
    ]
