"""Watchlists: named lists of assets and entities, each with an owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named, ordered list of assets, and entities beside them; `revision` grows with every change.

    Attributes
    ----------
    assets, entities : tuple of str
        Catalogue ids, in the person's order.
    position : int
        Ascending among the lists of the owner.
    revision : int
        Grows with every change; 0 before it is stored.
    share : str
        Word in the address of a shared list; empty where it is not shared.
    """

    id: str
    owner: str
    name: str
    assets: tuple[str, ...]
    position: int
    revision: int
    share: str = ""
    entities: tuple[str, ...] = ()


class WatchlistStore(Protocol):
    """Watchlists of people and of the local owner."""

    def watchlists(self, owner: str) -> Sequence[Watchlist]:
        """Return the lists of an owner, in order.

        Parameters
        ----------
        owner : str
            User id, or ``owner`` for the local owner.

        Returns
        -------
        sequence of Watchlist
            Ascending by `position`.
        """
        ...

    def watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Return one list of an owner.

        Parameters
        ----------
        owner : str
            User id, or ``owner`` for the local owner.
        watchlist : str
            `Watchlist.id`.

        Returns
        -------
        Watchlist or None
            None where the owner has none of this id.
        """
        ...

    def shared_watchlist(self, share: str) -> Watchlist | None:
        """Return the list that was shared under this word.

        Parameters
        ----------
        share : str
            `Watchlist.share`; an empty word finds nothing.

        Returns
        -------
        Watchlist or None
            Anybody's; None where no list is shared under it any more.
        """
        ...

    def put_watchlist(self, watchlist: Watchlist, *, revision: int | None = None) -> Watchlist:
        """Store a list; `Conflict` where `revision` is not the current one.

        Parameters
        ----------
        watchlist : Watchlist
            Without an id it is added; its own revision is ignored where the list exists.
        revision : int or None
            Revision that the change is based on; None overwrites.

        Returns
        -------
        Watchlist
            With its id and new revision.
        """
        ...

    def delete_watchlist(self, owner: str, watchlist: str) -> Watchlist | None:
        """Remove a list and return what it was.

        Parameters
        ----------
        owner : str
            User id, or ``owner`` for the local owner.
        watchlist : str
            `Watchlist.id`.

        Returns
        -------
        Watchlist or None
            For `put_watchlist` to undo it under the same id; None where there was none.
        """
        ...
