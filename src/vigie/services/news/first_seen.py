"""When stories about an asset were first seen: one mark a story, of what was known by an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from vigie.domain.item import Sighting
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.reading.earlier_findings import story_id
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.item_glances import ItemGlance
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.news.analysis.item_reader import tags_of
from vigie.services.news.news_rows import finding_body
from vigie.services.news.publishers import load_publishers, publisher_of

# What is first seen longer than this after its date, as at the first fetch of a source, was no news of that day.
LATE_MS: Final = 7 * DAY_MS
# Reading more takes longer than a page may.
MOST_ITEMS: Final = 600
# Where a span has more, so many parts of it are read, each from its end, so that none is without marks.
PARTS: Final = 12
# Whose findings say in which story an item is, and, of a revised one, since when it names an asset. The tags that items
# are found by say the latter of those that were never revised, which most are.
STORY_STEP: Final = "story"
REVISED_STEPS: Final = "entities", STORY_STEP
# Whose findings say what a mark says of a story, by its first item.
MARK_STEPS: Final = "language", "reliability"


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """A story about an asset, by its items that no source withdrew.

    Attributes
    ----------
    ts : int
        When the first of these that names the asset was known here, epoch milliseconds.
    item, title, language, publisher, status : str
        Of that item, in the newest of its revisions that was known by the instant asked for.
    items : int
        Of these, how many name the asset and were known by then.
    ts_published : int or None
        When that item was published as its source states it, epoch milliseconds; None where it states no time of day
        or one after it was seen.
    """

    story: str
    item: str
    ts: int
    title: str
    language: str
    publisher: str
    status: str
    items: int
    ts_published: int | None = None


@dataclass(frozen=True, slots=True)
class StoryStart:
    """Since when a story is known to name an asset, by which revision of which item, and how many items it has."""

    story: str
    ts: int
    item: str
    revision: int
    items: int


class _KnownItem(NamedTuple):
    """Since when an item is known to name the asset, and which of its revisions says so last; `ts` is that one's."""

    ts_known: int
    item: str
    revision: int
    ts: int
    story: str


ChooseStories: TypeAlias = Callable[[Sequence[StoryStart]], Sequence[StoryStart]]


@dataclass(frozen=True, slots=True)
class SeenStories:
    """Stories of a span; `is_thinned` where there were more items than were read.

    Then the newest items of each twelfth of the span were read: a story may stand at a later item than its first, and
    with fewer items than it has.

    Attributes
    ----------
    stories : list of FirstSeen
        Those that were chosen.
    total : int
        How many there were.
    """

    stories: list[FirstSeen]
    is_thinned: bool
    total: int


def find_first_seen(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    directory: ConnectorDirectory,
    asset: str,
    *,
    start_ms: int,
    end_ms: int,
    known_ms: int | None = None,
    max_items: int = MOST_ITEMS,
    choose: ChooseStories = list,
) -> SeenStories:
    """Return stories first seen in [start_ms, end_ms), the first before others, or those that are chosen of them.

    Nothing of later shows in them; what was withdrawn since, by who told it, is not among them.

    Parameters
    ----------
    known_ms : int or None
        An item that was withdrawn before that, or before the end, is left out.
    max_items : int
        Items that are read, about.
    choose : callable
        Takes the stories and returns those to describe: describing reads more.
    """
    begin = start_ms - LATE_MS
    is_thinned = items.count_hits(_item_query(asset, begin, end_ms, max_items)) > max_items
    parts = [(begin, end_ms)]
    if is_thinned:
        step, max_items = -(-(end_ms - begin) // PARTS), -(-max_items // PARTS)
        parts = [(after, min(after + step, end_ms)) for after in range(begin, end_ms, step)]
    glances = [
        entry for after, end in parts for entry in items.glance(_item_query(asset, after, end, max_items))
    ]
    full_histories = items.histories(
        [entry.item for entry in glances if entry.revision > 1], REVISED_STEPS, has_text=False
    )
    until = end_ms if known_ms is None else known_ms
    named = [
        entry
        for glance in glances
        if (
            entry := _as_known(full_histories[glance.item], asset, end_ms, until)
            if glance.item in full_histories
            else _as_first_known(glance, min(end_ms, until))
        )
        is not None
    ]
    stories = [entry for entry in _by_story(named) if start_ms <= entry.ts < end_ms]
    return SeenStories(_describe(bookmarks, items, directory, choose(stories)), is_thinned, len(stories))


def _item_query(asset: str, after_ms: int, before_ms: int, limit: int) -> ItemQuery:
    return ItemQuery(
        tags={"asset": asset},
        is_relevant=True,
        after_ms=after_ms,
        before_ms=before_ms,
        limit=limit,
        steps=(STORY_STEP,),
        has_text=False,
    )


def _as_first_known(glance: ItemGlance, end_ms: int) -> _KnownItem | None:
    """Return since when an item that was never revised was known to name the asset; None if it was not by the end."""
    if glance.ts_seen >= end_ms or glance.is_withdrawn:
        return None
    story = str(glance.bodies[STORY_STEP]["story"]) if STORY_STEP in glance.bodies else ""
    return _KnownItem(glance.ts_seen, glance.item, glance.revision, glance.ts, story)


def _as_known(history: Sequence[StoredRevision], asset: str, end_ms: int, until_ms: int) -> _KnownItem | None:
    """Return since when a revised item was known to name the asset, and its newest revision by the end.

    None if it was not, or if it was withdrawn since.
    """
    naming = [
        revision
        for revision in history
        if revision.item.ts_seen < end_ms
        and (len(history) == 1 or asset in tags_of(revision.findings)["asset"])
    ]
    newest = next((revision for revision in reversed(history) if revision.item.ts_seen < until_ms), None)
    if not naming or newest is None or newest.item.is_withdrawn:
        return None
    last = naming[-1].item
    return _KnownItem(naming[0].item.ts_seen, last.id, last.revision, last.ts, story_id(naming[-1].findings))


def _time_published(content: Sighting, ts_seen: int) -> int | None:
    """Return the time of day that a source states, None where it states none or one that was not yet."""
    stated = content.ts_published
    return None if stated is None or content.precision == "day" or stated > ts_seen else stated


def _by_story(named: Iterable[_KnownItem]) -> list[StoryStart]:
    stories: dict[str, list[_KnownItem]] = {}
    for entry in sorted(named, key=lambda entry: (entry.ts_known, entry.item)):
        stories.setdefault(entry.story, []).append(entry)
    return [
        StoryStart(story, items[0].ts_known, items[0].item, items[0].revision, len(items))
        for story, items in stories.items()
        if story and items[0].ts_known - items[0].ts <= LATE_MS
    ]


def _describe(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    directory: ConnectorDirectory,
    stories: Sequence[StoryStart],
) -> list[FirstSeen]:
    """Return each story with what its first item says of itself."""
    publishers_by_id = load_publishers(bookmarks, directory)
    histories = items.histories([entry.item for entry in stories], MARK_STEPS, has_text=False)
    stories_found = []
    for entry in stories:
        known = next(known for known in histories[entry.item] if known.item.revision == entry.revision)
        content, findings = known.item.content, known.findings
        publisher = publisher_of(publishers_by_id, content.source)
        language = (
            finding_body(findings, "language").get("language") or content.language or publisher.language
        )
        status = str(finding_body(findings, "reliability").get("status") or "")
        stories_found.append(
            FirstSeen(
                entry.story,
                entry.item,
                entry.ts,
                content.title,
                language,
                publisher.title,
                status,
                entry.items,
                _time_published(content, entry.ts),
            )
        )
    return stories_found
