"""Searches of the screener that somebody keeps: a name, the conditions, the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import Field

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.intelligence.market.screener import parse_where, render_sentence, render_where
from vigie.services.desk.watchlists import TEXT
from vigie.services.house import House
from vigie.services.operation import Ask, Column, Nothing, Table, operation
from vigie.services.people.ownership import owner_of

KEY: Final = "screens"
MOST: Final = 50
TRIES: Final = 5

Rows = list[dict[str, Any]]
ScreenName = Field(min_length=1, max_length=60, pattern=TEXT, description="What the search is called.")

COLUMNS: Final = [
    Column(name="name", title="Search"),
    Column(name="where", title="Conditions", definition="As the address writes them."),
    Column(name="sort", title="Order", definition="Column, `-` before it for largest first."),
    Column(name="sentence_en", title="In words (English)"),
    Column(name="sentence_fr", title="In words (French)"),
]


class SaveScreenAsk(Ask):
    """A search under a name."""

    name: str = ScreenName
    where: str = Field(
        min_length=1, max_length=2_000, description="Conditions as `markets.screen` takes them."
    )
    sort: str = Field("-volume_24h", max_length=60, description="Column, `-` before it for largest first.")


class RemoveScreenAsk(Ask):
    """A search by its name."""

    name: str = ScreenName


@operation("screens.list")
def list_screens(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's kept searches in the order they were kept, with their conditions in words."""
    return _table(house.accounts.settings(_key(owner_of(house, caller)))[1].get(KEY, []))


@operation("screens.save", scope="write", example={"name": "Strong days", "where": "change_24h>0.05"})
def save_screen(house: House, caller: Caller, ask: SaveScreenAsk) -> Table:
    """Keep a search under a name that is not taken by another one."""
    where, name = render_where(parse_where(ask.where)), ask.name.strip()

    def added(rows: Rows) -> Rows:
        taken = next((row for row in rows if row["name"] == name), None)
        kept = {"name": name, "where": where, "sort": ask.sort}
        if taken == kept:
            return rows
        if taken is not None:
            raise Conflict(
                f"another search is called {name!r}; choose another name, or remove that one first"
            )
        if len(rows) >= MOST:
            raise UsageError(f"kept searches must be at most {MOST}; remove one first")
        return [*rows, kept]

    return _changed(house, caller, added)


@operation("screens.remove", scope="write", example={"name": "Strong days"})
def remove_screen(house: House, caller: Caller, ask: RemoveScreenAsk) -> Table:
    """Remove a kept search; keeping it again takes that back."""

    def left(rows: Rows) -> Rows:
        found = [row for row in rows if row["name"] != ask.name.strip()]
        if len(found) == len(rows):
            raise NotFound(f"there is no search called {ask.name!r}")
        return found

    return _changed(house, caller, left)


def _changed(house: House, caller: Caller, change: Callable[[Rows], Rows]) -> Table:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep searches")
    key = _key(caller.user)
    for _ in range(TRIES):
        revision, kept = house.accounts.settings(key)
        before = kept.get(KEY, [])
        after = change(before)
        if after == before:
            return _table(before)
        try:
            house.accounts.put_settings(key, {KEY: after}, revision=revision)
        except UsageError:
            # Another tab was quicker: what it kept stays, look again.
            continue
        return _table(after)
    raise Conflict("these searches are being changed elsewhere; load again and repeat the change")


def _key(user: str) -> str:
    return f"{user}/{KEY}"


def _table(rows: Rows) -> Table:
    said = [
        {
            **row,
            **{
                f"sentence_{language}": render_sentence(parse_where(row["where"]), language)
                for language in ("en", "fr")
            },
        }
        for row in rows
    ]
    return Table(columns=COLUMNS, rows=said, total=len(said))
