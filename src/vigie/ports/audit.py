"""The audit chain: what was done, in order, each record bound to the one before by its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One record; `text` is outside the chain and may be gone, `digest` stays."""

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
        """Add a record durably."""
        ...

    def append_later(self, kind: str, *, actor: str, subject: str, text: Mapping[str, Any]) -> None:
        """Add a record durably; on a full disk it waits in this process and goes before the next one."""
        ...

    def after(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records after a number, in order."""
        ...

    def before(self, seq: int, *, limit: int = 500, kinds: Sequence[str] = ()) -> Sequence[AuditEvent]:
        """Return records before a number, the newest first."""
        ...

    def newest(self) -> int:
        """Return the number of the last record, 0 when there is none."""
        ...

    def forget(self, actor: str) -> int:
        """Delete the texts of an actor; the chain stays whole."""
        ...

    def verify(self) -> int:
        """Check the whole chain and return how many records it has; `InvariantBroken` where it is torn."""
        ...
