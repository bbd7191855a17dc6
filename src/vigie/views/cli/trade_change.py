"""`vigie trade change`, `versions` and `cancel-change`: what an account trades, changed from a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.views.cli.common_options import AsJson

if TYPE_CHECKING:
    from vigie.services.app_context import AppContext
    from vigie.services.trading.run_files.editing import RunFileEdit
    from vigie.services.trading.run_files.keeping import AccountRunFile, ChangeSources

Account = Annotated[str, typer.Option("--account", help="Name of the account.")]
_STATE_WORDS: Final = {"in_effect": "in effect"}


def change(
    file: Annotated[
        Path | None,
        typer.Argument(help="The new run file (TOML); its text is taken, the file itself stays where it is."),
    ] = None,
    account: Account = "main",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="KEY=VALUE of [account] or [protections], such as risk_fraction=0.01; an empty value leaves the "
            "default. Repeat it for several.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        int, typer.Option("--from", min=0, help="Version to start from; 0 for the newest word.")
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", help="Save without asking.")] = False,
) -> None:
    """Change what a paper or demo account trades, or its limits; takes effect once the account is flat.

    Prints what changes and the difference of the run file, and asks before it
    saves. The process that trades the account goes on as before until it holds
    no position and no order; then the change begins as a new run. Limits of loss
    that are in force stay.

    Example: vigie trade change --account main --set risk_fraction=0.01
    """
    from vigie.domain.errors import UsageError
    from vigie.domain.person import OWNER
    from vigie.run_file import read_run_file_text
    from vigie.services.trading.run_files import keeping
    from vigie.services.trading.run_files.editing import RunFileEdit
    from vigie.wiring.app_context import open_app_context

    sources, current = _open(open_app_context(), account)
    asked: RunFileEdit | str = read_run_file_text(file) if file else _edit_of(settings or [])
    if not file and version and asked == RunFileEdit():
        asked = current.draft(version)
    told = keeping.preview_change(sources, current, asked, draft=version)
    for line in (*told.changes, "", *told.difference, "", *told.notes):
        typer.echo(line)
    if not yes and not _confirms(account):
        raise UsageError("nothing_saved_without_yes", "nothing was saved; repeat the command with --yes")
    kept = keeping.keep_change(sources, OWNER, current, asked, base=current.base, draft=version)
    typer.echo(
        f"{account}: version {kept.version} saved; it takes effect as a new run once the account is flat"
    )


def versions(
    account: Account = "main",
    show: Annotated[int, typer.Option("--show", min=0, help="Version whose difference to print.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the versions of an account's run file, and where each stands.

    Example: vigie trade versions --account main --show 1
    """
    from vigie.domain.time import iso
    from vigie.services.trading.run_files.file_changes import file_difference
    from vigie.wiring.app_context import open_app_context

    _, current = _open(open_app_context(), account)
    if show:
        shown = current.version(show).version
        for line in file_difference(shown.before, shown.after, f"{account}.toml"):
            typer.echo(line)
        return
    rows = [
        {
            "version": stated.version.version,
            "state": stated.state,
            "ts": stated.version.ts,
            "run": stated.version.run,
            "digest_before": stated.version.digest_before,
            "digest_after": stated.version.digest_after,
        }
        for stated in current.versions
    ]
    if as_json:
        typer.echo(json.dumps({"file": str(current.file.path or ""), "versions": rows}, indent=1))
        return
    typer.echo(f"{account}: {current.file.path or 'file not known'}")
    if current.file.refusal is not None:
        typer.echo(str(current.file.refusal))
    for stated in current.versions:
        item, state = stated.version, _STATE_WORDS.get(stated.state, stated.state)
        typer.echo(f"{item.version:>3}  {iso(item.ts)}  {state:<10} {item.digest_after[:12]}")


def cancel_change(account: Account = "main") -> None:
    """Cancel the change of an account that waits to take effect.

    Example: vigie trade cancel-change --account main
    """
    from vigie.domain.person import OWNER
    from vigie.services.trading.run_files import keeping
    from vigie.wiring.app_context import open_app_context

    sources, current = _open(open_app_context(), account)
    cancelled = keeping.cancel_change(sources, OWNER, current)
    typer.echo(f"{account}: version {cancelled.version} cancelled; the account goes on as before")


def _open(app_context: AppContext, account: str) -> tuple[ChangeSources, AccountRunFile]:
    from vigie.services.needs import provide
    from vigie.services.trading.accounts.account_status import resolve_owner
    from vigie.services.trading.run_files import keeping

    sources = provide(app_context, keeping.ChangeSources)
    owner = resolve_owner(app_context.accounts, app_context.trades, account)
    return sources, keeping.read_account_file(sources, owner, account)


def _edit_of(settings: list[str]) -> RunFileEdit:
    from vigie.domain.errors import UsageError
    from vigie.services.trading.run_files.editing import ACCOUNT_KEYS, RunFileEdit
    from vigie.services.typed_numbers import is_number

    tables: tuple[dict[str, float | None], dict[str, float | None]] = ({}, {})
    for setting in settings:
        name, separator, text = setting.partition("=")
        if not separator or (text.strip() and not is_number(text)):
            raise UsageError(
                "set_key_value", "--set must be KEY=VALUE with a number, was {setting!r}", setting=setting
            )
        value = float(text) if text.strip() else None
        tables[name.strip() not in ACCOUNT_KEYS][name.strip()] = value
    return RunFileEdit(*tables)


def _confirms(account: str) -> bool:
    import sys

    return sys.stdin.isatty() and typer.confirm(f"Save this change of {account}?")
