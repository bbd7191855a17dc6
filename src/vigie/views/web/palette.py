"""What the command palette finds by what people type: pages, assets, strategies, and what they keep themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.letters import folded
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
    wanted = folded(typed[:80]).strip()
    named = sorted(pages().values(), key=lambda page: not folded(visit.text(page.title)).startswith(wanted))
    found = [
        _entry(visit, visit.text(page.title), page.path, "Page")
        for page in named
        if _is_listed(visit, page)
        and wanted in folded(f"{visit.text(page.title)} {page.name} {visit.text(page.description)}")
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
        *(
            (row["name"], _search(visit, row, "/markets/emerging"), "List of emerging ones")
            for row in visit.ask("newcomers.list").rows
        ),
        *((row["title"], f"/backtests/{row['id']}", "Result") for row in visit.ask("backtests.list").rows),
    ]
    return [_entry(visit, title, href, kind) for title, href, kind in named if wanted in folded(title)]


def _search(visit: Visit, row: Mapping[str, str], path: str = "/markets/screener") -> str:
    return visit.url(path, where=row["where"], sort=row["sort"])


def _is_listed(visit: Visit, page: Page) -> bool:
    return "{" not in page.path and visit.caller.may(page.scope) and page.name != "login"


def _entry(visit: Visit, title: str, href: str, kind: str) -> dict[str, str]:
    return {"title": title, "href": href, "kind": visit.text(kind)}
