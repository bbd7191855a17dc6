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

app = typer.Typer(no_args_is_help=True, help="Create, verify and restore backups.")

Home = Annotated[
    Path | None, typer.Option("--home", help="Home folder; default: VIGIE_HOME.", show_default=False)
]
Secrets = Annotated[
    Path | None, typer.Option("--secrets", help="The secrets file, if it is not next to the backup.")
]

MostGb = Annotated[
    float | None,
    typer.Option("--most-gb", help="Maximum unpacked size in GB; default: 68.", show_default=False, min=0),
]


@app.command()
def create(
    file: Annotated[
        Path | None, typer.Argument(help="File to write; default: in backups/ in the home folder.")
    ] = None,
    without_secrets: Annotated[
        bool, typer.Option("--without-secrets", help="Leave out passwords, keys, tokens and sessions.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Back up everything; Vigie can keep running.

    The database, bars, source data, results and settings go into one file.
    Secrets go into a second file, NAME.secrets, that only you can read.

    Example: vigie backup create
    """
    from vigie.services.backups import backup
    from vigie.wiring.backups import open_backup_context

    with open_backup_context(home) as depot:
        stamp = iso(depot.clock.wall_now()).replace(":", "").replace("-", "")
        backup_made = backup.create(
            depot, file or backup.default_path(depot, stamp), with_secrets=not without_secrets
        )
    _print_summary(backup_made.to_dict(), as_json, f"backup {backup_made.path}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="Backup file.")],
    secrets: Secrets = None,
    most_gb: MostGb = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Check a backup against its checksums, and list the programs in it.

    Example: vigie backup verify vigie.backup
    """
    from vigie.services.backups import backup
    from vigie.wiring.backups import open_backup_context

    with open_backup_context(home) as depot:
        verified = backup.verify(file, secrets, backup_context=depot, most=_max_bytes(most_gb))
    _print_summary(verified.to_dict(), as_json, f"whole: {verified.path}")
    if not as_json:
        for name in verified.programs():
            typer.echo(f"program: {name}")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Backup file.")],
    secrets: Secrets = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move existing data aside; an external database is overwritten.")
    ] = False,
    most_gb: MostGb = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into the home folder; stop Vigie first. DATABASE_URL selects the database.

    A SQLite backup can be restored into PostgreSQL and vice versa. Either everything is restored, or nothing.

    Strategies and sources in the backup are listed; they run unattended only after you allow them.

    Example: vigie backup restore vigie.backup --home /srv/vigie
    """
    from vigie.services.backups.backup_restore import restore as put_back
    from vigie.wiring.backups import open_backup_context

    with open_backup_context(home) as depot:
        restored = put_back(depot, file, secrets=secrets, replaces=replace, most=_max_bytes(most_gb))
        summary = {
            **restored.backup.to_dict(),
            "home": str(depot.home),
            "before": str(restored.before) if restored.before else None,
            "programs": [program_values(program) for program in restored.programs],
            "left_out": list(restored.left_out),
        }
    _print_summary(summary, as_json, f"restored {summary['home']}")
    if not as_json:
        _print_programs(restored)
    if not as_json and restored.before:
        typer.echo(f"the previous data is in {restored.before}")
    if not as_json and not summary["secrets"] and summary["tables"].get("users"):
        typer.echo("the backup holds no passwords: set a new one for each user with `vigie user reset NAME`")


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
    origin = "this installation" if summary["made_by_this_home"] else "another installation"
    typer.echo(
        f"unpacked: {summary['unpacked'] / 1e6:.1f} MB; made by {origin}, "
        f"on {summary['host'] or 'an unnamed machine'}, {iso(summary['ts'])}"
    )
    typer.echo(f"secrets: {summary['secrets'] or 'left out'}")


def _print_programs(restored: RestoreResult) -> None:
    for program in restored.programs:
        typer.echo(
            f"program: {program.name}  {'allowed' if program.is_allowed else 'not allowed'}  sha256 {program.sha256}"
        )
    for name in restored.left_out:
        typer.echo(f"skipped, programs do not belong there: {name}")
    if any(not program.is_allowed for program in restored.programs):
        typer.echo(
            "collect, work, serve and trade do not run programs that are not allowed; read them, then "
            "run: vigie programs allow"
        )


def _max_bytes(most_gb: float | None) -> int:
    from vigie.services.backups.backup import MOST_BYTES

    return MOST_BYTES if most_gb is None else int(most_gb * 1e9)
