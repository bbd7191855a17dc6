"""A backup as a job: everything of the home in one file below it, secrets in another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from vigie.domain.time import iso
from vigie.services.app_context import OpenBackup
from vigie.services.backups import backup
from vigie.services.operation import OperationInput
from vigie.services.running.work import Report

KIND: Final = "backup"
FOLDER: Final = backup.FOLDER


class BackupOrder(OperationInput):
    """What a backup holds."""

    with_secrets: bool = Field(
        default=True,
        description="Whether passwords, keys, tokens and sessions are written into a second file.",
    )


ASK = BackupOrder


def run(order: BackupOrder, report: Report, open_backup_context: OpenBackup) -> Mapping[str, Any]:
    """Write the backup and read it back; one that was interrupted left nothing under its name."""
    report(0.0, "writing the backup")
    with open_backup_context() as depot:
        stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
        created = backup.create(depot, backup.default_path(depot, stamp), with_secrets=order.with_secrets)
    secrets = [f"{FOLDER}/{Path(created.secrets).name}"] if created.secrets else []
    report(1.0, "done", f"{FOLDER}/{created.path.name}", *secrets)
    return {"file": created.path.name, "bytes": created.path.stat().st_size, "has_secrets": bool(secrets)}
