"""`vigie upgrade`: the database moves to this program's schema, with a backup before and a check after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.programs import record
from vigie.views.cli.usual import AsJson


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(upgrade)


def upgrade(
    home: Annotated[
        Path | None, typer.Option("--home", help="The home folder (else VIGIE_HOME).", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Move the database to this version: a backup first, a check after, everything back where that fails.

    Strategies and sources of your own that it finds in a home of an older version
    may run unattended from then on; they are listed.

    [bold]Example[/bold]: vigie upgrade
    """
    from vigie.bootstrap import open_depot
    from vigie.services.backups.backup_restore import upgrade as move

    with open_depot(home) as depot:
        done = move(depot)
    if as_json:
        told = {
            "before": done.before,
            "after": done.after,
            "backup": str(done.backup) if done.backup else None,
            "allowed": [record(one) for one in done.allowed],
        }
        typer.echo(json.dumps(told, indent=1))
    elif done.before == done.after:
        typer.echo(f"nothing to do: the database has schema {done.after}")
    else:
        typer.echo(f"the database moved from schema {done.before or 'none'} to {done.after}")
        if done.backup:
            typer.echo(f"the backup from before: {done.backup}")
    if done.allowed and not as_json:
        typer.echo("programs of your own that were found, and may run unattended from now on:")
        for one in done.allowed:
            typer.echo(f"  {one.name}  sha256 {one.sha256}")
        typer.echo("to take one off the list: vigie programs forbid NAME")
