"""`vigie holdings addresses`: wallets whose balances you read; an address comes from a file or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vigie.domain.errors import UsageError
from vigie.views.cli.common_options import AsJson, Home, Words
from vigie.views.cli.owner_home import (
    ask_owner,
    home_language,
    opened_owner,
    refusing_in_own_language,
)

if TYPE_CHECKING:
    from vigie.services.operation import Table
    from vigie.services.operations.holding_addresses import AddressBalances, HoldingAddressRow

_MOST_CHARACTERS: Final = 10_000


def addresses(
    add: Annotated[
        str,
        typer.Option(
            "--add", help="File with the address, or - for standard input: no shell history has it."
        ),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="Of the address; lines at this place are compared.")
    ] = "",
    agree: Annotated[str, typer.Option("--agree", help="Id that its host may see; it needs --host.")] = "",
    host: Annotated[str, typer.Option("--host", help="As the list names it.")] = "",
    read: Annotated[str, typer.Option("--read", help="Id whose balance is asked for.")] = "",
    remove: Annotated[str, typer.Option("--remove", help="Id that is to go.")] = "",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List wallet addresses and who would see each; add one, agree to its host, read its balance, remove it.

    [bold]Example[/bold]: vigie holdings addresses --add - --name Ledger
    """
    asked = opened_owner(home, language)
    if read:
        told = ask_owner(asked, "holdings.read_address", {"holding_address": read})
        typer.echo(told.model_dump_json(indent=1)) if as_json else _print_balances(told, home_language(asked))
        return
    if add:
        with refusing_in_own_language(asked):
            address = _read_address(add)
        ask_owner(asked, "holdings.add_address", {"address": address, "label": name})
    if agree:
        ask_owner(asked, "holdings.agree_address", {"holding_address": agree, "host": host})
    if remove:
        ask_owner(asked, "holdings.remove_address", {"holding_address": remove})
    rows = ask_owner(asked, "holdings.addresses", {})
    typer.echo(rows.model_dump_json(indent=1)) if as_json else _print_addresses(rows, home_language(asked))


def _read_address(given: str) -> str:
    if given == "-":
        return sys.stdin.read(_MOST_CHARACTERS).strip()
    file = Path(given)
    if not file.is_file():
        # What was given may be the address itself; it is not repeated.
        raise UsageError(
            "holding_address_no_file",
            "--add takes a file that holds the address, or - for standard input; there is no such file",
        )
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(_MOST_CHARACTERS).strip()


def _print_addresses(told: Table[HoldingAddressRow], language: str) -> None:
    from vigie.views.cli.holding_writer import HoldingWriter

    writer = HoldingWriter(language)
    for row in told.rows:
        state = writer.say("host_agreed" if row.is_agreed else "host_asked", host=row.host)
        chain, short = row.chain.title(), row.short or writer.say("other_key")
        named = writer.say("address", label=row.label, chain=chain, short=short, state=state)
        writer.print(writer.say("said", name=row.holding_address, text=named))
    if not told.rows:
        writer.print(writer.say("no_address"))


def _print_balances(told: AddressBalances, language: str) -> None:
    from vigie.views.cli.holding_writer import HoldingWriter

    writer = HoldingWriter(language)
    for row in told.rows:
        said = writer.say(
            "balance", quantity=writer.exact(row.quantity), symbol=row.symbol, label=told.label,
            in_lines=writer.exact(row.in_lines), difference=writer.exact(row.difference),
        )  # fmt: skip
        writer.print(writer.say("said", name=row.name, text=said))
    writer.print(writer.say("host_read", host=told.host))
