"""Boards of the Studio, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from vigie.adapters.stores.sql.sql_store import SqlStore, refuse_stale
from vigie.adapters.stores.sql.tables import BoardRow
from vigie.domain.errors import NotFound
from vigie.domain.refusal import Refusal
from vigie.ports.boards import MOST_DELETED_BOARDS, RESTORABLE_MS, StoredBoard


class SqlBoards(SqlStore):
    """What a person composed."""

    __slots__ = ()

    def boards(self, owner: str) -> Sequence[StoredBoard]:
        """Return the boards of an owner that are not deleted, the last changed first."""
        query = (
            select(BoardRow.__table__)
            .where(BoardRow.owner == owner, BoardRow.ts_deleted.is_(None))
            .order_by(BoardRow.ts_changed.desc(), BoardRow.id)
        )
        with self.database.reading() as connection:
            return [_to_board(row) for row in connection.execute(query)]

    def board(self, owner: str, board: str) -> StoredBoard | None:
        """Return one board of an owner, also a deleted one."""
        query = select(BoardRow.__table__).where(BoardRow.owner == owner, BoardRow.id == board)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _to_board(row)

    def put_board(self, board: StoredBoard, *, revision: int | None = None) -> StoredBoard:
        """Store a board and return it with its new revision; one without an id is given one.

        Raises
        ------
        Conflict
            Where `revision` is not the current one.
        NotFound
            Where the id is somebody else's.
        """
        now = self.clock.wall_now()
        stored = replace(board, id=board.id or f"b{secrets.token_hex(8)}", ts_changed=now)
        with self.database.writing(f"board {stored.id}") as connection:
            query = select(BoardRow.owner, BoardRow.revision).where(BoardRow.id == stored.id)
            row = connection.execute(query).one_or_none()
            if row is not None and row.owner != stored.owner:
                raise NotFound("no_board", "there is no board {id!r}", id=stored.id)
            current = 0 if row is None else row.revision
            refuse_stale(revision, current, Refusal("board_changed", "this board changed meanwhile"))
            stored = replace(stored, revision=current + 1)
            values = {
                "id": stored.id, "owner": stored.owner, "plan": dict(stored.plan), "revision": stored.revision,
                "ts_changed": now, "ts_deleted": stored.ts_deleted,
            }  # fmt: skip
            if row is None:
                connection.execute(insert(BoardRow).values(values))
            else:
                connection.execute(update(BoardRow).where(BoardRow.id == stored.id).values(values))
            connection.execute(delete(BoardRow).where(BoardRow.ts_deleted < now - RESTORABLE_MS))
            if stored.ts_deleted is not None:
                excess_query = (
                    select(BoardRow.id)
                    .where(BoardRow.owner == stored.owner, BoardRow.ts_deleted.is_not(None))
                    .order_by(BoardRow.ts_deleted.desc(), BoardRow.id)
                    .offset(MOST_DELETED_BOARDS)
                )
                excess_ids = list(connection.execute(excess_query).scalars())
                connection.execute(delete(BoardRow).where(BoardRow.id.in_(excess_ids)))
        return stored


def _to_board(row: Row[Any]) -> StoredBoard:
    return StoredBoard(row.id, row.owner, row.plan, row.revision, row.ts_changed, row.ts_deleted)
