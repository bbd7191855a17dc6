"""Commands about trades made elsewhere: `vigie journal import` and `list`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import UsageError
from vigie.views.cli.common_options import AsJson, Home

if TYPE_CHECKING:
    from vigie.domain.person import Caller
    from vigie.services.app_context import AppContext
    from vigie.services.operations.outside_import import ImportOutsideResult
    from vigie.services.outside.outside_rows import OutsideFillRow, OutsideTradeRow

app = typer.Typer(no_args_is_help=True, help="Trades you made at venues without Vigie.")

# What the operation takes, in letters; a letter has four bytes at most.
_MAX_BYTES: Final = 3_200_000
_FAILED: Final = 1
_SHOWN: Final = 20

User = Annotated[
    str, typer.Option("--user", help="Whose trades; needed where this home has users.", show_default=False)
]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file with fills.", show_default=False)],
    add: Annotated[
        bool, typer.Option("--add", help="Add them; without, only say what would be added.")
    ] = False,
    venue: Annotated[
        str, typer.Option("--venue", help="Where rows were traded that name no venue: bitget-perp.")
    ] = "",
    zone: Annotated[str, typer.Option("--zone", help="Time zone of times that do not say theirs.")] = "UTC",
    dates: Annotated[
        str,
        typer.Option("--dates", help="Dates with slashes: day_first or month_first; empty: as they show."),
    ] = "",
    comma: Annotated[bool, typer.Option("--comma", help="Amounts have a decimal comma.")] = False,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Of a file of another form: price=Kurs.")
    ] = None,
    coin: Annotated[
        list[str] | None,
        typer.Option("--coin", help="Which coin a ticker means that several have: VELO=velodrome."),
    ] = None,
    user: User = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say what a file of fills would add to the trades made elsewhere, or add it with --add.

    Files of Binance futures and Hyperliquid (trade history) are known, and our
    own form: time, venue, instrument, side, price, quantity, fee, fee_currency,
    id. A file enters whole or not at all; the same file again changes nothing.

    Exit code 1 when rows cannot be read.

    [bold]Example[/bold]: vigie journal import trades.csv --zone Europe/Paris --add
    """
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context(home)
    values = {
        "text": _read_text(file), "venue": venue, "zone": zone, "dates": dates, "has_comma": comma,
        "columns": _pairs(column, "--column"), "assets": _pairs(coin, "--coin"), "dry_run": not add,
    }  # fmt: skip
    result: ImportOutsideResult = run_operation(
        app_context, _caller(app_context, user), "outside.import", values
    )
    if as_json:
        typer.echo(result.model_dump_json(indent=1))
    else:
        _print_result(result)
    if result.refused_count or result.shared:
        raise typer.Exit(_FAILED)


@app.command("list")
def list_trades(user: User = "", home: Home = None, as_json: AsJson = False) -> None:
    """List the trades made elsewhere, the newest first.

    [bold]Example[/bold]: vigie journal list --json
    """
    from rich.table import Table

    from vigie.domain.time import iso
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli.tables import console
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context(home)
    table = run_operation(app_context, _caller(app_context, user), "outside.list", {})
    if as_json:
        typer.echo(table.model_dump_json(indent=1))
        return
    printed = Table(
        "opened", "instrument", "venue", "side", "state", "quantity", "entry", "exit", "result", "fees"
    )
    for row in table.rows:
        printed.add_row(
            iso(row.ts_opened), _market_text(row), row.venue, row.side, row.state, row.qty, row.entry or "–",
            row.exit or "–", row.net or row.pnl or "–", row.fees or "–",
        )  # fmt: skip
    console().print(printed)
    typer.echo("Not proven to be anybody's: a form, a file or an address says so.")


def _market_text(row: OutsideTradeRow | OutsideFillRow) -> str:
    return row.instrument if row.asset else f"{row.instrument} (unknown coin)"


def _caller(app_context: AppContext, user: str) -> Caller:
    """Return on whose behalf the command works: the local owner, or a user where there are any."""
    from vigie.domain.person import OWNER, SCOPES_OF, Caller
    from vigie.services.people.accounts.users import find_user

    if user:
        found = find_user(app_context.accounts, user)
        return Caller(found.id, found.role, SCOPES_OF[found.role], OWNER.via)
    if app_context.accounts.users():
        raise UsageError("this home has users; say whose trades they are: --user NAME")
    return OWNER


def _read_text(file: Path) -> str:
    try:
        with open(file, "rb") as opened:
            content = opened.read(_MAX_BYTES + 1)
    except OSError as fault:
        raise UsageError(f"{file} could not be read: {fault.strerror or fault}") from None
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{file} has more than {_MAX_BYTES} bytes; split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} must be UTF-8 text; save it as CSV UTF-8") from None


def _pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given or ():
        name, sign, value = text.partition("=")
        if not sign:
            raise UsageError(f"{option} must look like NAME=VALUE, was {text!r}")
        pairs[name.strip()] = value.strip()
    return pairs


def _print_result(result: ImportOutsideResult) -> None:
    from vigie.domain.time import iso

    done = "added" if result.is_done else "would be added"
    typer.echo(f"{result.added} fill{'s' * (result.added != 1)} {done}, {result.known} known already")
    for row in result.rows[:_SHOWN]:
        typer.echo(f"  {iso(row.ts)} {row.venue} {_market_text(row)} {row.side} {row.qty} at {row.price}")
    for refused in result.refused[:_SHOWN]:
        typer.echo(f"row {refused.row}: {refused.message}", err=True)
    if result.refused_count > _SHOWN:
        typer.echo(f"and {result.refused_count - _SHOWN} more", err=True)
    for noted in result.noted[:_SHOWN]:
        typer.echo(f"row {noted.row}: {noted.message}", err=True)
    if result.noted_count > _SHOWN:
        typer.echo(f"and {result.noted_count - _SHOWN} more times that came twice", err=True)
    for shared in result.shared:
        coins = ", ".join(f"{coin.asset} ({coin.name})" for coin in shared.coins)
        typer.echo(f"{shared.ticker} may be {coins}; say which: --coin {shared.ticker}=ID", err=True)
    if not result.is_done and result.added and not result.refused_count and not result.shared:
        typer.echo("nothing was added yet; run it again with --add")
