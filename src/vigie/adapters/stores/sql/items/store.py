"""Items in the database; keeps the contract of `vigie.ports.items.ItemStore`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_lite

from vigie.adapters.stores.sql.items import joining, reading, searching
from vigie.adapters.stores.sql.items.rows import WITH_ITEM, known_of, with_findings
from vigie.adapters.stores.sql.items.tables import ItemRefusedRow, ItemRevisionRow, ItemRow, ItemSourceRow
from vigie.adapters.stores.sql.part import Part
from vigie.domain.item import NewsItem, Sighting, changed_parts, item_id
from vigie.ports.items import (
    Arrival,
    ItemQuery,
    ItemReading,
    SourceFetch,
    SourceFetchState,
    StoredRevision,
    StoryJoin,
    TagCount,
    UnreadableEntry,
)

# Ids of one query: SQLite takes some thousands, and a page of a source has hundreds.
_PAGE: Final = 400
# A source that stamps everything anew at each fetch is believed so often and no more.
MOST_REVISIONS_BY_DATE: Final = 5
_SHOWN: Final = 400


class SqlItems(Part):
    """Items, their revisions and findings."""

    __slots__ = ()

    def take(self, fetch: SourceFetch) -> Sequence[StoredRevision]:
        """Store what a fetch showed and return the revisions that this made."""
        by_id = {item_id(one.source, one.key): one for one in fetch.sightings}
        with self.database.writing(f"items {fetch.source}") as connection:
            before = {name: known_of(row) for name, row in _newest_rows(connection, list(by_id)).items()}
            made = [
                self._put(connection, _next(name, sighting, before.get(name), fetch), before.get(name))
                for name, sighting in by_id.items()
                if _is_another(before.get(name), sighting) and not (fetch.is_generated and name in before)
            ]
            if fetch.is_generated:
                return made
            if fetch.is_whole:
                gone = _missing(connection, fetch.source, by_id)
                made += [self._put(connection, _withdrawn(one, fetch.ts_seen), one) for one in gone.values()]
            refused = self._refuse(connection, fetch)
            _note(connection, fetch, len(made), refused)
        return made

    def get(self, item: str) -> Sequence[StoredRevision]:
        """Return every revision of an item with what was found in it, oldest first."""
        return self.histories([item]).get(item, [])

    def histories(
        self, items: Sequence[str], steps: tuple[str, ...] = ()
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by item every revision, read at once, oldest first; an item that there is not is not there."""
        found: dict[str, list[StoredRevision]] = {}
        with self.database.reading() as connection:
            for start in range(0, len(items), _PAGE):
                named = WITH_ITEM.where(ItemRow.id.in_(items[start : start + _PAGE]))
                rows = connection.execute(named.order_by(ItemRow.id, ItemRevisionRow.revision)).all()
                for one in with_findings(connection, rows, steps):
                    found.setdefault(one.item.id, []).append(one)
        return found

    def query(self, item_query: ItemQuery) -> Sequence[StoredRevision]:
        """Return the newest revision of each item asked for, with its findings, newest first."""
        with self.database.reading() as connection:
            # Ids first: a word that half of all items have would bring along half of all texts.
            ids = connection.scalars(searching.query_of(item_query, is_sqlite=self.database.is_sqlite)).all()
            return _whole(connection, ids, item_query.steps)

    def list_tagged(
        self,
        kind: str,
        values: Sequence[str],
        *,
        before_ms: int | None = None,
        limit: int = 50,
        steps: tuple[str, ...] = (),
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by value of a kind the newest revision of each item that has it, newest first, so many of each."""
        ids: dict[str, list[str]] = {}
        with self.database.reading() as connection:
            for value, name in connection.execute(searching.tagged_of(kind, values, before_ms)):
                ids.setdefault(value, []).append(name)
            ids = {value: names[:limit] for value, names in ids.items()}
            every = list(dict.fromkeys(name for names in ids.values() for name in names))
            found = dict(zip(every, _whole(connection, every, steps), strict=True))
        return {value: [found[name] for name in names] for value, names in ids.items()}

    def count_hits(self, item_query: ItemQuery) -> int:
        """Return how many items are asked for, however many of them a list would have."""
        with self.database.reading() as connection:
            return connection.scalar(searching.hits_of(item_query, is_sqlite=self.database.is_sqlite)) or 0

    def count_tags(
        self,
        kind: str,
        *,
        tags: Mapping[str, str] | None = None,
        after_ms: int | None = None,
        limit: int = 50,
    ) -> Sequence[TagCount]:
        """Return the values of a kind that most items have, of those with these tags and not known irrelevant."""
        with self.database.reading() as connection:
            rows = connection.execute(searching.tally_of(kind, tags or {}, after_ms, limit))
            return [TagCount(row.value, row.items, row.first, row.last) for row in rows]

    def unread(self, steps: str, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions that these steps did not read, never read ones first, each group oldest first."""
        with self.database.reading() as connection:
            return with_findings(connection, reading.unread(connection, steps, limit))

    def list_seen(self, *, after_ms: int, before_number: int) -> Sequence[StoredRevision]:
        """Return revisions seen at a time or later, before a revision, oldest first, with their findings."""
        query = WITH_ITEM.where(
            ItemRevisionRow.ts_seen >= after_ms, ItemRevisionRow.number < before_number
        ).order_by(ItemRevisionRow.number)
        with self.database.reading() as connection:
            return with_findings(connection, connection.execute(query).all())

    def put_readings(self, readings: Sequence[ItemReading]) -> None:
        """Store what was found, all of it or nothing."""
        with self.database.writing("items read") as connection:
            for one in readings:
                reading.put(connection, one)
                joining.put(connection, one)

    def mark_read(self, readings: Sequence[ItemReading]) -> None:
        """Note that everything that follows from reading these was done."""
        now = self.clock.wall_now()
        with self.database.writing("items read") as connection:
            for one in readings:
                mark = update(ItemRevisionRow).where(ItemRevisionRow.number == one.number)
                connection.execute(
                    mark.values(reading=one.steps, ts_read=func.coalesce(ItemRevisionRow.ts_read, now))
                )

    def joins_of(self, stories: Sequence[str]) -> Sequence[StoryJoin]:
        """Return the joins in which one of these stories ended or was kept, oldest first."""
        with self.database.reading() as connection:
            return joining.joins_of(connection, stories)

    def named_after(self, number: int | None) -> tuple[int, Sequence[str]]:
        """Return up to which number revisions were read, and the assets that those read after a number name."""
        with self.database.reading() as connection:
            return searching.named_after(connection, number)

    def read_after(self, number: int, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions after a number in their order, up to the first that was not read; without findings."""
        with self.database.reading() as connection:
            return reading.read_after(connection, number, limit)

    def refused(self, source: str = "", *, limit: int = 50) -> Sequence[UnreadableEntry]:
        """Return entries that could not be read, newest first."""
        query = select(ItemRefusedRow.__table__).order_by(
            ItemRefusedRow.ts_seen.desc(), ItemRefusedRow.source, ItemRefusedRow.digest
        )
        query = query.where(ItemRefusedRow.source == source) if source else query
        with self.database.reading() as connection:
            return [
                UnreadableEntry(row.source, row.why, row.shown, row.document, row.ts_seen)
                for row in connection.execute(query.limit(limit))
            ]

    def arrivals(self, *, after_ms: int, limit: int = 50_000) -> Sequence[Arrival]:
        """Return items first seen at a time or later, newest first."""
        with self.database.reading() as connection:
            return searching.arrivals(connection, after_ms, limit)

    def states(self) -> Sequence[SourceFetchState]:
        """Return how the fetches of every source go."""
        query = select(ItemSourceRow.__table__).order_by(ItemSourceRow.source)
        with self.database.reading() as connection:
            return [SourceFetchState(**row._mapping) for row in connection.execute(query)]

    def count(self) -> int:
        """Return how many items there are."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(ItemRow)) or 0)

    def _put(self, connection: Connection, item: NewsItem, before: StoredRevision | None) -> StoredRevision:
        said = item.said
        if before is None:
            connection.execute(
                insert(ItemRow).values(
                    id=item.id, source=said.source, key=said.key, revision=item.revision, ts=item.ts,
                    ts_first_seen=item.ts_first_seen, language=said.language, is_withdrawn=False,
                    is_relevant=None, is_generated=item.is_generated,
                )
            )  # fmt: skip
        else:
            connection.execute(
                update(ItemRow)
                .where(ItemRow.id == item.id)
                .values(revision=item.revision, ts=item.ts, is_withdrawn=item.is_withdrawn)
            )
        now = self.clock.wall_now()
        number = connection.scalar(
            insert(ItemRevisionRow)
            .values(
                item=item.id, revision=item.revision, url=said.url, title=said.title, text=said.text,
                author=said.author, language=said.language, ts_published=said.ts_published,
                precision=said.precision, document=said.document, ts_seen=item.ts_seen, ts_wall=now,
                is_withdrawn=item.is_withdrawn, reading="", ts_read=None,
            )
            .returning(ItemRevisionRow.number)
        )  # fmt: skip
        return StoredRevision(int(number or 0), item, now)

    def _refuse(self, connection: Connection, shown: SourceFetch) -> int:
        """Store unreadable entries that are not known yet and return how many those are."""
        make: Any = insert_lite if self.database.is_sqlite else insert_pg
        new = 0
        for one in shown.refused:
            digest = hashlib.sha256(f"{one.why}\n{one.shown}".encode()).hexdigest()[:32]
            row = {
                "source": shown.source, "digest": digest, "why": one.why[:_SHOWN], "shown": one.shown[:_SHOWN],
                "document": one.document, "ts_seen": shown.ts_seen,
            }  # fmt: skip
            put = make(ItemRefusedRow).values(row).on_conflict_do_nothing().returning(ItemRefusedRow.digest)
            new += connection.execute(put).first() is not None
        return new


def _whole(connection: Connection, names: Sequence[str], steps: Sequence[str] = ()) -> list[StoredRevision]:
    """Return the newest revisions of items with their findings, in the order of their ids."""
    rows = _newest_rows(connection, names)
    return with_findings(connection, [rows[name] for name in names], steps)


def _newest_rows(connection: Connection, names: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(names), _PAGE):
        query = WITH_ITEM.where(
            ItemRow.id.in_(names[start : start + _PAGE]), ItemRevisionRow.revision == ItemRow.revision
        )
        found.update({row.item: row for row in connection.execute(query)})
    return found


def _missing(connection: Connection, source: str, shown: Mapping[str, Sighting]) -> dict[str, StoredRevision]:
    query = WITH_ITEM.where(
        ItemRow.source == source,
        ItemRow.is_withdrawn.is_(False),
        ItemRevisionRow.revision == ItemRow.revision,
    )
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    return {row.item: known_of(row) for row in rows if row.item not in shown}


def _is_another(before: StoredRevision | None, said: Sighting) -> bool:
    if before is None or before.item.is_withdrawn:
        return True
    what = changed_parts(before.item.said, said)
    return bool(what) and (what != ("date",) or before.item.revision <= MOST_REVISIONS_BY_DATE)


def _next(name: str, said: Sighting, before: StoredRevision | None, shown: SourceFetch) -> NewsItem:
    if before is None:
        return NewsItem(name, 1, said, shown.ts_seen, shown.ts_seen, is_generated=shown.is_generated)
    item = before.item
    return replace(item, revision=item.revision + 1, said=said, ts_seen=shown.ts_seen, is_withdrawn=False)


def _withdrawn(before: StoredRevision, ts_seen: int) -> NewsItem:
    item = before.item
    return replace(item, revision=item.revision + 1, ts_seen=ts_seen, is_withdrawn=True)


def _note(connection: Connection, shown: SourceFetch, made: int, refused: int) -> None:
    row = connection.execute(
        select(ItemSourceRow.__table__).where(ItemSourceRow.source == shown.source)
    ).one_or_none()
    values = {
        "ts_fetched": shown.ts_seen,
        "ts_changed": shown.ts_seen if made else (row.ts_changed if row else None),
        "shown": len(shown.sightings),
        "refused": refused + (row.refused if row else 0),
        "max_age_s": shown.max_age_s,
        "left_out": shown.left_out,
    }
    if row is None:
        connection.execute(insert(ItemSourceRow).values(source=shown.source, **values))
    else:
        connection.execute(update(ItemSourceRow).where(ItemSourceRow.source == shown.source).values(values))
