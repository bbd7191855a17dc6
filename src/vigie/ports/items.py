"""News items at rest: what sources showed, revision by revision, what was found in them, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.ports.registers import RegisterSnapshot


@dataclass(frozen=True, slots=True)
class UnreadableEntry:
    """An entry that could not be read.

    Attributes
    ----------
    why : str
        In English, for who looks at the source.
    shown : str
        Its beginning as it came.
    """

    source: str
    why: str
    shown: str
    document: str = ""
    ts_seen: int = 0


@dataclass(frozen=True, slots=True)
class SourceFetch:
    """What one fetch of one source showed.

    Attributes
    ----------
    ts_seen : int
        When, epoch milliseconds of the market.
    is_whole : bool
        The source shows all it has: what is missing was withdrawn.
    max_age_s : int or None
        For how long the source lets its answer be kept: it is no fresher than that.
    register : RegisterSnapshot or None
        All rows, where the source is a register.
    left_out : int
        Older entries that it shows and that were not read.
    is_generated : bool
        Of the past of a simulated home: only what is not known yet is stored, and marked so; it counts as no fetch.
    """

    source: str
    ts_seen: int
    sightings: Sequence[Sighting] = ()
    refused: Sequence[UnreadableEntry] = ()
    is_whole: bool = False
    max_age_s: int | None = None
    register: RegisterSnapshot | None = None
    left_out: int = 0
    is_generated: bool = False


@dataclass(frozen=True, slots=True)
class SourceFetchState:
    """How the fetches of one source go.

    Attributes
    ----------
    ts_fetched, ts_changed : int
        The last fetch; the last one that brought something new.
    shown, refused : int
        Entries that it shows; entries of it that ever were unreadable.
    left_out : int
        Older entries that it showed last and that were not read.
    """

    source: str
    ts_fetched: int
    ts_changed: int | None
    shown: int
    refused: int
    max_age_s: int | None
    left_out: int = 0


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
class StoryJoin:
    """A story that ended because it tells of the same event as another one, with the item that showed it.

    Attributes
    ----------
    story, kept : str
        The story that ended, and the one that its items are of since.
    item, revision
        What was read when it ended.
    ts : int
        When that was seen, epoch milliseconds.
    by : str
        The item of the ended story that speaks most for it.
    signs : tuple of str
        What speaks for it, what tells most first.
    """

    story: str
    kept: str
    item: str
    revision: int
    ts: int
    by: str
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemReading:
    """What reading one revision gave.

    Attributes
    ----------
    steps : str
        Names and versions of the steps.
    findings : sequence of (finding, error, microseconds)
        With an error, the finding holds its step and version only.
    tags : mapping
        Values by kind: asset, entity, topic, story.
    joins : sequence of StoryJoin
        Stories that end with it: their items are of the kept story from then on.
    words : str
        To be found by.
    language : str
    is_relevant : bool or None
        None where no step says.
    """

    number: int
    item: NewsItem
    steps: str
    findings: Sequence[tuple[ItemFinding, str, int]]
    tags: Mapping[str, Sequence[str]]
    words: str
    language: str = ""
    is_relevant: bool | None = None
    joins: Sequence[StoryJoin] = ()


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items, newest first; what is empty does not matter.

    Attributes
    ----------
    sources : tuple of str or None
        Any of them; None for all.
    tags : mapping
        One value by kind; all of them.
    phrases : tuple of alternatives
        Each a tuple of phrases that must all be there, a phrase being stems in a row; one alternative is enough.
    is_relevant : bool
        Only what is not known to be irrelevant.
    after_ms, before_ms : int
        Of the item's time, before exclusive.
    cursor : (ts, id) or None
        Only what comes after this one in the list.
    steps : tuple of str
        Whose findings come along; empty for those of all. What decides nothing here costs most of the time.
    """

    sources: tuple[str, ...] | None = None
    language: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    phrases: tuple[tuple[tuple[str, ...], ...], ...] = ()
    is_relevant: bool = False
    after_ms: int | None = None
    before_ms: int | None = None
    cursor: tuple[int, str] | None = None
    limit: int = 50
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TagCount:
    """How many items have a value of a kind, and when the first and the last of them was.

    Attributes
    ----------
    ts_first, ts_last : int
        Times of items, epoch milliseconds.
    """

    value: str
    items: int
    ts_first: int
    ts_last: int


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


class ItemStore(Protocol):
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
        """Return every revision of an item with what was found in it, oldest first; nothing where there is none."""
        ...

    def histories(
        self, items: Sequence[str], steps: tuple[str, ...] = ()
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by item every revision, as `get`, read at once; findings of some steps or all, as in `ItemQuery`."""
        ...

    def query(self, item_query: ItemQuery) -> Sequence[StoredRevision]:
        """Return the newest revision of each item asked for, with its findings, newest first."""
        ...

    def list_tagged(
        self,
        kind: str,
        values: Sequence[str],
        *,
        before_ms: int | None = None,
        limit: int = 50,
        steps: tuple[str, ...] = (),
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by value of a kind the newest revision of each item that has it, newest first, so many of each.

        A value that no item has is not there. Findings are those of some steps, or of all, as in `ItemQuery`.
        """
        ...

    def count_hits(self, item_query: ItemQuery) -> int:
        """Return how many items are asked for, however many of them a list would have."""
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

        Returns
        -------
        sequence of StoredRevision
            Every revision, not only the newest of an item.
        """
        ...

    def put_readings(self, readings: Sequence[ItemReading]) -> None:
        """Store what was found, all of it or nothing; the revision stays unread until `mark_read`."""
        ...

    def mark_read(self, readings: Sequence[ItemReading]) -> None:
        """Note that everything that follows from reading these was done."""
        ...

    def joins_of(self, stories: Sequence[str]) -> Sequence[StoryJoin]:
        """Return the joins in which one of these stories ended or was kept, oldest first.

        What ended in a story that ended later is kept by the latest one.
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
        """Return revisions after a number in their order, up to the first that was not read; without findings."""
        ...

    def list_unreadable(self, source: str = "", *, limit: int = 50) -> Sequence[UnreadableEntry]:
        """Return entries that could not be read, newest first."""
        ...

    def arrivals(self, *, after_ms: int, limit: int = 50_000) -> Sequence[Arrival]:
        """Return items first seen at a time or later, newest first, without those whose past was generated."""
        ...

    def states(self) -> Sequence[SourceFetchState]:
        """Return how the fetches of every source go."""
        ...

    def count(self) -> int:
        """Return how many items there are."""
        ...
