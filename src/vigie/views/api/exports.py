"""A table as CSV, JSON, XLSX or Parquet, with where it comes from.

Cells that a spreadsheet would run (they begin with = + - @ or a control character) are made harmless; numbers stay
numbers.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any, Final

from vigie.domain.time import iso
from vigie.services.operation import Table

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    if isinstance(value, str) and value.startswith(_DANGEROUS):
        return "'" + value
    return value


def cell(value: Any) -> Any:
    """Return a value as one cell."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def note(table: Table, *, is_simulated: bool) -> list[tuple[str, str]]:
    """Return where a table comes from: sources with their times and licences."""
    lines = [("note", "simulated data, invented prices")] if is_simulated else []
    for origin in table.origins:
        when = f", {iso(origin.ts_event)}" if origin.ts_event else ""
        lines.append(("source", f"{origin.source}{when}{f' ({origin.licence})' if origin.licence else ''}"))
    if table.as_of:
        lines.append(("as of", iso(table.as_of)))
    lines.append(("", "Information, not investment advice."))
    return lines


def export(table: Table, form: str, *, is_simulated: bool) -> bytes:
    """Return a table as a file.

    Parameters
    ----------
    form : str
        One of `FORMATS`.
    """
    about = note(table, is_simulated=is_simulated)
    match form:
        case "csv":
            return _csv(table, about)
        case "xlsx":
            return _xlsx(table, about)
        case "parquet":
            return _parquet(table, about)
    body = {"about": about, **table.model_dump(mode="json")}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _csv(table: Table, about: list[tuple[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [column.name for column in table.columns if not column.is_drawn]
    writer.writerow(names)
    for row in table.rows:
        writer.writerow(["" if row.get(name) is None else harmless(cell(row[name])) for name in names])
    for key, text in about:
        writer.writerow([f"# {key}: {text}" if key else f"# {text}"])
    return out.getvalue().encode()


def _xlsx(table: Table, about: list[tuple[str, str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        sheet, sources = book.add_worksheet("data"), book.add_worksheet("about")
        columns = [column for column in table.columns if not column.is_drawn]
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.name)
            sources.write_string(at + 1, 0, column.name)
            sources.write_string(at + 1, 1, column.unit)
            sources.write_string(at + 1, 2, column.definition)
        for line, row in enumerate(table.rows, start=1):
            for at, column in enumerate(columns):
                value = cell(row.get(column.name))
                if isinstance(value, bool):
                    sheet.write_boolean(line, at, value)
                elif isinstance(value, int | float):
                    sheet.write_number(line, at, value)
                elif value is not None:
                    sheet.write_string(line, at, harmless(str(value)))
        for line, (key, text) in enumerate(about, start=len(columns) + 2):
            sources.write_string(line, 0, key)
            sources.write_string(line, 1, text)
    return out.getvalue()


def _parquet(table: Table, about: list[tuple[str, str]]) -> bytes:
    import polars as pl

    names = [column.name for column in table.columns if not column.is_drawn]
    data = {name: [cell(row.get(name)) for row in table.rows] for name in names}
    out = io.BytesIO()
    pl.DataFrame(data, strict=False).write_parquet(out, metadata={"vigie": json.dumps(about)})
    return out.getvalue()
