"""The queue of long work, shared by web and worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vigie.domain.job import Job


class JobQueue(Protocol):
    """Durable; many workers may take from it, each job is taken by one."""

    def put(self, kind: str, ask: Mapping[str, Any], *, owner: str) -> Job:
        """Queue a job."""
        ...

    def get(self, job: str) -> Job | None:
        """Return a job."""
        ...

    def list(self, *, owner: str | None = None, before: str | None = None, limit: int = 50) -> Sequence[Job]:
        """Return jobs, newest first, older than `before`."""
        ...

    def take(self, worker: str, kinds: Sequence[str], *, stale_ms: int) -> Job | None:
        """Take the oldest queued job, or one whose worker has not been heard of for `stale_ms`."""
        ...

    def beat(
        self, job: str, worker: str, *, progress: float, message: str, lines: Sequence[str] = ()
    ) -> bool:
        """Report progress and log lines; False when somebody wants it cancelled."""
        ...

    def finish(
        self, job: str, worker: str, state: str, *, message: str = "", answer: Mapping[str, Any] | None = None
    ) -> None:
        """End a job: ``done``, ``failed`` or ``cancelled``."""
        ...

    def release(self, job: str, worker: str, *, message: str = "") -> None:
        """Put a running job back into the queue: its worker stops, and this attempt does not count."""
        ...

    def cancel(self, job: str) -> bool:
        """Ask a job to stop; a queued one ends at once. False when it is finished already."""
        ...

    def log(self, job: str, *, after: int = 0) -> Sequence[tuple[int, int, str]]:
        """Return log lines (number, wall time, text) after a number."""
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's jobs to another; one that is running goes on."""
        ...

    def forget(self, owner: str) -> int:
        """Remove every job of an owner with its log, a running one too: its worker loses it; return how many."""
        ...

    def remove_before(self, ts: int) -> int:
        """Remove finished jobs that ended before a time, with their logs; return how many."""
        ...
