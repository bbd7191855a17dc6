"""The queue of long work, shared by web and worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from vigie.domain.job import Job


class JobQueue(Protocol):
    """Durable; many workers may take from it, each job is taken by one."""

    def put(self, kind: str, ask: Mapping[str, Any], *, owner: str) -> Job:
        """Queue a job.

        Parameters
        ----------
        kind : str
            Of the workers' registry: ``backtest``.
        ask : mapping of str to object
            Order of the job, plain JSON.
        owner : str
            User id.

        Returns
        -------
        Job
            State ``queued``; its id sorts after every earlier job.
        """
        ...

    def get(self, job: str) -> Job | None:
        """Return a job.

        Parameters
        ----------
        job : str
            `Job.id`.

        Returns
        -------
        Job or None
            None where there is none, or it was removed.
        """
        ...

    def list(self, *, owner: str | None = None, before: str | None = None, limit: int = 50) -> Sequence[Job]:
        """Return jobs, newest first, older than `before`.

        Parameters
        ----------
        owner : str or None
            User id; None for everybody.
        before : str or None
            `Job.id`, exclusive; None to begin with the newest.
        limit : int
            Most jobs returned.

        Returns
        -------
        sequence of Job
            Descending by id; every state.
        """
        ...

    def ended_since(self, owner: str, ts: int, *, but: Sequence[str] = (), limit: int = 100) -> Sequence[Job]:
        """Return jobs of a person that are done or failed since a time, the last ended first.

        Parameters
        ----------
        owner : str
            User id.
        ts : int
            Epoch milliseconds on the wall, exclusive.
        but : sequence of str
            Kinds that are left out.
        limit : int
            Most jobs returned.

        Returns
        -------
        sequence of Job
            Descending by `Job.ts_finished`; cancelled ones are left out.
        """
        ...

    def take(self, worker: str, kinds: Sequence[str], *, stale_ms: int) -> Job | None:
        """Take the oldest queued job, or one whose worker has not been heard of for `stale_ms`.

        Parameters
        ----------
        worker : str
            Name unique to this process; `beat` and `finish` need the same.
        kinds : sequence of str
            Kinds of job that this worker does.
        stale_ms : int
            Milliseconds on the wall since the last `beat`.

        Returns
        -------
        Job or None
            Now ``running`` and the worker's own; None where nothing waits. Cancelled jobs and those tried too
            often end here.
        """
        ...

    def beat(
        self, job: str, worker: str, *, progress: float, message: str, lines: Sequence[str] = ()
    ) -> bool:
        """Report progress and log lines; False when somebody wants it cancelled.

        Parameters
        ----------
        job, worker : str
            The job's id, and the name that `take` got.
        progress : float
            Fraction [0, 1]; clipped.
        message : str
            Replaces the former one.
        lines : sequence of str
            Appended to the log.

        Returns
        -------
        bool
            False also where the job was given to another worker: stop, write nothing more.
        """
        ...

    def finish(
        self, job: str, worker: str, state: str, *, message: str = "", answer: Mapping[str, Any] | None = None
    ) -> None:
        """End a job: ``done``, ``failed`` or ``cancelled``.

        Parameters
        ----------
        job, worker : str
            The job's id, and the name that `take` got; ignored where another worker has the job by now.
        state : str
            One of the three words.
        message : str
            Last message; why it failed.
        answer : mapping of str to object or None
            Result, plain JSON; None where there is none.
        """
        ...

    def release(self, job: str, worker: str, *, message: str = "") -> None:
        """Put a running job back into the queue: its worker stops, and this attempt does not count.

        Parameters
        ----------
        job, worker : str
            The job's id, and the name that `take` got; ignored where another worker has the job by now.
        message : str
            Replaces the former one.
        """
        ...

    def cancel(self, job: str) -> bool:
        """Ask a job to stop; a queued one ends at once. False when it is finished already.

        Parameters
        ----------
        job : str
            `Job.id`.

        Returns
        -------
        bool
            False also where there is no such job. A running one ends when its worker next beats.
        """
        ...

    def log(self, job: str, *, after: int = 0) -> Sequence[tuple[int, int, str]]:
        """Return log lines (number, wall time, text) after a number.

        Parameters
        ----------
        job : str
            `Job.id`.
        after : int
            Line number, exclusive; 0 for all.

        Returns
        -------
        sequence of (int, int, str)
            Numbers from 1, ascending; times in epoch milliseconds.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's jobs to another; one that is running goes on.

        Parameters
        ----------
        before, after : str
            User ids, of the present owner and the next.
        """
        ...

    def forget(self, owner: str) -> int:
        """Remove every job of an owner with its log, a running one too: its worker loses it; return how many.

        Parameters
        ----------
        owner : str
            User id.

        Returns
        -------
        int
            Jobs removed.
        """
        ...

    def remove_before(self, ts: int) -> int:
        """Remove finished jobs that ended before a time, with their logs; return how many.

        Parameters
        ----------
        ts : int
            End of the job, epoch milliseconds on the wall, exclusive.

        Returns
        -------
        int
            Jobs removed.
        """
        ...
