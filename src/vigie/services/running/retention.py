"""How long things are kept, how large they are, and how large they will be.

Raw documents, finished jobs and what people were told are removed after a while; quotes are only ever the latest; bars,
facts, results and the audit stay for ever.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Final

from vigie.data.stores import DataStores
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.documents import DocumentStore
from vigie.ports.health import HomeHealth
from vigie.ports.home import HomeFolder, ShownSettings
from vigie.ports.jobs import JobQueue

# Settings of the whole home lie under this name; users' ids never look like it.
HOME_SETTINGS: Final = "house"
DOCUMENTS_DAYS: Final = 90
JOBS_DAYS: Final = 180
# What somebody was told, long enough to look back over a year.
ALERTS_DAYS: Final = 400
YEAR_DAYS: Final = 365.0
MONTH_DAYS: Final = 30.4
# What lies below the home folder: name and where.
FOLDERS: Final = (("facts", "facts"), ("results", "runs"), ("logs", "logs"))


@dataclass(frozen=True, slots=True)
class HomeInventory:
    """What the sizes of a home are read from."""

    home: HomeFolder
    data: DataStores
    documents: DocumentStore
    accounts: UserStore
    audit: AuditLog
    home_health: HomeHealth
    settings: ShownSettings
    clock: Clock


@dataclass(frozen=True, slots=True)
class RetentionPeriods:
    """How long what can be had again is kept, in days."""

    documents_days: int
    jobs_days: int
    revision: int = 0


@dataclass(frozen=True, slots=True)
class StoredSize:
    """One kind of data; sizes in bytes, `days` None where it is kept for ever."""

    what: str
    days: int | None
    size: int
    per_day: float
    in_a_year: float


def read_retention(accounts: UserStore, settings: ShownSettings) -> RetentionPeriods:
    """Return how long things are kept: what the administrator said, else the settings file, else the default."""
    revision, body = accounts.settings(HOME_SETTINGS)
    configured = {key: shown for key, shown, _where in settings()}

    def days(name: str, default: int) -> int:
        value = body.get(name, configured.get(f"retention.{name}", default))
        return int(value) if str(value).isdigit() else default

    return RetentionPeriods(days("documents_days", DOCUMENTS_DAYS), days("jobs_days", JOBS_DAYS), revision)


def remove_old(
    jobs: JobQueue,
    accounts: UserStore,
    document_store: DocumentStore,
    alerts: AlertStore,
    clock: Clock,
    settings: ShownSettings,
) -> tuple[int, int]:
    """Remove documents, finished jobs and alerts that are too old; return how many documents and jobs."""
    periods, now = read_retention(accounts, settings), clock.wall_now()
    alerts.remove_before(now - ALERTS_DAYS * DAY_MS)
    documents = document_store.remove_before(now - periods.documents_days * DAY_MS)
    return documents, jobs.remove_before(now - periods.jobs_days * DAY_MS)


def list_sizes(inventory: HomeInventory) -> list[StoredSize]:
    """Return the size of each kind of data, and what it will be in a year at the same pace."""
    home = inventory.home
    periods, now = read_retention(inventory.accounts, inventory.settings), inventory.clock.wall_now()
    # A file that is written to all day says nothing of how long it has been growing: the audit does.
    first = inventory.audit.after(0, limit=1)
    age = max(1.0, (now - first[0].ts) / DAY_MS) if first else 1.0
    return [
        _bars_size(inventory.data),
        *(_folder_size(name, home / folder, now) for name, folder in FOLDERS),
        _growing_size("documents", inventory.documents.size_bytes(), age, periods.documents_days),
        _growing_size("database", inventory.home_health.database_bytes(), age),
    ]


def _bars_size(data: DataStores) -> StoredSize:
    """A history that was imported in an hour grows a day at a time: so bars grow by the periods they hold."""
    size, per_day = 0, 0.0
    for holding in data.bars.holdings():
        size += holding.size_bytes
        days = sum(_days_in_file(Path(name).name) for name in holding.files)
        per_day += holding.size_bytes / max(1.0, days)
    return StoredSize("bars", None, size, per_day, size + per_day * YEAR_DAYS)


def _days_in_file(name: str) -> float:
    """Return how many days the bars of a file span; those of no period are of its last days."""
    stem = name.removesuffix(".parquet")
    return {len("2025"): YEAR_DAYS, len("2025-06"): MONTH_DAYS}.get(len(stem), 1.0)


def _folder_size(what: str, folder: Path, now: int) -> StoredSize:
    size, oldest = 0, now
    # Unlike `rglob`, it goes on where a folder is removed meanwhile, as a run's working folder is.
    for place, _folders, names in os.walk(folder):
        for name in names:
            try:
                stat = os.stat(os.path.join(place, name))
            except FileNotFoundError:
                continue
            if not S_ISREG(stat.st_mode):
                continue
            size += stat.st_size
            oldest = min(oldest, int(stat.st_mtime * 1_000))
    return _growing_size(what, size, max(1.0, (now - oldest) / DAY_MS))


def _growing_size(what: str, size: int, age: float, days: int | None = None) -> StoredSize:
    """What is removed after some days is of these days alone, and grows only until the first of it goes."""
    per_day = size / (age if days is None else min(age, days))
    growing_days = YEAR_DAYS if days is None else max(0.0, min(YEAR_DAYS, days - age))
    return StoredSize(what, days, size, per_day, size + per_day * growing_days)
