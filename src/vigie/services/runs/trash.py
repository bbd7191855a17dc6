"""Removed results: out of the list at once, their files for a month, so that a removal can be undone."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from vigie.domain.errors import NotFound
from vigie.domain.time import DAY_MS
from vigie.ports.runs import Run
from vigie.services.house import House

FOLDER: Final = "removed"
KEPT_MS: Final = 30 * DAY_MS


def throw(house: House, run: Run) -> None:
    """Take a result out of the list and remember it."""
    record = {**asdict(run), "ts_removed": house.clock.wall_now()}
    house.results.write(_folder(house), {f"{run.id}.json": json.dumps(record).encode()})
    house.runs.remove(run.id)


def put_back(house: House, run: str, owner: str) -> Run:
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
    found = Run(**record)
    house.runs.put_back(found)
    path.unlink(missing_ok=True)
    return found


def empty(house: House) -> int:
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


def _folder(house: House) -> Path:
    return house.results.runs / FOLDER
