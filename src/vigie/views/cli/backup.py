"""`vigie backup`: everything of a home in one file, checked, and back again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.views.cli.usual import AsJson

app = typer.Typer(no_args_is_help=True, help="Backups: make one, check one, restore one.")

Home = Annotated[
    Path | None, typer.Option("--home", help="The home folder (else VIGIE_HOME).", show_default=False)
]
Secrets = Annotated[
    Path | None, typer.Option("--secrets", help="Its secrets, where they do not lie beside it.")
]


@app.command()
def create(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; else into backups/ below the home folder.")
    ] = None,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave out passwords, keys, tokens and sessions.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write a backup of everything; Vigie may run meanwhile.

    The database, bars, facts, results and settings go into one file. What gives
    access goes into a second file, NAME.secrets, that only you may read.

    Example: vigie backup create
    """
    from vigie.bootstrap import open_depot
    from vigie.domain.time import iso
    from vigie.services.backups import backup

    with open_depot(home) as depot:
        stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
        made = backup.create(
            depot, file or backup.default_path(depot, stamp), with_secrets=not without_secrets
        )
    _say(made.told(), as_json, f"backup {made.path}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    secrets: Secrets = None,
    as_json: AsJson = False,
) -> None:
    """Read a backup and compare everything in it with its checksums.

    Example: vigie backup verify vigie.backup
    """
    from vigie.services.backups import backup

    found = backup.verify(file, secrets)
    _say(found.told(), as_json, f"whole: {found.path}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    secrets: Secrets = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move what is there aside; an outside database is overwritten.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a home of a backup; stop Vigie first. DATABASE_URL says which database it goes into.

    A backup of SQLite restores into PostgreSQL and the other way round. All of it is restored, or nothing.

    Example: vigie backup restore vigie.backup --home /srv/vigie
    """
    from vigie.bootstrap import open_depot
    from vigie.services.backups.backup_restore import restore as put_back

    with open_depot(home) as depot:
        found, before = put_back(depot, file, secrets=secrets, replaces=replace)
        told = {**found.told(), "home": str(depot.home), "before": str(before) if before else None}
    _say(told, as_json, f"restored {told['home']}")
    if not as_json and before:
        typer.echo(f"what was there lies in {before}")
    if not as_json and not told["secrets"] and told["tables"].get("users"):
        typer.echo("passwords were not in it: `vigie user reset NAME` gives each user a new one")


def _say(told: dict[str, Any], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(told, indent=1))
        return
    rows = sum(told["tables"].values())
    typer.echo(title)
    typer.echo(
        f"{len(told['tables'])} tables with {rows} rows, {told['files']} files, {told['size'] / 1e6:.1f} MB, "
        f"schema {told['schema']}, Vigie {told['program']}"
    )
    typer.echo(f"secrets: {told['secrets'] or 'left out'}")
