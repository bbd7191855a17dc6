"""Does long work: takes jobs from the queue, has them computed in a process of its own, and says how far they are.

Whatever becomes of the computing process, the worker goes on; whatever becomes of the worker, the job does: the
next one finds that nobody has been heard of and takes it up again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from vigie.domain.errors import StorageError, TransientError
from vigie.domain.job import SHADOW, Job
from vigie.domain.refusal import Refusal, from_stored, join_refusals
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext
from vigie.services.running import retention
from vigie.services.running.compiling import GOES_ON, is_compiling
from vigie.services.running.expected_jobs import last_expectation
from vigie.services.running.job_process import COMMAND, JobProcess, StartJobProcess, describe_exit
from vigie.services.running.work import names
from vigie.services.runs import trash

# A job is reported at least this often.
BEAT_MS: Final = 500
# A worker that has not been heard of for this long is gone.
STALE_MS: Final = 15_000
LOOK_S: Final = 0.25
PAUSE_MS: Final = 5_000
# Without work for so long the computing process is ended, and its memory is free; the next job starts one anew.
REST_MS: Final = 120_000
# The same where it begins as a copy, within hundredths of a second.
COPY_REST_MS: Final = 10_000
TIDY_MS: Final = DAY_MS
# A job that failed for a passing reason, such as a simulated world that is busy, is tried again after so long.
AGAIN_MS: Final = (2_000, 5_000, 15_000)
# What the database says when it is busy or away for a moment; the worker waits and goes on.
PASSING: Final = (StorageError, TransientError)


class Worker:
    """Takes jobs one after the other until it is told to stop.

    Parameters
    ----------
    app_context : AppContext
        Whose queue it works off.
    command : sequence of str
        Starts the process that computes.
    begin : callable, optional
        Begins that process otherwise, where that can be.
    name : str
        Unique among the workers of one database.
    stale_ms : int
        After how long without a word another worker's job is taken up.
    rest_ms : int, optional
        After how long without work the computing process is ended; by default sooner where it begins as a copy.
    beat : callable
        Called at each turn of its loop: it lives.
    is_crowded : callable
        Tells whether others need much memory now: an idle computing process makes room.
    on_first_rest : callable, optional
        Called when nothing waits after the first job and the computing process has made room, until it returns True.
    """

    def __init__(
        self,
        app_context: AppContext,
        *,
        command: Sequence[str] = COMMAND,
        begin: StartJobProcess | None = None,
        name: str = "",
        stale_ms: int = STALE_MS,
        rest_ms: int | None = None,
        beat: Callable[[], None] = lambda: None,
        is_crowded: Callable[[], bool] = is_compiling,
        on_first_rest: Callable[[], bool] | None = None,
    ) -> None:
        self._app_context = app_context
        self._beat = beat
        self._is_crowded = is_crowded
        self._on_first_rest = on_first_rest
        self._command = tuple(command)
        self._begin = begin
        self.name = name or f"{os.uname().nodename if hasattr(os, 'uname') else 'worker'}-{os.getpid()}"
        self._stale_ms = stale_ms
        usual_ms = REST_MS if begin is None else COPY_REST_MS
        self._rest_ms = usual_ms if rest_ms is None else rest_ms
        self._last_worked_ms = app_context.clock.wall_now()
        self._expected = last_expectation(app_context.home)
        self._stopping = threading.Event()
        self._job_process: JobProcess | None = None
        self._last_tidied_ms = 0
        self._due = 0
        self._is_spent = False
        self._has_job = False
        self._has_worked = self._found_none = False

    def stop(self) -> None:
        """Ask it to end; a job in hand goes back into the queue."""
        self._stopping.set()

    @property
    def is_idle(self) -> bool:
        """Whether no job is in hand."""
        return not self._has_job

    def run(self) -> None:
        """Work until `stop`."""
        try:
            self._ensure_process()
            while not self._stopping.is_set():
                self._beat()
                job = self._take_job()
                if job is None:
                    self._rest()
                    self._stopping.wait(LOOK_S)
                else:
                    self._has_job = self._has_worked = True
                    self._run_job(job)
                    self._has_job = False
                    self._last_worked_ms = self._app_context.clock.wall_now()
        finally:
            if self._job_process is not None:
                self._job_process.end()

    def _rest(self) -> None:
        """Do what is to be done while no job waits."""
        self._tidy()
        if self._has_worked and self._found_none and self._on_first_rest is not None:
            self._end_process()
            self._last_worked_ms -= self._rest_ms
            if self._on_first_rest():
                self._on_first_rest = None
        is_ready = self._job_process is not None and self._job_process.is_ready
        if self._is_spent or (is_ready and self._is_crowded()):
            # A fresh process takes its place later and the memory is free again.
            self._end_process()
        now = self._app_context.clock.wall_now()
        if (expected := last_expectation(self._app_context.home)) != self._expected:
            self._expected, self._last_worked_ms = expected, now
        if now - self._last_worked_ms >= self._rest_ms:
            self._end_process()
        elif now >= self._due and not self._is_crowded():
            self._ensure_process()

    def _take_job(self) -> Job | None:
        self._found_none = False
        with suppress(*PASSING):
            job = self._app_context.jobs.take(self.name, names(), stale_ms=self._stale_ms)
            self._found_none = job is None
            return job
        return None

    def _ensure_process(self) -> JobProcess:
        """Return a process that waits for work, started beforehand so that a job begins at once."""
        if self._job_process is None or not self._job_process.is_alive:
            self._end_process()
            # One that cannot even start is not started again and again in vain.
            self._due = self._app_context.clock.wall_now() + PAUSE_MS
            self._job_process = JobProcess(self._command, str(self._app_context.home), self._begin)
        return self._job_process

    def _end_process(self) -> None:
        if self._job_process is not None:
            self._job_process.end()
            self._job_process = None
        self._is_spent = False

    def _begin_again(self, job: Job) -> JobProcess:
        job_process = self._ensure_process()
        job_process.send_job(job.id, job.owner, job.kind, job.ask)
        return job_process

    def _run_job(self, job: Job) -> None:
        job_process = self._ensure_process()
        self._record_event(job, "started", attempt=job.attempts)
        job_process.send_job(job.id, job.owner, job.kind, job.ask)
        tracker = _JobTracker(self._app_context, job, self.name)
        while True:
            self._beat()
            message = job_process.receive(tracker.left_s())
            if self._stopping.is_set():
                self._end_process()
                tracker.retry(lambda: self._app_context.jobs.release(job.id, self.name, message="waiting"))
                return
            if message is not None and message.get("gone") == GOES_ON:
                self._end_process()
                job_process = self._begin_again(job)
            elif message is not None and (end := tracker.read_message(message)) is not None:
                state, summary, result = end
                self._is_spent = bool(message.get("is_large"))
                is_gone = "done" not in message and "failed" not in message
                # The next job waits for a fresh one: with what it compiles itself this one would become twice as large.
                if is_gone or message.get("has_compiled"):
                    self._end_process()
                self._finish(tracker, state, summary, result)
                return
            if not tracker.beat():
                # Somebody wants it cancelled, or another worker has it by now: then nothing is heard of this one.
                self._end_process()
                self._finish(tracker, "cancelled", f"stopped at {tracker.progress:.0%} as asked", None)
                return
            # Only what is still this worker's to do.
            if tracker.is_due_again():
                job_process = self._begin_again(job)

    def _finish(
        self, tracker: _JobTracker, state: str, summary: str, result: Mapping[str, Any] | None
    ) -> None:
        job, jobs = tracker.job, self._app_context.jobs

        def end() -> None:
            # What was said last goes into the log; a job that was lost takes no notice.
            jobs.beat(
                job.id,
                self.name,
                progress=tracker.progress,
                message=tracker.message,
                lines=tracker.take_lines(),
            )
            jobs.finish(job.id, self.name, state, message=summary, answer=result)

        tracker.retry(end)
        if not tracker.retry(lambda: self._is_job_stored(job)):
            return
        stored_job = tracker.retry(lambda: jobs.get(job.id))
        if stored_job is not None and stored_job.state == state:
            self._record_event(
                job, state, message=summary, **({"run": result["run"]} if result and "run" in result else {})
            )

    def _is_job_stored(self, job: Job) -> bool:
        """Return whether a job is still there; what one kept whose owner left meanwhile goes after them."""
        if self._app_context.jobs.get(job.id) is not None:
            return True
        trash.erase_job(self._app_context.results, self._app_context.runs, self._app_context.home, job)
        return False

    def _record_event(self, job: Job, verb: str, **text: Any) -> None:
        if job.kind == SHADOW:
            return
        with suppress(*PASSING):
            self._app_context.audit.append(
                f"job.{verb}", actor=job.owner, subject=job.id, text={"kind": job.kind, **text}
            )

    def _tidy(self) -> None:
        """Once a day, remove jobs and documents that are too old, and files of results removed a month ago."""
        now = self._app_context.clock.wall_now()
        if now - self._last_tidied_ms >= TIDY_MS:
            self._last_tidied_ms = now
            with suppress(*PASSING):
                retention.remove_old(
                    self._app_context.jobs,
                    self._app_context.accounts,
                    self._app_context.documents,
                    self._app_context.alerts,
                    self._app_context.clock,
                    self._app_context.settings,
                )
                trash.purge_expired(
                    self._app_context.results, self._app_context.clock, self._app_context.home
                )


class _JobTracker:
    """How far one job is, and when that was last reported."""

    def __init__(self, app_context: AppContext, job: Job, worker: str) -> None:
        self._app_context = app_context
        self.job = job
        self._worker = worker
        self.progress = 0.0
        self.message = "starting"
        self._lines: list[str] = []
        self._beat_at = 0
        self._pauses_ms = iter(AGAIN_MS)
        self._failed_at = self._pause_ms = 0

    def left_s(self) -> float:
        """Return how long to listen before the next report is due."""
        since = self._app_context.clock.wall_now() - self._beat_at
        return min(max(BEAT_MS - since, 0), BEAT_MS) / 1_000

    def read_message(self, message: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any] | None] | None:
        """Take in what the hand says; return the end of the job where this is it."""
        if "progress" in message:
            self.progress, self.message = float(message["progress"]), str(message["message"])
            self._lines += message["lines"]
        if "done" in message:
            self.progress, self.message = 1.0, "done"
            return "done", "done", message["done"]
        if "failed" in message:
            reason = from_stored(str(message["failed"]), message.get("refusal"))
            return None if message.get("is_passing") and self._waits(reason) else ("failed", reason, None)
        if "crashed" in message:
            self._lines.append(str(message["crashed"]))
            text = Refusal(
                "internal_error_ended",
                "an internal error ended it; the log has the details, please report it (vigie doctor "
                "--bundle)",
            )
            return "failed", text, None
        # While it waits to be tried again another process will do it.
        if "gone" in message and not self._pause_ms:
            return "failed", describe_exit(int(message["gone"])), None
        return None

    def _waits(self, reason: str) -> bool:
        """Show why a job failed until it is tried again; False where it was tried often enough."""
        self._pause_ms = next(self._pauses_ms, 0)
        if not self._pause_ms:
            return False
        self._failed_at = self._app_context.clock.wall_now()
        self._lines.append(reason)
        self.message = join_refusals([reason, Refusal("job_tried_again", "it is tried again by itself")])
        return True

    def is_due_again(self) -> bool:
        """Return, once, whether a job that failed for a passing reason is to be tried again now."""
        since = self._app_context.clock.wall_now() - self._failed_at
        if not self._pause_ms or 0 <= since < self._pause_ms:
            return False
        self._pause_ms = 0
        return True

    def take_lines(self) -> list[str]:
        """Return the log lines that were not reported yet."""
        lines, self._lines = self._lines, []
        return lines

    def beat(self) -> bool:
        """Report where that is due; False when the job must stop."""
        now = self._app_context.clock.wall_now()
        if 0 <= now - self._beat_at < BEAT_MS:
            return True
        self._beat_at = now
        lines = self.take_lines()
        try:
            return self._app_context.jobs.beat(
                self.job.id, self._worker, progress=self.progress, message=self.message, lines=lines
            )
        except PASSING:
            self._lines = lines + self._lines
            return True

    def retry(self, work: Any) -> Any:
        """Do what must not be lost, again and again while the database is away for a moment."""
        for _ in range(20):
            with suppress(*PASSING):
                return work()
            self._app_context.clock.sleep(0.25)
        return None
