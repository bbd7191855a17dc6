"""What administrators look into: the audit, logs, and how this home does."""

from __future__ import annotations

import re
import shutil
from collections import deque
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.measuring.deliveries import heard
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation
from vigie.services.people import keeping
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

EVENTS: Final = [
    Column(name="seq", title="Record"),
    Column(name="ts", title="Time", unit="ms", source=SOURCE),
    Column(name="kind", title="What"),
    Column(name="actor", title="Who", definition="Pseudonymous id."),
    Column(name="subject", title="About"),
    Column(name="text", title="Details", definition="Empty where it was forgotten."),
]
LINES: Final = [
    Column(name="log", title="Log"),
    Column(name="number", title="Line"),
    Column(name="text", title="Text"),
]


class AuditAsk(Ask):
    """Which records, newest first."""

    kind: str = Field("", max_length=60, description="Beginning of the kind, such as account.")
    actor: str = Field("", max_length=40, description="Pseudonymous id.")
    before: int | None = Field(None, ge=1, le=2**53, description="Records before this number.")
    limit: int = Field(100, ge=1, le=500)


class LogsAsk(Ask):
    """Which lines, newest last."""

    log: str = Field("", pattern=r"^([a-z][a-z0-9_-]{0,30})?$", description="Name; empty means all.")
    search: str = Field("", max_length=100, description="A part of the line.")
    limit: int = Field(200, ge=1, le=2_000)


class HealthAsk(Ask):
    """How everything is."""


class Part(BaseModel):
    """How one source does; `is_down`: it does not deliver; `left_out`: older entries it showed, which were not read."""

    source: str
    state: str
    is_down: bool = False
    ts_success: int | None = None
    error: str = ""
    mode: str = ""
    left_out: int = 0


class Health(Answer):
    """How this home does."""

    version: str
    is_simulated: bool
    ts_market: int
    ts_wall: int
    sources: list[Part]
    queued: int
    running: int
    failed: int
    disk_free: int
    disk_total: int
    is_disk_low: bool
    size: int
    events: int


@operation("audit.list", scope="admin", is_change=False)
def list_audit(house: House, caller: Caller, ask: AuditAsk) -> Table:
    """List records of the audit, newest first."""
    end = min(ask.before or house.audit.newest() + 1, house.audit.newest() + 1)
    found: list[dict[str, Any]] = []
    while end > 1 and len(found) < ask.limit:
        start = max(0, end - 501)
        page = [one for one in house.audit.after(start, limit=500) if one.seq < end]
        found += [
            {"seq": one.seq, "ts": one.ts, "kind": one.kind, "actor": one.actor, "subject": one.subject,
             "text": one.text}
            for one in reversed(page)
            if one.kind.startswith(ask.kind) and ask.actor in ("", one.actor)
        ]  # fmt: skip
        end = start + 1
    shown = found[: ask.limit]
    more = str(shown[-1]["seq"]) if shown and (len(found) > ask.limit or end > 1) else None
    return Table(columns=EVENTS, rows=shown, origins=[Origin(source="audit")], next_cursor=more)


@operation("logs.read", scope="admin", is_change=False)
def read_logs(house: House, caller: Caller, ask: LogsAsk) -> Table:
    """Read the last lines of logs that hold a text; secrets are masked."""
    folder = Path(str(house.about.get("home", ""))) / "logs"
    files = {path.stem: path for path in sorted(folder.glob("*.log")) if path.is_file()}
    if ask.log and ask.log not in files:
        raise NotFound(f"there is no log {ask.log!r}")
    hidden = [value for value in house.hidden() if value]
    found: deque[dict[str, Any]] = deque(maxlen=ask.limit)
    for name, path in files.items():
        if ask.log in ("", name):
            for number, line in enumerate(tail(path), start=1):
                # Masked before it is searched: nobody finds a secret letter by letter.
                shown = masked(line, hidden)
                if ask.search.lower() in shown.lower():
                    found.append({"log": name, "number": number, "text": shown[:2_000]})
    return Table(columns=LINES, rows=list(found), origins=[Origin(source=SOURCE)], total=len(found))


@operation("health.read")
def read_health(house: House, caller: Caller, ask: HealthAsk) -> Health:
    """Say how sources, jobs and the disk do, and which version this is."""
    home = Path(str(house.about.get("home", "")) or ".")
    disk = shutil.disk_usage(home if home.exists() else Path("/"))
    jobs = house.jobs.list(limit=200)
    # What a source answered may quote an address with a key: administrators see it, masked; others see the state.
    hidden = house.hidden() if caller.may("admin") else []
    left_out = {one.source: one.left_out for one in house.items.states()}
    return Health(
        version=__version__,
        is_simulated=house.is_simulated,
        ts_market=house.clock.market_now(),
        ts_wall=house.clock.wall_now(),
        sources=[
            Part(
                source=one.source,
                state=one.state,
                is_down=one.is_down,
                ts_success=said.ts_success,
                error=masked(said.error, hidden) if caller.may("admin") else "",
                mode=said.mode,
                left_out=left_out.get(one.source.partition("/")[0], 0),
            )
            for one, said in heard(house)
        ],
        queued=sum(job.state == "queued" for job in jobs),
        running=sum(job.state == "running" for job in jobs),
        failed=sum(job.state == "failed" for job in jobs),
        disk_free=disk.free,
        disk_total=disk.total,
        is_disk_low=disk.free < LOW_DISK,
        size=sum(one.size for one in keeping.sizes(house)),
        events=house.audit.newest(),
    )


def masked(line: str, hidden: Any) -> str:
    """Return a line without secrets: those of the settings, and what is written like one."""
    for value in hidden:
        line = line.replace(value, MASK)
    return _SECRETS.sub(MASK, line)


def tail(path: Path) -> list[str]:
    """Return the last lines of a log."""
    with path.open("rb") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
    return lines[1:] if size > TAIL_BYTES else lines
