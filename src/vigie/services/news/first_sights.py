"""Writes down when emerging coins and pools were first seen here, and which outlet of the press reported first.

Both come from what is stored already: the tables of newcomers that a source gave, and the news that were read. The
press is what lists call ``media``; what regulators, projects, exchanges, aggregators and accounts publish is not. What
counts as either is decided in `sighting`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport
from vigie.intelligence.news.gazetteer.newcomers import NewcomerNames
from vigie.intelligence.news.stems import phrases
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.house import House
from vigie.services.news.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.sighting import WATCHED_MS, counts, first_naming, generated, report_of, sights_of

SOURCE: Final = "coingecko"
# What each kind is read from.
TABLES: Final[Mapping[EmergingKind, str]] = {"coin": "coin_list_new", "pool": "new_pools"}
PRESS: Final = "media"
PLACE: Final = "news/first_sights"
# Of a home that has watched before this was written down, so many kept tables are read, one an hour.
MOST_TABLES: Final = 400
_AT_ONCE: Final = 500


@dataclass(slots=True)
class FirstSightBook:
    """Writes the first sightings and first reports of a house; killed at any point, it goes on where it was."""

    house: House
    _names: NewcomerNames | None = None
    _own: OwnNames = field(default_factory=OwnNames)
    _watched: dict[str, FirstSighting] = field(default_factory=dict)

    def write(self) -> int:
        """Write down what is new since the last time; return how many rows that makes."""
        state = json.loads(self.house.bookmarks.get(PLACE) or "{}")
        return self._take_tables(state) + self._take_news(state)

    def _take_tables(self, state: dict[str, Any]) -> int:
        made = 0
        for kind, key in TABLES.items():
            read = state.setdefault("read", {})
            tables = list(_tables(self.house, key, read.get(kind)))
            for ts, rows in reversed(tables):
                since = state.setdefault("since", {})
                is_first = kind not in since
                since.setdefault(kind, ts)
                sights = sights_of(kind, rows, ts, None if is_first else since[kind])
                if is_first and self.house.is_simulated:
                    sights = [generated(one, ts) for one in sights]
                made += self._put(sights)
                read[kind] = ts
            if tables:
                self.house.bookmarks.put(PLACE, json.dumps(state))
        return made

    def _put(self, sights: Sequence[FirstSighting]) -> int:
        known = self.house.first_sights.get([one.id for one in sights])
        fresh = [one for one in sights if one.id not in known]
        if not fresh:
            return 0
        names = self._prepared()
        names.add(fresh)
        self._watched |= {one.id: one for one in fresh}
        known_publishers = publishers(self.house)
        reports = [
            report
            for sight in fresh
            if not sight.is_from_before
            for report in self._reported_before(sight, names, known_publishers)
        ]
        return self.house.first_sights.put(fresh, reports)

    def _reported_before(
        self, sight: FirstSighting, names: NewcomerNames, known: Mapping[str, Publisher]
    ) -> Iterator[PressReport]:
        """Yield reports among the news that were read already: the press may have been first."""
        asked = tuple(group for name in names.names(sight) for group in phrases(f'"{name}"'))
        sources = tuple(one.id for one in known.values() if one.tier == PRESS)
        if not asked or not sources:
            return
        ask = ItemQuery(sources=sources, phrases=asked, limit=_AT_ONCE, steps=("language",))
        for revisions in self._histories(ask):
            one = first_naming(revisions, sight.id, names)
            if one is None:
                continue
            report = report_of(sight.id, one, publisher_of(known, one.item.said.source))
            if counts(report, sight):
                yield report

    def _histories(self, ask: ItemQuery) -> Iterator[Sequence[StoredRevision]]:
        """Yield every revision of each item of a list, read a page at a time.

        All pages are read: the first report is among the oldest items, which come last.
        """
        while hits := self.house.items.query(ask):
            yield from self.house.items.histories([one.item.id for one in hits], ask.steps).values()
            if len(hits) < ask.limit:
                return
            ask = replace(ask, cursor=(hits[-1].item.ts, hits[-1].item.id))

    def _take_news(self, state: dict[str, Any]) -> int:
        if "since" not in state:
            return 0
        if "number" not in state:
            # All that was read by now is looked through when a newcomer is first seen.
            state["number"] = self.house.items.named_after(None)[0]
            self.house.bookmarks.put(PLACE, json.dumps(state))
        made = 0
        while revisions := self.house.items.read_after(state["number"], limit=_AT_ONCE):
            reports = self._reports(revisions)
            made += self.house.first_sights.put((), reports)
            state["number"] = revisions[-1].number
            self.house.bookmarks.put(PLACE, json.dumps(state))
        return made

    def _reports(self, revisions: Iterable[StoredRevision]) -> list[PressReport]:
        names, known = self._prepared(), publishers(self.house)
        found = []
        for one in revisions:
            said = one.item.said
            publisher = publisher_of(known, said.source)
            if publisher.tier != PRESS or one.item.is_withdrawn:
                continue
            for newcomer in sorted(names.named_in(said.title, said.text)):
                report = report_of(newcomer, one, publisher)
                sight = self._watched[newcomer]
                if not sight.is_from_before and counts(report, sight):
                    found.append(report)
        return found

    def _prepared(self) -> NewcomerNames:
        """Return who is watched, by the names that the house reads by now."""
        own = own_names(self.house.names)
        now = self.house.clock.market_now()
        if self._names is None or own != self._own:
            self._watched = {
                one.id: one
                for kind, span in WATCHED_MS.items()
                for one in self.house.first_sights.since(kind, now - span)
            }
            self._names, self._own = NewcomerNames(gazetteer_of(own)), own
            self._names.add(self._watched.values())
        gone = [one.id for one in self._watched.values() if one.ts_seen < now - WATCHED_MS[one.kind]]
        self._names.drop(gone)
        for name in gone:
            del self._watched[name]
        return self._names


def _tables(house: House, key: str, after: int | None) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the kept tables of a key that are newer than the last one read, the newest first."""
    as_of: int | None = None
    for _ in range(MOST_TABLES):
        found = house.facts.document(SOURCE, key, as_of=as_of)
        if found is None or (after is not None and found[0] <= after):
            return
        yield found[0], list(found[1].get("rows", []))
        as_of = found[0] - 1
