"""`vigie alerts`: whether the record of what was told is still what happened, and the record for others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.common_options import Home
from vigie.views.cli.strategies import FAILED

app = typer.Typer(no_args_is_help=True, help="Alerts about setups: their record, checked and published.")


@app.callback()
def alerts() -> None:
    """Keep commands of their own; Typer would fold a single one into the group."""


@app.command()
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option("--anchor", help="NUMBER:HEAD as a mail about a setup carried them; may be repeated."),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(
            "--published",
            metavar="FILE",
            help="Check a published record.zip instead, with Vigie's own verify.py.",
        ),
    ] = None,
    home: Home = None,
) -> None:
    """Recompute the record of setups: audit chain, seals, outcomes from the logs, and rates.

    Where a strategy's file is another one since, all that does not need the file
    is recomputed, and how many changes these are is said.

    Exit code 1 at the first difference. Without an anchor from outside, whoever
    keeps this home could have made the whole chain anew; it says so.

    [bold]Example[/bold]: vigie alerts verify
    """
    from runpy import run_path

    from vigie.domain.errors import UsageError
    from vigie.domain.person import OWNER
    from vigie.services.alerting.mails import language_of
    from vigie.services.needs import provide
    from vigie.services.people.ownership import accounts_of
    from vigie.services.setups.published.packing import PROGRAM
    from vigie.services.setups.verifying import verify_record
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.views.cli.setup_tables import say_other_files
    from vigie.wiring.app_context import open_app_context

    anchors: dict[int, str] = {}
    for given in anchor or ():
        match = re.fullmatch(r"([1-9]\d{0,14}):([0-9a-f]{64})", given)
        if match is None:
            raise UsageError(f"--anchor must look like 123:HEAD with 64 hex digits, was {given!r}")
        if anchors.setdefault(int(match[1]), match[2]) != match[2]:
            typer.echo(
                f"different: two anchors name record {match[1]}, with two heads: one chain has one", err=True
            )
            raise typer.Exit(FAILED)
    if published is not None:
        parts = [part for number, head in anchors.items() for part in ("--anchor", f"{number}:{head}")]
        raise typer.Exit(run_path(str(PROGRAM))["main"]([str(published), *parts]))
    app_context = open_app_context(home)
    owners = {run.owner for run in app_context.trades.accounts()} or {OWNER.user}
    accounts = sorted({name for owner in owners for name in accounts_of(app_context.trades, owner)})
    found = verify_record(
        app_context.audit, app_context.setups, provide(app_context, TradingStores), accounts, anchors
    )
    for sentence in say_other_files(found.undecided, language_of(app_context.accounts, OWNER.user)):
        typer.echo(sentence)
    if found.difference:
        typer.echo(f"different: {found.difference}", err=True)
        raise typer.Exit(FAILED)
    older = f", {found.unsealed} older ones have no seal" if found.unsealed else ""
    typer.echo(f"{found.records} chain records intact; {found.sealed} changes sealed{older}")
    typer.echo(
        f"{found.made_anew - sum(found.undecided.values())} changes made anew from the logs, "
        f"{found.cells} results computed anew: no difference"
    )
    if found.foreign:
        typer.echo(
            f"{found.foreign} seals belong to accounts that are gone: nothing of theirs could be checked"
        )
    typer.echo(
        f"{len(anchors)} anchors agree"
        if anchors
        else "no outside anchor given: whoever keeps this home could have made the whole chain anew. "
        "Give number and head of a mail about a setup: --anchor NUMBER:HEAD"
    )


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="Made where it is not there.", show_default=False)],
    language: Annotated[str, typer.Option("--language", help="Of the page: en or fr.")] = "en",
    reveal_capital: Annotated[
        bool,
        typer.Option("--reveal-capital", help="Also changes that were sealed so that they tell the capital."),
    ] = False,
    home: Home = None,
) -> None:
    """Write the record of your setups for others: a static page, and a ZIP that anybody can check.

    The ZIP holds changes, random words, chain records, bars, results and
    verify.py, which needs Python alone. No name of an account, no sum of money
    and no id of a user is in it.

    [bold]Example[/bold]: vigie alerts publish ./record
    """
    from base64 import b64decode

    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.app_context import open_app_context

    asked = {"language": language, "reveals_capital": reveal_capital}
    app_context = open_app_context(home)
    made = run_operation(app_context, OWNER, "setups.publish", asked)
    # Both or neither: a page beside an older ZIP would tell other figures.
    content = {"index.html": made.page.encode(), made.name: b64decode(made.content)}
    app_context.results.write(folder.absolute(), content)
    typer.echo(f"{folder / 'index.html'}, {folder / made.name}: {made.size} bytes, SHA-256 {made.digest}")


@app.command()
def program(
    digest: Annotated[bool, typer.Option("--digest", help="Only its SHA-256.")] = False,
) -> None:
    """Write verify.py, which checks a published record, to the output.

    Whoever forges a record forges the program in it, too: take it from here, or
    compare its SHA-256 with the one in the documentation.

    [bold]Example[/bold]: vigie alerts program > verify.py
    """
    from hashlib import sha256

    from vigie.services.setups.published.packing import PROGRAM

    content = PROGRAM.read_bytes()
    typer.echo(sha256(content).hexdigest() if digest else content, nl=digest)
