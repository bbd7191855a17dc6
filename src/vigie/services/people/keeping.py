"""How long things are kept, how large they are, and how large they will be.

Raw documents, finished jobs and what people were told are removed after a while; quotes are only ever the latest; bars,
facts, results and the audit stay for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.services.house import House

# Settings of the whole home lie under this name; users' ids never look like it.
HOUSE: Final = "house"
DOCUMENTS_DAYS: Final = 90
JOBS_DAYS: Final = 180
# What somebody was told, long enough to look back over a year.
ALERTS_DAYS: Final = 400
YEAR_DAYS: Final = 365.0
MONTH_DAYS: Final = 30.4
# What lies below the home folder: name and where.
FOLDERS: Final = (("facts", "facts"), ("results", "runs"), ("logs", "logs"))


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what can be had again is kept, in days."""

    documents_days: int
    jobs_days: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Size:
    """One kind of data; sizes in bytes, `days` None where it is kept for ever."""

    what: str
    days: int | None
    size: int
    per_day: float
    in_a_year: float


def retention(house: House) -> Retention:
    """Return how long things are kept: what the administrator said, else the settings file, else the default."""
    revision, body = house.accounts.settings(HOUSE)
    written = {key: shown for key, shown, _where in house.settings()}

    def days(name: str, default: int) -> int:
        value = body.get(name, written.get(f"retention.{name}", default))
        return int(value) if str(value).isdigit() else default

    return Retention(days("documents_days", DOCUMENTS_DAYS), days("jobs_days", JOBS_DAYS), revision)


def remove_old(house: House) -> tuple[int, int]:
    """Remove documents, finished jobs and alerts that are too old; return how many documents and jobs."""
    kept, now = retention(house), house.clock.wall_now()
    house.alerts.remove_before(now - ALERTS_DAYS * DAY_MS)
    documents = house.documents.remove_before(now - kept.documents_days * DAY_MS)
    return documents, house.jobs.remove_before(now - kept.jobs_days * DAY_MS)


def sizes(house: House) -> list[Size]:
    """Return the size of each kind of data, and what it will be in a year at the same pace."""
    home = Path(str(house.about.get("home", "")))
    kept, now = retention(house), house.clock.wall_now()
    # A file that is written to all day says nothing of how long it has been growing: the audit does.
    first = house.audit.after(0, limit=1)
    age = max(1.0, (now - first[0].ts) / DAY_MS) if first else 1.0
    return [
        _bars(house),
        *(_measured(name, home / folder, now) for name, folder in FOLDERS),
        _grown("documents", house.documents.size_bytes(), age, kept.documents_days),
        _grown("database", house.vitals.database_bytes(), age),
    ]


def _bars(house: House) -> Size:
    """A history that was imported in an hour grows a day at a time: so bars grow by the periods they hold."""
    size, per_day = 0, 0.0
    for one in house.data.bars.holdings():
        size += one.size_bytes
        days = sum(_days(Path(name).name) for name in one.files)
        per_day += one.size_bytes / max(1.0, days)
    return Size("bars", None, size, per_day, size + per_day * YEAR_DAYS)


def _days(name: str) -> float:
    """Return how many days the bars of a file span; those of no period are of its last days."""
    stem = name.removesuffix(".parquet")
    return {len("2025"): YEAR_DAYS, len("2025-06"): MONTH_DAYS}.get(len(stem), 1.0)


def _measured(what: str, folder: Path, now: int) -> Size:
    size, oldest = 0, now
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            stat = path.stat()
        except FileNotFoundError:  # removed meanwhile
            continue
        if not S_ISREG(stat.st_mode):
            continue
        size += stat.st_size
        oldest = min(oldest, int(stat.st_mtime * 1_000))
    return _grown(what, size, max(1.0, (now - oldest) / DAY_MS))


def _grown(what: str, size: int, age: float, days: int | None = None) -> Size:
    """What is removed after some days is of these days alone, and grows only until the first of it goes."""
    per_day = size / (age if days is None else min(age, days))
    left = YEAR_DAYS if days is None else max(0.0, min(YEAR_DAYS, days - age))
    return Size(what, days, size, per_day, size + per_day * left)
