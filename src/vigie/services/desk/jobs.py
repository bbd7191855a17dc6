"""Long work that was ordered: what is queued, how far it is, what came of it, and stopping it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.job import FINISHED, Job
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.running.work import backups, imports
from vigie.services.running.work import kinds as kinds_of_work

JobId = Field(pattern=r"^j[0-9a-f]{1,15}$", description="Id of a job.", examples=["j019b0c0ffee0"])
SOURCE: Final = "vigie"
# Of one caller, ordered and not ended.
MOST_WAITING: Final = 100

COLUMNS: Final = [
    Column(name="id", title="Job"),
    Column(name="kind", title="Kind", definition="backtest, sweep, import or backup."),
    Column(name="about", title="About", definition="What was ordered, in short."),
    Column(name="state", title="State", definition="queued, running, done, failed or cancelled."),
    Column(
        name="progress", title="Progress", unit="fraction", definition="Share that is done.", source=SOURCE
    ),
    Column(name="message", title="Message", definition="What it is doing, or why it failed."),
    Column(name="ts_created", title="Ordered", unit="ms", source=SOURCE),
    Column(name="ts_started", title="Begun", unit="ms", source=SOURCE),
    Column(name="ts_finished", title="Ended", unit="ms", source=SOURCE),
    Column(
        name="took_ms", title="Took", unit="took", definition="From first taken up to the end.", source=SOURCE
    ),
    Column(name="attempts", title="Attempts", unit="count", definition="How often a worker took it up."),
    Column(name="run", title="Result", definition="Id of the kept result."),
]


class JobsAsk(Ask):
    """Which jobs, from where on."""

    state: Literal["", "queued", "running", "done", "failed", "cancelled"] = ""
    kind: str = Field(default="", max_length=20)
    everyone: bool = Field(default=False, description="Those of all users; needs the scope admin.")
    cursor: str = Field(default="", max_length=20, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class JobAsk(Ask):
    """One job."""

    job: str = JobId
    after: int = Field(default=0, ge=0, description="Log lines after this number.")


class CancelAsk(Ask):
    """One job."""

    job: str = JobId


class LogLine(BaseModel):
    """One line of a job's log."""

    number: int
    ts: int
    text: str


class JobAnswer(Answer):
    """One job with its log."""

    id: str
    kind: str
    about: str
    state: str
    progress: float
    message: str
    ts_created: int
    ts_started: int | None = None
    ts_finished: int | None = None
    ts_beat: int | None = None
    attempts: int = 0
    wants_cancel: bool = False
    order: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any] | None = None
    run: str | None = None
    lines: list[LogLine] = Field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINISHED


@operation("jobs.list", example={"limit": 5})
def list_jobs(house: House, caller: Caller, ask: JobsAsk) -> Table:
    """List jobs, newest first."""
    if ask.everyone and not caller.may("admin"):
        raise Forbidden("the jobs of all users need the scope admin")
    owner = None if ask.everyone else owner_of(house, caller)
    rows: list[dict[str, Any]] = []
    before = ask.cursor or None
    last = ""
    while len(rows) <= ask.limit:
        found = house.jobs.list(owner=owner, before=before, limit=200)
        for job in found:
            last = before = job.id
            fits = (not ask.state or job.state == ask.state) and (not ask.kind or job.kind == ask.kind)
            if fits:
                rows.append(row_of(job))
        if len(found) < 200:
            break
    shown = rows[: ask.limit]
    more = shown[-1]["id"] if len(rows) > ask.limit and last else None
    return Table(columns=list(COLUMNS), rows=shown, next_cursor=more)


@operation("jobs.get", example={"job": "j0"})
def get_job(house: House, caller: Caller, ask: JobAsk) -> JobAnswer:
    """Say how far one job is, with its log."""
    job = find_job(house, caller, ask.job)
    lines = [LogLine(number=n, ts=ts, text=text) for n, ts, text in house.jobs.log(job.id, after=ask.after)]
    return JobAnswer(
        id=job.id, kind=job.kind, about=about(job), state=job.state, progress=job.progress,
        message=job.message, ts_created=job.ts_created, ts_started=job.ts_started,
        ts_finished=job.ts_finished, ts_beat=job.ts_beat, attempts=job.attempts,
        wants_cancel=job.wants_cancel, order=job.ask, result=job.answer, run=_run(job), lines=lines,
    )  # fmt: skip


@operation("jobs.cancel", scope="write", example={"job": "j0"})
def cancel_job(house: House, caller: Caller, ask: CancelAsk) -> JobAnswer:
    """Stop a job; a queued one ends at once, a running one within a second or two."""
    job = find_job(house, caller, ask.job)
    was_queued = job.state == "queued"
    if house.jobs.cancel(job.id) and was_queued:
        now = house.jobs.get(job.id)
        if now is not None and now.state == "cancelled":
            house.audit.append(
                "job.cancelled",
                actor=caller.user,
                subject=job.id,
                text={"kind": job.kind, "message": "queued"},
            )
    return get_job(house, caller, JobAsk(job=job.id))


class InboxAsk(Ask):
    """Nothing to choose."""


@operation("jobs.inbox", example={})
def list_inbox(house: House, caller: Caller, ask: InboxAsk) -> Table:
    """List the files of bars that lie in this home's inbox, ready to be imported."""
    rows = [{"file": path.name, "bytes": path.stat().st_size} for path in imports.waiting(house)]
    columns = [Column(name="file", title="File"), Column(name="bytes", title="Size", unit="bytes")]
    return Table(columns=columns, rows=rows, total=len(rows))


@operation("jobs.import", scope="admin", example={"dry_run": True})
def start_import(house: House, caller: Caller, ask: imports.ImportOrder) -> JobAnswer:
    """Import files of bars from this home's inbox, for everybody, as a job."""
    imports.chosen(house, ask)
    # What is said wrongly is refused now, not when a worker takes it up.
    ask.form()
    return order(house, caller, imports.KIND, ask)


def order(house: House, caller: Caller, kind: str, ask: Ask) -> JobAnswer:
    """Queue a job for a caller and write it down."""
    if kind not in kinds_of_work():
        raise NotFound(f"there is no kind of work {kind!r}")
    newest = house.jobs.list(owner=caller.user, limit=5 * MOST_WAITING)
    if sum(job.state not in FINISHED for job in newest) >= MOST_WAITING:
        raise UsageError(f"{MOST_WAITING} of your jobs wait or run already; let some end, or cancel some")
    job = house.jobs.put(kind, ask.model_dump(mode="json", exclude_defaults=True), owner=caller.user)
    house.audit.append(
        "job.queued", actor=caller.user, subject=job.id, text={"kind": kind, "about": about(job)}
    )
    return get_job(house, caller, JobAsk(job=job.id))


def find_job(house: House, caller: Caller, job: str) -> Job:
    """Return a job of the caller's; whose it is else is not told.

    Raises
    ------
    NotFound
        If there is none such.
    """
    found = house.jobs.get(job)
    if found is None or (found.owner != owner_of(house, caller) and not caller.may("admin")):
        raise NotFound(f"there is no job {job!r}")
    return found


def row_of(job: Job) -> dict[str, Any]:
    """Return a job as a row of `COLUMNS`."""
    took = None if job.ts_started is None or job.ts_finished is None else job.ts_finished - job.ts_started
    return {
        "id": job.id, "kind": job.kind, "about": about(job), "state": job.state, "progress": job.progress,
        "message": job.message, "ts_created": job.ts_created, "ts_started": job.ts_started,
        "ts_finished": job.ts_finished, "took_ms": took, "attempts": job.attempts, "run": _run(job),
    }  # fmt: skip


def about(job: Job) -> str:
    """Return what was ordered, in a few words."""
    ask = job.ask
    if job.kind == imports.KIND:
        return ", ".join(ask.get("files", [])[:3]) or imports.INBOX
    if job.kind == backups.KIND:
        return backups.FOLDER
    title = str(ask.get("title", ""))
    if ask.get("slots") and not title:
        return f"{len(ask['slots'])} \u00d7 {ask['slots'][0].partition(':')[2]}"[:90]
    parts = [str(ask.get("strategies", "ema_cross")), str(ask.get("assets", "bitcoin"))]
    frame = str(ask.get("timeframe", ""))
    words = title or " \u00b7 ".join(parts) + (f" {frame}" if frame and frame != "native" else "")
    return words if len(words) <= 90 else f"{words[:89]}\u2026"


def _run(job: Job) -> str | None:
    run = (job.answer or {}).get("run")
    return str(run) if run else None
