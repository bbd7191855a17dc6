"""Raw documents: fetched pages and wire payloads, kept to be parsed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

# What the kind of a document ends with that came by mail: it tells of the person who got it.
MAIL_SUFFIX: Final = "/letter"


@dataclass(frozen=True, slots=True)
class Document:
    """What was fetched: `key` is its address without secrets, `body` plain JSON values.

    Attributes
    ----------
    id : str
        Derived from kind, key, time and content.
    kind : str
        Id of the source; mail ends with `MAIL_SUFFIX`.
    key : str
        Address without secrets, or the number of a mail.
    ts_known : int
        When it was fetched, epoch milliseconds.
    body : dict of str to object
        Plain JSON.
    """

    id: str
    kind: str
    key: str
    ts_known: int
    body: dict[str, Any]


class DocumentStore(Protocol):
    """Keeps documents by kind and key, newest last."""

    def put(self, kind: str, key: str, ts_known: int, body: Mapping[str, Any]) -> Document:
        """Keep a document; the same body again under the same key gives the one that is there.

        Parameters
        ----------
        kind, key : str
            Group of the document, and its address without secrets.
        ts_known : int
            Fetch time, epoch milliseconds.
        body : mapping of str to object
            Plain JSON.

        Returns
        -------
        Document
            The stored document, or the newest of the key where its body is the same: then with the earlier
            `ts_known`.
        """
        ...

    def get(self, document: str) -> Document | None:
        """Return a document by id.

        Parameters
        ----------
        document : str
            `Document.id`.

        Returns
        -------
        Document or None
            None where it was never kept, or removed since.
        """
        ...

    def newest(self, kind: str, key: str) -> Document | None:
        """Return the newest of a key.

        Parameters
        ----------
        kind, key : str
            As in `put`.

        Returns
        -------
        Document or None
            By `ts_known`; None where the key has none.
        """
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
        """Return documents of a kind by `ts_known`, ascending unless asked otherwise.

        Parameters
        ----------
        kind : str
            As in `put`.
        after_ms, before_ms : int, int or None
            Bounds of `ts_known`, epoch milliseconds: from `after_ms` inclusive to `before_ms` exclusive; None
            for no end.
        limit : int
            Most documents returned, taken from the side that comes first.
        is_newest_first : bool
            Descending instead of ascending.

        Returns
        -------
        sequence of Document
            Empty where none match.
        """
        ...

    def remove_before(self, ts_known: int, *, kind: str | None = None) -> int:
        """Remove old ones and return how many.

        Parameters
        ----------
        ts_known : int
            Epoch milliseconds, exclusive.
        kind : str or None
            Only this kind; None for all.

        Returns
        -------
        int
            Documents removed.
        """
        ...

    def size_bytes(self) -> int:
        """Return about how much room they take.

        Returns
        -------
        int
            Bytes of all bodies as JSON text, without the database's own overhead.
        """
        ...
