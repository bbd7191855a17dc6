"""When emerging coins and pools were first seen here, which outlet reported first, and how far ahead that was.

Both come from what is stored already: the tables of newcomers that a source gave, and the news that were read. The
press is what lists call ``media``; what regulators, projects, exchanges, aggregators and accounts publish is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.first_sighting import EmergingKind, FirstSighting, PressReport
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.leads import Lead, LeadSummary, measure_lead, summarise_leads
from vigie.intelligence.news.gazetteer.newcomer_names import NewcomerNames
from vigie.intelligence.news.stems import parse_phrases
from vigie.intelligence.news.step import Publisher
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.facts import FactStore
from vigie.ports.first_sightings import FirstSightingStore
from vigie.ports.home import IsSimulated
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore, StoredRevision
from vigie.ports.names import NameStore
from vigie.services.news.entities.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.publishers import load_publishers, publisher_of

# For so long after it was first seen a report on it is looked for. Pools come by the thousand a day.
WATCHED_MS: Final[Mapping[EmergingKind, int]] = {"coin": 90 * DAY_MS, "pool": 7 * DAY_MS}
# A report from longer before is of something else that was called so. The press writes on projects months before they
# have a coin; a pool is known by a ticker alone.
EARLIER_MS: Final[Mapping[EmergingKind, int]] = {"coin": 365 * DAY_MS, "pool": 30 * DAY_MS}
# The past of a simulated home: new pools are asked for so often. Feeds of its newsroom show some forty items, which go
# back about as far as this: on older pools a report could not be seen.
GENERATED_EVERY_MS: Final = 10 * MINUTE_MS
GENERATED_MS: Final = 36 * HOUR_MS
SOURCE: Final = "coingecko"
# What each kind is read from.
TABLES: Final[Mapping[EmergingKind, str]] = {"coin": "coin_list_new", "pool": "new_pools"}
PRESS: Final = "media"
PLACE: Final = "news/first_sights"
# Of a home that has watched before this was written down, so many kept tables are read, one an hour.
MOST_TABLES: Final = 400
_AT_ONCE: Final = 500


def first_revision_naming(
    revisions: Iterable[StoredRevision], newcomer: str, names: NewcomerNames
) -> StoredRevision | None:
    """Return the first revision of an item that names a newcomer; what was withdrawn names nobody."""
    for revision in revisions:
        content = revision.item.content
        if not revision.item.is_withdrawn and newcomer in names.named_in(content.title, content.text):
            return revision
    return None


def report_of(newcomer: str, revision: StoredRevision, publisher: Publisher) -> PressReport:
    """Return what an item's revision reports on a newcomer.

    The time is the one that the outlet states, at most when it was first seen here. A name that was added later was
    reported when the revision was seen.
    """
    item, content = revision.item, revision.item.content
    is_first = item.revision == 1
    return PressReport(
        newcomer=newcomer,
        item=item.id,
        source=content.source,
        outlet=publisher.title,
        url=content.url,
        title=content.title,
        ts_reported=item.ts if is_first else item.ts_seen,
        ts_known=item.ts_seen,
        is_day_only=is_first and content.precision == "day" and item.ts == content.ts_published,
        is_generated=item.is_generated,
    )


def is_in_report_window(report: PressReport, sight: FirstSighting) -> bool:
    """Say whether a report is from the time in which one counts."""
    earliest, latest = sight.ts_seen - EARLIER_MS[sight.kind], sight.ts_seen + WATCHED_MS[sight.kind]
    return earliest <= report.ts_reported <= latest


def sights_of(
    kind: EmergingKind, rows: Sequence[Mapping[str, Any]], ts: int, since: int | None
) -> list[FirstSighting]:
    """Return what a table of a kind shows; `since` is when watching started, None where that is this very table.

    The source hands names on as they come: a row without one is nobody of whom the press could report.
    """
    needed = ("id", "name", "symbol") if kind == "coin" else ("id", "name")
    rows = [row for row in rows if all(_is_text(row.get(name)) for name in needed)]
    if kind == "coin":
        # The source compares its list with the one before: what was there at its first look is not among these.
        return [
            FirstSighting(
                row["id"], kind, row["name"], row["symbol"].upper(), row["id"], int(row["ts_first_seen"])
            )
            for row in rows
        ]
    sights = []
    for row in rows:
        created = None if row.get("ts_created") is None else int(row["ts_created"])
        is_from_before = since is None if created is None else created < (ts if since is None else since)
        symbol = row["name"].partition(" / ")[0].strip().upper()
        token = row.get("base_token") or row["id"]
        sights.append(FirstSighting(row["id"], kind, row["name"], symbol, token, ts, created, is_from_before))
    return sights


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def backdate_sight(sight: FirstSighting, now: int) -> FirstSighting:
    """Return a pool of a simulated home's past as a home that was running would have seen it."""
    created = sight.ts_created
    if created is None or created < now - GENERATED_MS:
        return sight
    ts_seen = created + GENERATED_EVERY_MS - created % GENERATED_EVERY_MS
    if ts_seen >= now:
        return replace(sight, is_from_before=False)
    return replace(sight, ts_seen=ts_seen, is_from_before=False, is_generated=True)


__all__ = [
    "EARLIER_MS",
    "GENERATED_EVERY_MS",
    "GENERATED_MS",
    "WATCHED_MS",
    "backdate_sight",
    "first_revision_naming",
    "is_in_report_window",
    "report_of",
    "sights_of",
]  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class NewcomerLead:
    """What is known of one newcomer of a list; `report` is the earliest of the press."""

    sight: FirstSighting
    report: PressReport | None
    lead: Lead


def leads_of(
    name_store: NameStore,
    first_sightings: FirstSightingStore,
    clock: Clock,
    ids: Sequence[str],
    as_of: int | None = None,
) -> Mapping[str, NewcomerLead]:
    """Return by id what was known of newcomers at a time; one that was not written down yet is not there."""
    now = clock.market_now() if as_of is None else as_of
    sights = [known_sight for known_sight in first_sightings.get(ids).values() if known_sight.ts_seen <= now]
    reports = first_sightings.first_reports([known_sight.id for known_sight in sights], as_of=as_of)
    names = NewcomerNames(gazetteer_of(own_names(name_store)))
    names.add(
        known_sight
        for known_sight in first_sightings.namesakes(sights, WATCHED_MS)
        if known_sight.ts_seen <= now
    )
    leads = {}
    for sight in sights:
        report, span = reports.get(sight.id), WATCHED_MS[sight.kind]
        lead = measure_lead(
            sight.ts_seen,
            report.ts_reported if report else None,
            min(now, sight.ts_seen + span),
            token=names.token(sight, span),
            is_from_before=sight.is_from_before,
            unclear_from=names.unclear_from(sight, span),
        )
        leads[sight.id] = NewcomerLead(sight, report, lead)
    return leads


def summary_of(leads: Mapping[str, NewcomerLead]) -> LeadSummary:
    """Return the lead over a list."""
    return summarise_leads(newcomer_lead.lead for newcomer_lead in leads.values())
