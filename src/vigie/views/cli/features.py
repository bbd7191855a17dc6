"""`vigie features list` and `vigie explore`: columns for models, and what is seen of them."""

from __future__ import annotations

from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home

Language = Annotated[str, typer.Option("--language", help="Of the texts: en or fr.")]

app = typer.Typer(no_args_is_help=True, help="Columns that models learn from.")


def register(app: typer.Typer) -> None:
    """Add the command of this module that belongs to no group."""
    app.command("explore")(explore)


@app.command("list")
def list_features(
    group: Annotated[str, typer.Option("--group", help="Of this group only, such as price.")] = "",
    language: Language = "en",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the columns: look-back, unit, and the rule by which each value is known.

    [bold]Example[/bold]: vigie features list --group price
    """
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import feature_tables
    from vigie.wiring.app_context import open_app_context

    values = {"group": group, "language": language}
    told = run_operation(open_app_context(home), OWNER, "features.list", values)
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        feature_tables.print_features(told, language)


def explore(
    instrument: Annotated[str, typer.Argument(help="BTC, BTCUSDT or btc-usdt-perp.", show_default=False)],
    frame: Annotated[str, typer.Option("--frame", "--timeframe", help="Such as 1h or 4h.")] = "1h",
    venue: Annotated[str, typer.Option("--venue", help="Whose bars.")] = "binance-perp",
    columns: Annotated[
        str, typer.Option("--columns", help="Names with commas between them; empty for all.")
    ] = "",
    label: Annotated[
        str, typer.Option("--label", help="direction, return, volatility or barrier.")
    ] = "direction",
    horizon: Annotated[int, typer.Option("--horizon", help="Bars ahead that the label is about.")] = 24,
    language: Language = "en",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Look at columns over the first 70 % of the time, before any model is fitted.

    The rest is not read. Folds of an evaluation judge part of what is: let these choose columns (--select).

    [bold]Example[/bold]: vigie explore BTC --frame 1h
    """
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import feature_tables
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    opened = open_app_context(home, clock=open_market_clock(home, is_needed=False))
    values = {
        "instrument": instrument, "timeframe": frame, "venue": venue, "columns": columns, "label": label,
        "horizon": horizon, "language": language,
    }  # fmt: skip
    told = run_operation(opened, OWNER, "features.explore", values)
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        feature_tables.print_exploration(told, language)
