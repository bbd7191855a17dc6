"""`vigie model`: kinds of models, and how one does on stored bars where it cannot flatter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home

if TYPE_CHECKING:
    from vigie.services.learning.model_evaluation import Evaluation

app = typer.Typer(no_args_is_help=True, help="Models that learn, judged where they cannot flatter.")


@app.command()
def evaluate(
    instrument: Annotated[str, typer.Argument(help="BTC, BTCUSDT or btc-usdt-perp.", show_default=False)],
    kind: Annotated[
        str, typer.Option("--kind", help="base_rate, logistic, tree, forest, boosting, lightgbm, network ...")
    ] = "logistic",
    frame: Annotated[str, typer.Option("--frame", "--timeframe", help="Such as 1h or 4h.")] = "1h",
    venue: Annotated[str, typer.Option("--venue", help="Whose bars.")] = "binance-perp",
    columns: Annotated[
        str, typer.Option("--columns", help="Names with commas between them; empty for all.")
    ] = "",
    horizon: Annotated[
        int, typer.Option("--horizon", min=1, max=1_000, help="Bars ahead whose direction is learned.")
    ] = 24,
    folds: Annotated[
        int, typer.Option("--folds", min=2, max=100, help="Parts of time that are judged.")
    ] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of fits and draws.")] = 0,
    importance: Annotated[
        bool,
        typer.Option("--importance", help="Shuffle each column, too, and tell which one is missed most."),
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fit a kind of model on the past, judge and trade it on what came next, with costs, and say whether it is luck.

    Each evaluation counts as one more trial of the history.

    [bold]Example[/bold]: vigie model evaluate BTC --kind logistic
    """
    from vigie.services.learning.model_evaluation import EvaluationRequest, evaluate_model
    from vigie.views.cli import model_tables
    from vigie.wiring.app_context import open_app_context

    context = open_app_context(home)
    names = tuple(name for name in columns.split(",") if name)
    request = EvaluationRequest(instrument, venue, frame, kind, horizon, names, folds, seed)
    told: Evaluation = evaluate_model(
        context.data, context.results.trials, request, with_importance=importance
    )
    if as_json:
        typer.echo(model_tables.as_json(told))
    else:
        model_tables.print_evaluation(told)
