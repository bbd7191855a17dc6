"""`vigie user`: add, list, reset, disable. Passwords are asked for or read from a pipe, never taken as an argument."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home

if TYPE_CHECKING:
    from vigie.services.app_context import AppContext

app = typer.Typer(no_args_is_help=True, help="User accounts and their roles.")

Name = Annotated[str, typer.Argument(help="User name; upper and lower case are the same.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


def _open_context(home: Path | None) -> AppContext:
    from vigie.wiring.app_context import open_app_context

    return open_app_context(home)


def _password(from_stdin: bool) -> str:
    from vigie.domain.errors import UsageError

    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask for the password; pipe it in and add --password-stdin")
    return str(typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True))


@app.command("add")
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option(
            "--role", help="viewer, trader or admin; default: admin for the first user, viewer for others."
        ),
    ] = "",
    password_stdin: FromStdin = False,
    home: Home = None,
) -> None:
    """Add a user. From the first user on, everyone must sign in.

    Example: vigie user add ann --role admin
    """
    from typing import cast

    from vigie.domain.person import OWNER, Role
    from vigie.services.needs import provide
    from vigie.services.people.accounts.passwords import check_name
    from vigie.services.people.accounts.users import UserRecords, add_user

    check_name(name)
    app_context = _open_context(home)
    user = add_user(
        provide(app_context, UserRecords), OWNER, name, _password(password_stdin), cast(Role, role) or None
    )
    typer.echo(f"{user.name} can sign in as {user.role}")


@app.command("list")
def list_(
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """List users with their role, second factor and state.

    Example: vigie user list
    """
    from dataclasses import asdict

    users = _open_context(home).accounts.users()
    if as_json:
        typer.echo(json.dumps([asdict(user) for user in users], indent=1, ensure_ascii=False))
        return
    if not users:
        typer.echo("no users yet; add one: vigie user add NAME")
        return
    from rich.table import Table
    from rich.text import Text

    from vigie.domain.time import iso
    from vigie.views.cli.tables import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Name", "Role", "Second factor", "State", "Added", "Id"):
        table.add_column(title)
    for user in users:
        state = "disabled" if user.is_disabled else "active"
        cells = (user.name, user.role, "yes" if user.has_totp else "no", state, iso(user.ts_created), user.id)
        table.add_row(*map(Text, cells))
    console().print(table)


@app.command("reset")
def reset(
    name: Name,
    password_stdin: FromStdin = False,
    second_factor: Annotated[
        bool,
        typer.Option("--second-factor", help="Also turn off two-factor authentication, for a lost device."),
    ] = False,
    home: Home = None,
) -> None:
    """Set a new password for a user and close all their sessions.

    Example: vigie user reset ann
    """
    from vigie.domain.person import OWNER
    from vigie.services.people.accounts.users import find_user, remove_second_factor, set_password

    app_context = _open_context(home)
    user = find_user(app_context.accounts, name)
    set_password(app_context.accounts, app_context.audit, OWNER, user, _password(password_stdin))
    if second_factor:
        remove_second_factor(app_context.accounts, app_context.audit, OWNER, user)
    typer.echo(
        f"{user.name} has a new password" + ("and no two-factor authentication" if second_factor else "")
    )


@app.command("disable")
def disable(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Enable the account again.")] = False,
    home: Home = None,
) -> None:
    """Disable a user's account; their data is kept.

    Example: vigie user disable ann
    """
    from vigie.domain.person import OWNER
    from vigie.services.people.accounts.users import find_user, set_disabled

    app_context = _open_context(home)
    user = set_disabled(
        app_context.accounts, app_context.audit, OWNER, find_user(app_context.accounts, name), not undo
    )
    typer.echo(f"{user.name} {'can no longer sign in' if user.is_disabled else 'can sign in again'}")
