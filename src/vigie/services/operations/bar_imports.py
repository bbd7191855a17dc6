"""Imports of bars that changed something: which can be undone, and undoing one."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from vigie.data.stores import DataStores
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.audit import AuditLog
from vigie.ports.receipts import Receipt
from vigie.services import data as bars_service
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.rows import Row, shown, table_of

SOURCE: Final = "vigie"


class BarImportRow(Row):
    """One import of bars."""

    id: str = shown("Id")
    ts: int = shown("Imported on", unit="ms", source=SOURCE)
    about: str = shown("Series", definition="The series it wrote to.")
    added: int = shown("New bars", unit="count", source=SOURCE)
    revised: int = shown("Changed bars", unit="count", source=SOURCE)
    ts_undone: int | None = shown("Undone", unit="ms", source=SOURCE)
    removed: int | None = shown("Removed", unit="count", source=SOURCE)
    restored: int | None = shown("Restored", unit="count", source=SOURCE)
    changed_since: int | None = shown(
        "Changed since",
        unit="count",
        definition="Bars that a later import or fetch changed; they stay.",
        source=SOURCE,
    )


_SERIES_SHOWN: Final = 3


class UndoBarImportInput(OperationInput):
    """One import."""

    receipt: str = Field(
        pattern=r"^i[0-9a-f]{1,15}$", description="Id of an import.", examples=["i019b0c0ffee0"]
    )
    dry_run: bool = Field(default=False, description="Report what would change and write nothing.")


class UndoBarImportResult(OperationResult):
    """What undoing did; `was_undone`: it was undone before, and nothing was done now."""

    receipt: str
    was_undone: bool
    removed: int
    restored: int
    changed_since: int
    as_before: int


@operation("jobs.imports", scope="admin", example={})
def list_bar_imports(caller: Caller, params: NoInput, data: DataStores) -> Table[BarImportRow]:
    """List the last imports that changed bars, newest first: these can be undone."""
    rows = [_receipt_row(receipt) for receipt in data.receipts.list_receipts()]
    return table_of(BarImportRow, rows, total=len(rows))


@operation("jobs.undo_import", scope="admin", example={"receipt": "i0"})
def undo_bar_import(
    caller: Caller, params: UndoBarImportInput, data: DataStores, audit: AuditLog
) -> UndoBarImportResult:
    """Undo an import of bars, for everybody: what it added goes, what it replaced comes back."""
    if params.receipt not in {receipt.id for receipt in data.receipts.list_receipts()}:
        raise NotFound(
            "no_import_undone", "there is no import {receipt!r} that can be undone", receipt=params.receipt
        )
    undone = bars_service.undo_import(data, params.receipt, dry_run=params.dry_run)
    total = undone.total
    if not params.dry_run and not undone.was_undone:
        text = {"removed": total.removed, "restored": total.restored, "changed_since": total.changed_since}
        audit.append("bars.import_undone", actor=caller.user, subject=params.receipt, text=text)
    return UndoBarImportResult(
        receipt=undone.receipt,
        was_undone=undone.was_undone,
        removed=total.removed,
        restored=total.restored,
        changed_since=total.changed_since,
        as_before=total.as_before,
    )


def _receipt_row(receipt: Receipt) -> BarImportRow:
    series_text = ", ".join(str(series) for series in receipt.series[:_SERIES_SHOWN])
    n_more = len(receipt.series) - _SERIES_SHOWN
    undone = receipt.undone
    return BarImportRow(
        id=receipt.id,
        ts=receipt.ts_ms,
        about=f"{series_text} + {n_more}" if n_more > 0 else series_text,
        added=receipt.added,
        revised=receipt.revised,
        ts_undone=receipt.undone_ms,
        removed=undone.removed if undone else None,
        restored=undone.restored if undone else None,
        changed_since=undone.changed_since if undone else None,
    )
