"""Writes down when emerging coins and pools were first seen here, and which outlet of the press reported first.

Both come from what is stored already: the tables of newcomers that a source gave, and the news that were read. The
press is what lists call ``media``; what regulators, projects, exchanges, aggregators and accounts publish is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from vigie.domain.first_sight import EmergingKind, FirstSight, PressReport
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.news.gazetteer.newcomers import NewcomerNames
from vigie.intelligence.news.stems import phrases
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import Known, Wanted
from vigie.services.house import House
from vigie.services.news.naming import OwnNames, gazetteer_of, own_names
from vigie.services.news.publishers import publisher_of, publishers

SOURCE: Final = "coingecko"
# What each kind is read from.
TABLES: Final[Mapping[EmergingKind, str]] = {"coin": "coin_list_new", "pool": "new_pools"}
# For so long after it was first seen a report on it is looked for. Pools come by the thousand a day.
WATCHED_MS: Final[Mapping[EmergingKind, int]] = {"coin": 90 * DAY_MS, "pool": 7 * DAY_MS}
# A report from longer before is of something else that was called so. The press writes on projects months before they
# have a coin; a pool is known by a ticker alone.
EARLIER_MS: Final[Mapping[EmergingKind, int]] = {"coin": 365 * DAY_MS, "pool": 30 * DAY_MS}
PRESS: Final = "media"
PLACE: Final = "news/first_sights"
# Of a home that has watched before this was written down, so many kept tables are read, one an hour.
MOST_TABLES: Final = 400
# The past of a simulated home: new pools are asked for so often. Feeds of its newsroom show some forty items, which go
# back about as far as this: on older pools a report could not be seen.
GENERATED_EVERY_MS: Final = 10 * MINUTE_MS
GENERATED_MS: Final = 36 * HOUR_MS
_AT_ONCE: Final = 500


@dataclass(slots=True)
class FirstSightBook:
    """Writes the first sightings and first reports of a house; killed at any point, it goes on where it was."""

    house: House
    _names: NewcomerNames | None = None
    _own: OwnNames = field(default_factory=OwnNames)
    _watched: dict[str, FirstSight] = field(default_factory=dict)

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
                sights = _sights(kind, rows, ts, None if is_first else since[kind])
                if is_first and self.house.is_simulated:
                    sights = [_generated(one, ts) for one in sights]
                made += self._put(sights)
                read[kind] = ts
            if tables:
                self.house.bookmarks.put(PLACE, json.dumps(state))
        return made

    def _put(self, sights: Sequence[FirstSight]) -> int:
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
        self, sight: FirstSight, names: NewcomerNames, known: Mapping[str, Publisher]
    ) -> Iterator[PressReport]:
        """Yield reports among the news that were read already: the press may have been first."""
        asked = tuple(group for name in names.names(sight) for group in phrases(f'"{name}"'))
        sources = tuple(one.id for one in known.values() if one.tier == PRESS)
        if not asked or not sources:
            return
        for hits in self._pages(Wanted(sources=sources, phrases=asked, limit=_AT_ONCE, steps=("language",))):
            histories = self.house.items.histories([one.item.id for one in hits], ("language",))
            for revisions in histories.values():
                for one in revisions:
                    said = one.item.said
                    if not one.item.is_withdrawn and sight.id in names.named_in(said.title, said.text):
                        report = report_of(sight.id, one, publisher_of(known, said.source))
                        if _is_of(report, sight):
                            yield report
                        break

    def _pages(self, ask: Wanted) -> Iterator[Sequence[Known]]:
        """Yield all items of a list, a page at a time: the first report is among the oldest, which come last."""
        while hits := self.house.items.wanted(ask):
            yield hits
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

    def _reports(self, revisions: Iterable[Known]) -> list[PressReport]:
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
                if not sight.is_from_before and _is_of(report, sight):
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


def report_of(newcomer: str, known: Known, publisher: Publisher) -> PressReport:
    """Return what an item's revision reports on a newcomer.

    The time is the one that the outlet states, at most when it was first seen here. A name that was added later was
    reported when the revision was seen.
    """
    item, said = known.item, known.item.said
    is_first = item.revision == 1
    return PressReport(
        newcomer=newcomer,
        item=item.id,
        source=said.source,
        outlet=publisher.title,
        url=said.url,
        title=said.title,
        ts_reported=item.ts if is_first else item.ts_seen,
        ts_known=item.ts_seen,
        is_day_only=is_first and said.precision == "day" and item.ts == said.ts_published,
        is_generated=item.is_generated,
    )


def _is_of(report: PressReport, sight: FirstSight) -> bool:
    """Say whether a report is from the time in which one counts."""
    earliest, latest = sight.ts_seen - EARLIER_MS[sight.kind], sight.ts_seen + WATCHED_MS[sight.kind]
    return earliest <= report.ts_reported <= latest


def _tables(house: House, key: str, after: int | None) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the kept tables of a key that are newer than the last one read, the newest first."""
    as_of: int | None = None
    for _ in range(MOST_TABLES):
        found = house.facts.document(SOURCE, key, as_of=as_of)
        if found is None or (after is not None and found[0] <= after):
            return
        yield found[0], list(found[1].get("rows", []))
        as_of = found[0] - 1


def _sights(
    kind: EmergingKind, rows: Sequence[Mapping[str, Any]], ts: int, since: int | None
) -> list[FirstSight]:
    """Return what a table of a kind shows; `since` is when watching started, None where that is this very table.

    The source hands names on as they come: a row without one is nobody of whom the press could report.
    """
    needed = ("id", "name", "symbol") if kind == "coin" else ("id", "name")
    rows = [row for row in rows if all(_is_text(row.get(name)) for name in needed)]
    if kind == "coin":
        # The source compares its list with the one before: what was there at its first look is not among these.
        return [
            FirstSight(
                row["id"], kind, row["name"], row["symbol"].upper(), row["id"], int(row["ts_first_seen"])
            )
            for row in rows
        ]
    found = []
    for row in rows:
        created = None if row.get("ts_created") is None else int(row["ts_created"])
        is_from_before = since is None if created is None else created < (ts if since is None else since)
        symbol = row["name"].partition(" / ")[0].strip().upper()
        token = row.get("base_token") or row["id"]
        found.append(FirstSight(row["id"], kind, row["name"], symbol, token, ts, created, is_from_before))
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _generated(sight: FirstSight, now: int) -> FirstSight:
    """Return a pool of a simulated home's past as a home that was running would have seen it."""
    created = sight.ts_created
    if created is None or created < now - GENERATED_MS:
        return sight
    seen = created + GENERATED_EVERY_MS - created % GENERATED_EVERY_MS
    if seen >= now:
        return replace(sight, is_from_before=False)
    return replace(sight, ts_seen=seen, is_from_before=False, is_generated=True)
