"""Raw documents as JSON in the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select

from vigie.adapters.stores.plain_json import plain_json
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import DocumentRow
from vigie.ports.documents import Document


class SqlDocuments(SqlStore):
    """Documents in the database; keeps the contract of `vigie.ports.documents.DocumentStore`."""

    __slots__ = ()

    def put(self, kind: str, key: str, ts_known: int, body: Mapping[str, Any]) -> Document:
        """Keep a document; one whose body is that of the key's newest is not kept again."""
        body_text = plain_json(dict(body))
        plain_body, length = json.loads(body_text), len(body_text.encode())
        digest = hashlib.sha256(body_text.encode()).hexdigest()
        document_id = hashlib.sha256("\n".join((kind, key, str(ts_known), digest)).encode()).hexdigest()[:32]
        with self.database.writing(f"documents {kind} {key}") as connection:
            for query in (
                _newest_query(kind, key),
                select(DocumentRow.__table__).where(DocumentRow.id == document_id),
            ):
                row = connection.execute(query).one_or_none()
                if row is not None and row.digest == digest:
                    return _to_document(row)
            connection.execute(
                insert(DocumentRow).values(
                    id=document_id,
                    kind=kind,
                    key=key,
                    ts_known=ts_known,
                    digest=digest,
                    bytes=length,
                    body=plain_body,
                )
            )
        return Document(document_id, kind, key, ts_known, plain_body)

    def get(self, document: str) -> Document | None:
        """Return a document by id."""
        with self.database.reading() as connection:
            row = connection.execute(
                select(DocumentRow.__table__).where(DocumentRow.id == document)
            ).one_or_none()
        return None if row is None else _to_document(row)

    def newest(self, kind: str, key: str) -> Document | None:
        """Return the newest of a key."""
        with self.database.reading() as connection:
            row = connection.execute(_newest_query(kind, key)).one_or_none()
        return None if row is None else _to_document(row)

    def list(
        self,
        kind: str,
        *,
        after_ms: int = 0,
        before_ms: int | None = None,
        limit: int = 100,
        is_newest_first: bool = False,
    ) -> Sequence[Document]:
        """Return documents of a kind known at `after_ms` or later and before `before_ms`, in the order asked for."""
        order = (DocumentRow.ts_known, DocumentRow.id)
        query = (
            select(DocumentRow.__table__)
            .where(DocumentRow.kind == kind, DocumentRow.ts_known >= after_ms)
            .order_by(*(column.desc() if is_newest_first else column for column in order))
            .limit(limit)
        )
        query = query if before_ms is None else query.where(DocumentRow.ts_known < before_ms)
        with self.database.reading() as connection:
            return [_to_document(row) for row in connection.execute(query)]

    def remove_before(self, ts_known: int, *, kind: str | None = None) -> int:
        """Remove old ones and return how many."""
        # Kind by kind, as the index has them: without it, every body would be passed over.
        kinds = [kind] if kind is not None else self._list_kinds()
        return sum(
            self.remove_in_batches(
                DocumentRow, DocumentRow.kind == document_kind, DocumentRow.ts_known < ts_known
            )
            for document_kind in kinds
        )

    def _list_kinds(self) -> Sequence[str]:
        with self.database.reading() as connection:
            return connection.scalars(select(DocumentRow.kind).distinct()).all()

    def size_bytes(self) -> int:
        """Return how long all bodies are as JSON."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.coalesce(func.sum(DocumentRow.bytes), 0))) or 0)


def _newest_query(kind: str, key: str) -> Any:
    return (
        select(DocumentRow.__table__)
        .where(DocumentRow.kind == kind, DocumentRow.key == key)
        .order_by(DocumentRow.ts_known.desc(), DocumentRow.id.desc())
        .limit(1)
    )


def _to_document(row: Row[Any]) -> Document:
    return Document(row.id, row.kind, row.key, row.ts_known, row.body)
