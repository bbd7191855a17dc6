"""What people own in the database; keeps the contract of `vigie.ports.holdings`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Final, get_args

from sqlalchemy import Connection, ForeignKey, Index, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AutoIncrementInt, Base
from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.domain.holding import (
    BatchKind,
    HoldingBatch,
    HoldingRecord,
    SortedRecords,
    TransferPair,
    current_records,
    holding_event,
    named_coins,
    refusal_name,
    revisions_in_force,
    sort_records,
)

_PAGE: Final = 1_000
_KINDS: Final[dict[str, BatchKind]] = {kind: kind for kind in get_args(BatchKind)}


class StoredHoldingBatch(Base):
    """Events of what a person owns that came together."""

    __tablename__ = "holding_batches"
    id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    ts_added: Mapped[int]
    ts_undone: Mapped[int | None]
    __table_args__ = (Index(None, "owner", "ts_added"),)


class StoredHoldingRevision(Base):
    """What a batch said of an event."""

    __tablename__ = "holding_revisions"
    number: Mapped[int] = mapped_column(AutoIncrementInt, primary_key=True, autoincrement=True)
    owner: Mapped[str]
    event: Mapped[str]
    batch: Mapped[str] = mapped_column(ForeignKey("holding_batches.id", ondelete="CASCADE"))
    content: Mapped[str]
    __table_args__ = (Index(None, "owner", "event"), Index(None, "batch"))


class SqlHoldings(SqlStore):
    """What people own."""

    __slots__ = ()

    def records(self, owner: str) -> Sequence[HoldingRecord]:
        """Return the events of a person that are in force, in the order they came."""
        with self.database.reading() as connection:
            return list(current_records(_revisions(connection, owner))[0].values())

    def version(self, owner: str) -> str:
        """Return a text that changes with what is in force of a person, without reading it."""
        batch, row = StoredHoldingBatch, StoredHoldingRevision
        # Numbers of rows may come again once all of them are gone; ids of batches do not.
        newest = select(row.batch).where(row.owner == owner).order_by(row.number.desc()).limit(1)
        undone = select(func.count()).where(batch.owner == owner, batch.ts_undone.is_not(None))
        with self.database.reading() as connection:
            return f"{connection.scalar(newest) or ''}/{connection.scalar(undone)}"

    def coins(self) -> Sequence[str]:
        """Return the coins that anybody's batches name, undone ones left out: their prices are collected."""
        batch, row = StoredHoldingBatch, StoredHoldingRevision
        query = select(row.content).distinct().join(batch, batch.id == row.batch)
        query = query.where(batch.ts_undone.is_(None), row.content != "")
        found: set[str] = set()
        with self.database.reading() as connection:
            for content in connection.scalars(query):
                found |= named_coins(holding_event(HoldingRecord("", content)))
        return sorted(found)

    def revisions(self, owner: str, event: str) -> Sequence[HoldingRecord]:
        """Return what an event was, the oldest first, undone batches left out."""
        with self.database.reading() as connection:
            return [record for record, _ in _of_event(connection, owner, event)]

    def batches(self, owner: str) -> Sequence[HoldingBatch]:
        """Return the batches of a person, the newest first, undone ones too."""
        batch, revision = StoredHoldingBatch, StoredHoldingRevision
        count = select(func.count()).where(revision.batch == batch.id).scalar_subquery()
        columns = (batch.id, batch.kind, batch.name, batch.ts_added, count.label("n_events"), batch.ts_undone)
        newest_first = (batch.ts_added.desc(), batch.id)
        query = select(*columns).where(batch.owner == owner).order_by(*newest_first)
        with self.database.reading() as connection:
            return [HoldingBatch(**row) for row in connection.execute(query).mappings()]

    def add(
        self,
        owner: str,
        kind: BatchKind,
        name: str,
        records: Sequence[HoldingRecord],
        *,
        most: int,
        dry_run: bool = False,
    ) -> tuple[str, SortedRecords]:
        """Add events that are not known yet as one batch, all or none."""
        if dry_run:
            with self.database.reading() as connection:
                return "", _sort(connection, owner, records, most)
        with self.database.writing(f"holdings {owner}", durable=True) as connection:
            found = _sort(connection, owner, records, most)
            if found.conflicting or not found.new:
                return "", found
            return self._add_batch(connection, owner, kind, name, found.new), found

    def correct(self, owner: str, record: HoldingRecord, *, before: str) -> str:
        """Put another content in the place of an event's, or none to take it away; the former one is kept."""
        with self.database.writing(f"holdings {owner}", durable=True) as connection:
            _ensure_says(_of_event(connection, owner, record.event), record.event, before)
            return self._add_batch(connection, owner, "correction", "", [record])

    def join(self, owner: str, pairs: Sequence[TransferPair]) -> str:
        """Put one transfer in the place of what left and what arrived, for all pairs or none; both are kept."""
        with self.database.writing(f"holdings {owner}", durable=True) as connection:
            revisions: dict[str, list[tuple[HoldingRecord, BatchKind]]] = {}
            for record, kind in revisions_in_force(_revisions(connection, owner)):
                revisions.setdefault(record.event, []).append((record, kind))
            for pair in pairs:
                for record, before in ((pair.left, pair.left_before), (pair.arrived, pair.arrived_before)):
                    _ensure_says(revisions.get(record.event, []), record.event, before)
            records = [record for pair in pairs for record in (pair.left, pair.arrived)]
            return self._add_batch(connection, owner, "transfer", "", records)

    def refuse(self, owner: str, left: str, arrived: str) -> str:
        """Remember that two events are no transfer."""
        return self._keep_name(owner, "refusal", refusal_name(left, arrived))

    def refusals(self, owner: str) -> Mapping[str, str]:
        """Return the refusals that were not undone."""
        with self.database.reading() as connection:
            return _names(connection, owner, "refusal")

    def include(self, owner: str, account: str) -> str:
        """Remember that a trading account is to stand beside what a person owns."""
        return self._keep_name(owner, "account", account)

    def included(self, owner: str) -> Mapping[str, str]:
        """Return the accounts that stand beside what a person owns."""
        with self.database.reading() as connection:
            return _names(connection, owner, "account")

    def _keep_name(self, owner: str, kind: BatchKind, name: str) -> str:
        """Keep a batch that is a name alone, once."""
        with self.database.writing(f"holdings {owner}", durable=True) as connection:
            kept = _names(connection, owner, kind).get(name)
            return kept or self._add_batch(connection, owner, kind, name, [])

    def undo(self, owner: str, batch: str) -> int:
        """Undo a batch: what it brought is gone with its corrections, what it corrected is as before."""
        row, revision = StoredHoldingBatch, StoredHoldingRevision
        is_it = (row.owner == owner) & (row.id == batch)
        with self.database.writing(f"holdings {owner}", durable=True) as connection:
            if connection.execute(select(row.id).where(is_it)).first() is None:
                raise NotFound("no_holding_batch", "there is no batch {batch!r}", batch=batch)
            undone = connection.execute(
                update(row).where(is_it, row.ts_undone.is_(None)).values(ts_undone=self.clock.wall_now())
            ).rowcount
            count = connection.scalar(select(func.count()).where(revision.batch == batch)) or 0
        return (count or 1) if undone else 0

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another."""
        with self.database.writing("holdings") as connection:
            for row in (StoredHoldingRevision, StoredHoldingBatch):
                connection.execute(update(row).where(row.owner == before).values(owner=after))

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person."""
        with self.database.writing("holdings") as connection:
            for row in (StoredHoldingRevision, StoredHoldingBatch):
                connection.execute(delete(row).where(row.owner == owner))

    def _add_batch(
        self, connection: Connection, owner: str, kind: BatchKind, name: str, records: Sequence[HoldingRecord]
    ) -> str:
        batch = f"h{secrets.token_hex(8)}"
        values = {"id": batch, "owner": owner, "kind": kind, "name": name, "ts_added": self.clock.wall_now()}
        connection.execute(insert(StoredHoldingBatch).values(values))
        for place in range(0, len(records), _PAGE):
            page = records[place : place + _PAGE]
            rows = [
                {"owner": owner, "event": record.event, "batch": batch, "content": record.content}
                for record in page
            ]
            connection.execute(insert(StoredHoldingRevision), rows)
        return batch


def _revisions(connection: Connection, owner: str, event: str = "") -> list[tuple[HoldingRecord, BatchKind]]:
    """Return what all batches that are in force said, in the order they came."""
    batch, row = StoredHoldingBatch, StoredHoldingRevision
    query = select(row.event, row.content, row.batch, batch.kind).join(batch, batch.id == row.batch)
    query = query.where(row.owner == owner, batch.ts_undone.is_(None)).order_by(row.number)
    if event:
        query = query.where(row.event == event)
    return [
        (HoldingRecord(event, content, batch_id), _KINDS[kind])
        for event, content, batch_id, kind in connection.execute(query)
    ]


def _of_event(connection: Connection, owner: str, event: str) -> list[tuple[HoldingRecord, BatchKind]]:
    """Return what an event said; one that was joined needs all others: of a pair both are in force or none."""
    revisions = _revisions(connection, owner, event)
    if any(kind == "transfer" for _, kind in revisions):
        revisions = _revisions(connection, owner)
    return [one for one in revisions_in_force(revisions) if one[0].event == event]


def _ensure_says(revisions: Sequence[tuple[HoldingRecord, BatchKind]], event: str, before: str) -> None:
    """Refuse to correct what is not there, was changed meanwhile, or is half of a joined transfer."""
    if not revisions or not revisions[-1][0].content:
        raise NotFound("no_holding_event", "there is no line {event!r}", event=event)
    (record, kind) = revisions[-1]
    if kind == "transfer":
        raise Conflict(
            "holding_is_joined",
            "the line was joined from what left and what arrived; undo that first: batch {batch}",
            batch=record.batch,
        )
    if record.content != before:
        raise Conflict("holding_changed_meanwhile", "the line was changed meanwhile; open it again")


def _names(connection: Connection, owner: str, kind: BatchKind) -> dict[str, str]:
    batch = StoredHoldingBatch
    query = select(batch.name, batch.id).where(
        batch.owner == owner, batch.kind == kind, batch.ts_undone.is_(None)
    )
    return {row.name: row.id for row in connection.execute(query)}


def _sort(connection: Connection, owner: str, records: Sequence[HoldingRecord], most: int) -> SortedRecords:
    """Tell what is not known yet; refuses more events than a person may have."""
    said = current_records(_revisions(connection, owner))[1]
    found = sort_records(said, records)
    if found.new and len(said) + len(found.new) > most:
        raise UsageError(
            "most_holding_events",
            "you can keep at most {most} lines, would be {count}; undo a batch first",
            most=most,
            count=len(said) + len(found.new),
        )
    return found
