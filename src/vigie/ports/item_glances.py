"""What lists of news are ranked and counted by: a few columns of each item, neither its title nor its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from vigie.domain.item import FindingBody, Precision
from vigie.ports.item_queries import ItemQuery


class ItemGlance(NamedTuple):
    """A few columns of an item's newest revision; hundreds of a page, so they are no more than they have to be.

    Attributes
    ----------
    item : str
        `NewsItem.id`.
    ts : int
        When it happened for who reads it, epoch milliseconds.
    ts_first_seen, ts_seen : int
        When its first revision was seen, and when this one.
    bodies : mapping
        What the steps asked for found, by step; a step that failed or did not run is missing.
    """

    item: str
    source: str
    revision: int
    ts: int
    ts_first_seen: int
    ts_seen: int
    precision: Precision
    is_withdrawn: bool
    bodies: Mapping[str, FindingBody]

    @property
    def ts_out(self) -> int:
        """When it was out: as stated to the minute, else when it was first seen."""
        return self.ts if self.precision in ("second", "minute") else self.ts_first_seen


class ItemGlances(Protocol):
    """Reads a few columns of items: a third of the time that whole revisions take."""

    def glance(self, item_query: ItemQuery) -> Sequence[ItemGlance]:
        """Return of each item asked for what lists go by, newest first, as `ItemStore.query` finds them.

        Parameters
        ----------
        item_query : ItemQuery
            Its `steps` are those whose findings come along, here none where it is empty.

        Returns
        -------
        sequence of ItemGlance
            Descending by time of the item, of one time by id; withdrawn items too.
        """
        ...

    def glance_tagged(
        self,
        kind: str,
        values: Sequence[str],
        *,
        limit: int = 50,
        steps: tuple[str, ...] = (),
        least: int = 1,
    ) -> Mapping[str, Sequence[ItemGlance]]:
        """Return by value of a kind what lists go by of each item that has it, as `ItemStore.list_tagged` finds them.

        Parameters
        ----------
        kind : str
            ``asset``, ``entity``, ``topic`` or ``story``.
        values : sequence of str
            Of this kind: asset ids, story ids.
        limit : int
            Most items of each value.
        steps : tuple of str
            Whose findings come along.
        least : int
            Of a value that fewer items have, none is read.

        Returns
        -------
        mapping of str to sequence of ItemGlance
            Values that no item has are missing; an item stands under each of its values.
        """
        ...
