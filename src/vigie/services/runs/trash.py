"""Removed results: out of the list at once, their files for a month, so that a removal can be undone.

What belonged to somebody who left is burnt: nothing of it stays.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from vigie.domain.errors import NotFound, StorageError
from vigie.domain.job import Job
from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.home import HomeFolder, ResultsHome
from vigie.ports.jobs import JobQueue
from vigie.ports.runs import RunIndex, RunRecord

FOLDER: Final = "removed"
RETENTION_MS: Final = 30 * DAY_MS
_PAGE: Final = 500


def move_to_trash(results: ResultsHome, runs: RunIndex, clock: Clock, run: RunRecord) -> None:
    """Take a result out of the list and remember it."""
    record = {**asdict(run), "ts_removed": clock.wall_now()}
    results.write(_trash_folder(results), {f"{run.id}.json": json.dumps(record).encode()})
    runs.remove(run.id)


def restore_run(results: ResultsHome, runs: RunIndex, run: str, owner: str) -> RunRecord:
    """Undo a removal.

    Raises
    ------
    NotFound
        If the owner removed no such result, or a month ago.
    """
    path = _trash_folder(results) / f"{run}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotFound("no_removed_result", "there is no removed result {run!r}", run=run) from None
    if record.get("owner") != owner:
        raise NotFound("no_removed_result", "there is no removed result {run!r}", run=run)
    record.pop("ts_removed")
    restored = RunRecord(**record)
    runs.restore(restored)
    path.unlink(missing_ok=True)
    return restored


def purge_expired(results: ResultsHome, clock: Clock, home: HomeFolder) -> int:
    """Remove the files of results that were removed long ago; return how many."""
    purged = 0
    now = clock.wall_now()
    for path in sorted(_trash_folder(results).glob("r*.json")):
        with suppress(OSError, ValueError, KeyError):
            record = json.loads(path.read_text(encoding="utf-8"))
            if now - record["ts_removed"] >= RETENTION_MS:
                shutil.rmtree(home / record["folder"], ignore_errors=True)
                path.unlink()
                purged += 1
    return purged


def list_removed(results: ResultsHome, owner: str) -> list[dict[str, Any]]:
    """Return the removed results of an owner that can still be taken back, as they are remembered."""
    records = [_read_record(path) for path in sorted(_trash_folder(results).glob("r*.json"))]
    return [record for record in records if record.get("owner") == owner]


def erase_owner(
    results: ResultsHome, job_queue: JobQueue, runs: RunIndex, home: HomeFolder, owner: str
) -> None:
    """Remove every result and every job of an owner, listed, removed or never finished, with its files.

    Files go before what leads to them: where it is killed on the way, it can be done again.
    """
    jobs = _list_jobs(job_queue, owner)
    _erase_files(results, runs, home, owner, jobs)
    job_queue.forget(owner)
    # A worker may have kept something before it heard of that.
    _erase_files(results, runs, home, owner, jobs)


def _erase_files(
    results: ResultsHome, runs: RunIndex, home: HomeFolder, owner: str, jobs: Sequence[Job]
) -> None:
    for job in jobs:
        _erase_folder(results, home, _job_folder(job))
    while page := runs.list(owner=owner, limit=_PAGE):
        for run in page:
            _erase_folder(results, home, run.folder)
            runs.remove(run.id)
    for path in sorted(_trash_folder(results).glob("r*.json")):
        record = _read_record(path)
        if record.get("owner") == owner:
            _erase_folder(results, home, str(record["folder"]))
            path.unlink(missing_ok=True)


def erase_job(results: ResultsHome, runs: RunIndex, home: HomeFolder, job: Job) -> None:
    """Remove what a job kept whose owner left while it ran."""
    for run in runs.list(owner=job.owner, limit=_PAGE):
        if run.job == job.id:
            runs.remove(run.id)
    _erase_folder(results, home, _job_folder(job))


def _list_jobs(job_queue: JobQueue, owner: str) -> list[Job]:
    jobs: list[Job] = []
    while page := job_queue.list(owner=owner, before=jobs[-1].id if jobs else None, limit=_PAGE):
        jobs += page
    return jobs


def _job_folder(job: Job) -> str:
    return f"runs/{job.kind}-{job.id}"


def _read_record(path: Path) -> dict[str, Any]:
    # One that cannot be read says nobody's name; it goes with the others, after a month.
    with suppress(OSError, ValueError):
        record = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def _erase_folder(results: ResultsHome, home: HomeFolder, folder: str) -> None:
    runs, path = results.runs.resolve(), (home / folder).resolve()
    # A folder that somebody named outside is not ours to remove.
    if path == runs or not path.is_relative_to(runs) or not path.exists():
        return
    try:
        shutil.rmtree(path)
    except OSError as fault:
        raise StorageError(
            "could_not_removed",
            "{path} could not be removed: {strerror}",
            path=path,
            strerror=fault.strerror or fault,
        ) from fault


def _trash_folder(results: ResultsHome) -> Path:
    return results.runs / FOLDER
