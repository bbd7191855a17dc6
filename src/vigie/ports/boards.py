"""Boards of the Studio at rest: what they ask for, never their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from vigie.domain.time import DAY_MS

# How long a deleted board can come back.
RESTORABLE_MS: Final = 7 * DAY_MS
# Of one owner: the longest deleted ones go before their week is over.
MOST_DELETED_BOARDS: Final = 100


@dataclass(frozen=True, slots=True)
class StoredBoard:
    """A board of the Studio as it is kept: its plan, never its numbers.

    Attributes
    ----------
    plan : mapping
        What is asked for, plain values; the Studio reads them.
    revision : int
        Grows with every change.
    ts_deleted : int or None
        When it was deleted; it can come back for a week.
    """

    id: str
    owner: str
    plan: Mapping[str, Any]
    revision: int = 0
    ts_changed: int = 0
    ts_deleted: int | None = None


class BoardStore(Protocol):
    """Boards of people and of the local owner."""

    def boards(self, owner: str) -> Sequence[StoredBoard]:
        """Return the boards of an owner that are not deleted, the last changed first.

        Parameters
        ----------
        owner : str
            User id, or ``owner`` for the local owner.

        Returns
        -------
        sequence of StoredBoard
            Descending by `ts_changed`.
        """
        ...

    def board(self, owner: str, board: str) -> StoredBoard | None:
        """Return one board of an owner, also a deleted one.

        Parameters
        ----------
        owner : str
            User id, or ``owner`` for the local owner.
        board : str
            `StoredBoard.id`.

        Returns
        -------
        StoredBoard or None
            None where the owner has none of this id. A deleted one goes after `RESTORABLE_MS`, or once
            `MOST_DELETED_BOARDS` were deleted after it.
        """
        ...

    def put_board(self, board: StoredBoard, *, revision: int | None = None) -> StoredBoard:
        """Store a board; `Conflict` where `revision` is not the current one.

        Parameters
        ----------
        board : StoredBoard
            Without an id it is added; with `ts_deleted` it is deleted.
        revision : int or None
            Revision that the change is based on; None overwrites.

        Returns
        -------
        StoredBoard
            With its id, new revision and time of change.
        """
        ...
