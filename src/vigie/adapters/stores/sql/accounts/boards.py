"""Boards of the Studio, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from vigie.adapters.stores.sql.part import Part, refuse_stale
from vigie.adapters.stores.sql.tables import BoardRow
from vigie.domain.errors import NotFound
from vigie.ports.accounts import MOST_DELETED_BOARDS, RESTORABLE_MS, StoredBoard


class Boards(Part):
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
            return [_board(row) for row in connection.execute(query)]

    def board(self, owner: str, board: str) -> StoredBoard | None:
        """Return one board of an owner, also a deleted one."""
        query = select(BoardRow.__table__).where(BoardRow.owner == owner, BoardRow.id == board)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _board(row)

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
        kept = replace(board, id=board.id or f"b{secrets.token_hex(8)}", ts_changed=now)
        with self.database.writing(f"board {kept.id}") as connection:
            query = select(BoardRow.owner, BoardRow.revision).where(BoardRow.id == kept.id)
            row = connection.execute(query).one_or_none()
            if row is not None and row.owner != kept.owner:
                raise NotFound(f"there is no board {kept.id!r}")
            current = 0 if row is None else row.revision
            refuse_stale(revision, current, "this board changed meanwhile")
            kept = replace(kept, revision=current + 1)
            values = {
                "id": kept.id, "owner": kept.owner, "plan": dict(kept.plan), "revision": kept.revision,
                "ts_changed": now, "ts_deleted": kept.ts_deleted,
            }  # fmt: skip
            if row is None:
                connection.execute(insert(BoardRow).values(values))
            else:
                connection.execute(update(BoardRow).where(BoardRow.id == kept.id).values(values))
            connection.execute(delete(BoardRow).where(BoardRow.ts_deleted < now - RESTORABLE_MS))
            if kept.ts_deleted is not None:
                gone = (
                    select(BoardRow.id)
                    .where(BoardRow.owner == kept.owner, BoardRow.ts_deleted.is_not(None))
                    .order_by(BoardRow.ts_deleted.desc(), BoardRow.id)
                    .offset(MOST_DELETED_BOARDS)
                )
                over = list(connection.execute(gone).scalars())
                connection.execute(delete(BoardRow).where(BoardRow.id.in_(over)))
        return kept


def _board(row: Row[Any]) -> StoredBoard:
    return StoredBoard(row.id, row.owner, row.plan, row.revision, row.ts_changed, row.ts_deleted)
