"""`vigie valuation`: is an asset stretched or depressed against its own past, why, and what followed."""

from __future__ import annotations

from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("valuation")(show_valuation)


def show_valuation(
    asset: Annotated[str, typer.Argument(help="Catalogue id or ticker, such as bitcoin.")],
    as_of: Annotated[str, typer.Option("--as-of", help="What was known then, UTC; empty for now.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show whether an asset is stretched, normal or depressed against its own past, and what followed.

    [bold]Example[/bold]: vigie valuation bitcoin
    """
    from vigie.domain.person import OWNER
    from vigie.domain.time import parse_time
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import valuation_tables
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    opened = open_app_context(home, clock=open_market_clock(home, is_needed=False))
    values: dict[str, object] = {"asset": asset, "as_of": parse_time(as_of) if as_of else None}
    told = run_operation(opened, OWNER, "valuation.of", values)
    followed = run_operation(opened, OWNER, "valuation.episodes", values)
    if as_json:
        typer.echo(valuation_tables.to_json(told, followed))
        return
    valuation_tables.print_valuation(told)
    valuation_tables.print_followed(followed)
