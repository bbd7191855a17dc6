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

app = typer.Typer(no_args_is_help=True, help="Venues: whether an account can be traded.")

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
        str, typer.Option("--instrument", help="What is bought and sold in the trial.")
    ] = "BTC",
    from_stdin: FromStdin = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Try an account: clock, signature, key rights, balance, least order, stop.

    In demo trading the least order is bought at the market, gets a stop, loses it
    and is closed. With --mode live nothing is ordered. Exit code 1 where a step
    failed.

    Example: vigie venue test bitget --mode demo
    """
    import asyncio

    from vigie.adapters.clock import SystemClock
    from vigie.bootstrap import open_data
    from vigie.bootstrap_trader import open_history_at
    from vigie.bootstrap_trading import find_key, is_on_this_machine, open_account, trading_manifest
    from vigie.config import venue_url
    from vigie.data.instruments.table import resolve_instrument
    from vigie.domain.errors import UsageError
    from vigie.services.venues.trial import Trial

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
            return await Trial(venue, terms[0], clock, trades=mode == "demo").run()
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
