"""What administrators look into and order: the audit, logs, how this home does, and its backups."""

from __future__ import annotations

import re
import shutil
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.data.stores import DataStores
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.job import FINISHED
from vigie.domain.person import Caller
from vigie.domain.refusal import change_words
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.documents import DocumentStore
from vigie.ports.health import HomeHealth
from vigie.ports.home import HiddenValues, HomeFolder, IsSimulated, ShownSettings
from vigie.ports.items import ItemStore
from vigie.ports.jobs import JobQueue
from vigie.ports.quotes import QuoteStore
from vigie.services.backups.backup import SECRETS
from vigie.services.market_data.connector_summary import reported_connectors
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.operations.jobs import JobResult, queue_job
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of
from vigie.services.running import retention
from vigie.services.running.retention import HomeInventory
from vigie.services.running.work import backups as work
from vigie.version import __version__

SOURCE: Final = "vigie"
MASK: Final = "***"
TAIL_BYTES: Final = 2_000_000
LOW_DISK: Final = 1_000_000_000
# Links that let in, tokens, and what is written like a secret.
_SECRETS: Final = re.compile(
    r"(?<=/link/)[\w-]+|vigie_[\w-]{20,}|(?<=Bearer )\S+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?i:(?<=password=)|(?<=secret=)|(?<=token=)|(?<=apikey=)|(?<=api_key=)|(?<=signature=))[^\s&\"']+"
)


@dataclass(frozen=True, slots=True)
class HealthSources:
    """What the page on the home's health reads."""

    home: HomeFolder
    clock: Clock
    is_simulated: IsSimulated
    settings: ShownSettings
    hidden: HiddenValues
    home_health: HomeHealth
    directory: ConnectorDirectory
    quotes: QuoteStore
    items: ItemStore
    jobs: JobQueue
    accounts: UserStore
    audit: AuditLog
    documents: DocumentStore
    data: DataStores


class AuditRow(Row):
    """One line of the audit log."""

    seq: int = shown("Record")
    ts: int = shown("Time", unit="ms", source=SOURCE)
    kind: str = shown("Action")
    actor: str = shown("Who", definition="Pseudonymous id.")
    subject: str = shown("Subject of the entry")
    text: dict[str, Any] | str | None = shown("Details", definition="Empty if the text was erased.")


class LogRow(Row):
    """One line of the program logs."""

    log: str = shown("Log")
    number: int = shown("Line")
    text: dict[str, Any] | str | None = shown("Text")


class AuditInput(OperationInput):
    """Which records, newest first."""

    kind: str = Field("", max_length=60, description="Beginning of the kind, such as account.")
    actor: str = Field("", max_length=40, description="Pseudonymous id.")
    before: int | None = Field(None, ge=1, le=2**53, description="Records before this number.")
    limit: int = Field(100, ge=1, le=500)


class LogsInput(OperationInput):
    """Which lines, newest last."""

    log: str = Field("", pattern=r"^([a-z][a-z0-9_-]{0,30})?$", description="Name; empty means all.")
    search: str = Field("", max_length=100, description="A part of the line.")
    limit: int = Field(200, ge=1, le=2_000)


class SourceHealthRow(BaseModel):
    """How one source does; `is_down`: it does not deliver; `left_out`: older entries it showed, which were not read."""

    source: str
    state: str
    is_down: bool = False
    ts_success: int | None = None
    error: RefusalText = ""
    mode: str = ""
    left_out: int = 0


class HealthResult(OperationResult):
    """How this home does."""

    version: str
    is_simulated: bool
    ts_market: int
    ts_wall: int
    sources: list[SourceHealthRow]
    queued: int
    running: int
    failed: int
    disk_free: int
    disk_total: int
    is_disk_low: bool
    size: int
    events: int


@operation("audit.list", scope="admin", is_change=False)
def list_audit(caller: Caller, params: AuditInput, audit: AuditLog) -> Table[AuditRow]:
    """List records of the audit, newest first."""
    end = min(params.before or audit.newest() + 1, audit.newest() + 1)
    rows: list[AuditRow] = []
    while end > 1 and len(rows) < params.limit:
        start = max(0, end - 501)
        events = [event for event in audit.after(start, limit=500) if event.seq < end]
        rows += [
            AuditRow(
                seq=event.seq,
                ts=event.ts,
                kind=event.kind,
                actor=event.actor,
                subject=event.subject,
                text=event.text,
            )
            for event in reversed(events)
            if event.kind.startswith(params.kind) and params.actor in ("", event.actor)
        ]
        end = start + 1
    page_rows = rows[: params.limit]
    next_cursor = str(page_rows[-1]["seq"]) if page_rows and (len(rows) > params.limit or end > 1) else None
    return table_of(AuditRow, page_rows, origins=[Origin(source="audit")], next_cursor=next_cursor)


@operation("logs.read", scope="admin", is_change=False)
def read_logs(
    caller: Caller, params: LogsInput, home: HomeFolder, hidden_values: HiddenValues
) -> Table[LogRow]:
    """Read the last lines of logs that hold a text; secrets are masked."""
    folder = home / "logs"
    files = {path.stem: path for path in sorted(folder.glob("*.log")) if path.is_file()}
    if params.log and params.log not in files:
        raise NotFound("no_log", "there is no log {log!r}", log=params.log)
    hidden = [value for value in hidden_values() if value]
    rows: deque[LogRow] = deque(maxlen=params.limit)
    for name, path in files.items():
        if params.log in ("", name):
            for number, line in enumerate(tail_lines(path), start=1):
                # Masked before it is searched: nobody finds a secret letter by letter.
                masked_line = mask_secrets(line, hidden)
                if params.search.lower() in masked_line.lower():
                    rows.append(LogRow(log=name, number=number, text=masked_line[:2_000]))
    return table_of(LogRow, list(rows), origins=[Origin(source=SOURCE)], total=len(rows))


@operation("health.read")
def read_health(
    caller: Caller, params: NoInput, inventory: HomeInventory, sources: HealthSources
) -> HealthResult:
    """Say how sources, jobs and the disk do, and which version this is."""
    home = inventory.home
    disk = shutil.disk_usage(home if home.exists() else Path("/"))
    jobs = sources.jobs.list(limit=200)
    # What a source answered may quote an address with a key: administrators see it, masked; others see the state.
    hidden = sources.hidden() if caller.may("admin") else []
    left_out = {item.source: item.left_out for item in sources.items.states()}
    return HealthResult(
        version=__version__,
        is_simulated=sources.is_simulated,
        ts_market=inventory.clock.market_now(),
        ts_wall=inventory.clock.wall_now(),
        sources=[
            SourceHealthRow(
                source=item.source,
                state=item.state,
                is_down=item.is_down,
                ts_success=health.ts_success,
                error=mask_secrets(health.error, hidden) if caller.may("admin") else "",
                mode=health.mode,
                left_out=left_out.get(item.source.partition("/")[0], 0),
            )
            for item, health in reported_connectors(sources.quotes, sources.directory)
        ],
        queued=sum(job.state == "queued" for job in jobs),
        running=sum(job.state == "running" for job in jobs),
        failed=sum(job.state == "failed" for job in jobs),
        disk_free=disk.free,
        disk_total=disk.total,
        is_disk_low=disk.free < LOW_DISK,
        size=sum(item.size for item in retention.list_sizes(inventory)),
        events=inventory.audit.newest(),
    )


def mask_secrets(line: str, secrets: Iterable[str]) -> str:
    """Return a line without secrets: those of the settings, and what is written like one."""

    def masked(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return _SECRETS.sub(MASK, text)

    return change_words(line, masked)


def tail_lines(path: Path) -> list[str]:
    """Return the last lines of a log."""
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
    return lines[1:] if size > TAIL_BYTES else lines


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
