"""What somebody read, keeps to read, and searches for again: everybody's own, beside what news everybody sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.services.desk.news import ItemId
from vigie.services.desk.watchlists import TEXT
from vigie.services.house import House
from vigie.services.news.publishers import publishers
from vigie.services.news.shown import COLUMNS, row_of
from vigie.services.news.warnings import named_in
from vigie.services.operation import Answer, Ask, Column, Nothing, Table, operation
from vigie.services.people.ownership import owner_of

KEY: Final = "news"
MOST_READ: Final = 400
MOST_KEPT: Final = 200
MOST_SEARCHES: Final = 50
TRIES: Final = 5

Body = dict[str, Any]
SearchName = Field(min_length=1, max_length=60, pattern=TEXT, description="What the search is called.")

SEARCHES: Final = [
    Column(name="name", title="Saved search"),
    Column(name="query", title="Filters", definition="As the address of the page writes them."),
]


class MarkAsk(Ask):
    """What was read: some items, or everything that was seen until an instant."""

    items: list[Annotated[str, ItemId]] = Field([], max_length=MOST_READ)
    until: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms of first seeing.")


class KeepAsk(Ask):
    """One item."""

    item: str = ItemId


class SaveSearchAsk(Ask):
    """Filters under a name."""

    name: str = SearchName
    query: str = Field(
        max_length=500, pattern=r"^[A-Za-z0-9_.%+&=:~-]*$", description="`q=etf&tier=regulator`."
    )


class RemoveSearchAsk(Ask):
    """A search by its name."""

    name: str = SearchName


class Marks(Answer):
    """What was read and what is kept; `may_undo`: the newest mark can be taken back."""

    read_until: int
    read: list[str]
    kept: list[str]
    may_undo: bool


@operation("news.marks")
def read_marks(house: House, caller: Caller, ask: Nothing) -> Marks:
    """Read what the caller has read and keeps to read."""
    return _marks(house.accounts.settings(_key(owner_of(house, caller)))[1])


@operation("news.mark_read", scope="write", example={"until": 1767225600000})
def mark_read(house: House, caller: Caller, ask: MarkAsk) -> Marks:
    """Note that items were read, or everything until an instant; `news.undo_read` takes the newest of these back."""

    def marked(body: Body) -> Body:
        before = {"until": body.get("until", 0), "read": body.get("read", [])}
        until = max(before["until"], ask.until or 0)
        # What was seen before the instant needs no name any more.
        read = [] if ask.until is not None else [*dict.fromkeys([*before["read"], *ask.items])][-MOST_READ:]
        return {**body, "until": until, "read": read, "before": before}

    return _marks(_changed(house, caller, marked))


@operation("news.undo_read", scope="write", example={})
def undo_read(house: House, caller: Caller, ask: Nothing) -> Marks:
    """Take back what was last marked as read."""

    def back(body: Body) -> Body:
        before = body.get("before")
        if not before:
            raise UsageError("nothing was marked as read that could be taken back")
        return {**body, **before, "before": None}

    return _marks(_changed(house, caller, back))


@operation("news.keep", scope="write", example={"item": "0123456789abcdef0123"})
def keep(house: House, caller: Caller, ask: KeepAsk) -> Marks:
    """Put an item on the caller's reading list."""
    if not house.items.get(ask.item):
        raise NotFound(f"there is no item {ask.item!r}; `news.list` names them")

    def kept(body: Body) -> Body:
        names = [ask.item, *(one for one in body.get("kept", []) if one != ask.item)]
        if len(names) > MOST_KEPT:
            raise UsageError(f"a reading list holds at most {MOST_KEPT} items; take some off first")
        return {**body, "kept": names}

    return _marks(_changed(house, caller, kept))


@operation("news.unkeep", scope="write", example={"item": "0123456789abcdef0123"})
def unkeep(house: House, caller: Caller, ask: KeepAsk) -> Marks:
    """Take an item off the caller's reading list."""

    def left(body: Body) -> Body:
        return {**body, "kept": [one for one in body.get("kept", []) if one != ask.item]}

    return _marks(_changed(house, caller, left))


@operation("news.kept")
def list_kept(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the items on the caller's reading list, the one put there last first."""
    marks = _marks(house.accounts.settings(_key(owner_of(house, caller)))[1])
    known = publishers(house)
    every = house.items.histories(marks.kept)
    found = [every[one][-1] for one in marks.kept if one in every]
    named = named_in(house, [one.item for one in found])
    rows = [
        row_of(one, known, is_simulated=house.is_simulated, warned=warned)
        for one, warned in zip(found, named, strict=True)
    ]
    return Table(columns=list(COLUMNS), rows=rows, total=len(found))


@operation("news.searches")
def list_searches(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's kept searches in the order they were kept."""
    return _searches(house.accounts.settings(_key(owner_of(house, caller)))[1])


@operation(
    "news.save_search", scope="write", example={"name": "Regulators on ETF", "query": "q=etf&tier=regulator"}
)
def save_search(house: House, caller: Caller, ask: SaveSearchAsk) -> Table:
    """Keep filters and words under a name; the same name again means the new ones."""

    def kept(body: Body) -> Body:
        name = ask.name.strip()
        rows = [row for row in body.get("searches", []) if row["name"] != name]
        if len(rows) >= MOST_SEARCHES:
            raise UsageError(f"kept searches must be at most {MOST_SEARCHES}; remove one first")
        return {**body, "searches": [*rows, {"name": name, "query": ask.query}]}

    return _searches(_changed(house, caller, kept))


@operation("news.remove_search", scope="write", example={"name": "Regulators on ETF"})
def remove_search(house: House, caller: Caller, ask: RemoveSearchAsk) -> Table:
    """Remove a kept search."""

    def left(body: Body) -> Body:
        rows = body.get("searches", [])
        found = [row for row in rows if row["name"] != ask.name.strip()]
        if len(found) == len(rows):
            raise NotFound(f"there is no search called {ask.name!r}")
        return {**body, "searches": found}

    return _searches(_changed(house, caller, left))


def _changed(house: House, caller: Caller, change: Callable[[Body], Body]) -> Body:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep what you read")
    key = _key(caller.user)
    for _ in range(TRIES):
        revision, body = house.accounts.settings(key)
        after = change(body)
        if after == body:
            return body
        try:
            house.accounts.put_settings(key, after, revision=revision)
        except Conflict:
            # Another tab was quicker: what it kept stays, look again.
            continue
        return after
    raise Conflict("this is being changed elsewhere; load again and repeat the change")


def _key(user: str) -> str:
    return f"{user}/{KEY}"


def _marks(body: Mapping[str, Any]) -> Marks:
    return Marks(
        read_until=body.get("until", 0), read=body.get("read", []), kept=body.get("kept", []),
        may_undo=bool(body.get("before")),
    )  # fmt: skip


def _searches(body: Mapping[str, Any]) -> Table:
    rows = body.get("searches", [])
    return Table(columns=list(SEARCHES), rows=rows, total=len(rows))
