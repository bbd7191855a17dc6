"""The audit chain in the database: records that are bound to one another, and their texts beside."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.part import Part
from vigie.adapters.stores.sql.tables import ChainHeadRow, EventRow, EventTextRow
from vigie.domain.errors import DiskFull, InvariantBroken
from vigie.ports.audit import AuditEvent

FORGOTTEN: Final = "audit.forget"
_START: Final = "0" * 64
_NAME: Final = "chain"
_PAGE: Final = 2_000
# A full disk that lasts for days must not fill the memory.
MOST_WAITING: Final = 10_000
_BOUND: Final = ("seq", "ts", "kind", "actor", "subject", "digest")
_COLUMNS: Final = (*_BOUND, "hash")


@dataclass(frozen=True, slots=True)
class SqlAudit(Part):
    """The chain in the database; keeps the contract of `vigie.ports.audit.AuditLog`.

    Attributes
    ----------
    waiting : list
        Records (actor, kind, subject, text) that a full disk had no room for.
    turn : Lock
        Held by the one who changes that list.
    """

    waiting: list[tuple[str, str, str, Mapping[str, Any]]] = field(default_factory=list, repr=False)
    turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def append(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> AuditEvent:
        """Add a record; it is on the disk when this returns."""
        if self.waiting:
            self._add_waiting()
        with self.database.writing(durable=True) as connection:
            return self.extend(connection, actor, [(kind, subject, text)])[0]

    def _add_waiting(self) -> None:
        with self.turn:
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
            with self.turn:
                self.waiting.append((actor, kind, subject, {**text, "ts": self.clock.wall_now()}))
                del self.waiting[:-MOST_WAITING]

    def extend(
        self, connection: Connection, actor: str, notes: Sequence[tuple[str, str, Mapping[str, Any]]]
    ) -> list[AuditEvent]:
        """Add records (kind, subject, text) inside another store's durable transaction: true with it, or never."""
        if not notes:
            return []
        self.database.hold(connection, "audit")
        head = connection.execute(select(ChainHeadRow.seq, ChainHeadRow.hash)).one_or_none()
        seq, before = (0, _START) if head is None else (head.seq, head.hash)
        now, added = self.clock.wall_now(), []
        texts: list[dict[str, Any]] = []
        for kind, subject, text in notes:
            seq += 1
            written, salt = plain_json(dict(text)), secrets.token_hex(16)
            record: dict[str, Any] = {
                "seq": seq, "ts": now, "kind": kind, "actor": actor, "subject": subject,
                "digest": _digest(salt, written),
            }  # fmt: skip
            before = _bind(before, record)
            added.append(AuditEvent(**record, hash=before, text=json.loads(written)))
            texts.append({"seq": seq, "salt": salt, "text": written})
        connection.execute(
            insert(EventRow), [{name: getattr(one, name) for name in _COLUMNS} for one in added]
        )
        connection.execute(insert(EventTextRow), texts)
        change = (insert if head is None else update)(ChainHeadRow).values(name=_NAME, seq=seq, hash=before)
        connection.execute(change)
        return added

    def after(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records after a number, in order."""
        given: dict[str, Any] = {"after": seq, "most": limit}
        query = _AFTER
        if kinds:
            query, given["kinds"] = _AFTER_OF_KINDS, list(kinds)
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(query, given)]

    def before(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records before a number, the newest first."""
        query = (
            _with_texts().where(EventRow.seq < seq).limit(limit).order_by(None).order_by(EventRow.seq.desc())
        )
        query = query.where(EventRow.kind.in_(kinds)) if kinds else query
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]

    def newest(self) -> int:
        """Return the number of the last record, 0 when there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(ChainHeadRow.seq)) or 0

    def forget(self, actor: str) -> int:
        """Delete the texts of an actor and record that it was done; the chain stays whole."""
        with self.turn:
            self.waiting[:] = [one for one in self.waiting if one[0] != actor]
        of_actor = select(EventRow.seq).where(EventRow.actor == actor, EventRow.kind != FORGOTTEN)
        with self.database.writing("audit", durable=True) as connection:
            gone = connection.execute(delete(EventTextRow).where(EventTextRow.seq.in_(of_actor))).rowcount
            if gone:
                self.extend(connection, actor, [(FORGOTTEN, actor, {"texts": gone})])
        return gone

    def verify(self) -> int:
        """Check the whole chain and return how many records it has.

        Raises
        ------
        InvariantBroken
            Where a record was changed, is missing or was put in, where a text was changed, or is missing without
            having been forgotten.
        """
        seq, before = 0, _START
        silent: dict[str, int] = {}
        with self.database.reading() as connection:
            for row in _pages(connection):
                seq += 1
                _check(row, seq, before)
                before = row.hash
                if row.text is None:
                    silent.setdefault(row.actor, row.seq)
                elif row.kind == FORGOTTEN:
                    silent.pop(row.actor, None)
            head = connection.execute(select(ChainHeadRow.seq, ChainHeadRow.hash)).one_or_none()
        if silent:
            raise InvariantBroken(f"the text of audit record {min(silent.values())} is missing")
        if (seq, before) != ((0, _START) if head is None else (head.seq, head.hash)):
            raise InvariantBroken(f"the audit chain ends at record {seq}, its head says otherwise")
        return seq


def _check(row: Row[Any], seq: int, before: str) -> None:
    if row.seq != seq:
        raise InvariantBroken(f"audit record {seq} is missing")
    if row.hash != _bind(before, {name: getattr(row, name) for name in _BOUND}):
        raise InvariantBroken(f"audit record {seq} was changed")
    if row.text is not None and row.digest != _digest(row.salt, row.text):
        raise InvariantBroken(f"the text of audit record {seq} was changed")


def _pages(connection: Connection) -> Iterator[Row[Any]]:
    # The lowest number that the column holds: a record that was put in before the first is seen, too.
    last = -(2**63)
    while rows := connection.execute(_with_texts().where(EventRow.seq > last).limit(_PAGE)).all():
        yield from rows
        last = rows[-1].seq


def _with_texts() -> Any:
    joined = EventRow.__table__.outerjoin(EventTextRow.__table__, EventTextRow.seq == EventRow.seq)
    columns = select(EventRow.__table__, EventTextRow.salt, EventTextRow.text)
    return columns.select_from(joined).order_by(EventRow.seq)


# Made once: who trades asks twice a second, and making a query takes longer than the database does.
_AFTER: Final = _with_texts().where(EventRow.seq > bindparam("after")).limit(bindparam("most"))
_AFTER_OF_KINDS: Final = _AFTER.where(EventRow.kind.in_(bindparam("kinds", expanding=True)))


def _digest(salt: str, written: str) -> str:
    return hashlib.sha256(f"{salt}\n{written}".encode()).hexdigest()


def _bind(before: str, record: Mapping[str, Any]) -> str:
    parts = [before, *(record[name] for name in _BOUND)]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _event(row: Row[Any]) -> AuditEvent:
    text = None if row.text is None else json.loads(row.text)
    return AuditEvent(row.seq, row.ts, row.kind, row.actor, row.subject, row.digest, row.hash, text)
