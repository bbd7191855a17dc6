"""What palette and page of search find by what people type: pages, assets, strategies, what they keep themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError
from vigie.views.web.page import Page, pages
from vigie.views.web.visit import Visit

MOST: Final = 20
# Of each kind that news tell of.
MOST_TOLD: Final = 5
# Shorter words stand in half of all headlines.
LEAST: Final = 3
_READ: Final = 20


def find(visit: Visit, typed: str, *, most: int = MOST) -> list[dict[str, str]]:
    """Return entries with title, address and kind: pages first, then what there is of that name.

    Parameters
    ----------
    typed : str
        Any words; nothing typed lists the pages.
    most : int
        How many entries at most.
    """
    wanted = fold_text(typed[:80]).strip()
    named = sorted(
        pages().values(), key=lambda page: not fold_text(visit.text(page.title)).startswith(wanted)
    )
    found = [
        _entry(visit, visit.text(page.title), page.path, "Page")
        for page in named
        if _is_listed(visit, page)
        and wanted in fold_text(f"{visit.text(page.title)} {page.name} {visit.text(page.description)}")
    ]
    if wanted:
        rows = visit.ask("assets.search", q=typed[:60]).rows
        found += [
            _entry(visit, f"{row['name']} {row['symbol']}", f"/asset/{row['asset']}", "Asset") for row in rows
        ]
    if wanted:
        found += _kept(visit, wanted)
    told = _told(visit, typed[:80].strip()) if len(wanted) >= LEAST else []
    # Whatever else bears the name, what the news say of it has its place.
    return found[: most - len(told)] + told


def _told(visit: Visit, typed: str) -> list[dict[str, str]]:
    """Return whom and what news name by what was typed, the stories and headlines that have it, and the way to all."""
    language = visit.tongue.language
    named = visit.ask("entities.find", q=typed, language=language).found[:MOST_TOLD]
    entries = [_entry(visit, str(one["name"]), f"/entity/{one['entity']}", "Named in news") for one in named]
    try:
        hits = visit.ask("news.search", q=typed, limit=_READ)
    except UsageError:
        # Nothing but small words and signs: there is no search for that.
        return entries
    stories = Counter(row["story"] for row in hits.rows if row["story"])
    shown: dict[str, dict[str, str]] = {}
    for row in hits.rows:
        is_story = stories[row["story"]] > 1
        path, kind = (f"/story/{row['story']}", "Story") if is_story else (f"/news/{row['id']}", "Headline")
        shown.setdefault(path, _entry(visit, row["title"], path, kind, row["language"]))
    entries += list(shown.values())[:MOST_TOLD]
    if hits.rows:
        counted = visit.tongue.plural("%(num)s item", "%(num)s items", hits.total or 0) % {"num": hits.total}
        entries.append(_entry(visit, f"{typed}: {counted}", visit.url("/news", q=typed), "All of them"))
    return entries


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
    return [_entry(visit, title, href, kind) for title, href, kind in named if wanted in fold_text(title)]


def _search(visit: Visit, row: Mapping[str, str], path: str = "/markets/screener") -> str:
    return visit.url(path, where=row["where"], sort=row["sort"])


def _is_listed(visit: Visit, page: Page) -> bool:
    return "{" not in page.path and visit.caller.may(page.scope) and page.name != "login"


def _entry(visit: Visit, title: str, href: str, kind: str, language: str = "") -> dict[str, str]:
    entry = {"title": title, "href": href, "kind": visit.text(kind)}
    return {**entry, "language": language} if language else entry
