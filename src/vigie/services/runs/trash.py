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
from vigie.ports.runs import RunRecord
from vigie.services.app_context import AppContext

FOLDER: Final = "removed"
RETENTION_MS: Final = 30 * DAY_MS
_PAGE: Final = 500


def move_to_trash(app_context: AppContext, run: RunRecord) -> None:
    """Take a result out of the list and remember it."""
    record = {**asdict(run), "ts_removed": app_context.clock.wall_now()}
    app_context.results.write(_trash_folder(app_context), {f"{run.id}.json": json.dumps(record).encode()})
    app_context.runs.remove(run.id)


def restore_run(app_context: AppContext, run: str, owner: str) -> RunRecord:
    """Undo a removal.

    Raises
    ------
    NotFound
        If the owner removed no such result, or a month ago.
    """
    path = _trash_folder(app_context) / f"{run}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotFound("no_removed_result", "there is no removed result {run!r}", run=run) from None
    if record.get("owner") != owner:
        raise NotFound("no_removed_result", "there is no removed result {run!r}", run=run)
    record.pop("ts_removed")
    restored = RunRecord(**record)
    app_context.runs.restore(restored)
    path.unlink(missing_ok=True)
    return restored


def purge_expired(app_context: AppContext) -> int:
    """Remove the files of results that were removed long ago; return how many."""
    purged = 0
    now = app_context.clock.wall_now()
    for path in sorted(_trash_folder(app_context).glob("r*.json")):
        with suppress(OSError, ValueError, KeyError):
            record = json.loads(path.read_text(encoding="utf-8"))
            if now - record["ts_removed"] >= RETENTION_MS:
                shutil.rmtree(Path(app_context.about["home"]) / record["folder"], ignore_errors=True)
                path.unlink()
                purged += 1
    return purged


def list_removed(app_context: AppContext, owner: str) -> list[dict[str, Any]]:
    """Return the removed results of an owner that can still be taken back, as they are remembered."""
    records = [_read_record(path) for path in sorted(_trash_folder(app_context).glob("r*.json"))]
    return [record for record in records if record.get("owner") == owner]


def erase_owner(app_context: AppContext, owner: str) -> None:
    """Remove every result and every job of an owner, listed, removed or never finished, with its files.

    Files go before what leads to them: where it is killed on the way, it can be done again.
    """
    jobs = _list_jobs(app_context, owner)
    _erase_files(app_context, owner, jobs)
    app_context.jobs.forget(owner)
    # A worker may have kept something before it heard of that.
    _erase_files(app_context, owner, jobs)


def _erase_files(app_context: AppContext, owner: str, jobs: Sequence[Job]) -> None:
    for job in jobs:
        _erase_folder(app_context, _job_folder(job))
    while page := app_context.runs.list(owner=owner, limit=_PAGE):
        for run in page:
            _erase_folder(app_context, run.folder)
            app_context.runs.remove(run.id)
    for path in sorted(_trash_folder(app_context).glob("r*.json")):
        record = _read_record(path)
        if record.get("owner") == owner:
            _erase_folder(app_context, str(record["folder"]))
            path.unlink(missing_ok=True)


def erase_job(app_context: AppContext, job: Job) -> None:
    """Remove what a job kept whose owner left while it ran."""
    for run in app_context.runs.list(owner=job.owner, limit=_PAGE):
        if run.job == job.id:
            app_context.runs.remove(run.id)
    _erase_folder(app_context, _job_folder(job))


def _list_jobs(app_context: AppContext, owner: str) -> list[Job]:
    jobs: list[Job] = []
    while page := app_context.jobs.list(owner=owner, before=jobs[-1].id if jobs else None, limit=_PAGE):
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


def _erase_folder(app_context: AppContext, folder: str) -> None:
    runs, path = app_context.results.runs.resolve(), (Path(app_context.about["home"]) / folder).resolve()
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


def _trash_folder(app_context: AppContext) -> Path:
    return app_context.results.runs / FOLDER
