"""The options that say how a file of bars is written, and the three rows that are shown before it is taken."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from vigie.data.importer import FileProblem
    from vigie.data.intake.form import FileForm
    from vigie.data.intake.preview import Preview

FILES: Final = "File format"
_USAGE: Final = 2


def _option(help_: str, name: str) -> Any:
    return typer.Option(name, help=help_, rich_help_panel=FILES, show_default=False)


Map = Annotated[
    list[str] | None, _option("Columns by header or number: open=Ouverture,close=Clôture,...", "--map")
]
Zone = Annotated[str, _option("Time zone for times without one: Europe/Paris, UTC+2; default: UTC.", "--tz")]
DateFormat = Annotated[str, _option("Date format: DD/MM/YYYY HH:mm or %d/%m/%Y %H:%M.", "--date-format")]
Decimal = Annotated[str, _option("Decimal sign: . or ,", "--decimal")]
Stamp = Annotated[str, _option("Whether times mark the open or the close of a bar.", "--stamp")]
NoVolume = Annotated[bool, _option("Treat the volume as unknown.", "--no-volume")]
Yes = Annotated[bool, _option("Do not preview three rows and ask first.", "--yes")]


def file_form(arguments: Mapping[str, Any]) -> FileForm:
    """Return what the options of a command say about its files, from its arguments."""
    from vigie.data.intake.form import FileForm

    return FileForm.parse(
        columns=arguments.get("map_") or (),
        tz=arguments.get("tz") or "",
        date_format=arguments.get("date_format") or "",
        decimal=arguments.get("decimal") or "",
        stamp=arguments.get("stamp") or "",
        no_volume=bool(arguments.get("no_volume")),
    )


def confirm_rows(
    paths: Sequence[Path], form: FileForm, arguments: Mapping[str, Any], *, needs_venue: bool
) -> None:
    """Show a person at a terminal three rows of the files as they are understood, and end unless they are right.

    Programs and scripts are never asked, nor is who gave ``--yes``.

    Parameters
    ----------
    arguments : mapping
        The arguments of the command: ``yes``, ``as_json``, ``venue``, ``symbol``, ``timeframe``.
    """
    if (
        not paths
        or not is_terminal()
        or arguments.get("yes")
        or arguments.get("as_json")
        or arguments.get("dry_run")
    ):
        return
    from vigie.data.previews import preview_files

    previews, problems = preview_files(
        paths,
        venue=arguments.get("venue") or "",
        symbol=arguments.get("symbol") or "",
        timeframe=arguments.get("timeframe") or "",
        form=form,
        needs_venue=needs_venue,
    )
    print_previews(previews, problems)
    if not previews:
        raise typer.Exit(_USAGE)
    if not typer.confirm("Are these rows right?"):
        typer.echo(
            "Nothing was done. Describe the file format with --map, --tz, --date-format, --decimal and "
            "--stamp."
        )
        raise typer.Exit(1)


def is_terminal() -> bool:
    """Return whether a person sees what is printed and can answer."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_previews(previews: Sequence[Preview], problems: Sequence[FileProblem]) -> None:
    """Print three rows of each file as they are understood."""
    from rich.table import Table

    from vigie.data.intake.preview import NOTES
    from vigie.domain.time import iso
    from vigie.views.cli.tables import console

    for preview in previews:
        table = Table("line", "opens at (UTC)", "open", "high", "low", "close", "volume")
        for row in preview.rows:
            prices = (f"{price!r}" for price in (row.open, row.high, row.low, row.close))
            volume = "unknown" if row.volume is None else f"{row.volume!r}"
            table.add_row(f"{row.line}", iso(row.ts), *prices, volume)
        kind = f", exported by {preview.exporter}" if preview.exporter else ""
        typer.echo(f"{preview.file}: {preview.instrument} {preview.timeframe}{kind}")
        console().print(table)
        for text in (*(NOTES[note] for note in preview.notes), *preview.refused):
            typer.echo(text)
    for problem in problems:
        typer.echo(problem.message, err=True)
