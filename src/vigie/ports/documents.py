"""Raw documents: fetched pages and wire payloads, kept to be parsed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

# What the kind of a document ends with that came by mail: it tells of the person who got it.
MAIL_SUFFIX: Final = "/letter"


@dataclass(frozen=True, slots=True)
class Document:
    """What was fetched: `key` is its address without secrets, `body` plain JSON values."""

    id: str
    kind: str
    key: str
    ts_known: int
    body: dict[str, Any]


class DocumentStore(Protocol):
    """Keeps documents by kind and key, newest last."""

    def put(self, kind: str, key: str, ts_known: int, body: Mapping[str, Any]) -> Document:
        """Keep a document; the same body again under the same key gives the one that is there."""
        ...

    def get(self, document: str) -> Document | None:
        """Return a document by id."""
        ...

    def newest(self, kind: str, key: str) -> Document | None:
        """Return the newest of a key."""
        ...

    def list(
        self,
        kind: str,
        *,
        after_ms: int = 0,
        before_ms: int | None = None,
        limit: int = 100,
        is_newest_first: bool = False,
    ) -> Sequence[Document]:
        """Return documents of a kind by `ts_known`, ascending unless asked otherwise."""
        ...

    def remove_before(self, ts_known: int, *, kind: str | None = None) -> int:
        """Remove old ones and return how many."""
        ...

    def size_bytes(self) -> int:
        """Return about how much room they take."""
        ...
