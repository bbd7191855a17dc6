"""What a rule about news would have told: of items as they are read now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.services.alerting.item_events import event_of_item, mark_warned
from vigie.services.alerting.preview.past_events import DAYS, PastEvents
from vigie.services.news.analysis.item_reader import ReadItem
from vigie.services.news.entities.warnings import WarningSources, warning_finder
from vigie.services.news.publishers import load_publishers, publisher_of

# Items that are looked at; a home that holds more says so.
MOST: Final = 5_000
_PAGE: Final = 500
# Tags of the store of items, by the condition that asks for the same.
_TAGS: Final = (("asset", "assets"), ("entity", "entities"), ("topic", "topics"))


def find_item_events(
    warning_sources: WarningSources,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
    when: Mapping[str, tuple[str, ...]],
) -> PastEvents:
    """Return what happened in the news.

    Parameters
    ----------
    when : mapping
        Conditions of a rule: what the store of items can tell cannot fulfil them is not read at all.
    """
    events: list[AlertEvent] = []
    count = 0
    known_publishers = load_publishers(bookmarks, directory)
    for revision in _iterate_items(items, clock, _make_query(when, known_publishers)):
        count += 1
        publisher = publisher_of(known_publishers, revision.item.content.source)
        stored, read = revision.ts_wall, revision.ts_read or revision.ts_wall
        event = event_of_item(ReadItem(revision.item, publisher, revision.findings, stored, read))
        if event is not None:
            events.append(event)
    if when.get("warned"):
        events = mark_warned(warning_finder(warning_sources), events)
    return PastEvents(events, count, count < MOST)


def _make_query(when: Mapping[str, tuple[str, ...]], known_publishers: Mapping[str, Publisher]) -> ItemQuery:
    sources = set(when["source"]) if when.get("source") else None
    # Who is listed no more counts as social, so that tier has no list of sources.
    if when.get("tier") and "social" not in when["tier"]:
        named = {name for name, publisher in known_publishers.items() if publisher.tier in when["tier"]}
        sources = named if sources is None else sources & named
    tags = {tag: when[name][0] for tag, name in _TAGS if len(when.get(name, ())) == 1}
    if tags.get("topic") == "regulation":
        # Also what no topic but the rules of regulation tell.
        del tags["topic"]
    return ItemQuery(sources=None if sources is None else tuple(sorted(sources)), tags=tags)


def _iterate_items(items: ItemStore, clock: Clock, query: ItemQuery) -> Iterator[StoredRevision]:
    now = clock.market_now()
    query = replace(query, is_relevant=True, after_ms=now - DAYS * DAY_MS, limit=_PAGE)
    remaining = MOST
    while remaining > 0 and (page := items.query(query)):
        yield from page[:remaining]
        remaining -= len(page)
        last = page[-1].item
        query = replace(query, cursor=(last.ts, last.id))
