"""Raw documents in MongoDB.

Bodies are kept as JSON text: so they come back exactly, whatever their keys and numbers are. Only operations on
single documents and plain indexes are used. It is tested against mongomock, not against a server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from vigie.adapters.stores.plain_json import plain_json
from vigie.domain.errors import ConfigError, DataError, StorageError
from vigie.ports.documents import Document

DATABASE_NAME: Final = "vigie"
TIMEOUT_MS: Final = 5_000
# A document of MongoDB holds 16 MiB, its other fields included.
MAX_BODY_BYTES: Final = 15 * 1024 * 1024


def open_mongo(url: str) -> MongoDocuments:
    """Open the store at ``mongodb://user:secret@host/name``; without a name it is ``vigie``.

    Raises
    ------
    ConfigError
        If the driver is not installed, or the address is none.
    StorageError
        If nobody answers there.
    """
    try:
        import pymongo
        from pymongo.errors import InvalidURI, PyMongoError
    except ImportError:
        raise ConfigError(
            "mongodb_url_requires_driver", "MONGODB_URL requires the driver: pip install 'vigie[mongo]'"
        ) from None
    try:
        client: Any = pymongo.MongoClient(url, serverSelectionTimeoutMS=TIMEOUT_MS)
        database = client.get_default_database(DATABASE_NAME)
    except (InvalidURI, ValueError) as fault:
        raise ConfigError(
            "mongodb_url_must_look_like",
            "MONGODB_URL must look like mongodb://user:secret@host/name: {fault}",
            fault=fault,
        ) from None
    except PyMongoError as fault:
        raise ConfigError(
            "mongodb_url_cannot_used", "MONGODB_URL cannot be used: {fault}", fault=fault
        ) from None
    return MongoDocuments(database)


class MongoDocuments:
    """Documents in a database of MongoDB; keeps the contract of `vigie.ports.documents.DocumentStore`."""

    def __init__(self, database: Any) -> None:
        self._collection = database["documents"]
        with _translate_errors():
            self._collection.create_index([("kind", 1), ("key", 1), ("ts_known", -1)])
            self._collection.create_index([("kind", 1), ("ts_known", 1)])
            self._collection.create_index([("ts_known", 1)])

    def put(self, kind: str, key: str, ts_known: int, body: Mapping[str, Any]) -> Document:
        """Keep a document; one whose body is that of the key's newest is not kept again."""
        body_text = plain_json(dict(body))
        length = len(body_text.encode())
        if length > MAX_BODY_BYTES:
            raise DataError(
                "document_mongodb_must_most_bytes",
                "a document for MongoDB must have at most {max_body_bytes} bytes, had {length}",
                max_body_bytes=MAX_BODY_BYTES,
                length=length,
            )
        digest = hashlib.sha256(body_text.encode()).hexdigest()
        document_id = hashlib.sha256("\n".join((kind, key, str(ts_known), digest)).encode()).hexdigest()[:32]
        row = {
            "_id": document_id, "kind": kind, "key": key, "ts_known": ts_known, "digest": digest, "bytes": length,
            "body": body_text,
        }  # fmt: skip
        with _translate_errors():
            newest = self._newest(kind, key)
            if newest is not None and newest["digest"] == digest:
                return _to_document(newest)
            # The name says all that the row holds: writing it twice changes nothing.
            self._collection.replace_one({"_id": document_id}, row, upsert=True)
        return _to_document(row)

    def get(self, document: str) -> Document | None:
        """Return a document by id."""
        with _translate_errors():
            row = self._collection.find_one({"_id": document})
        return None if row is None else _to_document(row)

    def newest(self, kind: str, key: str) -> Document | None:
        """Return the newest of a key."""
        with _translate_errors():
            row = self._newest(kind, key)
        return None if row is None else _to_document(row)

    def _newest(self, kind: str, key: str) -> Any:
        return self._collection.find_one({"kind": kind, "key": key}, sort=[("ts_known", -1), ("_id", -1)])

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
        span: dict[str, int] = {"$gte": after_ms}
        if before_ms is not None:
            span["$lt"] = before_ms
        with _translate_errors():
            direction = -1 if is_newest_first else 1
            cursor = self._collection.find({"kind": kind, "ts_known": span}).sort(
                [("ts_known", direction), ("_id", direction)]
            )
            return [_to_document(row) for row in cursor.limit(limit)]

    def remove_before(self, ts_known: int, *, kind: str | None = None) -> int:
        """Remove old ones and return how many."""
        old: dict[str, Any] = {"ts_known": {"$lt": ts_known}}
        if kind is not None:
            old["kind"] = kind
        with _translate_errors():
            return int(self._collection.delete_many(old).deleted_count)

    def size_bytes(self) -> int:
        """Return how long all bodies are as JSON."""
        with _translate_errors():
            sums = list(self._collection.aggregate([{"$group": {"_id": None, "bytes": {"$sum": "$bytes"}}}]))
        return int(sums[0]["bytes"]) if sums else 0


@contextmanager
def _translate_errors() -> Iterator[None]:
    from pymongo.errors import PyMongoError

    try:
        yield
    except PyMongoError as fault:
        raise StorageError(
            "mongodb_does_not_answer", "MongoDB does not answer: {fault}; nothing was changed", fault=fault
        ) from fault


def _to_document(row: Mapping[str, Any]) -> Document:
    return Document(row["_id"], row["kind"], row["key"], row["ts_known"], json.loads(row["body"]))
