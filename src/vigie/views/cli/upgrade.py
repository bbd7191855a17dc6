"""`vigie upgrade`: the database moves to this program's schema, with a backup before and a check after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson
from vigie.views.cli.programs import program_values


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(upgrade)


def upgrade(
    home: Annotated[
        Path | None, typer.Option("--home", help="Home folder; default: VIGIE_HOME.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Upgrade the database to this version: back up first, check afterwards, undo everything if the check fails.

    Your own strategies and sources from an older version are listed and may run unattended from then on.

    [bold]Example[/bold]: vigie upgrade
    """
    from vigie.services.backups.backup_restore import upgrade as move
    from vigie.wiring.backups import open_backup_context

    with open_backup_context(home) as depot:
        result = move(depot)
    if as_json:
        summary = {
            "before": result.before,
            "after": result.after,
            "backup": str(result.backup) if result.backup else None,
            "allowed": [program_values(program) for program in result.allowed],
        }
        typer.echo(json.dumps(summary, indent=1))
    elif result.before == result.after:
        typer.echo(f"nothing to do: the database has schema {result.after}")
    else:
        typer.echo(f"database upgraded from schema {result.before or 'none'} to {result.after}")
        if result.backup:
            typer.echo(f"backup from before the upgrade: {result.backup}")
    if result.allowed and not as_json:
        typer.echo("your own programs, which may run unattended from now on:")
        for program in result.allowed:
            typer.echo(f"  {program.name}  sha256 {program.sha256}")
        typer.echo("to forbid one: vigie programs forbid NAME")
