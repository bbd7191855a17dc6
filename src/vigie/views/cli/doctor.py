"""`vigie doctor`: is this machine fit, and if not, what cures it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vigie.services.doctor import Diagnosis

FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="doctor", rich_help_panel="Setup")(doctor)


def doctor(
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile everything now, so that the first run is fast.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Look at Python, cores, memory, disk, home folder, data, compiled kernel and extras; name the cure.

    Exit code 1 when something fails; a warning is no failure.

    [bold]Example[/bold]: vigie doctor --warm
    """
    from vigie.bootstrap import open_data
    from vigie.config import resolve_paths
    from vigie.services import doctor as examination

    paths = resolve_paths()
    desk = open_data()
    seconds = examination.warm(desk.clock) if warm else None
    found = examination.examine(desk, paths.home, own=paths.strategies)
    fit = examination.is_fit(found)
    if as_json:
        checks = [{name: getattr(one, name) for name in one.__dataclass_fields__} for one in found]
        typer.echo(json.dumps({"fit": fit, "warmed_s": seconds, "checks": checks}, indent=1))
    else:
        _print(found, seconds)
    if not fit:
        raise typer.Exit(FAILED)


def _print(found: list[Diagnosis], seconds: float | None) -> None:
    from rich.table import Table
    from rich.text import Text

    from vigie.views.cli.tables import console

    styles = {"ok": "green", "warning": "yellow", "fail": "bold red"}
    out = console()
    if seconds is not None:
        out.print(f"Compiled in {seconds:.1f} s.\n", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in found:
        table.add_row(Text(one.status, style=styles[one.status]), one.check, Text(one.detail))
        if one.cure:
            table.add_row("", "", Text(f"cure: {one.cure}", style="italic"))
    out.print(table)
