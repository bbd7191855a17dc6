"""Backups of the home, ordered and listed; what they hold and how they are restored is for the command line."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.errors import Conflict
from vigie.domain.job import FINISHED
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.home import HomeFolder
from vigie.ports.jobs import JobQueue
from vigie.services.backups.backup import SECRETS
from vigie.services.operation import OperationInput, Table, operation
from vigie.services.operations.jobs import JobResult, queue_job
from vigie.services.rows import Row, shown, table_of
from vigie.services.running.work import backups as work


class BackupRow(Row):
    """One backup."""

    file: str = shown("File", definition="In the folder `backups` of the home folder.")
    ts: int = shown("Created on", unit="ms", source="vigie")
    bytes: int = shown("Size", unit="bytes", source="vigie")
    has_secrets: bool = shown("Secrets", definition="Whether the file with its secrets is next to it.")


class ListBackupsInput(OperationInput):
    """How many of the newest."""

    limit: int = Field(default=20, ge=1, le=200)


@operation("backups.list", scope="admin", example={"limit": 5})
def list_backups(caller: Caller, params: ListBackupsInput, home: HomeFolder) -> Table[BackupRow]:
    """List the backups that lie below this home, newest first."""
    folder = home / work.FOLDER
    paths = [path for path in folder.glob("*.backup") if path.is_file()] if folder.is_dir() else []
    rows = [
        BackupRow(
            file=path.name,
            ts=int(path.stat().st_mtime * 1_000),
            bytes=path.stat().st_size,
            has_secrets=path.with_name(path.name + SECRETS).is_file(),
        )
        for path in paths
    ]
    rows.sort(key=lambda row: (row.ts, row.file), reverse=True)
    return table_of(BackupRow, rows[: params.limit], total=len(rows))


@operation("backups.create", scope="admin", example={"with_secrets": True})
def create_backup(
    caller: Caller, params: work.BackupOrder, jobs: JobQueue, accounts: UserStore, audit: AuditLog
) -> JobResult:
    """Write a backup of everything into the home, as a job while all goes on; its secrets go into a second file."""
    if any(job.kind == work.KIND and job.state not in FINISHED for job in jobs.list(limit=200)):
        raise Conflict("backup_already_running", "a backup is already running; wait for it to finish")
    return queue_job(jobs, accounts, audit, caller, work.KIND, params)
