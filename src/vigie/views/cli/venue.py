"""`vigie venue`: whether an account at a venue can be traded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home
from vigie.views.cli.keys import Exchange, FromStdin, Mode, Url, make_prompt, make_store_prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.services.venues.trial import TrialStep

app = typer.Typer(no_args_is_help=True, help="Check whether a venue account can trade.")

MARKS = {"passed": "[green]passed[/]", "failed": "[red]failed[/]", "skipped": "[dim]skipped[/]"}
FAILED = 1


@app.callback()
def venues() -> None:
    """Venues: whether an account can be traded."""


@app.command("test")
def try_account(
    exchange: Exchange,
    mode: Mode = "demo",
    url: Url = None,
    instrument: Annotated[
        str, typer.Option("--instrument", help="Instrument to buy and sell in the test.")
    ] = "BTC",
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Test an account: clock, signature, key permissions, balance, smallest order, stop.

    In demo mode, the test buys the smallest order at market, adds and removes a
    stop, then closes the position. With --mode live, no order is sent. Exit code
    1 if a step fails.

    Example: vigie venue test bitget --mode demo
    """
    import asyncio

    from vigie.adapters.clock import SystemClock
    from vigie.config import venue_url
    from vigie.data.instruments.table import resolve_instrument
    from vigie.domain.errors import UsageError
    from vigie.services.venues.trial import Trial
    from vigie.wiring.data import open_data
    from vigie.wiring.trader import open_history_at
    from vigie.wiring.venue_accounts import find_key, is_on_this_machine, open_account, trading_manifest

    trading_manifest(exchange)
    clock, name = SystemClock(), str(resolve_instrument(f"{exchange}-perp", instrument))
    market, address = f"{exchange}-perp", url or venue_url(exchange)
    # A home that was practised in knows no world of a demonstration; the exchange that was named is asked.
    if address and is_on_this_machine(address):
        feed = open_history_at(market, clock, address)
    else:
        feed = open_data(home, urls={exchange: url} if url else None).feed(market)
    terms = feed.terms([name])
    if not terms:
        raise UsageError(f"{exchange} does not list {name}; name another with --instrument")
    key = find_key(exchange, mode, home, make_store_prompt(make_prompt(from_stdin=from_stdin)))

    async def run_trial() -> Sequence[TrialStep]:
        venue = open_account(key, clock, url=url)
        try:
            return await Trial(venue, terms[0], clock, can_order=mode == "demo").run()
        finally:
            await venue.close()

    steps = asyncio.run(run_trial())
    _print(steps, as_json=as_json)
    if any(step.state == "failed" for step in steps):
        raise typer.Exit(FAILED)


def _print(steps: Sequence[TrialStep], *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps([asdict(step) for step in steps], indent=1, ensure_ascii=False))
        return
    from rich.table import Table
    from rich.text import Text

    from vigie.views.cli.tables import console

    table = Table(box=None, pad_edge=False, show_header=False)
    for step in steps:
        table.add_row(Text(step.name), MARKS[step.state], Text(step.words, overflow="fold"))
    console().print(table)
