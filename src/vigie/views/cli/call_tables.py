"""What `vigie call` prints: a table by its columns, any other result by its fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import typer
from rich.table import Table as RichTable
from rich.text import Text

from vigie.domain.time import iso
from vigie.services.operation import Column, Operation, OperationResult, Table
from vigie.views.cli.call_values import type_text, write_words
from vigie.views.cli.tables import console, format_number

# Letters that a column takes at least, with the space beside it.
_NARROWEST = 6


def print_result(result: OperationResult) -> None:
    """Print a result for a person."""
    if isinstance(result, Table):
        _print_table(result)
    else:
        _print_fields(result.model_dump(mode="json"))


def print_operations(found: Iterable[Operation]) -> None:
    """Print operations with their scopes and what they do."""
    table = _plain_table("operation", "scope", "what it does")
    for declared in found:
        table.add_row(declared.name, declared.scope, Text(declared.summary))
    console().print(table)


def print_operation(declared: Operation) -> None:
    """Print one operation: what it does, what it takes, and an example."""
    change = "changes something" if declared.is_change else "changes nothing"
    typer.echo(f"{declared.name}: {declared.summary}\nscope {declared.scope}; {change}")
    fields = declared.input_type.model_fields
    if fields:
        table = _plain_table("input", "takes", "default", "meaning")
        for name, field in fields.items():
            default = (
                "required"
                if field.is_required()
                else _cell_text(field.get_default(call_default_factory=True))
            )
            table.add_row(name, Text(type_text(field)), Text(default), Text(field.description or ""))
        console().print(table)
    typer.echo(f"example: {' '.join(['vigie call', declared.name, *write_words(declared.example)])}")


def operation_values(declared: Operation) -> dict[str, object]:
    """Return what programs are told of an operation."""
    return {
        "name": declared.name, "scope": declared.scope, "summary": declared.summary,
        "is_change": declared.is_change, "example": declared.example,
        "inputs": {name: type_text(field) for name, field in declared.input_type.model_fields.items()},
    }  # fmt: skip


def _print_table(result: Table) -> None:
    columns = [column for column in result.columns if not column.is_drawn]
    if len(columns) * _NARROWEST > console().width:
        _print_records(columns, result)
    else:
        _print_columns(columns, result)
    for remark in result.remarks:
        typer.echo(_safe(remark))
    if result.total is not None and result.total > len(result.rows):
        typer.echo(f"{len(result.rows):,} of {result.total:,}")
    if result.next_cursor is not None:
        typer.echo(f"more: cursor={_safe(result.next_cursor)}")
    sources = dict.fromkeys(origin.source for origin in result.origins if origin.source)
    if sources:
        typer.echo(_safe(f"from {', '.join(sources)}"))


def _print_records(columns: Sequence[Column], result: Table) -> None:
    """Print each row by its fields, where the terminal has no room for a column each."""
    if not result.rows:
        typer.echo(", ".join(map(_title, columns)))
    for row in result.rows:
        for column in columns:
            if cell := _cell(column, row.get(column.name)):
                typer.echo(f"{_title(column)}: {_safe(cell)}")
        typer.echo()


def _print_columns(columns: Sequence[Column], result: Table) -> None:
    table = _plain_table(*(_title(column) for column in columns))
    for column, shown in zip(columns, table.columns, strict=True):
        if column.unit and not _is_time(column):
            shown.justify = "right"
    for row in result.rows:
        table.add_row(*(Text(_cell(column, row.get(column.name))) for column in columns))
    console().print(table)


def _print_fields(values: Mapping[str, object]) -> None:
    """Print plain values by line, then lists and records as indented JSON."""
    for name, value in values.items():
        if not isinstance(value, Mapping | list):
            typer.echo(f"{name}: {_cell_text(value)}")
    nested = {name: value for name, value in values.items() if isinstance(value, Mapping | list) and value}
    for name, value in nested.items():
        typer.echo(f"{name}: {json.dumps(value, ensure_ascii=True, indent=1)}")


def _title(column: Column) -> str:
    return f"{column.title} ({column.unit})" if column.unit and not _is_time(column) else column.title


def _is_time(column: Column) -> bool:
    return column.unit == "ms"


def _cell(column: Column, value: object) -> str:
    if _is_time(column) and isinstance(value, int) and value:
        return iso(value)
    return _cell_text(value)


def _cell_text(value: object) -> str:
    """Return a value in one line; no character of it can move the cursor."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and 0 < abs(value) < 1:
        return f"{value:.4g}"
    if value is None or isinstance(value, int | float):
        return format_number(value)
    if isinstance(value, Mapping | list | tuple):
        plain = not isinstance(value, Mapping) and all(isinstance(part, str | int | float) for part in value)
        return _safe(", ".join(map(str, value)) if plain else json.dumps(value, default=str))
    return _safe(str(value))


def _safe(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _plain_table(*titles: str) -> RichTable:
    table = RichTable(box=None, pad_edge=False)
    for title in titles:
        table.add_column(Text(title), overflow="fold")
    return table
