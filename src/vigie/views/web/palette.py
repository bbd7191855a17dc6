"""What palette and page of search find by what people type: assets, pages, commands, words, what they keep themselves.

An exact ticker or name comes first, then pages, commands, the glossary, strategies and own items, and last the news.
Where nothing is found, the nearest three are offered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from vigie.domain.errors import UsageError
from vigie.views.web.glossary import glossary
from vigie.views.web.menu import is_listed, opens_by_itself
from vigie.views.web.page import Page, pages
from vigie.views.web.palette_commands import find_commands
from vigie.views.web.palette_entries import PaletteEntry, is_called, matches, search_key
from vigie.views.web.request_context import RequestContext

MOST: Final = 20
# Of each kind that news tell of.
MOST_TOLD: Final = 5
# Shorter words stand in half of all headlines.
LEAST: Final = 3
NEAREST: Final = 3
_READ: Final = 20


@dataclass(frozen=True, slots=True)
class PaletteAnswer:
    """What is meant by what was typed, the likeliest first.

    Attributes
    ----------
    is_nearest : bool
        Whether nothing was found, and these are only the nearest.
    """

    entries: list[PaletteEntry]
    is_nearest: bool = False


def answer(context: RequestContext, typed: str, *, limit: int = MOST) -> PaletteAnswer:
    """Find what is meant by what was typed.

    Parameters
    ----------
    typed : str
        Any words; nothing typed lists the pages.
    limit : int
        How many entries at most.
    """
    query = search_key(typed[:80])
    if not query:
        return PaletteAnswer([_page_entry(context, page) for page in _listed_pages(context)][:limit])
    exact, other_assets = _find_assets(context, typed, query)
    by_title, by_description = _find_pages(context, query)
    known = _find_words(context, query)
    # A word that was typed whole is asked for its meaning.
    named = [entry for entry in known if search_key(entry.title) == query]
    entries = [
        *exact,
        *by_title,
        *named,
        *find_commands(context, typed[:80]),
        *by_description,
        *(entry for entry in known if entry not in named),
        *other_assets,
        *_find_own(context, query),
    ]
    news = _find_news(context, typed[:80].strip()) if len(query) >= LEAST else []
    # Whatever else bears the name, what the news say of it has its place.
    found = entries[: limit - len(news)] + news
    return PaletteAnswer(found) if found else PaletteAnswer(_nearest(context, query), is_nearest=True)


def _find_assets(
    context: RequestContext, typed: str, query: str
) -> tuple[list[PaletteEntry], list[PaletteEntry]]:
    """Return the assets that are called exactly so, and the others."""
    exact: list[PaletteEntry] = []
    others: list[PaletteEntry] = []
    for row in context.call("assets.search", q=typed[:60]).rows:
        entry = PaletteEntry(
            f"{row['name']} {row['symbol']}", context.text("Asset"), f"/asset/{row['asset']}"
        )
        (exact if is_called(row, query) else others).append(entry)
    return exact, others


def _find_pages(context: RequestContext, query: str) -> tuple[list[PaletteEntry], list[PaletteEntry]]:
    """Return pages by their title, the whole title first, and those whose description has every word."""
    by_title, by_description = [], []
    for page in pages().values():
        if not opens_by_itself(context, page):
            continue
        title = search_key(context.text(page.title))
        if query in title or matches(query, title):
            # Pages outside the menu follow the others.
            by_title.append((title != query, not page.is_in_menu, not title.startswith(query), page))
        elif page.is_in_menu and matches(query, f"{title} {page.name} {context.text(page.description)}"):
            by_description.append(page)
    by_title.sort(key=lambda one: one[:3])
    return (
        [_page_entry(context, found[-1]) for found in by_title],
        [_page_entry(context, page) for page in by_description],
    )


def _find_words(context: RequestContext, query: str) -> list[PaletteEntry]:
    return [entry for entry in _word_entries(context) if matches(query, entry.title)]


def _word_entries(context: RequestContext) -> list[PaletteEntry]:
    kind = context.text("Glossary")
    return [PaletteEntry(term.word, kind, f"/help#{term.key}") for term in glossary(context)]


def _find_news(context: RequestContext, typed: str) -> list[PaletteEntry]:
    """Return whom and what news name by what was typed, the stories and headlines that have it, and the way to all."""
    language = context.lang.content_language
    entities = context.call("entities.find", q=typed, language=language).found[:MOST_TOLD]
    entries = [
        PaletteEntry(
            str(entity["name"]), context.text("Mentioned in the news"), f"/entity/{entity['entity']}"
        )
        for entity in entities
    ]
    try:
        hits = context.call("news.search", q=typed, limit=_READ)
    except UsageError:
        # Nothing but small words and signs: there is no search for that.
        return entries
    stories = Counter(row["story"] for row in hits.rows if row["story"])
    by_path: dict[str, PaletteEntry] = {}
    for row in hits.rows:
        is_story = stories[row["story"]] > 1
        path = f"/story/{row['story']}" if is_story else f"/news/{row['id']}"
        kind = context.text("Story") if is_story else context.text("Headline")
        by_path.setdefault(path, PaletteEntry(row["title"], kind, path, language=row["language"]))
    entries += list(by_path.values())[:MOST_TOLD]
    if hits.rows:
        count_text = context.lang.plural("%(num)s news item", "%(num)s news items", hits.total or 0) % {
            "num": hits.total
        }
        entries.append(
            PaletteEntry(f"{typed}: {count_text}", context.text("All results"), context.url("/news", q=typed))
        )
    return entries


def _find_own(context: RequestContext, query: str) -> list[PaletteEntry]:
    """Return strategies, and the visitor's own lists, searches and results, whose name holds what was typed."""
    candidates = [
        *(
            (row["name"], f"/strategies/{row['name']}", context.text("Strategy"))
            for row in context.call("strategies.list").rows
        ),
        *(
            (row["name"], f"/watchlists/{row['id']}", context.text("Watchlist"))
            for row in context.call("watchlists.list").rows
        ),
        *(
            (row["name"], _search_address(context, row), context.text("Saved screener search"))
            for row in context.call("screens.list").rows
        ),
        *(
            (
                row["name"],
                _search_address(context, row, "/markets/emerging"),
                context.text("Saved list: emerging coins"),
            )
            for row in context.call("newcomers.list").rows
        ),
        *(
            (row["title"], f"/backtests/{row['id']}", context.text("Result"))
            for row in context.call("backtests.list").rows
        ),
    ]
    return [PaletteEntry(title, kind, href) for title, href, kind in candidates if query in search_key(title)]


def _nearest(context: RequestContext, query: str) -> list[PaletteEntry]:
    """Return the few whose name is nearest to what was typed, whatever they are."""
    entries = [_page_entry(context, page) for page in _listed_pages(context)] + _word_entries(context)
    entries += [
        PaletteEntry(row["name"], context.text("Strategy"), f"/strategies/{row['name']}")
        for row in context.call("strategies.list").rows
    ]
    by_name = {search_key(entry.title): entry for entry in reversed(entries)}
    return [by_name[name] for name in get_close_matches(query, by_name, NEAREST, 0.0)]


def _search_address(context: RequestContext, row: Mapping[str, str], path: str = "/markets/screener") -> str:
    return context.url(path, where=row["where"], sort=row["sort"])


def _listed_pages(context: RequestContext) -> list[Page]:
    return [page for page in pages().values() if is_listed(context, page)]


def _page_entry(context: RequestContext, page: Page) -> PaletteEntry:
    return PaletteEntry(context.text(page.title), context.text("Page"), page.path)
