"""`vigie model`: kinds of models, and how one does on stored bars where it cannot flatter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home, Words
from vigie.views.cli.owner_home import (
    ask_owner,
    home_language,
    opened_owner,
    refusing_in_own_language,
)

if TYPE_CHECKING:
    from vigie.services.learning.evaluation_request import EvaluationRequest
    from vigie.services.learning.model_evaluation import Evaluation
    from vigie.views.cli.owner_home import OpenedHome

Instruments = Annotated[
    str,
    typer.Argument(
        metavar="INSTRUMENT",
        help="BTC, BTCUSDT or btc-usdt-perp; several with commas between them: one model of all.",
        show_default=False,
    ),
]
Kind = Annotated[
    str, typer.Option("--kind", help="base_rate, logistic, tree, forest, boosting, lightgbm, network ...")
]
Frame = Annotated[str, typer.Option("--frame", "--timeframe", help="Such as 1h or 4h.")]
Venue = Annotated[str, typer.Option("--venue", help="Whose bars.")]
Columns = Annotated[str, typer.Option("--columns", help="Names with commas between them; empty for all.")]
Horizon = Annotated[int, typer.Option("--horizon", min=1, max=1_000, help="Bars ahead that it is about.")]
Folds = Annotated[int, typer.Option("--folds", min=2, max=100, help="Parts of time that are judged.")]
Folding = Annotated[
    str,
    typer.Option("--folding", help="walk_forward, or combinatorial: every two parts by all others."),
]
Select = Annotated[
    int, typer.Option("--select", min=0, max=500, help="Columns that each fold keeps; 0 for all.")
]
Search = Annotated[
    int, typer.Option("--search", min=0, max=500, help="Sets of options that each fold tries; 0 for none.")
]
Rule = Annotated[
    str, typer.Option("--rule", help="Judge the signals of this strategy: whether each reaches its target.")
]
Label = Annotated[
    str, typer.Option("--label", help="direction: whether the price rises; return: by how much.")
]
AnyLabel = Annotated[
    str,
    typer.Option(
        "--label",
        help="direction: whether the price rises; return: by how much; volatility: how much it moves.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of fits and draws.")]

app = typer.Typer(no_args_is_help=True, help="Models that learn, judged where they cannot flatter.")


@app.command()
def evaluate(
    instrument: Instruments,
    kind: Kind = "logistic",
    frame: Frame = "1h",
    venue: Venue = "binance-perp",
    columns: Columns = "",
    horizon: Horizon = 24,
    folds: Folds = 10,
    seed: Seed = 0,
    folding: Folding = "walk_forward",
    select: Select = 0,
    search: Search = 0,
    rule: Rule = "",
    label: AnyLabel = "direction",
    importance: Annotated[
        bool,
        typer.Option("--importance", help="Shuffle each column, too, and tell which one is missed most."),
    ] = False,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Fit a kind of model on the past, judge and trade it on what came next, with costs, and say whether it is luck.

    Each evaluation counts as one more trial of the history, of combinatorial folds each fit.

    [bold]Example[/bold]: vigie model evaluate BTC --kind logistic
    """
    from vigie.services.learning.evaluation_request import EvaluationRequest, split_instruments
    from vigie.services.learning.fold_results import folding_of
    from vigie.services.learning.model_evaluation import evaluate_model
    from vigie.services.learning.row_choices import label_of
    from vigie.views.cli import model_tables

    asked = opened_owner(home, language, is_dated=False)
    names = tuple(name for name in columns.split(",") if name)
    with refusing_in_own_language(asked):
        first, others = split_instruments(instrument)
        request = EvaluationRequest(
            first, venue, frame, kind, horizon, names, folds, seed, rule, folding=folding_of(folding),
            select=select, search=search, label=label_of(label), pooled_with=others,
        )  # fmt: skip
        _warn_of_longer(asked, request)
        told: Evaluation = evaluate_model(
            asked[0].data, asked[0].results.trials, request, with_importance=importance
        )
    if as_json:
        typer.echo(model_tables.as_json(told))
    else:
        model_tables.print_evaluation(told, home_language(asked))


@app.command()
def train(
    name: Annotated[str, typer.Argument(help="Of the model, such as btc_day.", show_default=False)],
    instrument: Instruments,
    kind: Kind = "logistic",
    frame: Frame = "1h",
    venue: Venue = "binance-perp",
    columns: Columns = "",
    horizon: Horizon = 24,
    folds: Folds = 10,
    seed: Seed = 0,
    folding: Folding = "walk_forward",
    select: Select = 0,
    search: Search = 0,
    rule: Rule = "",
    label: Label = "direction",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Train a model, judge it where it cannot flatter, and register it as a candidate.

    A training that was stopped goes on after its last whole fold. The same name again is the next version.

    Several instruments with commas between them, such as BTC,ETH,SOL, teach one model.

    [bold]Example[/bold]: vigie model train btc_day BTC --kind lightgbm
    """
    from vigie.domain.person import OWNER
    from vigie.services.learning.evaluation_request import EvaluationRequest, split_instruments
    from vigie.services.learning.fold_results import folding_of
    from vigie.services.learning.row_choices import label_of
    from vigie.services.learning.training import TrainingHome, train_model
    from vigie.services.learning.training_limits import training_limits
    from vigie.services.needs import provide
    from vigie.views.cli.progress import Progress

    asked = opened_owner(home, language, is_dated=False)
    names = tuple(name for name in columns.split(",") if name)
    parts = provide(asked[0], TrainingHome)
    with refusing_in_own_language(asked), training_limits(), Progress() as progress:
        first, others = split_instruments(instrument)
        request = EvaluationRequest(
            first, venue, frame, kind, horizon, names, folds, seed, rule, is_for_accounts=True,
            folding=folding_of(folding), select=select, search=search, label=label_of(label), pooled_with=others,
        )  # fmt: skip
        _warn_of_longer(asked, request)
        train_model(
            parts, name, request, owner=OWNER.user,
            tell=lambda share, now: progress("training", round(100 * share), 100),
        )  # fmt: skip
    _show(name, None, asked, as_json)


@app.command("list")
def list_models(
    name: Annotated[str, typer.Option("--name", help="Of one model only.")] = "",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the models of this home, each version with how it did out of sample.

    [bold]Example[/bold]: vigie model list
    """
    asked = opened_owner(home, language, is_dated=False)
    _print_table("models.list", {"name": name, "language": home_language(asked)}, asked, as_json)


@app.command()
def compare(
    models: Annotated[
        list[str], typer.Argument(help="Names, such as btc_day, or versions, such as btc_day/2.")
    ],
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Compare models, the largest gain over the usual rate first.

    [bold]Example[/bold]: vigie model compare btc_day btc_day/1 eth_day
    """
    asked = opened_owner(home, language, is_dated=False)
    values: dict[str, object] = {"models": ",".join(models), "language": home_language(asked)}
    _print_table("models.compare", values, asked, as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Of the model.", show_default=False)],
    version: Annotated[int | None, typer.Option("--version", min=1, help="The newest without.")] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw a tree into this SVG file.", show_default=False)
    ] = None,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one version of a model: its card, its folds, and what it was made of.

    [bold]Example[/bold]: vigie model show btc_day --picture tree.svg
    """
    asked = opened_owner(home, language, is_dated=False)
    _show(name, version, asked, as_json)
    if picture is not None:
        from vigie.services.learning.training import find_fit
        from vigie.services.learning.tree_picture import draw_model_tree
        from vigie.views.cli.model_words import ModelWriter

        own = home_language(asked)
        with refusing_in_own_language(asked):
            fit = find_fit(asked[0].learned_models, name, version)
            drawn, sentences = draw_model_tree(asked[0].home, fit, language=own, standalone=True)
            _write_picture(asked, picture, drawn)
        if not as_json:
            for sentence in sentences:
                ModelWriter(own).print_line(sentence)


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Of the model.", show_default=False)],
    version: Annotated[int | None, typer.Option("--version", min=1, help="The newest without.")] = None,
    trades: Annotated[int, typer.Option("--trades", help="Out of sample, at least; 100 or more.")] = 100,
    closes: Annotated[int, typer.Option("--closes", help="In the shadow, at least; 200 or more.")] = 200,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring a model to its next stage: shadow, paper, demo. Every gate that it does not pass is named.

    The first promotion opens the newest fifth of time, which taught nothing; each look is counted.

    [bold]Example[/bold]: vigie model promote btc_day
    """
    values: dict[str, object] = {"name": name, "version": version, "trades": trades, "closes": closes}
    _print_stage("models.promote", values, opened_owner(home, language), as_json)


@app.command()
def demote(
    name: Annotated[str, typer.Argument(help="Of the model.", show_default=False)],
    version: Annotated[int | None, typer.Option("--version", min=1, help="The newest without.")] = None,
    to: Annotated[str, typer.Option("--to", help="candidate, shadow or paper.")] = "candidate",
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring a model back to an earlier stage.

    [bold]Example[/bold]: vigie model demote btc_day --to shadow
    """
    values: dict[str, object] = {"name": name, "version": version, "stage": to}
    _print_stage("models.demote", values, opened_owner(home, language), as_json)


@app.command()
def reproduce(
    name: Annotated[str, typer.Argument(help="Of the model.", show_default=False)],
    version: Annotated[int | None, typer.Option("--version", min=1, help="The newest without.")] = None,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a fit anew from what is stored now; ends with 1 where a figure differs, and names what else does.

    [bold]Example[/bold]: vigie model reproduce btc_day --version 1
    """
    from vigie.services.learning.reproduction import reproduce_fit
    from vigie.services.learning.training import TrainingHome
    from vigie.services.learning.training_limits import training_limits
    from vigie.services.needs import provide
    from vigie.views.cli import model_tables

    asked = opened_owner(home, language, is_dated=False)
    parts = provide(asked[0], TrainingHome)
    with refusing_in_own_language(asked), training_limits():
        found = reproduce_fit(parts, name, version)
    if as_json:
        typer.echo(model_tables.reproduction_as_json(found))
    else:
        model_tables.print_reproduction(found, home_language(asked))
    if not found.is_equal:
        raise typer.Exit(1)


def _warn_of_longer(asked: OpenedHome, request: EvaluationRequest) -> None:
    """Name the venue of this home with a much longer history, where there is one."""
    from vigie.services.learning.venue_histories import say_longer_history

    for instrument in request.instruments:
        told = say_longer_history(
            asked[0].data, request.venue, instrument, request.timeframe, home_language(asked)
        )
        if told:
            typer.echo(told, err=True)


def _write_picture(asked: OpenedHome, path: Path, drawn: str) -> None:
    """Write a picture whole or not at all."""
    from vigie.domain.errors import StorageError, UsageError

    try:
        asked[0].data.write(path, drawn.encode())
    except StorageError as error:
        raise UsageError(
            "picture_not_written",
            "{path} could not be written: {reason}; name a file in a folder that you may write to and that has space",
            path=path,
            reason=getattr(error.__cause__, "strerror", None) or error,
        ) from error


def _print_table(operation: str, values: dict[str, object], asked: OpenedHome, as_json: bool) -> None:
    from vigie.views.cli import model_tables

    told = ask_owner(asked, operation, values)
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        model_tables.print_models(told, home_language(asked))


def _print_stage(operation: str, values: dict[str, object], asked: OpenedHome, as_json: bool) -> None:
    from vigie.views.cli import model_tables

    told = ask_owner(asked, operation, values)
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        model_tables.print_stage(told, home_language(asked))


def _show(name: str, version: int | None, asked: OpenedHome, as_json: bool) -> None:
    from vigie.views.cli import model_tables

    own = home_language(asked)
    told = ask_owner(asked, "models.get", {"name": name, "version": version, "language": own})
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        model_tables.print_model(told, own)
