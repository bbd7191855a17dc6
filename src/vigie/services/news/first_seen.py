"""When stories about an asset were first seen: one mark a story, of what was known by an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.reading import tags_of
from vigie.services.news.shown import body

# What is first seen longer than this after its date, as at the first fetch of a source, was no news of that day.
LATE_MS: Final = 7 * DAY_MS
# Reading more takes longer than a page may.
MOST_ITEMS: Final = 600
# Where a span has more, so many parts of it are read, each from its end, so that none is without marks.
PARTS: Final = 12
# Whose findings say what a mark says.
STEPS: Final = "entities", "story", "language", "reliability"


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
    """

    story: str
    item: str
    ts: int
    title: str
    language: str
    publisher: str
    status: str
    items: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Stories of a span; `is_thinned` where there were more items than were read.

    Then the newest items of each twelfth of the span were read: a story may stand at a later item than its first, and
    with fewer items than it has.
    """

    stories: list[FirstSeen]
    is_thinned: bool


def stories_seen(
    house: House,
    asset: str,
    *,
    start_ms: int,
    end_ms: int,
    known_ms: int | None = None,
    most: int = MOST_ITEMS,
) -> Seen:
    """Return stories first seen in [start_ms, end_ms), the first before others.

    Nothing of later shows in them; what was withdrawn since, by who told it, is not among them.

    Parameters
    ----------
    known_ms : int or None
        An item that was withdrawn before that, or before the end, is left out.
    most : int
        Items that are read, about.
    """
    begin = start_ms - LATE_MS
    is_thinned = house.items.count_hits(_wanted(asset, begin, end_ms, most)) > most
    parts = [(begin, end_ms)]
    if is_thinned:
        step, most = -(-(end_ms - begin) // PARTS), -(-most // PARTS)
        parts = [(after, min(after + step, end_ms)) for after in range(begin, end_ms, step)]
    known = [one for after, end in parts for one in house.items.query(_wanted(asset, after, end, most))]
    changed = house.items.histories([one.item.id for one in known if one.item.revision > 1], STEPS)
    every = (changed.get(one.item.id, (one,)) for one in known)
    until = end_ms if known_ms is None else known_ms
    told = [one for each in every if (one := _as_known(each, asset, end_ms, until)) is not None]
    return Seen([one for one in _by_story(house, told) if start_ms <= one.ts < end_ms], is_thinned)


def _wanted(asset: str, after_ms: int, before_ms: int, limit: int) -> ItemQuery:
    return ItemQuery(
        tags={"asset": asset},
        is_relevant=True,
        after_ms=after_ms,
        before_ms=before_ms,
        limit=limit,
        steps=STEPS,
    )


def _as_known(
    every: Sequence[StoredRevision], asset: str, end_ms: int, until_ms: int
) -> tuple[int, StoredRevision] | None:
    """Return since when an item was known to name the asset, and its newest revision by the end.

    None if it was not, or if it was withdrawn since.
    """
    known = [one for one in every if one.item.ts_seen < end_ms and asset in tags_of(one.findings)["asset"]]
    newest = next((one for one in reversed(every) if one.item.ts_seen < until_ms), None)
    if not known or newest is None or newest.item.is_withdrawn:
        return None
    return known[0].item.ts_seen, known[-1]


def _by_story(house: House, told: Iterable[tuple[int, StoredRevision]]) -> list[FirstSeen]:
    known = publishers(house)
    stories: dict[str, list[tuple[int, StoredRevision]]] = {}
    for ts, one in sorted(told, key=lambda pair: (pair[0], pair[1].item.id)):
        stories.setdefault(next(iter(tags_of(one.findings)["story"]), ""), []).append((ts, one))
    found = []
    for story, items in stories.items():
        ts, first = items[0]
        said, publisher = first.item.said, publisher_of(known, first.item.said.source)
        if not story or ts - first.item.ts > LATE_MS:
            continue
        language = body(first.findings, "language").get("language") or said.language or publisher.language
        status = str(body(first.findings, "reliability").get("status") or "")
        found.append(
            FirstSeen(story, first.item.id, ts, said.title, language, publisher.title, status, len(items))
        )
    return found
