"""A table as CSV, JSON, XLSX or Parquet, with where it comes from.

Cells that a spreadsheet would run (they begin with = + - @ or a control character) are made harmless; numbers stay
numbers. People open CSV and XLSX: times are ISO 8601 there, or dates of the workbook, and units are told in words.
Programs read JSON and Parquet: times stay epoch milliseconds.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from vigie.domain.time import SECOND_MS, iso
from vigie.domain.time_bounds import LAST_DATE_MS
from vigie.drawing.decimals import column_decimals, price_decimals, share_decimals
from vigie.services.operation import Column, Table

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
# Numbers that a workbook shows as times.
_TIMES: Final = ("ms", "age")
# Of parts of one: the fewest decimals of per cent, and whether a plus is written.
_PARTS: Final = {"change": (2, True), "fraction": (2, False), "rate": (4, True)}
_PRICES: Final = ("usd", "eur", "price")
_GENERAL: Final = "General"
_WHEN: Final = "yyyy-mm-dd hh:mm:ss"
_WHEN_WIDTH: Final = 20
# More no cell of a workbook holds.
_LONGEST_CELL: Final = 32_767
_PART: Final = "fraction of one, 0.05 is 5 %"
UNITS: Final = {
    "ms": "time in UTC", "age": "time in UTC", "change": _PART, "fraction": _PART, "rate": _PART,
    "usd": "US dollars", "eur": "euros", "price": "price in the currency of the instrument",
    "quote": "amount in the currency of the account or instrument", "took": "milliseconds",
}  # fmt: skip
# Programs of some countries part cells at semicolons or tabs, whatever the file says: a cell may begin inside another.
_DANGEROUS: Final = re.compile(r"""(^|[;\t\r\n])(?=[ "]*[=+\-@\t\r\n\0])""")


def neutralize(value: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    return _DANGEROUS.sub(r"\1'", value) if isinstance(value, str) else value


def cell(value: Any) -> Any:
    """Return a value as one cell."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def cell_time(column: Column, value: Any) -> int | None:
    """Return the time that a cell holds, None where it holds none."""
    is_time = column.unit in _TIMES and isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_time and 0 <= value <= LAST_DATE_MS else None


def unit_text(column: Column) -> str:
    """Return a column's unit in words; empty where its numbers have none."""
    return UNITS.get(column.unit, column.unit)


def table_notes(table: Table, *, is_simulated: bool) -> list[tuple[str, str]]:
    """Return where a table comes from: sources with their times and licences."""
    lines = [("note", "simulated data, invented prices")] if is_simulated else []
    for origin in table.origins:
        when = f", {iso(origin.ts_event)}" if origin.ts_event else ""
        lines.append(("source", f"{origin.source}{when}{f' ({origin.licence})' if origin.licence else ''}"))
    if table.as_of:
        lines.append(("as of", iso(table.as_of)))
    lines += [("", remark) for remark in table.remarks]
    lines.append(("", "Information, not investment advice."))
    return lines


def export(table: Table, form: str, *, is_simulated: bool) -> bytes:
    """Return a table as a file.

    Parameters
    ----------
    form : str
        One of `FORMATS`.
    """
    notes = table_notes(table, is_simulated=is_simulated)
    match form:
        case "csv":
            return _csv(table, notes)
        case "xlsx":
            return _xlsx(table, notes)
        case "parquet":
            return _parquet(table, notes)
    body = {"about": notes, **table.model_dump(mode="json")}
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _csv(table: Table, notes: list[tuple[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = [column for column in table.columns if not column.is_drawn]
    writer.writerow([column.name for column in columns])
    for row in table.rows:
        writer.writerow([_csv_cell(column, row.get(column.name)) for column in columns])
    for key, text in notes:
        writer.writerow([neutralize(f"# {key}: {text}" if key else f"# {text}")])
    for column in columns:
        if unit_text(column):
            writer.writerow([f"# unit of {column.name}: {unit_text(column)}"])
    return out.getvalue().encode()


def _csv_cell(column: Column, value: Any) -> object:
    when = cell_time(column, value)
    if when is not None:
        return iso(when)
    return "" if value is None else neutralize(cell(value))


def workbook(out: io.BytesIO) -> Any:
    """Return an empty workbook, to be used with ``with``: no text in it becomes a formula or a link."""
    import xlsxwriter

    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": True,
    }
    return xlsxwriter.Workbook(out, options)


def _xlsx(table: Table, notes: list[tuple[str, str]]) -> bytes:
    out = io.BytesIO()
    with workbook(out) as book:
        make_format = cache(lambda text: book.add_format({"num_format": text}))
        sheet, sources = book.add_worksheet("data"), book.add_worksheet("about")
        columns = [column for column in table.columns if not column.is_drawn]
        for column_index, column in enumerate(columns):
            sheet.write_string(0, column_index, column.name)
            if column.unit in _TIMES:
                sheet.set_column(column_index, column_index, _WHEN_WIDTH)
            _write_column(
                sheet, column_index, column, [row.get(column.name) for row in table.rows], make_format
            )
            for row_offset, text in enumerate((column.name, unit_text(column), column.definition)):
                sources.write_string(column_index + 1, row_offset, text)
        for line, (key, text) in enumerate(notes, start=len(columns) + 2):
            sources.write_string(line, 0, key)
            sources.write_string(line, 1, text)
    return out.getvalue()


def _number_format(column: Column, values: list[Any]) -> Callable[[float], str]:
    """Return how a workbook shows the numbers of a column: with the decimals that a page writes."""
    if column.unit in _TIMES:
        return lambda _: _WHEN
    if column.unit in _PARTS:
        least, sign = _PARTS[column.unit]
        part = f"0.{'0' * share_decimals([100.0 * value for value in values if _is_number(value)], least)}%"
        return lambda _: f"+{part};-{part};{part}" if sign else part
    if column.unit in _PRICES:
        known = column_decimals(value for value in values if _is_number(value))
        return lambda value: f"#,##0.{'0' * known.get(price_decimals(abs(value)), 2)}"
    return lambda _: _GENERAL


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _write_column(
    sheet: Any, column_index: int, column: Column, values: list[Any], make_format: Callable[[str], Any]
) -> None:
    """Write the cells of a column; `make_format` makes a format of a pattern."""
    pattern_of = _number_format(column, values)
    for row_index, raw in enumerate(values, start=1):
        when, value = cell_time(column, raw), cell(raw)
        if when is not None:
            sheet.write_datetime(row_index, column_index, _utc(when), make_format(_WHEN))
        elif isinstance(value, bool):
            sheet.write_boolean(row_index, column_index, value)
        elif isinstance(value, int | float):
            sheet.write_number(
                row_index,
                column_index,
                value,
                make_format(pattern_of(value) if math.isfinite(value) else _GENERAL),
            )
        elif value is not None:
            sheet.write_string(row_index, column_index, _shorten(neutralize(str(value))))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}\u2026"


def _utc(ts_ms: int) -> datetime:
    """Return a time as workbooks hold it: they know no zones."""
    return datetime.fromtimestamp(ts_ms / SECOND_MS, UTC).replace(tzinfo=None)


def _parquet(table: Table, notes: list[tuple[str, str]]) -> bytes:
    import polars as pl

    names = [column.name for column in table.columns if not column.is_drawn]
    data = {name: [cell(row.get(name)) for row in table.rows] for name in names}
    out = io.BytesIO()
    pl.DataFrame(data, strict=False).write_parquet(out, metadata={"vigie": json.dumps(notes)})
    return out.getvalue()
