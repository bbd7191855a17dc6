"""News items at rest: what sources showed, revision by revision, what was found in them, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vigie.domain.item import ItemFinding, NewsItem
from vigie.ports.item_glances import ItemGlances
from vigie.ports.item_queries import ItemQuery, TagCount
from vigie.ports.item_readings import ItemReading, StoryJoin
from vigie.ports.source_fetches import SourceFetch, SourceFetchState, UnreadableEntry


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A stored revision.

    Attributes
    ----------
    number : int
        Grows in the order in which revisions were seen.
    ts_wall, ts_read : int
        When it was stored, and when it was read, in real time.
    findings : mapping
        What steps found, by step.
    errors : mapping
        Why a step could not read it, by step.
    took_us : mapping
        How long each step took.
    """

    number: int
    item: NewsItem
    ts_wall: int
    ts_read: int | None = None
    reading: str = ""
    findings: Mapping[str, ItemFinding] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    took_us: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """When an item was published, as stated to the minute at least, and when it was first seen.

    Attributes
    ----------
    ts_first_seen, ts_published : int, int or None
        Epoch milliseconds; `ts_published` is None where no time of day is stated.
    has_address : bool
        Whether the item has an address.
    """

    source: str
    ts_first_seen: int
    ts_published: int | None
    has_address: bool


class ItemStore(ItemGlances, Protocol):
    """Keeps items; an item keeps every revision it had."""

    def take(self, fetch: SourceFetch) -> Sequence[StoredRevision]:
        """Store what a fetch showed and return the revisions that this made.

        Parameters
        ----------
        fetch : SourceFetch
            Unchanged sightings add nothing.

        Returns
        -------
        sequence of StoredRevision
            First revisions, changes and withdrawals, without findings.
        """
        ...

    def get(self, item: str) -> Sequence[StoredRevision]:
        """Return every revision of an item with what was found in it, oldest first; nothing where there is none.

        Parameters
        ----------
        item : str
            `NewsItem.id`.

        Returns
        -------
        sequence of StoredRevision
            Ascending by revision, withdrawals among them.
        """
        ...

    def histories(
        self, items: Sequence[str], steps: tuple[str, ...] = (), *, has_text: bool = True
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return every revision of some items, with findings, read at once.

        Parameters
        ----------
        items : sequence of str
            `NewsItem.id`.
        steps : tuple of str
            Whose findings come along; empty for those of all.
        has_text : bool
            Whether texts are read; empty where not.

        Returns
        -------
        mapping of str to sequence of StoredRevision
            By item id, oldest first; unknown items are missing.
        """
        ...

    def query(self, item_query: ItemQuery) -> Sequence[StoredRevision]:
        """Return the newest revision of each item asked for, with its findings, newest first.

        Parameters
        ----------
        item_query : ItemQuery
            With its `limit` and `cursor`.

        Returns
        -------
        sequence of StoredRevision
            Descending by time of the item, of one time by id; withdrawn items too.
        """
        ...

    def list_tagged(
        self,
        kind: str,
        values: Sequence[str],
        *,
        before_ms: int | None = None,
        limit: int = 50,
        steps: tuple[str, ...] = (),
        least: int = 1,
        has_text: bool = True,
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by value of a kind the newest revision of each item that has it, newest first.

        Parameters
        ----------
        kind : str
            ``asset``, ``entity``, ``topic`` or ``story``.
        values : sequence of str
            Of this kind: asset ids, story ids.
        before_ms : int or None
            Time of the item, epoch milliseconds, exclusive; None for all.
        limit : int
            Most items of each value.
        steps : tuple of str
            Whose findings come along; empty for those of all.
        least : int
            Of a value that fewer items have, none is read.
        has_text : bool
            Whether texts are read, which are most of what there is to read; empty where not.

        Returns
        -------
        mapping of str to sequence of StoredRevision
            Values that no item has are missing; an item stands under each of its values.
        """
        ...

    def count_hits(self, item_query: ItemQuery) -> int:
        """Return how many items are asked for, however many of them a list would have.

        Parameters
        ----------
        item_query : ItemQuery
            Its `limit` and `steps` do not matter.

        Returns
        -------
        int
            With a `cursor`, those after it.
        """
        ...

    def count_tags(
        self,
        kind: str,
        *,
        tags: Mapping[str, str] | None = None,
        after_ms: int | None = None,
        limit: int = 50,
    ) -> Sequence[TagCount]:
        """Return the values of a kind that most items have, of those with these tags and not known irrelevant.

        Parameters
        ----------
        kind : str
            ``asset``, ``entity``, ``topic`` or ``story``.
        tags : mapping of str to str or None
            Value by kind, all of which the items have; None for all items.
        after_ms : int or None
            Time of the item, epoch milliseconds, inclusive; None for all.
        limit : int
            Most values returned.

        Returns
        -------
        sequence of TagCount
            Most items first.
        """
        ...

    def list_unread(self, steps: str, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions that these steps did not read, never read ones first, each group oldest first.

        Parameters
        ----------
        steps : str
            Names and versions, see `ItemReading.steps`.
        limit : int
            Most revisions returned.

        Returns
        -------
        sequence of StoredRevision
            Of items read by other steps, only the newest revision.
        """
        ...

    def list_seen(self, *, after_ms: int, before_number: int) -> Sequence[StoredRevision]:
        """Return revisions seen at a time or later, before a revision, oldest first, with their findings.

        Parameters
        ----------
        after_ms : int
            When the revision was seen, epoch milliseconds, inclusive.
        before_number : int
            `StoredRevision.number`, exclusive.

        Returns
        -------
        sequence of StoredRevision
            Every revision, not only the newest of an item.
        """
        ...

    def put_readings(self, readings: Sequence[ItemReading]) -> None:
        """Store what was found, all of it or nothing; the revision stays unread until `mark_read`.

        Parameters
        ----------
        readings : sequence of ItemReading
            Each replaces what was found in its revision before; tags and words count for lists only where it is the
            newest of its item.
        """
        ...

    def mark_read(self, readings: Sequence[ItemReading]) -> None:
        """Note that everything that follows from reading these was done.

        Parameters
        ----------
        readings : sequence of ItemReading
            As given to `put_readings`; a revision that is read again keeps its first `ts_read`.
        """
        ...

    def joins_of(self, stories: Sequence[str]) -> Sequence[StoryJoin]:
        """Return the joins in which one of these stories ended or was kept, oldest first.

        What ended in a story that ended later is kept by the latest one.

        Parameters
        ----------
        stories : sequence of str
            Story ids, present or ended.

        Returns
        -------
        sequence of StoryJoin
            By `StoryJoin.ts`; each join once.
        """
        ...

    def named_after(self, number: int | None) -> tuple[int, Sequence[str]]:
        """Return up to which number revisions were read, and the assets that those read after a number name.

        Without a number, none of them: who begins to listen asks so.

        Parameters
        ----------
        number : int or None
            `StoredRevision.number`, exclusive; None to begin with the newest.

        Returns
        -------
        (int, sequence of str)
            Last read revision, and asset ids, sorted; `number` and nothing where no more was read.
        """
        ...

    def read_after(self, number: int, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions after a number in their order, up to the first that was not read; without findings.

        Parameters
        ----------
        number : int
            `StoredRevision.number`, exclusive.
        limit : int
            Most revisions returned.

        Returns
        -------
        sequence of StoredRevision
            Ascending by number; empty where the next one waits to be read.
        """
        ...

    def list_unreadable(self, source: str = "", *, limit: int = 50) -> Sequence[UnreadableEntry]:
        """Return entries that could not be read, newest first.

        Parameters
        ----------
        source : str
            Source id; empty for all.
        limit : int
            Most entries returned.

        Returns
        -------
        sequence of UnreadableEntry
            An entry that a source shows again and again stands there once, with the time of its first fetch.
        """
        ...

    def arrivals(self, *, after_ms: int, limit: int = 50_000) -> Sequence[Arrival]:
        """Return items first seen at a time or later, newest first, without those whose past was generated.

        Parameters
        ----------
        after_ms : int
            First sighting of the item, epoch milliseconds, inclusive.
        limit : int
            Most items returned.

        Returns
        -------
        sequence of Arrival
            Publication times are those of the newest revision.
        """
        ...

    def states(self) -> Sequence[SourceFetchState]:
        """Return how the fetches of every source go.

        Returns
        -------
        sequence of SourceFetchState
            By source id; sources that were never fetched are missing.
        """
        ...

    def count(self) -> int:
        """Return how many items there are.

        Returns
        -------
        int
            Withdrawn and generated items too; revisions do not count.
        """
        ...
