"""What the command palette finds by what people type: pages, assets, strategies, and what they keep themselves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from vigie.views.web.page import Page, pages
from vigie.views.web.visit import Visit

MOST: Final = 20


def find(visit: Visit, typed: str) -> list[dict[str, str]]:
    """Return entries with title, address and kind: pages first, then what there is of that name.

    Parameters
    ----------
    typed : str
        Any words; nothing typed lists the pages.
    """
    wanted = _folded(typed[:80])
    named = sorted(pages().values(), key=lambda page: not _folded(visit.text(page.title)).startswith(wanted))
    found = [
        _entry(visit, visit.text(page.title), page.path, "Page")
        for page in named
        if _is_listed(visit, page)
        and wanted in _folded(f"{visit.text(page.title)} {page.name} {visit.text(page.description)}")
    ]
    if wanted:
        rows = visit.ask("assets.search", q=typed[:60]).rows
        found += [
            _entry(visit, f"{row['name']} {row['symbol']}", f"/asset/{row['asset']}", "Asset") for row in rows
        ]
    if wanted:
        found += _kept(visit, wanted)
    return found[:MOST]


def _kept(visit: Visit, wanted: str) -> list[dict[str, str]]:
    """Return strategies, and the visitor's own lists, searches and results, whose name holds what was typed."""
    named = [
        *(
            (row["name"], f"/strategies/{row['name']}", "Strategy")
            for row in visit.ask("strategies.list").rows
        ),
        *(
            (row["name"], f"/watchlists/{row['id']}", "Watchlist")
            for row in visit.ask("watchlists.list").rows
        ),
        *(
            (row["name"], _search(visit, row), "Search of the screener")
            for row in visit.ask("screens.list").rows
        ),
        *((row["title"], f"/backtests/{row['id']}", "Result") for row in visit.ask("backtests.list").rows),
    ]
    return [_entry(visit, title, href, kind) for title, href, kind in named if wanted in _folded(title)]


def _search(visit: Visit, row: Mapping[str, str]) -> str:
    return visit.url("/markets/screener", where=row["where"], sort=row["sort"])


def _is_listed(visit: Visit, page: Page) -> bool:
    return "{" not in page.path and visit.caller.may(page.scope) and page.name != "login"


def _entry(visit: Visit, title: str, href: str, kind: str) -> dict[str, str]:
    return {"title": title, "href": href, "kind": visit.text(kind)}


def _folded(text: str) -> str:
    """Return text without case and accents, so that `marches` finds what is written with an accent."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).strip()
