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
KEPT_MS: Final = 30 * DAY_MS
_PAGE: Final = 500


def throw(house: AppContext, run: RunRecord) -> None:
    """Take a result out of the list and remember it."""
    record = {**asdict(run), "ts_removed": house.clock.wall_now()}
    house.results.write(_folder(house), {f"{run.id}.json": json.dumps(record).encode()})
    house.runs.remove(run.id)


def put_back(house: AppContext, run: str, owner: str) -> RunRecord:
    """Undo a removal.

    Raises
    ------
    NotFound
        If the owner removed no such result, or a month ago.
    """
    path = _folder(house) / f"{run}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NotFound(f"there is no removed result {run!r}") from None
    if record.get("owner") != owner:
        raise NotFound(f"there is no removed result {run!r}")
    record.pop("ts_removed")
    found = RunRecord(**record)
    house.runs.restore(found)
    path.unlink(missing_ok=True)
    return found


def empty(house: AppContext) -> int:
    """Remove the files of results that were removed long ago; return how many."""
    gone = 0
    now = house.clock.wall_now()
    for path in sorted(_folder(house).glob("r*.json")):
        with suppress(OSError, ValueError, KeyError):
            record = json.loads(path.read_text(encoding="utf-8"))
            if now - record["ts_removed"] >= KEPT_MS:
                shutil.rmtree(Path(house.about["home"]) / record["folder"], ignore_errors=True)
                path.unlink()
                gone += 1
    return gone


def removed_of(house: AppContext, owner: str) -> list[dict[str, Any]]:
    """Return the removed results of an owner that can still be taken back, as they are remembered."""
    records = [_read(path) for path in sorted(_folder(house).glob("r*.json"))]
    return [record for record in records if record.get("owner") == owner]


def burn(house: AppContext, owner: str) -> None:
    """Remove every result and every job of an owner, listed, removed or never finished, with its files.

    Files go before what leads to them: where it is killed on the way, it can be done again.
    """
    jobs = _jobs(house, owner)
    _burn_files(house, owner, jobs)
    house.jobs.forget(owner)
    # A worker may have kept something before it heard of that.
    _burn_files(house, owner, jobs)


def _burn_files(house: AppContext, owner: str, jobs: Sequence[Job]) -> None:
    for job in jobs:
        _burn_folder(house, _of_job(job))
    while page := house.runs.list(owner=owner, limit=_PAGE):
        for run in page:
            _burn_folder(house, run.folder)
            house.runs.remove(run.id)
    for path in sorted(_folder(house).glob("r*.json")):
        record = _read(path)
        if record.get("owner") == owner:
            _burn_folder(house, str(record["folder"]))
            path.unlink(missing_ok=True)


def burn_job(house: AppContext, job: Job) -> None:
    """Remove what a job kept whose owner left while it ran."""
    for run in house.runs.list(owner=job.owner, limit=_PAGE):
        if run.job == job.id:
            house.runs.remove(run.id)
    _burn_folder(house, _of_job(job))


def _jobs(house: AppContext, owner: str) -> list[Job]:
    found: list[Job] = []
    while page := house.jobs.list(owner=owner, before=found[-1].id if found else None, limit=_PAGE):
        found += page
    return found


def _of_job(job: Job) -> str:
    return f"runs/{job.kind}-{job.id}"


def _read(path: Path) -> dict[str, Any]:
    # One that cannot be read says nobody's name; it goes with the others, after a month.
    with suppress(OSError, ValueError):
        record = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(record, dict):
            return record
    return {}


def _burn_folder(house: AppContext, folder: str) -> None:
    runs, path = house.results.runs.resolve(), (Path(house.about["home"]) / folder).resolve()
    # A folder that somebody named outside is not ours to remove.
    if path == runs or not path.is_relative_to(runs) or not path.exists():
        return
    try:
        shutil.rmtree(path)
    except OSError as fault:
        raise StorageError(f"{path} could not be removed: {fault.strerror or fault}") from fault


def _folder(house: AppContext) -> Path:
    return house.results.runs / FOLDER
