"""The audit chain in the database: records that are bound to one another, and their texts beside."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AuditEventRow, AuditTextRow, ChainHeadRow
from vigie.domain.errors import DiskFull, InvariantBroken
from vigie.domain.refusal import with_refusals
from vigie.ports.audit import AuditEvent

FORGET_KIND: Final = "audit.forget"
# Parts of Vigie act under this name: nobody asks to be forgotten under it.
_ITSELF: Final = "vigie"
_FIRST_HASH: Final = "0" * 64
_HEAD_NAME: Final = "chain"
_PAGE_RECORDS: Final = 2_000
# A full disk that lasts for days must not fill the memory.
MAX_WAITING: Final = 10_000
_HASHED_FIELDS: Final = ("seq", "ts", "kind", "actor", "subject", "digest")
_COLUMNS: Final = (*_HASHED_FIELDS, "hash")
# Made once: every change has its records, and making a query takes longer than the database does.
_HEAD_QUERY: Final = select(ChainHeadRow.seq, ChainHeadRow.hash)
_EVENTS_INSERT: Final = insert(AuditEventRow)
_TEXTS_INSERT: Final = insert(AuditTextRow)
_HEAD_INSERT: Final = insert(ChainHeadRow)
_HEAD_UPDATE: Final = update(ChainHeadRow)


@dataclass(frozen=True, slots=True)
class SqlAuditLog(SqlStore):
    """The chain in the database; keeps the contract of `vigie.ports.audit.AuditLog`.

    Attributes
    ----------
    waiting : list
        Records (actor, kind, subject, text) that a full disk had no room for.
    lock : Lock
        Held by the one who changes that list.
    """

    waiting: list[tuple[str, str, str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def append(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> AuditEvent:
        """Add a record; it is on the disk when this returns."""
        if self.waiting:
            self._add_waiting()
        with self.database.writing(durable=True) as connection:
            return self.extend(connection, actor, [(kind, subject, text)])[0]

    def _add_waiting(self) -> None:
        with self.lock:
            earlier = list(self.waiting)
            with self.database.writing(durable=True) as connection:
                for actor, kind, subject, text in earlier:
                    self.extend(connection, actor, [(kind, subject, text)])
            del self.waiting[: len(earlier)]

    def append_later(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> None:
        """Add a record; on a full disk it waits in this process, with its time, and goes before the next one."""
        try:
            self.append(kind, actor=actor, subject=subject, text=text)
        except DiskFull:
            with self.lock:
                self.waiting.append((actor, kind, subject, {**text, "ts": self.clock.wall_now()}))
                del self.waiting[:-MAX_WAITING]

    def extend(
        self, connection: Connection, actor: str, notes: Sequence[tuple[str, str, Mapping[str, Any]]]
    ) -> list[AuditEvent]:
        """Add records (kind, subject, text) inside another store's durable transaction: true with it, or never."""
        if not notes:
            return []
        self.database.acquire_lock(connection, "audit")
        head = connection.execute(_HEAD_QUERY).one_or_none()
        seq, previous_hash = (0, _FIRST_HASH) if head is None else (head.seq, head.hash)
        now, added = self.clock.wall_now(), []
        texts: list[dict[str, Any]] = []
        for kind, subject, text in notes:
            seq += 1
            body_text, salt = plain_json(with_refusals(text)), secrets.token_hex(16)
            record: dict[str, Any] = {
                "seq": seq, "ts": now, "kind": kind, "actor": actor, "subject": subject,
                "digest": _hash_text(salt, body_text),
            }  # fmt: skip
            previous_hash = _hash_record(previous_hash, record)
            added.append(AuditEvent(**record, hash=previous_hash, text=json.loads(body_text)))
            texts.append({"seq": seq, "salt": salt, "text": body_text})
        connection.execute(
            _EVENTS_INSERT,
            [{name: getattr(audit_event, name) for name in _COLUMNS} for audit_event in added],
        )
        connection.execute(_TEXTS_INSERT, texts)
        change = _HEAD_INSERT if head is None else _HEAD_UPDATE
        connection.execute(change, {"name": _HEAD_NAME, "seq": seq, "hash": previous_hash})
        return added

    def after(
        self, seq: int, *, limit: int = 500, kinds: Sequence[str] = (), subject: str = ""
    ) -> Sequence[AuditEvent]:
        """Return records after a number, in order."""
        parameters: dict[str, Any] = {"after": seq, "most": limit}
        query = _AFTER_QUERY
        if kinds:
            query, parameters["kinds"] = _AFTER_WITH_KINDS_QUERY, list(kinds)
        query = query.where(AuditEventRow.subject == subject) if subject else query
        with self.database.reading() as connection:
            return [_to_event(row) for row in connection.execute(query, parameters)]

    def of_person(self, who: str, begins: Sequence[str], *, after: int = 0) -> Sequence[AuditEvent]:
        """Return what a person did and what was done with them, the newest first."""
        kinds = (AuditEventRow.kind.startswith(begin, autoescape=True) for begin in begins)
        query = (
            _records_query()
            .where(AuditEventRow.seq > after, or_(*kinds))
            .where(or_(AuditEventRow.actor == who, AuditEventRow.subject == who))
            .order_by(None)
            .order_by(AuditEventRow.seq.desc())
        )
        with self.database.reading() as connection:
            return [_to_event(row) for row in connection.execute(query)]

    def before(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records before a number, the newest first."""
        query = (
            _records_query()
            .where(AuditEventRow.seq < seq)
            .limit(limit)
            .order_by(None)
            .order_by(AuditEventRow.seq.desc())
        )
        query = query.where(AuditEventRow.kind.in_(kinds)) if kinds else query
        with self.database.reading() as connection:
            return [_to_event(row) for row in connection.execute(query)]

    def newest(self) -> int:
        """Return the number of the last record, 0 when there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(ChainHeadRow.seq)) or 0

    def forget(self, actor: str) -> int:
        """Delete the texts of an actor and record that it was done; the chain stays whole."""
        if actor == _ITSELF:
            return 0
        with self.lock:
            self.waiting[:] = [record for record in self.waiting if record[0] != actor]
        actor_records = select(AuditEventRow.seq).where(
            AuditEventRow.actor == actor, AuditEventRow.kind != FORGET_KIND
        )
        with self.database.writing("audit", durable=True) as connection:
            deleted = connection.execute(
                delete(AuditTextRow).where(AuditTextRow.seq.in_(actor_records))
            ).rowcount
            if deleted:
                self.extend(connection, actor, [(FORGET_KIND, actor, {"texts": deleted})])
        return deleted

    def verify(self) -> int:
        """Check the whole chain and return how many records it has.

        Raises
        ------
        InvariantBroken
            Where a record was changed, is missing or was put in, where a text was changed, or is missing without
            having been forgotten.
        """
        seq, previous_hash = 0, _FIRST_HASH
        missing_texts: dict[str, int] = {}
        with self.database.reading() as connection:
            for row in _read_records(connection):
                seq += 1
                _check_record(row, seq, previous_hash)
                previous_hash = row.hash
                if row.text is None:
                    missing_texts.setdefault(row.actor, row.seq)
                elif row.kind == FORGET_KIND and row.actor == row.subject != _ITSELF:
                    missing_texts.pop(row.actor, None)
            head = connection.execute(select(ChainHeadRow.seq, ChainHeadRow.hash)).one_or_none()
        if missing_texts:
            raise InvariantBroken(
                "text_audit_log_entry_missing",
                "the text of audit log entry {missing_texts} is missing",
                missing_texts=min(missing_texts.values()),
            )
        if (seq, previous_hash) != ((0, _FIRST_HASH) if head is None else (head.seq, head.hash)):
            raise InvariantBroken(
                "audit_log_ends_entry", "the audit log ends at entry {seq}, its head says otherwise", seq=seq
            )
        return seq


def _check_record(row: Row[Any], seq: int, previous_hash: str) -> None:
    if row.seq != seq:
        raise InvariantBroken("audit_log_entry_missing", "audit log entry {seq} is missing", seq=seq)
    if row.hash != _hash_record(previous_hash, {name: getattr(row, name) for name in _HASHED_FIELDS}):
        raise InvariantBroken("audit_log_entry_changed", "audit log entry {seq} was changed", seq=seq)
    if row.text is not None and row.digest != _hash_text(row.salt, row.text):
        raise InvariantBroken(
            "text_audit_log_entry_changed", "the text of audit log entry {seq} was changed", seq=seq
        )


def _read_records(connection: Connection) -> Iterator[Row[Any]]:
    # The lowest number that the column holds: a record that was put in before the first is seen, too.
    last = -(2**63)
    while rows := connection.execute(
        _records_query().where(AuditEventRow.seq > last).limit(_PAGE_RECORDS)
    ).all():
        yield from rows
        last = rows[-1].seq


def _records_query() -> Any:
    joined = AuditEventRow.__table__.outerjoin(AuditTextRow.__table__, AuditTextRow.seq == AuditEventRow.seq)
    columns = select(AuditEventRow.__table__, AuditTextRow.salt, AuditTextRow.text)
    return columns.select_from(joined).order_by(AuditEventRow.seq)


# Made once: who trades asks twice a second, and making a query takes longer than the database does.
_AFTER_QUERY: Final = _records_query().where(AuditEventRow.seq > bindparam("after")).limit(bindparam("most"))
_AFTER_WITH_KINDS_QUERY: Final = _AFTER_QUERY.where(
    AuditEventRow.kind.in_(bindparam("kinds", expanding=True))
)


def _hash_text(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def _hash_record(previous_hash: str, record: Mapping[str, Any]) -> str:
    parts = [previous_hash, *(record[name] for name in _HASHED_FIELDS)]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _to_event(row: Row[Any]) -> AuditEvent:
    text = None if row.text is None else json.loads(row.text)
    return AuditEvent(row.seq, row.ts, row.kind, row.actor, row.subject, row.digest, row.hash, text)
