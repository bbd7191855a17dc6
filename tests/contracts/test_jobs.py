"""What every queue of jobs promises, on every database."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading

import pytest

from tests.databases import HandClock
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.jobs import SqlJobs
from vigie.adapters.stores.sql.runs import SqlRuns
from vigie.domain.errors import DataError, UsageError
from vigie.domain.refusal import Refusal, to_stored
from vigie.ports.jobs import JobQueue

STALE = 10_000
KINDS = ["backtest", "sweep"]


@pytest.fixture
def jobs(database: Database, clock: HandClock) -> JobQueue:
    return SqlJobs(database, clock)


def test_a_queued_job_waits_with_what_was_ordered(jobs: JobQueue, clock):
    job = jobs.put("backtest", {"slots": ["BTC"], "capital": 1e4}, owner="u1")
    assert jobs.get(job.id) == job
    assert (job.state, job.owner, job.ts_created, job.attempts) == ("queued", "u1", clock.now, 0)
    assert job.ask == {"slots": ["BTC"], "capital": 1e4}
    assert jobs.get("j0") is None


def test_why_a_job_failed_keeps_its_code_and_arguments(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1")
    assert jobs.take("w1", KINDS, stale_ms=STALE).id == job.id
    why = Refusal("no_list", "there is no list {name!r}", name="x")
    jobs.finish(job.id, "w1", "failed", message=why)
    (failed,) = jobs.list()
    assert failed.message == "there is no list 'x'"
    assert to_stored(failed.message) == {"code": "no_list", "arguments": {"name": "'x'"}}


def test_a_plain_message_comes_after_a_refusal(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1")
    jobs.take("w1", KINDS, stale_ms=STALE)
    jobs.release(job.id, "w1", message=Refusal("busy", "busy"))
    jobs.take("w2", KINDS, stale_ms=STALE)
    jobs.beat(job.id, "w2", progress=0.5, message="trading")
    assert (jobs.get(job.id).message, to_stored(jobs.get(job.id).message)) == ("trading", None)


def test_what_is_no_plain_value_cannot_be_ordered(jobs):
    with pytest.raises(DataError):
        jobs.put("backtest", {"capital": float("inf")}, owner="u1")
    assert jobs.list() == []


def test_ids_sort_by_age_even_where_the_clock_goes_back(jobs, clock):
    ids = []
    for step in (0, 0, -5_000, 1):
        clock.now += step
        ids.append(jobs.put("backtest", {}, owner="u1").id)
    assert ids == sorted(set(ids))


def test_lists_are_newest_first_by_owner_and_page_by_page(jobs):
    made = [jobs.put("backtest", {}, owner=f"u{number % 2}").id for number in range(6)]
    newest = made[::-1]
    assert [job.id for job in jobs.list()] == newest
    assert [job.id for job in jobs.list(owner="u1")] == newest[::2]
    first = jobs.list(limit=4)
    assert [job.id for job in first] == newest[:4]
    assert [job.id for job in jobs.list(before=first[-1].id, limit=4)] == newest[4:]


def test_what_ended_since_a_time_is_told_to_its_owner_but_for_what_they_stopped(jobs, clock):
    kinds = ("backtest", "quick", "import", "backtest")
    made = [jobs.put(kind, {}, owner="u1").id for kind in kinds]
    other = jobs.put("backtest", {}, owner="u2").id
    for job, state in zip([*made, other], ("done", "done", "failed", "cancelled", "done"), strict=True):
        assert jobs.take("w", ("backtest", "quick", "import"), stale_ms=STALE).id == job
        clock.now += 1
        jobs.finish(job, "w", state, message="", answer=None)
    waiting = jobs.put("backtest", {}, owner="u1").id
    ends = jobs.get(made[0]).ts_finished
    assert [job.id for job in jobs.ended_since("u1", 0)] == [made[2], made[1], made[0]]
    assert [job.id for job in jobs.ended_since("u1", ends)] == [made[2], made[1]]
    assert [job.id for job in jobs.ended_since("u1", 0, but=("quick",))] == [made[2], made[0]]
    assert [job.id for job in jobs.ended_since("u1", 0, limit=1)] == [made[2]]
    assert waiting not in {job.id for job in jobs.ended_since("u1", 0)}


def test_the_oldest_of_the_asked_kinds_is_taken(jobs, clock):
    other = jobs.put("import", {}, owner="u1")
    first, second = (jobs.put("backtest", {}, owner="u1") for _ in range(2))
    taken = jobs.take("w", KINDS, stale_ms=STALE)
    assert (taken.id, taken.state, taken.attempts) == (first.id, "running", 1)
    assert taken.ts_started == taken.ts_beat == clock.now
    assert jobs.take("w", KINDS, stale_ms=STALE).id == second.id
    assert jobs.take("w", KINDS, stale_ms=STALE) is None
    assert jobs.get(other.id).state == "queued"


def test_progress_and_lines_are_kept_in_order(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    start = clock.now
    assert jobs.beat(job, "w", progress=0.25, message="loading", lines=["one", "two"])
    clock.now += 5
    assert jobs.beat(job, "w", progress=1.5, message="trading", lines=["three"])
    seen = jobs.get(job)
    assert (seen.progress, seen.message, seen.ts_beat) == (1.0, "trading", clock.now)
    assert jobs.log(job) == [(1, start, "one"), (2, start, "two"), (3, clock.now, "three")]
    assert jobs.log(job, after=2) == [(3, clock.now, "three")]
    assert jobs.log("j0") == []


@pytest.mark.parametrize(("state", "progress"), [("done", 1.0), ("failed", 0.5), ("cancelled", 0.5)])
def test_a_finished_job_stays_finished(jobs, clock, state, progress):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    jobs.beat(job, "w", progress=0.5, message="half")
    clock.now += 7
    jobs.finish(job, "w", state, message="end", answer={"run": "r1"})
    seen = jobs.get(job)
    assert (seen.state, seen.message, seen.answer, seen.progress) == (state, "end", {"run": "r1"}, progress)
    assert seen.ts_finished == clock.now
    assert not jobs.cancel(job)
    assert not jobs.beat(job, "w", progress=0.1, message="late")
    clock.now += 10 * STALE
    assert jobs.take("w2", KINDS, stale_ms=STALE) is None
    assert jobs.get(job) == seen


def test_an_end_that_is_none_is_refused(jobs):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    with pytest.raises(UsageError, match="must be one of done failed cancelled, was 'running'"):
        jobs.finish(job, "w", "running")


def test_a_cancelled_job_that_nobody_took_is_over_at_once(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    assert jobs.cancel(job)
    assert (jobs.get(job).state, jobs.get(job).ts_finished) == ("cancelled", clock.now)
    assert jobs.take("w", KINDS, stale_ms=STALE) is None
    assert not jobs.cancel(job)
    assert not jobs.cancel("j0")


def test_whoever_leaves_takes_their_jobs_and_logs_and_a_worker_loses_the_running_one(jobs):
    kept = jobs.put("backtest", {}, owner="u2").id
    theirs = [jobs.put("backtest", {"title": "mine"}, owner="u1").id for _ in range(30)]
    jobs.cancel(theirs[0])
    jobs.cancel(kept)
    running = jobs.take("w", KINDS, stale_ms=STALE).id
    assert jobs.beat(running, "w", progress=0.1, message="", lines=["one"])
    assert jobs.forget("u1") == 30
    assert [one.id for one in jobs.list()] == [kept]
    assert jobs.log(running) == []
    assert not jobs.beat(running, "w", progress=0.2, message="", lines=["two"])
    jobs.finish(running, "w", "done", answer={"run": "r1"})
    assert jobs.get(running) is None
    assert jobs.forget("u1") == 0


def test_a_running_job_is_told_at_its_next_beat(jobs):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    assert jobs.beat(job, "w", progress=0.1, message="")
    assert jobs.cancel(job)
    assert jobs.get(job).wants_cancel
    assert not jobs.beat(job, "w", progress=0.2, message="")
    jobs.finish(job, "w", "cancelled")
    assert jobs.get(job).state == "cancelled"


def test_a_silent_worker_loses_its_job_and_is_not_heard_any_more(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w1", KINDS, stale_ms=STALE)
    jobs.beat(job, "w1", progress=0.4, message="half", lines=["one"])
    clock.now += STALE
    assert jobs.take("w2", KINDS, stale_ms=STALE) is None
    clock.now += 1
    again = jobs.take("w2", KINDS, stale_ms=STALE)
    assert (again.id, again.attempts, again.ts_beat) == (job, 2, clock.now)
    assert not jobs.beat(job, "w1", progress=0.9, message="I am back", lines=["lost"])
    jobs.finish(job, "w1", "done", answer={"wrong": True})
    seen = jobs.get(job)
    assert (seen.state, seen.answer, seen.message) == ("running", None, "half")
    assert [line for _, _, line in jobs.log(job)] == ["one", "taken up again, attempt 2"]


def test_a_job_that_ends_every_worker_is_given_up(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    after = jobs.put("backtest", {}, owner="u1").id
    jobs.take("other", KINDS, stale_ms=10**9)
    for attempt in range(2, 4):
        clock.now += STALE + 1
        assert jobs.take("w", KINDS, stale_ms=STALE).attempts == attempt
    clock.now += STALE + 1
    assert jobs.take("w", KINDS, stale_ms=STALE).id == after
    seen = jobs.get(job)
    assert (seen.state, seen.ts_finished) == ("failed", clock.now)
    assert "3 times" in seen.message


def test_a_job_given_back_waits_again_and_the_attempt_does_not_count(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    for _ in range(5):
        assert jobs.take("w", KINDS, stale_ms=STALE).attempts == 1
        jobs.release(job, "w", message="the worker stops")
        seen = jobs.get(job)
        assert (seen.state, seen.attempts, seen.message) == ("queued", 0, "the worker stops")
    jobs.take("w2", KINDS, stale_ms=STALE)
    jobs.release(job, "w")
    assert jobs.get(job).state == "running"


def test_a_job_given_back_after_a_cancel_is_cancelled(jobs):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    jobs.cancel(job)
    jobs.release(job, "w")
    assert jobs.take("w2", KINDS, stale_ms=STALE) is None
    assert jobs.get(job).state == "cancelled"


def test_a_job_whose_worker_died_after_the_cancel_is_cancelled(jobs, clock):
    job = jobs.put("backtest", {}, owner="u1").id
    jobs.take("w", KINDS, stale_ms=STALE)
    jobs.cancel(job)
    clock.now += STALE + 1
    assert jobs.take("w2", KINDS, stale_ms=STALE) is None
    assert jobs.get(job).state == "cancelled"


def test_old_finished_jobs_are_removed_with_their_logs(jobs, clock):
    old, running, fresh = (jobs.put("backtest", {}, owner="u1").id for _ in range(3))
    for job in (old, running, fresh):
        jobs.take("w", KINDS, stale_ms=10**9)
        jobs.beat(job, "w", progress=0.5, message="", lines=["line"])
    jobs.finish(old, "w", "done")
    clock.now += 100
    jobs.finish(fresh, "w", "done")
    assert jobs.remove_before(clock.now) == 1
    assert [job.id for job in jobs.list()] == [fresh, running]
    assert jobs.log(old) == []
    assert len(jobs.log(fresh)) == 1


def test_many_workers_take_each_job_once(database_url: str, database: Database, clock: HandClock):
    queue = SqlJobs(database, clock)
    made = [queue.put("backtest", {}, owner="u1").id for _ in range(40)]
    taken: list[str] = []

    def work(name: str) -> None:
        own = open_database(database_url)
        mine = SqlJobs(own, clock)
        while (job := mine.take(name, KINDS, stale_ms=STALE)) is not None:
            taken.append(job.id)
        own.close()

    workers = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    left = []
    while (job := queue.take("last", KINDS, stale_ms=STALE)) is not None:
        left.append(job.id)
    assert sorted(taken + left) == made


KILLED = """
import os, signal, sys
from vigie.adapters.clock import SystemClock
from vigie.adapters.stores.sql.stores import open_stores
jobs = open_stores(sys.argv[1], SystemClock()).jobs
job = jobs.take("doomed", ["backtest"], stale_ms=10**9)
jobs.beat(job.id, "doomed", progress=0.3, message="half way", lines=["begun"])
print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
"""


def test_the_job_of_a_killed_worker_is_taken_again(database_url: str, database: Database, clock: HandClock):
    queue = SqlJobs(database, clock)
    made = queue.put("backtest", {"a": 1}, owner="u1")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), database_url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == made.id, done.stderr
    assert done.returncode != 0
    clock.now = queue.get(made.id).ts_beat + STALE
    assert queue.take("w2", KINDS, stale_ms=STALE) is None
    clock.now += 1
    again = queue.take("w2", KINDS, stale_ms=STALE)
    assert (again.id, again.attempts, again.ask, again.progress) == (made.id, 2, {"a": 1}, 0.3)


def test_results_are_listed_by_owner_and_kind_and_removed(database: Database, clock: HandClock):
    runs = SqlRuns(database, clock)
    made = [
        runs.put(f"u{n % 2}", ["backtest", "sweep"][n // 2], title=f"Run {n}", folder=f"runs/{n}", ask={"n": n},
                 summary={"trades": n}, decision_hash="ab", job="j1")
        for n in range(4)
    ]  # fmt: skip
    assert runs.list() == made[::-1]
    assert runs.list(owner="u0", kind="sweep") == [made[2]]
    assert runs.list(before=made[2].id, limit=1) == [made[1]]
    again = runs.put("u1", "backtest", title="Renamed", folder="runs/1", ask={}, summary={})
    assert (again.id, again.title, again.job) == (made[1].id, "Renamed", "")
    assert runs.get(again.id) == again
    assert runs.remove(again.id) == again
    assert runs.get(again.id) is runs.remove(again.id) is None
    assert len(runs.list()) == 3
    runs.restore(again)
    runs.restore(again)
    assert runs.get(again.id) == again
    assert len(runs.list()) == 4
