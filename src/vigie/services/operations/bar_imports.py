"""Imports of bars: files sent into the inbox, a preview of their rows, and imports that changed something, to undo."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.intake.preview import Preview
from vigie.data.previews import preview_files
from vigie.data.stores import DataStores
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.refusal import change_words
from vigie.domain.time import timeframe_ms
from vigie.ports.audit import AuditLog
from vigie.ports.home import HomeFolder
from vigie.ports.receipts import Receipt
from vigie.services import data as bars_service
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.refusal_text import RefusalText
from vigie.services.rows import Row, shown, table_of
from vigie.services.running.work import imports

# What a form of the pages takes.
MAX_CHARACTERS: Final = 200_000
_MAX_SAME_NAME: Final = 100
SOURCE: Final = "vigie"


class PutBarFileInput(OperationInput):
    """A file of bars as text, and what it holds: that makes its name."""

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, description="The file, CSV.")
    symbol: str = Field(min_length=1, max_length=40, description="For example BTCUSD.")
    timeframe: str = Field(default="", max_length=4, description="Such as 1h; empty: told from the spacing.")


class PutBarFileResult(OperationResult):
    """The name under which the file lies in the inbox."""

    file: str


class BarRowPreview(BaseModel):
    """One row as it is understood; `volume` null is unknown."""

    line: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None


class BarFilePreview(BaseModel):
    """A file as it is understood; `notes` are codes: server_time, volume_in_money, volume_unknown."""

    file: str
    venue: str
    instrument: str
    timeframe: str
    exporter: str
    rows: list[BarRowPreview]
    notes: list[str] = Field(default_factory=list)
    refused: list[RefusalText] = Field(default_factory=list)


class ImportPreviewResult(OperationResult):
    """What an import would read: one file of each form, and what cannot be understood."""

    files: list[BarFilePreview]
    problems: list[RefusalText] = Field(default_factory=list)


@operation("jobs.put_file", scope="admin", example={"text": "time,open\n", "symbol": "BTCUSD"})
def put_bar_file(
    caller: Caller, params: PutBarFileInput, audit: AuditLog, home: HomeFolder
) -> PutBarFileResult:
    """Put a file of bars into this home's inbox; nothing of it is imported yet."""
    name = parse_instrument(params.symbol).symbol
    if params.timeframe:
        timeframe_ms(params.timeframe)
    stem = f"{name}-{params.timeframe}" if params.timeframe else name
    folder = home / imports.INBOX
    folder.mkdir(parents=True, exist_ok=True)
    content = params.text.encode("utf-8")
    for number in range(1, _MAX_SAME_NAME):
        path = folder / (f"{stem}.csv" if number == 1 else f"{stem} ({number}).csv")
        if _has_content(path, content):
            return PutBarFileResult(file=path.name)
        if not path.exists() and not path.is_symlink():
            with open(path, "xb") as file:
                file.write(content)
            audit.append("bars.file_put", actor=caller.user, subject=path.name, text={"bytes": len(content)})
            return PutBarFileResult(file=path.name)
    raise UsageError(
        "too_many_bar_files_called",
        "too many bar files are called {stem}; import or remove some first",
        stem=stem,
    )


def _has_content(path: Path, content: bytes) -> bool:
    # Only a file of this size is read: the inbox takes files of any.
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and path.read_bytes() == content
    )


@operation("jobs.preview_import", scope="admin", example={})
def preview_import(
    caller: Caller, params: imports.ImportOrder, home_folder: HomeFolder
) -> ImportPreviewResult:
    """Return three rows of each form of file as they are understood; nothing is stored."""
    previews, problems = preview_files(
        imports.choose_files(home_folder, params),
        venue=params.venue,
        symbol=params.symbol,
        timeframe=params.timeframe,
        form=params.form(),
    )
    home = str(home_folder)

    # What is shown names files of the inbox, never where the home lies.
    def without_home(text: str) -> str:
        return text.replace(f"{home}/{imports.INBOX}/", "")

    messages = [change_words(item.message, without_home) for item in problems]
    return ImportPreviewResult(files=[_file_preview(item) for item in previews], problems=messages)


def _file_preview(preview: Preview) -> BarFilePreview:
    rows = [
        BarRowPreview(
            line=row.line, ts=row.ts, open=row.open, high=row.high, low=row.low, close=row.close,
            volume=row.volume,
        )
        for row in preview.rows
    ]  # fmt: skip
    return BarFilePreview(
        file=preview.file, venue=preview.venue, instrument=preview.instrument, timeframe=preview.timeframe,
        exporter=preview.exporter, rows=rows, notes=list(preview.notes), refused=list(preview.refused),
    )  # fmt: skip


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
