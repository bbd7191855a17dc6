"""What palette and page of search find by what people type: pages, assets, strategies, what they keep themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from vigie.domain.accents import fold_text
from vigie.domain.errors import UsageError
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

MOST: Final = 20
# Of each kind that news tell of.
MOST_TOLD: Final = 5
# Shorter words stand in half of all headlines.
LEAST: Final = 3
_READ: Final = 20


def find_entries(context: RequestContext, typed: str, *, limit: int = MOST) -> list[dict[str, str]]:
    """Return entries with title, address and kind: pages first, then what there is of that name.

    Parameters
    ----------
    typed : str
        Any words; nothing typed lists the pages.
    limit : int
        How many entries at most.
    """
    query = fold_text(typed[:80]).strip()
    sorted_pages = sorted(
        pages().values(), key=lambda page: not fold_text(context.text(page.title)).startswith(query)
    )
    entries = [
        _entry(context, context.text(page.title), page.path, "Page")
        for page in sorted_pages
        if _is_listed(context, page)
        and query in fold_text(f"{context.text(page.title)} {page.name} {context.text(page.description)}")
    ]
    if query:
        rows = context.call("assets.search", q=typed[:60]).rows
        entries += [
            _entry(context, f"{row['name']} {row['symbol']}", f"/asset/{row['asset']}", "Asset")
            for row in rows
        ]
    if query:
        entries += _find_own(context, query)
    news = _find_news(context, typed[:80].strip()) if len(query) >= LEAST else []
    # Whatever else bears the name, what the news say of it has its place.
    return entries[: limit - len(news)] + news


def _find_news(context: RequestContext, typed: str) -> list[dict[str, str]]:
    """Return whom and what news name by what was typed, the stories and headlines that have it, and the way to all."""
    language = context.lang.content_language
    entities = context.call("entities.find", q=typed, language=language).found[:MOST_TOLD]
    entries = [
        _entry(context, str(entity["name"]), f"/entity/{entity['entity']}", "Mentioned in the news")
        for entity in entities
    ]
    try:
        hits = context.call("news.search", q=typed, limit=_READ)
    except UsageError:
        # Nothing but small words and signs: there is no search for that.
        return entries
    stories = Counter(row["story"] for row in hits.rows if row["story"])
    by_path: dict[str, dict[str, str]] = {}
    for row in hits.rows:
        is_story = stories[row["story"]] > 1
        path, kind = (f"/story/{row['story']}", "Story") if is_story else (f"/news/{row['id']}", "Headline")
        by_path.setdefault(path, _entry(context, row["title"], path, kind, row["language"]))
    entries += list(by_path.values())[:MOST_TOLD]
    if hits.rows:
        count_text = context.lang.plural("%(num)s news item", "%(num)s news items", hits.total or 0) % {
            "num": hits.total
        }
        entries.append(
            _entry(context, f"{typed}: {count_text}", context.url("/news", q=typed), "All results")
        )
    return entries


def _find_own(context: RequestContext, query: str) -> list[dict[str, str]]:
    """Return strategies, and the visitor's own lists, searches and results, whose name holds what was typed."""
    candidates = [
        *(
            (row["name"], f"/strategies/{row['name']}", "Strategy")
            for row in context.call("strategies.list").rows
        ),
        *(
            (row["name"], f"/watchlists/{row['id']}", "Watchlist")
            for row in context.call("watchlists.list").rows
        ),
        *(
            (row["name"], _search_address(context, row), "Saved screener search")
            for row in context.call("screens.list").rows
        ),
        *(
            (row["name"], _search_address(context, row, "/markets/emerging"), "Saved list: emerging coins")
            for row in context.call("newcomers.list").rows
        ),
        *((row["title"], f"/backtests/{row['id']}", "Result") for row in context.call("backtests.list").rows),
    ]
    return [
        _entry(context, title, href, kind) for title, href, kind in candidates if query in fold_text(title)
    ]


def _search_address(context: RequestContext, row: Mapping[str, str], path: str = "/markets/screener") -> str:
    return context.url(path, where=row["where"], sort=row["sort"])


def _is_listed(context: RequestContext, page: Page) -> bool:
    return "{" not in page.path and context.caller.may(page.scope) and page.name != "login"


def _entry(context: RequestContext, title: str, href: str, kind: str, language: str = "") -> dict[str, str]:
    entry = {"title": title, "href": href, "kind": context.text(kind)}
    return {**entry, "language": language} if language else entry
