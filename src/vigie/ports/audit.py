"""The audit chain: what was done, in order, each record bound to the one before by its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One record; `text` is outside the chain and may be gone, `digest` stays.

    Attributes
    ----------
    seq : int
        Position in the chain, from 1 without gaps.
    ts : int
        Epoch milliseconds on the wall.
    kind, subject : str
        ``trade.lease`` and the like, and the thing that it is about.
    actor : str
        Id of the user, or the part of Vigie that acted.
    digest : str
        Salted hash of the text, SHA-256 in hexadecimal.
    hash : str
        Hash of the previous record's hash and all fields but the text.
    text : dict or None
        Plain JSON; None once it was deleted.
    """

    seq: int
    ts: int
    kind: str
    actor: str
    subject: str
    digest: str
    hash: str
    text: dict[str, Any] | None


class AuditLog(Protocol):
    """Append-only."""

    def append(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> AuditEvent:
        """Add a record durably.

        Parameters
        ----------
        kind : str
            ``trade.lease`` and the like; `after` and `before` filter by it.
        actor : str
            User id; `forget` deletes texts by it.
        subject : str
            The account, user or thing that it is about.
        text : mapping of str to object
            Plain JSON, no secrets.

        Returns
        -------
        AuditEvent
            On the disk when this returns, with its number and hash.
        """
        ...

    def append_later(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> None:
        """Add a record durably; on a full disk it waits in this process and goes before the next one.

        Parameters
        ----------
        kind, actor, subject, text : as in `append`
            A waiting record keeps its time in the text, as ``ts``; it is lost if the process ends.
        """
        ...

    def after(
        self, seq: int, *, limit: int = 500, kinds: Sequence[str] = (), subject: str = ""
    ) -> Sequence[AuditEvent]:
        """Return records after a number, in order.

        Parameters
        ----------
        seq : int
            Exclusive; 0 for the first record.
        limit : int
            Most records returned; ask again from the last one's number.
        kinds : sequence of str
            Only these kinds; empty for all.
        subject : str
            Only what is about this; empty for all.

        Returns
        -------
        sequence of AuditEvent
            Ascending by number; empty at the end of the chain.
        """
        ...

    def of_person(self, who: str, begins: Sequence[str], *, after: int = 0) -> Sequence[AuditEvent]:
        """Return what a person did and what was done with them, the newest first.

        Parameters
        ----------
        who : str
            Actor or subject.
        begins : sequence of str
            Only kinds that begin with one of these.
        after : int
            Only records after this number.

        Returns
        -------
        sequence of AuditEvent
            Descending by number.
        """
        ...

    def before(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records before a number, the newest first.

        Parameters
        ----------
        seq : int
            Exclusive.
        limit : int
            Most records returned.
        kinds : sequence of str
            Only these kinds; empty for all.

        Returns
        -------
        sequence of AuditEvent
            Descending by number.
        """
        ...

    def newest(self) -> int:
        """Return the number of the last record, 0 when there is none.

        Returns
        -------
        int
            Records have numbers up to it, inclusive.
        """
        ...

    def forget(self, actor: str) -> int:
        """Delete the texts of an actor; the chain stays whole.

        Parameters
        ----------
        actor : str
            User id; the record of the deletion itself is kept.

        Returns
        -------
        int
            Texts deleted.
        """
        ...

    def verify(self) -> int:
        """Check the whole chain and return how many records it has; `InvariantBroken` where it is torn.

        Returns
        -------
        int
            Records in the chain, 0 for an empty one.
        """
        ...
