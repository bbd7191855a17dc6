"""What somebody read, keeps to read, and searches for again: everybody's own, beside what news everybody sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import UserStore
from vigie.ports.items import ItemStore
from vigie.services.news.entities.warnings import warned_names
from vigie.services.news.news_rows import NewsItemRow, NewsReading, row_of
from vigie.services.news.publishers import load_publishers
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operations.news import ItemId
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.written_text import TEXT

KEY: Final = "news"
MOST_READ: Final = 400
MOST_KEPT: Final = 200
MOST_SEARCHES: Final = 50
MAX_TRIES: Final = 5

Body = dict[str, Any]
SearchName = Field(min_length=1, max_length=60, pattern=TEXT, description="What the search is called.")


class SavedSearchRow(Row):
    """One saved search of news."""

    name: str = shown("Saved search")
    query: str = shown("Filters", definition="As written in the page's address.")


class MarkReadInput(OperationInput):
    """What was read: some items, or everything that was seen until an instant."""

    items: list[Annotated[str, ItemId]] = Field([], max_length=MOST_READ)
    until: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms of first seeing.")


class KeepItemInput(OperationInput):
    """One item."""

    item: str = ItemId


class SaveSearchInput(OperationInput):
    """Filters under a name."""

    name: str = SearchName
    query: str = Field(
        max_length=500, pattern=r"^[A-Za-z0-9_.%+&=:~-]*$", description="`q=etf&tier=regulator`."
    )


class RemoveSearchInput(OperationInput):
    """A search by its name."""

    name: str = SearchName


class ReadingMarks(OperationResult):
    """What was read and what is kept; `may_undo`: the newest mark can be taken back."""

    read_until: int
    read: list[str]
    kept: list[str]
    may_undo: bool


@operation("news.marks")
def read_marks(caller: Caller, params: NoInput, accounts: UserStore) -> ReadingMarks:
    """Read what the caller has read and keeps to read."""
    return _reading_marks(accounts.settings(_settings_key(owner_of(accounts, caller)))[1])


@operation("news.mark_read", scope="write", example={"until": 1767225600000})
def mark_items_read(caller: Caller, params: MarkReadInput, accounts: UserStore) -> ReadingMarks:
    """Note that items were read, or everything until an instant; `news.undo_read` takes the newest of these back."""

    def with_mark(body: Body) -> Body:
        before = {"until": body.get("until", 0), "read": body.get("read", [])}
        until = max(before["until"], params.until or 0)
        # What was seen before the instant needs no name any more.
        read = (
            []
            if params.until is not None
            else [*dict.fromkeys([*before["read"], *params.items])][-MOST_READ:]
        )
        return {**body, "until": until, "read": read, "before": before}

    return _reading_marks(_change_list(accounts, caller, with_mark))


@operation("news.undo_read", scope="write", example={})
def undo_mark_read(caller: Caller, params: NoInput, accounts: UserStore) -> ReadingMarks:
    """Take back what was last marked as read."""

    def without_mark(body: Body) -> Body:
        before = body.get("before")
        if not before:
            raise UsageError(
                "nothing_marked_read_undone", "nothing was marked as read: there is nothing to undo"
            )
        return {**body, **before, "before": None}

    return _reading_marks(_change_list(accounts, caller, without_mark))


@operation("news.keep", scope="write", example={"item": "0123456789abcdef0123"})
def keep_item(caller: Caller, params: KeepItemInput, accounts: UserStore, items: ItemStore) -> ReadingMarks:
    """Put an item on the caller's reading list."""
    if not items.get(params.item):
        raise NotFound(
            "no_news_item", "there is no news item {item!r}; `news.list` lists them", item=params.item
        )

    def with_item(body: Body) -> Body:
        names = [params.item, *(item for item in body.get("kept", []) if item != params.item)]
        if len(names) > MOST_KEPT:
            raise UsageError(
                "reading_list_holds_most_items",
                "a reading list holds at most {most_kept} items; remove some first",
                most_kept=MOST_KEPT,
            )
        return {**body, "kept": names}

    return _reading_marks(_change_list(accounts, caller, with_item))


@operation("news.unkeep", scope="write", example={"item": "0123456789abcdef0123"})
def remove_kept_item(caller: Caller, params: KeepItemInput, accounts: UserStore) -> ReadingMarks:
    """Take an item off the caller's reading list."""

    def without_item(body: Body) -> Body:
        return {**body, "kept": [item for item in body.get("kept", []) if item != params.item]}

    return _reading_marks(_change_list(accounts, caller, without_item))


@operation("news.kept")
def list_kept_items(
    caller: Caller, params: NoInput, reading: NewsReading, accounts: UserStore
) -> Table[NewsItemRow]:
    """List the items on the caller's reading list, the one put there last first."""
    marks = _reading_marks(accounts.settings(_settings_key(owner_of(accounts, caller)))[1])
    publishers_by_id = load_publishers(reading.bookmarks, reading.directory)
    revisions_by_item = reading.items.histories(marks.kept)
    items = [revisions_by_item[entry][-1] for entry in marks.kept if entry in revisions_by_item]
    warned_firms = warned_names(reading.warning_sources, [entry.item for entry in items])
    rows = [
        row_of(entry, publishers_by_id, is_simulated=reading.is_simulated, warned=warned)
        for entry, warned in zip(items, warned_firms, strict=True)
    ]
    return table_of(NewsItemRow, rows, total=len(items))


@operation("news.searches")
def list_searches(caller: Caller, params: NoInput, accounts: UserStore) -> Table[SavedSearchRow]:
    """List the caller's kept searches in the order they were kept."""
    return _searches_table(accounts.settings(_settings_key(owner_of(accounts, caller)))[1])


@operation(
    "news.save_search",
    scope="write",
    example={"name": "Regulators on ETF", "query": "q=etf&tier=regulator"},
)
def save_search(caller: Caller, params: SaveSearchInput, accounts: UserStore) -> Table[SavedSearchRow]:
    """Keep filters and words under a name; the same name again means the new ones."""

    def with_search(body: Body) -> Body:
        name = params.name.strip()
        rows = [row for row in body.get("searches", []) if row["name"] != name]
        if len(rows) >= MOST_SEARCHES:
            raise UsageError(
                "save_most_searches",
                "you can save at most {most_searches} searches; remove one first",
                most_searches=MOST_SEARCHES,
            )
        return {**body, "searches": [*rows, {"name": name, "query": params.query}]}

    return _searches_table(_change_list(accounts, caller, with_search))


@operation("news.remove_search", scope="write", example={"name": "Regulators on ETF"})
def remove_search(caller: Caller, params: RemoveSearchInput, accounts: UserStore) -> Table[SavedSearchRow]:
    """Remove a kept search."""

    def without_search(body: Body) -> Body:
        rows = body.get("searches", [])
        remaining = [row for row in rows if row["name"] != params.name.strip()]
        if len(remaining) == len(rows):
            raise NotFound("no_search_called", "there is no search called {name!r}", name=params.name)
        return {**body, "searches": remaining}

    return _searches_table(_change_list(accounts, caller, without_search))


def _change_list(accounts: UserStore, caller: Caller, change: Callable[[Body], Body]) -> Body:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_what_read", "sign in to save what you have read")
    key = _settings_key(caller.user)
    for _ in range(MAX_TRIES):
        revision, body = accounts.settings(key)
        after = change(body)
        if after == body:
            return body
        try:
            accounts.put_settings(key, after, revision=revision)
        except Conflict:
            # Another tab was quicker: what it kept stays, look again.
            continue
        return after
    raise Conflict("being_changed_elsewhere", "this is being changed elsewhere; reload and repeat the change")


def _settings_key(user: str) -> str:
    return f"{user}/{KEY}"


def _reading_marks(body: Mapping[str, Any]) -> ReadingMarks:
    return ReadingMarks(
        read_until=body.get("until", 0),
        read=body.get("read", []),
        kept=body.get("kept", []),
        may_undo=bool(body.get("before")),
    )


def _searches_table(body: Mapping[str, Any]) -> Table[SavedSearchRow]:
    rows = [SavedSearchRow(name=row["name"], query=row["query"]) for row in body.get("searches", [])]
    return table_of(SavedSearchRow, rows, total=len(rows))
