"""The queue of long work in the database; any number of workers take from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, String, and_, bindparam, func, insert, or_, select, update

from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import JobLineRow, JobRow
from vigie.domain.errors import UsageError
from vigie.domain.job import FINISHED, Job, JobState
from vigie.domain.refusal import Refusal, from_stored, to_stored

# A job that takes its worker down with it each time is not tried for ever.
MAX_ATTEMPTS: Final = 3
_FIELDS: Final = tuple(Job.__dataclass_fields__)
# Written once: the bell of every page asks it.
_ENDED: Final = (
    select(JobRow.__table__)
    .where(
        JobRow.owner == bindparam("owner"),
        JobRow.ts_finished > bindparam("ts"),
        JobRow.state.in_(("done", "failed")),
        JobRow.kind.not_in(bindparam("but", type_=String(), expanding=True)),
    )
    .order_by(JobRow.ts_finished.desc(), JobRow.id.desc())
    .limit(bindparam("most"))
)


class SqlJobs(SqlStore):
    """Jobs in the database; keeps the contract of `vigie.ports.jobs.JobQueue`."""

    __slots__ = ()

    def put(self, kind: str, ask: Mapping[str, Any], *, owner: str) -> Job:
        """Queue a job; its id sorts after every earlier one."""
        now = self.clock.wall_now()
        with self.database.writing("jobs") as connection:
            newest = connection.scalar(select(func.max(JobRow.id)))
            number = now if newest is None else max(now, int(newest[1:], 16) + 1)
            job = Job(f"j{number:012x}", kind, owner, dict(ask), "queued", now)
            connection.execute(insert(JobRow).values({**_to_row(job), "worker": ""}))
        return job

    def get(self, job: str) -> Job | None:
        """Return a job."""
        with self.database.reading() as connection:
            return _find_job(connection, job)

    def list(self, *, owner: str | None = None, before: str | None = None, limit: int = 50) -> Sequence[Job]:
        """Return jobs, newest first, older than `before`."""
        query = select(JobRow.__table__).order_by(JobRow.id.desc()).limit(limit)
        query = query if owner is None else query.where(JobRow.owner == owner)
        query = query if before is None else query.where(JobRow.id < before)
        with self.database.reading() as connection:
            return [_to_job(row) for row in connection.execute(query)]

    def ended_since(self, owner: str, ts: int, *, but: Sequence[str] = (), limit: int = 100) -> Sequence[Job]:
        """Return jobs of a person that are done or failed since a time, the last ended first."""
        asked = {"owner": owner, "ts": ts, "but": list(but), "most": limit}
        with self.database.reading() as connection:
            return [_to_job(row) for row in connection.execute(_ENDED, asked).all()]

    def take(self, worker: str, kinds: Sequence[str], *, stale_ms: int) -> Job | None:
        """Take the oldest queued job, or one whose worker has not been heard of for `stale_ms`.

        One that somebody wants cancelled, or that was taken up too often, ends instead.
        """
        now = self.clock.wall_now()
        is_abandoned = and_(JobRow.state == "running", JobRow.ts_beat < now - stale_ms)
        query = (
            select(JobRow.__table__)
            .where(JobRow.kind.in_(kinds), or_(JobRow.state == "queued", is_abandoned))
            .order_by(JobRow.id)
            .limit(1)
        )
        with self.database.reading() as connection:
            # An idle worker asks often; asking must not take the writer's lock.
            if connection.execute(query).first() is None:
                return None
        query = query.with_for_update(skip_locked=True)
        with self.database.writing() as connection:
            while (row := connection.execute(query).first()) is not None:
                final_state = _final_state(row)
                if final_state is None:
                    return _start_attempt(connection, row, worker, now)
                state, message = final_state
                values = {"state": state, **_message(message), "ts_finished": now, "worker": ""}
                connection.execute(update(JobRow).where(JobRow.id == row.id).values(values))
        return None

    def beat(
        self, job: str, worker: str, *, progress: float, message: str, lines: Sequence[str] = ()
    ) -> bool:
        """Report progress and log lines; False when somebody wants it cancelled, or it is not this worker's."""
        now = self.clock.wall_now()
        values = {"ts_beat": now, "progress": min(max(progress, 0.0), 1.0), **_message(message)}
        with self.database.writing() as connection:
            if connection.execute(_own_job_update(job, worker).values(values)).rowcount == 0:
                return False
            _write_lines(connection, job, now, lines)
            return not connection.scalar(select(JobRow.wants_cancel).where(JobRow.id == job))

    def finish(
        self, job: str, worker: str, state: str, *, message: str = "", answer: Mapping[str, Any] | None = None
    ) -> None:
        """End a job: ``done``, ``failed`` or ``cancelled``; of a worker that lost it, nothing is heard."""
        if state not in FINISHED:
            raise UsageError(
                "end_job",
                "the end of a job must be one of {finished}, was {state!r}",
                finished=" ".join(FINISHED),
                state=state,
            )
        values: dict[str, Any] = {
            "state": state, **_message(message), "ts_finished": self.clock.wall_now(), "worker": "",
            "answer": None if answer is None else dict(answer),
        }  # fmt: skip
        if state == "done":
            values["progress"] = 1.0
        with self.database.writing() as connection:
            connection.execute(_own_job_update(job, worker).values(values))

    def release(self, job: str, worker: str, *, message: str = "") -> None:
        """Put a running job back into the queue: its worker stops, and this attempt does not count."""
        values = {"state": "queued", "worker": "", **_message(message), "attempts": JobRow.attempts - 1}
        with self.database.writing() as connection:
            connection.execute(_own_job_update(job, worker).values(values))

    def cancel(self, job: str) -> bool:
        """Ask a job to stop; a queued one ends at once. False when it is finished already, or unknown."""
        queued = update(JobRow).where(JobRow.id == job, JobRow.state == "queued")
        running = update(JobRow).where(JobRow.id == job, JobRow.state == "running")
        with self.database.writing() as connection:
            cancel_queued = queued.values(
                state="cancelled", wants_cancel=True, ts_finished=self.clock.wall_now()
            )
            if connection.execute(cancel_queued).rowcount == 1:
                return True
            return connection.execute(running.values(wants_cancel=True)).rowcount == 1

    def log(self, job: str, *, after: int = 0) -> Sequence[tuple[int, int, str]]:
        """Return log lines (number, wall time, text) after a number."""
        query = (
            select(JobLineRow.number, JobLineRow.ts, JobLineRow.text)
            .where(JobLineRow.job == job, JobLineRow.number > after)
            .order_by(JobLineRow.number)
        )
        with self.database.reading() as connection:
            return [(row.number, row.ts, row.text) for row in connection.execute(query)]

    def hand_over(self, before: str, after: str) -> None:
        """Give an owner's jobs to another; one that is running goes on."""
        with self.database.writing("jobs") as connection:
            connection.execute(update(JobRow).where(JobRow.owner == before).values(owner=after))

    def forget(self, owner: str) -> int:
        """Remove every job of an owner with its log, a running one too: its worker loses it; return how many."""
        return self.remove_in_batches(JobRow, JobRow.owner == owner)

    def remove_before(self, ts: int) -> int:
        """Remove finished jobs that ended before a time, with their logs; return how many."""
        return self.remove_in_batches(JobRow, JobRow.state.in_(FINISHED), JobRow.ts_finished < ts)


def _final_state(row: Row[Any]) -> tuple[JobState, str] | None:
    if row.wants_cancel:
        return "cancelled", from_stored(row.message, row.refusal)
    if row.attempts >= MAX_ATTEMPTS:
        return "failed", Refusal(
            "worker_ended_silently",
            "its worker ended {attempts} times without a word; see the log",
            attempts=row.attempts,
        )
    return None


def _start_attempt(connection: Connection, row: Row[Any], worker: str, now: int) -> Job | None:
    values = {
        "state": "running", "worker": worker, "ts_beat": now, "attempts": row.attempts + 1,
        "ts_started": row.ts_started or now,
    }  # fmt: skip
    connection.execute(update(JobRow).where(JobRow.id == row.id).values(values))
    if row.attempts:
        _write_lines(connection, row.id, now, [f"taken up again, attempt {row.attempts + 1}"])
    return _find_job(connection, row.id)


def _own_job_update(job: str, worker: str) -> Any:
    return update(JobRow).where(JobRow.id == job, JobRow.worker == worker, JobRow.state == "running")


def _write_lines(connection: Connection, job: str, now: int, lines: Sequence[str]) -> None:
    if lines:
        last = connection.scalar(select(func.max(JobLineRow.number)).where(JobLineRow.job == job)) or 0
        rows = [{"job": job, "number": last + i, "ts": now, "text": line} for i, line in enumerate(lines, 1)]
        connection.execute(insert(JobLineRow), rows)


def _find_job(connection: Connection, job: str) -> Job | None:
    row = connection.execute(select(JobRow.__table__).where(JobRow.id == job)).one_or_none()
    return None if row is None else _to_job(row)


def _message(text: str) -> dict[str, object]:
    return {"message": text, "refusal": to_stored(text)}


def _to_row(job: Job) -> dict[str, Any]:
    return {**{name: getattr(job, name) for name in _FIELDS}, "refusal": to_stored(job.message)}


def _to_job(row: Row[Any]) -> Job:
    values = row._mapping
    fields = {name: values[name] for name in _FIELDS}
    return Job(**cast(dict[str, Any], {**fields, "message": from_stored(row.message, row.refusal)}))
