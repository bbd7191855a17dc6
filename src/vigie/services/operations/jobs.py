"""Long work that was ordered: what is queued, how far it is, what came of it, and stopping it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.job import FINISHED, SHADOW, Job
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.home import HomeFolder
from vigie.ports.jobs import JobQueue
from vigie.services.alerting.notifications import PASSING
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of
from vigie.services.running.work import backups, imports, train
from vigie.services.running.work import names as names_of_work

JobId = Field(pattern=r"^j[0-9a-f]{1,15}$", description="Id of a job.", examples=["j019b0c0ffee0"])
SOURCE: Final = "vigie"
# Of one caller, ordered and not ended.
MAX_UNFINISHED: Final = 100
# What a title names, with what is meant where nothing is said.
_LISTED: Final = {"strategies": "ema_cross", "assets": "bitcoin"}


class JobListRow(Row):
    """One job."""

    id: str = shown("Job")
    kind: str = shown("Kind", definition="backtest, sweep, import, backup or quick.")
    about: str = shown("Job summary", definition="What the job does, in short.")
    state: str = shown("State", definition="queued, running, done, failed or cancelled.")
    progress: float = shown("Progress", unit="fraction", definition="Share completed.", source=SOURCE)
    message: str = shown("Message", definition="Current step, or why it failed.")
    ts_created: int = shown("Submitted", unit="ms", source=SOURCE)
    ts_started: int | None = shown("Start time", unit="ms", source=SOURCE)
    ts_finished: int | None = shown("End time", unit="ms", source=SOURCE)
    took_ms: int | None = shown(
        "Duration", unit="took", definition="From the first start to the finish.", source=SOURCE
    )
    attempts: int = shown("Attempts", unit="count", definition="How many times a worker started it.")
    run: str | None = shown("Result", definition="Id of the saved result.")


class ListJobsInput(OperationInput):
    """Which jobs, from where on."""

    state: Literal["", "queued", "running", "done", "failed", "cancelled"] = ""
    kind: str = Field(
        default="", max_length=20, description="One kind; empty for all but quick results of forms."
    )
    everyone: bool = Field(default=False, description="Those of all users; needs the scope admin.")
    cursor: str = Field(default="", max_length=20, description="`next_cursor` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class JobInput(OperationInput):
    """One job."""

    job: str = JobId
    after: int = Field(default=0, ge=0, description="Log lines after this number.")


class CancelJobInput(OperationInput):
    """One job."""

    job: str = JobId


class JobLogLine(BaseModel):
    """One line of a job's log."""

    number: int
    ts: int
    text: str


class JobResult(OperationResult):
    """One job with its log."""

    id: str
    kind: str
    about: str
    state: str
    progress: float
    message: RefusalText
    ts_created: int
    ts_started: int | None = None
    ts_finished: int | None = None
    ts_beat: int | None = None
    attempts: int = 0
    wants_cancel: bool = False
    order: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any] | None = None
    run: str | None = None
    lines: list[JobLogLine] = Field(default_factory=list)

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINISHED


@operation("jobs.list", example={"limit": 5})
def list_jobs(
    caller: Caller, params: ListJobsInput, job_queue: JobQueue, accounts: UserStore
) -> Table[JobListRow]:
    """List jobs, newest first."""
    if params.everyone and not caller.may("admin"):
        raise Forbidden("jobs_all_users_require_scope", "the jobs of all users require the scope admin")
    owner = None if params.everyone else owner_of(accounts, caller)
    rows: list[JobListRow] = []
    before = params.cursor or None
    last = ""
    while len(rows) <= params.limit:
        jobs = job_queue.list(owner=owner, before=before, limit=200)
        for job in jobs:
            last = before = job.id
            # Passing ones are listed where they are asked for by name.
            is_match = (not params.state or job.state == params.state) and (
                job.kind == params.kind if params.kind else job.kind not in PASSING
            )
            if is_match:
                rows.append(job_row(job))
        if len(jobs) < 200:
            break
    page_rows = rows[: params.limit]
    next_cursor = page_rows[-1].id if len(rows) > params.limit and last else None
    return table_of(JobListRow, page_rows, next_cursor=next_cursor)


@operation("jobs.get", example={"job": "j0"})
def get_job(caller: Caller, params: JobInput, jobs: JobQueue, accounts: UserStore) -> JobResult:
    """Say how far one job is, with its log."""
    job = find_job(jobs, accounts, caller, params.job)
    lines = [
        JobLogLine(number=number, ts=ts, text=text)
        for number, ts, text in jobs.log(job.id, after=params.after)
    ]
    return JobResult(
        id=job.id,
        kind=job.kind,
        about=job_title(job),
        state=job.state,
        progress=job.progress,
        message=job.message,
        ts_created=job.ts_created,
        ts_started=job.ts_started,
        ts_finished=job.ts_finished,
        ts_beat=job.ts_beat,
        attempts=job.attempts,
        wants_cancel=job.wants_cancel,
        order=job.ask,
        result=job.answer,
        run=_run_id(job),
        lines=lines,
    )


@operation("jobs.cancel", scope="write", example={"job": "j0"})
def cancel_job(
    caller: Caller, params: CancelJobInput, jobs: JobQueue, accounts: UserStore, audit: AuditLog
) -> JobResult:
    """Stop a job; a queued one ends at once, a running one within a second or two."""
    job = find_job(jobs, accounts, caller, params.job)
    was_queued = job.state == "queued"
    if jobs.cancel(job.id) and was_queued:
        current = jobs.get(job.id)
        if current is not None and current.state == "cancelled":
            audit.append(
                "job.cancelled",
                actor=caller.user,
                subject=job.id,
                text={"kind": job.kind, "message": "queued"},
            )
    return get_job(caller, JobInput(job=job.id), jobs, accounts)


class InboxFileRow(Row):
    """One file in the inbox."""

    file: str = shown("File")
    bytes: int = shown("Size", unit="bytes")


@operation("jobs.inbox", example={})
def list_inbox(caller: Caller, params: NoInput, home: HomeFolder) -> Table[InboxFileRow]:
    """List the files of bars that lie in this home's inbox, ready to be imported."""
    rows = [
        InboxFileRow(file=path.name, bytes=path.stat().st_size) for path in imports.list_inbox_files(home)
    ]
    return table_of(InboxFileRow, rows, total=len(rows))


@operation("jobs.import", scope="admin", example={"dry_run": True})
def start_import(
    caller: Caller,
    params: imports.ImportOrder,
    jobs: JobQueue,
    accounts: UserStore,
    audit: AuditLog,
    home: HomeFolder,
) -> JobResult:
    """Import files of bars from this home's inbox, for everybody, as a job."""
    imports.choose_files(home, params)
    # What is said wrongly is refused now, not when a worker takes it up.
    params.form()
    return queue_job(jobs, accounts, audit, caller, imports.KIND, params)


def queue_job(
    jobs: JobQueue, accounts: UserStore, audit: AuditLog, caller: Caller, kind: str, params: OperationInput
) -> JobResult:
    """Queue a job for a caller and record it; return an equal job of theirs instead while it is still queued."""
    if kind not in names_of_work():
        raise NotFound("no_job_type", "there is no job type {kind!r}", kind=kind)
    newest = jobs.list(owner=caller.user, limit=5 * MAX_UNFINISHED)
    ask = params.model_dump(mode="json", exclude_defaults=True)
    # A form sent twice is one order; a job that runs has read bars, files and strategies, which may be others now.
    for waiting in newest:
        is_equal = (waiting.state, waiting.kind, waiting.ask) == ("queued", kind, ask)
        if is_equal and not waiting.wants_cancel:
            return get_job(caller, JobInput(job=waiting.id), jobs, accounts)
    # What a model in the shadow is asked at each bar nobody ordered: it takes no room of a person's own orders.
    if sum(job.state not in FINISHED and job.kind != SHADOW for job in newest) >= MAX_UNFINISHED:
        raise UsageError(
            "already_jobs_waiting_running",
            "you already have {max_unfinished} jobs waiting or running; wait, or cancel some",
            max_unfinished=MAX_UNFINISHED,
        )
    job = jobs.put(kind, ask, owner=caller.user)
    audit.append(
        "job.queued", actor=caller.user, subject=job.id, text={"kind": kind, "about": job_title(job)}
    )
    return get_job(caller, JobInput(job=job.id), jobs, accounts)


def find_job(jobs: JobQueue, accounts: UserStore, caller: Caller, job_id: str) -> Job:
    """Return a job of the caller's; whose it is else is not told.

    Raises
    ------
    NotFound
        If there is none such.
    """
    stored = jobs.get(job_id)
    if stored is None or (stored.owner != owner_of(accounts, caller) and not caller.may("admin")):
        raise NotFound("no_job", "there is no job {job_id!r}", job_id=job_id)
    return stored


def job_row(job: Job) -> JobListRow:
    """Return a job as a row of `COLUMNS`."""
    took = None if job.ts_started is None or job.ts_finished is None else job.ts_finished - job.ts_started
    return JobListRow(
        id=job.id,
        kind=job.kind,
        about=job_title(job),
        state=job.state,
        progress=job.progress,
        message=job.message,
        ts_created=job.ts_created,
        ts_started=job.ts_started,
        ts_finished=job.ts_finished,
        took_ms=took,
        attempts=job.attempts,
        run=_run_id(job),
    )


def _first_names(names: str) -> str:
    """Return the first two of several names, and how many more there are."""
    first, *others = [name.strip() for name in names.split(",")]
    more = f" + {len(others) - 1}" if len(others) > 1 else ""
    return ", ".join([first, *others[:1]]) + more


def job_title(job: Job) -> str:
    """Return what was ordered, in a few words."""
    inputs = job.ask
    if job.kind == imports.KIND:
        return ", ".join(inputs.get("files", [])[:3]) or imports.INBOX
    if job.kind == backups.KIND:
        return backups.FOLDER
    if job.kind == train.KIND:
        return f"{inputs['name']} \u00b7 {inputs['instrument']}"
    if job.kind == SHADOW:
        return f"{inputs['name']}/{inputs['version']}"
    title = str(inputs.get("title", ""))
    if inputs.get("slots") and not title:
        return f"{len(inputs['slots'])} \u00d7 {inputs['slots'][0].partition(':')[2]}"[:90]
    parts = [_first_names(str(inputs.get(*asked))) for asked in _LISTED.items()]
    frame = str(inputs.get("timeframe", ""))
    words = title or " \u00b7 ".join(parts) + (f" {frame}" if frame and frame != "native" else "")
    return words if len(words) <= 90 else f"{words[:89]}\u2026"


def _run_id(job: Job) -> str | None:
    run = (job.answer or {}).get("run")
    return str(run) if run else None
