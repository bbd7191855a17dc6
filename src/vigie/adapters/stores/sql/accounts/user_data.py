"""Settings with their history, and watchlists, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from vigie.adapters.stores.sql.sql_store import SqlStore, refuse_stale
from vigie.adapters.stores.sql.tables import SettingsRow, WatchlistRow
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.refusal import Refusal
from vigie.ports.watchlists import Watchlist

MAX_SETTINGS_REVISIONS: Final = 200
# Written once each: every page asks them, the first several times.
_CURRENT_SETTINGS: Final = (
    select(SettingsRow.revision, SettingsRow.body)
    .where(SettingsRow.user == bindparam("user"))
    .order_by(SettingsRow.revision.desc())
    .limit(1)
)
_WATCHLISTS: Final = (
    select(WatchlistRow.__table__)
    .where(WatchlistRow.owner == bindparam("owner"))
    .order_by(WatchlistRow.position, WatchlistRow.id)
)


class SqlUserData(SqlStore):
    """What a person, or the local owner, keeps."""

    __slots__ = ()

    def settings(self, user: str) -> tuple[int, dict[str, Any]]:
        """Return the revision and the settings of a user; (0, {}) before the first."""
        with self.database.reading() as connection:
            return _current_settings(connection, user)

    def extra_settings(self, user: str) -> dict[str, dict[str, Any]]:
        """Return what is kept of a user apart from their settings, by its name without the user's."""
        query = (
            select(SettingsRow.user, SettingsRow.body)
            .where(SettingsRow.user.startswith(f"{user}/", autoescape=True))
            .order_by(SettingsRow.user, SettingsRow.revision)
        )
        with self.database.reading() as connection:
            return {row.user.removeprefix(f"{user}/"): row.body for row in connection.execute(query)}

    def put_settings(self, user: str, changes: Mapping[str, Any], *, revision: int | None = None) -> int:
        """Change settings and return the new revision; a value of None removes its key.

        Raises
        ------
        Conflict
            Where `revision` is not the current one.
        """
        with self.database.writing(f"settings {user}") as connection:
            current, before = _current_settings(connection, user)
            refuse_stale(revision, current, Refusal("settings_changed", "these settings changed meanwhile"))
            body = {key: value for key, value in {**before, **changes}.items() if value is not None}
            connection.execute(
                insert(SettingsRow).values(
                    user=user, revision=current + 1, ts=self.clock.wall_now(), body=body
                )
            )
            connection.execute(
                delete(SettingsRow).where(
                    SettingsRow.user == user, SettingsRow.revision <= current + 1 - MAX_SETTINGS_REVISIONS
                )
            )
        return current + 1

    def settings_history(self, user: str) -> Sequence[tuple[int, int, dict[str, Any]]]:
        """Return (revision, time, settings), newest first."""
        query = (
            select(SettingsRow.revision, SettingsRow.ts, SettingsRow.body)
            .where(SettingsRow.user == user)
            .order_by(SettingsRow.revision.desc())
        )
        with self.database.reading() as connection:
            return [(row.revision, row.ts, row.body) for row in connection.execute(query)]

    def watchlists(self, owner: str) -> Sequence[Watchlist]:
        """Return the lists of an owner, in order."""
        with self.database.reading() as connection:
            return [_to_watchlist(row) for row in connection.execute(_WATCHLISTS, {"owner": owner}).all()]

    def watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Return one list of an owner."""
        return self._find_watchlist(WatchlistRow.owner == owner, WatchlistRow.id == watchlist)

    def shared_watchlist(self, share: str) -> Watchlist | None:
        """Return the list that was shared under this word."""
        return self._find_watchlist(WatchlistRow.share == share) if share else None

    def _find_watchlist(self, *conditions: Any) -> Watchlist | None:
        with self.database.reading() as connection:
            row = connection.execute(select(WatchlistRow.__table__).where(*conditions)).one_or_none()
        return None if row is None else _to_watchlist(row)

    def put_watchlist(self, watchlist: Watchlist, *, revision: int | None = None) -> Watchlist:
        """Store a list and return it with its new revision; one without an id is given one.

        Raises
        ------
        Conflict
            Where `revision` is not the current one.
        UsageError
            Where the id or the word of sharing belongs to another list.
        """
        stored = replace(watchlist, id=watchlist.id or f"w{secrets.token_hex(8)}")
        try:
            with self.database.writing(f"watchlist {stored.id}") as connection:
                query = select(WatchlistRow.owner, WatchlistRow.revision).where(WatchlistRow.id == stored.id)
                row = connection.execute(query).one_or_none()
                if row is not None and row.owner != stored.owner:
                    raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=stored.id)
                refuse_stale(
                    revision,
                    0 if row is None else row.revision,
                    Refusal("watchlist_changed", "this watchlist changed meanwhile"),
                )
                stored = replace(stored, revision=(stored.revision if row is None else row.revision) + 1)
                _write_watchlist(connection, stored, is_new=row is None)
        except IntegrityError:
            raise Conflict("sharing_link_already_taken", "this sharing link is already taken") from None
        return stored

    def delete_watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Remove a list and return what it was."""
        conditions = (WatchlistRow.owner == owner, WatchlistRow.id == watchlist)
        with self.database.writing(f"watchlist {watchlist}") as connection:
            row = connection.execute(select(WatchlistRow.__table__).where(*conditions)).one_or_none()
            connection.execute(delete(WatchlistRow).where(*conditions))
        return None if row is None else _to_watchlist(row)


def _current_settings(connection: Connection, user: str) -> tuple[int, dict[str, Any]]:
    row = connection.execute(_CURRENT_SETTINGS, {"user": user}).one_or_none()
    return (0, {}) if row is None else (row.revision, row.body)


def _write_watchlist(connection: Connection, watchlist: Watchlist, *, is_new: bool) -> None:
    values = {
        "id": watchlist.id, "owner": watchlist.owner, "name": watchlist.name, "assets": list(watchlist.assets),
        "entities": list(watchlist.entities),
        "position": watchlist.position, "revision": watchlist.revision, "share": watchlist.share or None,
    }  # fmt: skip
    if is_new:
        connection.execute(insert(WatchlistRow).values(values))
    else:
        connection.execute(update(WatchlistRow).where(WatchlistRow.id == watchlist.id).values(values))


def _to_watchlist(row: Row[Any]) -> Watchlist:
    return Watchlist(
        row.id,
        row.owner,
        row.name,
        tuple(row.assets),
        row.position,
        row.revision,
        row.share or "",
        tuple(row.entities),
    )
