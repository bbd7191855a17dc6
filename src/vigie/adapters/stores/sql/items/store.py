"""Items in the database; keeps the contract of `vigie.ports.items.ItemStore`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_pg
from sqlalchemy.dialects.sqlite import insert as insert_lite

from vigie.adapters.stores.sql.items import glancing, joining, reading, searching
from vigie.adapters.stores.sql.items.rows import (
    REVISIONS_WITH_ITEM,
    history_rows,
    newest_rows,
    to_revision,
    with_findings,
)
from vigie.adapters.stores.sql.items.tables import ItemRevisionRow, ItemRow, ItemSourceRow, UnreadableEntryRow
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.domain.item import NewsItem, Sighting, changed_parts, item_id
from vigie.ports.item_glances import ItemGlance
from vigie.ports.item_queries import ItemQuery, TagCount
from vigie.ports.item_readings import ItemReading, StoryJoin
from vigie.ports.items import Arrival, StoredRevision
from vigie.ports.source_fetches import SourceFetch, SourceFetchState, UnreadableEntry

# A source that stamps everything anew at each fetch is believed so often and no more.
MAX_REVISIONS_BY_DATE: Final = 5
_MAX_SHOWN: Final = 400


class SqlItems(SqlStore):
    """Items, their revisions and findings."""

    __slots__ = ()

    def take(self, fetch: SourceFetch) -> Sequence[StoredRevision]:
        """Store what a fetch showed and return the revisions that this made."""
        by_id = {item_id(entry.source, entry.key): entry for entry in fetch.sightings}
        with self.database.writing(f"items {fetch.source}") as connection:
            before = {name: to_revision(row) for name, row in newest_rows(connection, list(by_id)).items()}
            new_revisions = [
                self._put_revision(
                    connection, _next_revision(name, sighting, before.get(name), fetch), before.get(name)
                )
                for name, sighting in by_id.items()
                if _is_changed(before.get(name), sighting) and not (fetch.is_generated and name in before)
            ]
            if fetch.is_generated:
                return new_revisions
            if fetch.is_whole:
                missing = _find_missing(connection, fetch.source, by_id)
                new_revisions += [
                    self._put_revision(connection, _withdraw_item(entry, fetch.ts_seen), entry)
                    for entry in missing.values()
                ]
            n_unreadable = self._put_unreadable(connection, fetch)
            _update_source(connection, fetch, len(new_revisions), n_unreadable)
        return new_revisions

    def get(self, item: str) -> Sequence[StoredRevision]:
        """Return every revision of an item with what was found in it, oldest first."""
        return self.histories([item]).get(item, [])

    def histories(
        self, items: Sequence[str], steps: tuple[str, ...] = (), *, has_text: bool = True
    ) -> Mapping[str, Sequence[StoredRevision]]:
        """Return by item every revision, read at once, oldest first; an item that there is not is not there."""
        revisions_by_item: dict[str, list[StoredRevision]] = {}
        if not items:
            return revisions_by_item
        with self.database.reading() as connection:
            rows = history_rows(connection, items, has_text=has_text)
            for revision in with_findings(connection, rows, steps):
                revisions_by_item.setdefault(revision.item.id, []).append(revision)
        return revisions_by_item

    def query(self, item_query: ItemQuery) -> Sequence[StoredRevision]:
        """Return the newest revision of each item asked for, with its findings, newest first."""
        with self.database.reading() as connection:
            # Ids first: a word that half of all items have would bring along half of all texts.
            query = searching.list_query(item_query, is_sqlite=self.database.is_sqlite)
            ids = connection.scalars(query, searching.list_values(item_query)).all()
            return _load_revisions(connection, ids, item_query.steps, has_text=item_query.has_text)

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
        """Return by value of a kind the newest revision of each item that has it, newest first, so many of each."""
        with self.database.reading() as connection:
            ids = _list_ids(searching.list_tagged_ids(connection, kind, values, before_ms), limit, least)
            all_ids = list(dict.fromkeys(name for names in ids.values() for name in names))
            revisions = _load_revisions(connection, all_ids, steps, has_text=has_text)
            revisions_by_id = dict(zip(all_ids, revisions, strict=True))
        return {value: [revisions_by_id[name] for name in names] for value, names in ids.items()}

    def glance(self, item_query: ItemQuery) -> Sequence[ItemGlance]:
        """Return of each item asked for what lists go by, newest first."""
        with self.database.reading() as connection:
            return glancing.glance_at(connection, item_query, is_sqlite=self.database.is_sqlite)

    def glance_tagged(
        self,
        kind: str,
        values: Sequence[str],
        *,
        limit: int = 50,
        steps: tuple[str, ...] = (),
        least: int = 1,
    ) -> Mapping[str, Sequence[ItemGlance]]:
        """Return by value of a kind what lists go by of each item that has it, newest first, so many of each."""
        with self.database.reading() as connection:
            ids = _list_ids(searching.list_tagged_ids(connection, kind, values, None), limit, least)
            return glancing.glance_at_tagged(connection, ids, steps)

    def count_hits(self, item_query: ItemQuery) -> int:
        """Return how many items are asked for, however many of them a list would have."""
        with self.database.reading() as connection:
            query = searching.count_query(item_query, is_sqlite=self.database.is_sqlite)
            return connection.scalar(query, searching.list_values(item_query)) or 0

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
            return searching.count_tags(connection, kind, tags or {}, after_ms, limit)

    def list_unread(self, steps: str, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions that these steps did not read, never read ones first, each group oldest first."""
        with self.database.reading() as connection:
            return with_findings(connection, reading.find_unread(connection, steps, limit))

    def list_seen(self, *, after_ms: int, before_number: int) -> Sequence[StoredRevision]:
        """Return revisions seen at a time or later, before a revision, oldest first, with their findings."""
        query = REVISIONS_WITH_ITEM.where(
            ItemRevisionRow.ts_seen >= after_ms, ItemRevisionRow.number < before_number
        ).order_by(ItemRevisionRow.number)
        with self.database.reading() as connection:
            return with_findings(connection, connection.execute(query).all())

    def put_readings(self, readings: Sequence[ItemReading]) -> None:
        """Store what was found, all of it or nothing."""
        with self.database.writing("items read") as connection:
            for item_reading in readings:
                reading.put_findings(connection, item_reading)
                joining.put_joins(connection, item_reading)

    def mark_read(self, readings: Sequence[ItemReading]) -> None:
        """Note that everything that follows from reading these was done."""
        now = self.clock.wall_now()
        with self.database.writing("items read") as connection:
            for item_reading in readings:
                mark = update(ItemRevisionRow).where(ItemRevisionRow.number == item_reading.number)
                connection.execute(
                    mark.values(
                        reading=item_reading.steps, ts_read=func.coalesce(ItemRevisionRow.ts_read, now)
                    )
                )

    def joins_of(self, stories: Sequence[str]) -> Sequence[StoryJoin]:
        """Return the joins in which one of these stories ended or was kept, oldest first."""
        with self.database.reading() as connection:
            return joining.find_joins(connection, stories)

    def named_after(self, number: int | None) -> tuple[int, Sequence[str]]:
        """Return up to which number revisions were read, and the assets that those read after a number name."""
        with self.database.reading() as connection:
            return searching.named_after(connection, number)

    def read_after(self, number: int, *, limit: int) -> Sequence[StoredRevision]:
        """Return revisions after a number in their order, up to the first that was not read; without findings."""
        with self.database.reading() as connection:
            return reading.read_after(connection, number, limit)

    def list_unreadable(self, source: str = "", *, limit: int = 50) -> Sequence[UnreadableEntry]:
        """Return entries that could not be read, newest first."""
        query = select(UnreadableEntryRow.__table__).order_by(
            UnreadableEntryRow.ts_seen.desc(), UnreadableEntryRow.source, UnreadableEntryRow.digest
        )
        query = query.where(UnreadableEntryRow.source == source) if source else query
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

    def _put_revision(
        self, connection: Connection, item: NewsItem, before: StoredRevision | None
    ) -> StoredRevision:
        sighting = item.content
        if before is None:
            connection.execute(
                insert(ItemRow).values(
                    id=item.id, source=sighting.source, key=sighting.key, revision=item.revision, ts=item.ts,
                    ts_first_seen=item.ts_first_seen, language=sighting.language, is_withdrawn=False,
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
                item=item.id, revision=item.revision, url=sighting.url, title=sighting.title, text=sighting.text,
                author=sighting.author, language=sighting.language, ts_published=sighting.ts_published,
                precision=sighting.precision, document=sighting.document, ts_seen=item.ts_seen, ts_wall=now,
                is_withdrawn=item.is_withdrawn, reading="", ts_read=None,
            )
            .returning(ItemRevisionRow.number)
        )  # fmt: skip
        return StoredRevision(int(number or 0), item, now)

    def _put_unreadable(self, connection: Connection, fetch: SourceFetch) -> int:
        """Store unreadable entries that are not known yet and return how many those are."""
        dialect_insert: Any = insert_lite if self.database.is_sqlite else insert_pg
        n_new = 0
        for unreadable in fetch.refused:
            digest = hashlib.sha256(f"{unreadable.why}\n{unreadable.shown}".encode()).hexdigest()[:32]
            row = {
                "source": fetch.source, "digest": digest, "why": unreadable.why[:_MAX_SHOWN],
                "shown": unreadable.shown[:_MAX_SHOWN],
                "document": unreadable.document, "ts_seen": fetch.ts_seen,
            }  # fmt: skip
            statement = (
                dialect_insert(UnreadableEntryRow)
                .values(row)
                .on_conflict_do_nothing()
                .returning(UnreadableEntryRow.digest)
            )
            n_new += connection.execute(statement).first() is not None
        return n_new


def _list_ids(tagged: Sequence[Row[str, str]], limit: int, least: int) -> dict[str, list[str]]:
    """Return the ids of items by value, so many of each; none of a value that too few have."""
    ids: dict[str, list[str]] = {}
    for value, name in tagged:
        ids.setdefault(value, []).append(name)
    return {value: names[:limit] if len(names) >= least else [] for value, names in ids.items()}


def _load_revisions(
    connection: Connection, names: Sequence[str], steps: Sequence[str] = (), *, has_text: bool = True
) -> list[StoredRevision]:
    """Return the newest revisions of items with their findings, in the order of their ids."""
    rows = newest_rows(connection, names, has_text=has_text)
    return with_findings(connection, [rows[name] for name in names], steps)


def _find_missing(
    connection: Connection, source: str, sightings: Mapping[str, Sighting]
) -> dict[str, StoredRevision]:
    query = REVISIONS_WITH_ITEM.where(
        ItemRow.source == source,
        ItemRow.is_withdrawn.is_(False),
        ItemRevisionRow.revision == ItemRow.revision,
    )
    rows: Sequence[Row[Any]] = connection.execute(query).all()
    return {row.item: to_revision(row) for row in rows if row.item not in sightings}


def _is_changed(before: StoredRevision | None, sighting: Sighting) -> bool:
    if before is None or before.item.is_withdrawn:
        return True
    parts = changed_parts(before.item.content, sighting)
    return bool(parts) and (parts != ("date",) or before.item.revision <= MAX_REVISIONS_BY_DATE)


def _next_revision(
    name: str, sighting: Sighting, before: StoredRevision | None, fetch: SourceFetch
) -> NewsItem:
    if before is None:
        return NewsItem(name, 1, sighting, fetch.ts_seen, fetch.ts_seen, is_generated=fetch.is_generated)
    item = before.item
    return replace(
        item, revision=item.revision + 1, content=sighting, ts_seen=fetch.ts_seen, is_withdrawn=False
    )


def _withdraw_item(before: StoredRevision, ts_seen: int) -> NewsItem:
    item = before.item
    return replace(item, revision=item.revision + 1, ts_seen=ts_seen, is_withdrawn=True)


def _update_source(connection: Connection, fetch: SourceFetch, n_new: int, n_unreadable: int) -> None:
    row = connection.execute(
        select(ItemSourceRow.__table__).where(ItemSourceRow.source == fetch.source)
    ).one_or_none()
    values = {
        "ts_fetched": fetch.ts_seen,
        "ts_changed": fetch.ts_seen if n_new else (row.ts_changed if row else None),
        "shown": len(fetch.sightings),
        "refused": n_unreadable + (row.refused if row else 0),
        "max_age_s": fetch.max_age_s,
        "left_out": fetch.left_out,
    }
    if row is None:
        connection.execute(insert(ItemSourceRow).values(source=fetch.source, **values))
    else:
        connection.execute(update(ItemSourceRow).where(ItemSourceRow.source == fetch.source).values(values))
