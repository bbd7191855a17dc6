"""The audit chain in the database: records that are bound to one another, and their texts beside."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.part import Part
from vigie.adapters.stores.sql.tables import ChainHeadRow, EventRow, EventTextRow
from vigie.domain.errors import InvariantBroken
from vigie.ports.audit import Event

FORGOTTEN: Final = "audit.forget"
_START: Final = "0" * 64
_NAME: Final = "chain"
_PAGE: Final = 2_000


class SqlAudit(Part):
    """The chain in the database; keeps the contract of `vigie.ports.audit.Audit`."""

    __slots__ = ()

    def append(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> Event:
        """Add a record; it is on the disk when this returns."""
        with self.database.writing("audit", durable=True) as connection:
            return self._add(connection, kind, actor, subject, text)

    def _add(
        self, connection: Connection, kind: str, actor: str, subject: str, text: Mapping[str, Any]
    ) -> Event:
        head = connection.execute(select(ChainHeadRow.seq, ChainHeadRow.hash)).one_or_none()
        seq, before = (0, _START) if head is None else (head.seq, head.hash)
        written, salt = plain_json(dict(text)), secrets.token_hex(16)
        record: dict[str, Any] = {
            "seq": seq + 1, "ts": self.clock.wall_now(), "kind": kind, "actor": actor, "subject": subject,
            "digest": _digest(salt, written),
        }  # fmt: skip
        own = _bind(before, record)
        connection.execute(insert(EventRow).values(**record, hash=own))
        connection.execute(insert(EventTextRow).values(seq=seq + 1, salt=salt, text=written))
        if head is None:
            connection.execute(insert(ChainHeadRow).values(name=_NAME, seq=1, hash=own))
        else:
            connection.execute(update(ChainHeadRow).values(seq=seq + 1, hash=own))
        return Event(**record, hash=own, text=json.loads(written))

    def after(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[Event]:
        """Return records after a number, in order."""
        query = _with_texts().where(EventRow.seq > seq).limit(limit)
        query = query.where(EventRow.kind.in_(kinds)) if kinds else query
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(query)]

    def newest(self) -> int:
        """Return the number of the last record, 0 when there is none."""
        with self.database.reading() as connection:
            return connection.scalar(select(ChainHeadRow.seq)) or 0

    def forget(self, actor: str) -> int:
        """Delete the texts of an actor and record that it was done; the chain stays whole."""
        of_actor = select(EventRow.seq).where(EventRow.actor == actor, EventRow.kind != FORGOTTEN)
        with self.database.writing("audit", durable=True) as connection:
            gone = connection.execute(delete(EventTextRow).where(EventTextRow.seq.in_(of_actor))).rowcount
            if gone:
                self._add(connection, FORGOTTEN, actor, actor, {"texts": gone})
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
    names = ("seq", "ts", "kind", "actor", "subject", "digest")
    if row.hash != _bind(before, {name: getattr(row, name) for name in names}):
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


def _digest(salt: str, written: str) -> str:
    return hashlib.sha256(f"{salt}\n{written}".encode()).hexdigest()


def _bind(before: str, record: Mapping[str, Any]) -> str:
    parts = [before, *(record[name] for name in ("seq", "ts", "kind", "actor", "subject", "digest"))]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def _event(row: Row[Any]) -> Event:
    text = None if row.text is None else json.loads(row.text)
    return Event(row.seq, row.ts, row.kind, row.actor, row.subject, row.digest, row.hash, text)
