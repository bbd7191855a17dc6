"""Writes down when emerging coins and pools were first seen here, and which outlet of the press reported first.

Both come from what is stored already: the tables of newcomers that a source gave, and the news that were read. The
press is what lists call ``media``; what regulators, projects, exchanges, aggregators and accounts publish is not. What
counts as either is decided in `sight_rules`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport
from vigie.intelligence.news.gazetteer.newcomer_names import NewcomerNames
from vigie.intelligence.news.stems import parse_phrases
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.first_sightings import FirstSightingStore
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemQuery, ItemStore, StoredRevision
from vigie.ports.names import NameStore
from vigie.services.news.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.news.sight_rules import (
    WATCHED_MS,
    backdate_sight,
    first_revision_naming,
    is_in_report_window,
    report_of,
    sights_of,
)

SOURCE: Final = "coingecko"
# What each kind is read from.
TABLES: Final[Mapping[EmergingKind, str]] = {"coin": "coin_list_new", "pool": "new_pools"}
PRESS: Final = "media"
PLACE: Final = "news/first_sights"
# Of a home that has watched before this was written down, so many kept tables are read, one an hour.
MOST_TABLES: Final = 400
_AT_ONCE: Final = 500


@dataclass(slots=True)
class FirstSightWriter:
    """Writes the first sightings and first reports of a house; killed at any point, it goes on where it was."""

    facts: FactStore
    bookmarks: SourceBookmarks
    items: ItemStore
    names: NameStore
    first_sightings: FirstSightingStore
    clock: Clock
    is_simulated: IsSimulated
    directory: ConnectorDirectory
    _names: NewcomerNames | None = None
    _own: OwnNames = field(default_factory=OwnNames)
    _watched: dict[str, FirstSighting] = field(default_factory=dict)

    def write(self) -> int:
        """Write down what is new since the last time; return how many rows that makes."""
        state = json.loads(self.bookmarks.get(PLACE) or "{}")
        return self._read_tables(state) + self._read_news(state)

    def _read_tables(self, state: dict[str, Any]) -> int:
        n_rows = 0
        for kind, key in TABLES.items():
            read = state.setdefault("read", {})
            tables = list(_tables(self.facts, key, read.get(kind)))
            for ts, rows in reversed(tables):
                since = state.setdefault("since", {})
                is_first = kind not in since
                since.setdefault(kind, ts)
                sights = sights_of(kind, rows, ts, None if is_first else since[kind])
                if is_first and self.is_simulated:
                    sights = [backdate_sight(sight, ts) for sight in sights]
                n_rows += self._put(sights)
                read[kind] = ts
            if tables:
                self.bookmarks.put(PLACE, json.dumps(state))
        return n_rows

    def _put(self, sights: Sequence[FirstSighting]) -> int:
        stored = self.first_sightings.get([new_sight.id for new_sight in sights])
        fresh = [new_sight for new_sight in sights if new_sight.id not in stored]
        if not fresh:
            return 0
        names = self._watched_names()
        names.add(fresh)
        self._watched |= {new_sight.id: new_sight for new_sight in fresh}
        known_publishers = load_publishers(self.bookmarks, self.directory)
        reports = [
            report
            for sight in fresh
            if not sight.is_from_before
            for report in self._reported_before(sight, names, known_publishers)
        ]
        return self.first_sightings.put(fresh, reports)

    def _reported_before(
        self, sight: FirstSighting, names: NewcomerNames, publishers_by_id: Mapping[str, Publisher]
    ) -> Iterator[PressReport]:
        """Yield reports among the news that were read already: the press may have been first."""
        phrase_groups = tuple(group for name in names.names(sight) for group in parse_phrases(f'"{name}"'))
        sources = tuple(item.id for item in publishers_by_id.values() if item.tier == PRESS)
        if not phrase_groups or not sources:
            return
        query = ItemQuery(sources=sources, phrases=phrase_groups, limit=_AT_ONCE, steps=("language",))
        for revisions in self._histories(query):
            item = first_revision_naming(revisions, sight.id, names)
            if item is None:
                continue
            report = report_of(sight.id, item, publisher_of(publishers_by_id, item.item.content.source))
            if is_in_report_window(report, sight):
                yield report

    def _histories(self, query: ItemQuery) -> Iterator[Sequence[StoredRevision]]:
        """Yield every revision of each item of a list, read a page at a time.

        All pages are read: the first report is among the oldest items, which come last.
        """
        while hits := self.items.query(query):
            yield from self.items.histories([hit.item.id for hit in hits], query.steps).values()
            if len(hits) < query.limit:
                return
            query = replace(query, cursor=(hits[-1].item.ts, hits[-1].item.id))

    def _read_news(self, state: dict[str, Any]) -> int:
        if "since" not in state:
            return 0
        if "number" not in state:
            # All that was read by now is looked through when a newcomer is first seen.
            state["number"] = self.items.named_after(None)[0]
            self.bookmarks.put(PLACE, json.dumps(state))
        n_rows = 0
        while revisions := self.items.read_after(state["number"], limit=_AT_ONCE):
            reports = self._reports(revisions)
            n_rows += self.first_sightings.put((), reports)
            state["number"] = revisions[-1].number
            self.bookmarks.put(PLACE, json.dumps(state))
        return n_rows

    def _reports(self, revisions: Iterable[StoredRevision]) -> list[PressReport]:
        names, publishers_by_id = self._watched_names(), load_publishers(self.bookmarks, self.directory)
        reports = []
        for revision in revisions:
            content = revision.item.content
            publisher = publisher_of(publishers_by_id, content.source)
            if publisher.tier != PRESS or revision.item.is_withdrawn:
                continue
            for newcomer in sorted(names.named_in(content.title, content.text)):
                report = report_of(newcomer, revision, publisher)
                sight = self._watched[newcomer]
                if not sight.is_from_before and is_in_report_window(report, sight):
                    reports.append(report)
        return reports

    def _watched_names(self) -> NewcomerNames:
        """Return who is watched, by the names that the house reads by now."""
        own = own_names(self.names)
        now = self.clock.market_now()
        if self._names is None or own != self._own:
            self._watched = {
                sight.id: sight
                for kind, span in WATCHED_MS.items()
                for sight in self.first_sightings.since(kind, now - span)
            }
            self._names, self._own = NewcomerNames(gazetteer_of(own)), own
            self._names.add(self._watched.values())
        expired = [
            sight.id for sight in self._watched.values() if sight.ts_seen < now - WATCHED_MS[sight.kind]
        ]
        self._names.drop(expired)
        for name in expired:
            del self._watched[name]
        return self._names


def _tables(facts: FactStore, key: str, after: int | None) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the kept tables of a key that are newer than the last one read, the newest first."""
    as_of: int | None = None
    for _ in range(MOST_TABLES):
        document = facts.document(SOURCE, key, as_of=as_of)
        if document is None or (after is not None and document[0] <= after):
            return
        yield document[0], list(document[1].get("rows", []))
        as_of = document[0] - 1
