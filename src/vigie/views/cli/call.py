"""`vigie call`: any operation by its name, as the API runs it, by the local owner."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home
from vigie.views.cli.quick_command import QuickCommand


def register(cli: typer.Typer) -> None:
    """Add `vigie call`."""
    cli.command(cls=QuickCommand)(call)


def call(
    name: Annotated[
        str,
        typer.Argument(
            metavar="OPERATION",
            help="Its name, such as markets.list. With --list: a word to look for.",
            show_default=False,
        ),
    ] = "",
    values: Annotated[
        list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Its input.", show_default=False)
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List operations; with a whole name, its input and an example.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Run any operation by its name; --json prints what the API answers.

    A list is given with commas or by several KEY=VALUE, a record as JSON. It runs with the rights of the local owner.

    [bold]Examples[/bold]: vigie call --list news;
    vigie call --list markets.list; vigie call markets.list limit=5 --json
    """
    from vigie.domain.errors import UsageError

    if list_:
        _list_operations(name, as_json=as_json)
        return
    if not name:
        raise UsageError("name an operation, such as markets.list; vigie call --list lists all of them")
    _run(name, values or [], home, as_json=as_json)


def _list_operations(word: str, *, as_json: bool) -> None:
    from vigie.services.operation import operations
    from vigie.views.cli.call_tables import operation_values, print_operation, print_operations
    from vigie.views.cli.call_values import find_operation

    known = operations()
    key = word.casefold()
    found = [one for one in known.values() if key in one.name or key in one.summary.casefold()]
    if word in known:
        found = [known[word]]
    elif not found:
        find_operation(known, word)
    if as_json:
        typer.echo(json.dumps([operation_values(one) for one in found], indent=1))
    elif word in known:
        print_operation(found[0])
    else:
        print_operations(found)


def _run(name: str, words: list[str], home: Home, *, as_json: bool) -> None:
    from vigie.adapters.program_guard import guard
    from vigie.config import resolve_paths
    from vigie.domain.person import OWNER
    from vigie.services.market_data.euros import rename_euro_columns
    from vigie.services.operation import Table, operations
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli.call_tables import print_result
    from vigie.views.cli.call_values import find_operation, read_words
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    declared = find_operation(operations(), name)
    values = read_words(declared, words)
    # The home that is called, which need not be the one that the command began with.
    guard(resolve_paths(home).home)
    clock = open_market_clock(home, is_needed=declared.is_change)
    result = run_operation(open_app_context(home, clock=clock), OWNER, name, values)
    if isinstance(result, Table):
        result = rename_euro_columns(result)
    if as_json:
        typer.echo(result.model_dump_json())
    else:
        print_result(result)
