"""`vigie backup`: everything of a home in one file, checked, and back again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.time import iso
from vigie.views.cli.common_options import AsJson
from vigie.views.cli.programs import program_values

if TYPE_CHECKING:
    from vigie.services.backups.backup_restore import RestoreResult

app = typer.Typer(no_args_is_help=True, help="Backups: make one, check one, restore one.")

Home = Annotated[
    Path | None, typer.Option("--home", help="The home folder (else VIGIE_HOME).", show_default=False)
]
Secrets = Annotated[
    Path | None, typer.Option("--secrets", help="Its secrets, where they do not lie beside it.")
]

MostGb = Annotated[
    float | None,
    typer.Option(
        "--most-gb", help="Gigabytes that it may unpack to; 68 by default.", show_default=False, min=0
    ),
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
    from vigie.bootstrap import open_backup_context
    from vigie.services.backups import backup

    with open_backup_context(home) as depot:
        stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
        backup_made = backup.create(
            depot, file or backup.default_path(depot, stamp), with_secrets=not without_secrets
        )
    _print_summary(backup_made.told(), as_json, f"backup {backup_made.path}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    secrets: Secrets = None,
    most_gb: MostGb = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read a backup and compare everything in it with its checksums; list the programs in it.

    Example: vigie backup verify vigie.backup
    """
    from vigie.bootstrap import open_backup_context
    from vigie.services.backups import backup

    with open_backup_context(home) as depot:
        verified = backup.verify(file, secrets, backup_context=depot, most=_max_bytes(most_gb))
    _print_summary(verified.told(), as_json, f"whole: {verified.path}")
    if not as_json:
        for name in verified.programs():
            typer.echo(f"program: {name}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    secrets: Secrets = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move what is there aside; an outside database is overwritten.")
    ] = False,
    most_gb: MostGb = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a home of a backup; stop Vigie first. DATABASE_URL says which database it goes into.

    A backup of SQLite restores into PostgreSQL and the other way round. All of it is restored, or nothing.

    Strategies and sources that come with it are listed; they run unattended once you allow them.

    Example: vigie backup restore vigie.backup --home /srv/vigie
    """
    from vigie.bootstrap import open_backup_context
    from vigie.services.backups.backup_restore import restore as put_back

    with open_backup_context(home) as depot:
        restored = put_back(depot, file, secrets=secrets, replaces=replace, most=_max_bytes(most_gb))
        summary = {
            **restored.backup.told(),
            "home": str(depot.home),
            "before": str(restored.before) if restored.before else None,
            "programs": [program_values(program) for program in restored.programs],
            "left_out": list(restored.left_out),
        }
    _print_summary(summary, as_json, f"restored {summary['home']}")
    if not as_json:
        _print_programs(restored)
    if not as_json and restored.before:
        typer.echo(f"what was there lies in {restored.before}")
    if not as_json and not summary["secrets"] and summary["tables"].get("users"):
        typer.echo("passwords were not in it: `vigie user reset NAME` gives each user a new one")


def _print_summary(summary: dict[str, Any], as_json: bool, title: str) -> None:
    if as_json:
        typer.echo(json.dumps(summary, indent=1))
        return
    rows = sum(summary["tables"].values())
    typer.echo(title)
    typer.echo(
        f"{len(summary['tables'])} tables with {rows} rows, {summary['files']} files, {summary['size'] / 1e6:.1f} MB, "
        f"schema {summary['schema']}, Vigie {summary['program']}"
    )
    origin = "this home" if summary["made_by_this_home"] else "not this home"
    typer.echo(
        f"unpacked: {summary['unpacked'] / 1e6:.1f} MB; made by {origin}, "
        f"on {summary['host'] or 'a machine that it does not name'}, {iso(summary['ts'])}"
    )
    typer.echo(f"secrets: {summary['secrets'] or 'left out'}")


def _print_programs(restored: RestoreResult) -> None:
    for program in restored.programs:
        typer.echo(
            f"program: {program.name}  {'allowed' if program.is_allowed else 'not allowed'}  sha256 {program.sha256}"
        )
    for name in restored.left_out:
        typer.echo(f"left out, no program belongs there: {name}")
    if any(not program.is_allowed for program in restored.programs):
        typer.echo(
            "programs that are not allowed do not run in collect, work, serve and trade; read them, then: "
            "vigie programs allow"
        )


def _max_bytes(most_gb: float | None) -> int:
    from vigie.services.backups.backup import MOST_BYTES

    return MOST_BYTES if most_gb is None else int(most_gb * 1e9)
