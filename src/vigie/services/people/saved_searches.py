"""What a person keeps under names of their own: rows in the order they were kept, apart from other settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import UserStore
from vigie.services.people.ownership import owner_of

MOST: Final = 50
TRIES: Final = 5

Row = dict[str, Any]
Rows = list[Row]


def saved_rows(accounts: UserStore, caller: Caller, key: str) -> Rows:
    """Return what the caller keeps under a key."""
    return list(accounts.settings(_settings_key(owner_of(accounts, caller), key))[1].get(key, []))


def save_row(accounts: UserStore, caller: Caller, key: str, row: Row) -> Rows:
    """Keep a search under its name and return all; the same again changes nothing.

    Raises
    ------
    Conflict
        If another one has the name.
    UsageError
        If there are too many.
    """

    def added(rows: Rows) -> Rows:
        same_name = next((existing for existing in rows if existing["name"] == row["name"]), None)
        if same_name == row:
            return rows
        if same_name is not None:
            name = row["name"]
            raise Conflict(
                "another_search_called",
                "another search is called {name!r}; choose another name, or remove that one first",
                name=name,
            )
        if len(rows) >= MOST:
            raise UsageError(
                "save_most_searches",
                "you can save at most {most_searches} searches; remove one first",
                most_searches=MOST,
            )
        return [*rows, row]

    return _change_rows(accounts, caller, key, added)


def remove_row(accounts: UserStore, caller: Caller, key: str, name: str) -> Rows:
    """Remove a search by its name and return the others.

    Raises
    ------
    NotFound
        If there is none of that name.
    """

    def left(rows: Rows) -> Rows:
        remaining = [row for row in rows if row["name"] != name.strip()]
        if len(remaining) == len(rows):
            raise NotFound("no_search_called", "there is no search called {name!r}", name=name)
        return remaining

    return _change_rows(accounts, caller, key, left)


def _change_rows(accounts: UserStore, caller: Caller, key: str, change: Callable[[Rows], Rows]) -> Rows:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_searches", "sign in to save searches")
    owner_key = _settings_key(caller.user, key)
    for _ in range(TRIES):
        revision, settings = accounts.settings(owner_key)
        before = list(settings.get(key, []))
        after = change(before)
        if after == before:
            return before
        try:
            accounts.put_settings(owner_key, {key: after}, revision=revision)
        except UsageError:
            # Another tab was quicker: what it kept stays, look again.
            continue
        return after
    raise Conflict(
        "searches_being_changed_elsewhere",
        "these searches are being changed elsewhere; reload and repeat the change",
    )


def _settings_key(user: str, key: str) -> str:
    return f"{user}/{key}"
