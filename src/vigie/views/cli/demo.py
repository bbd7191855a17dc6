"""`vigie demo backtest`: every strategy on bars, with nothing set up."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

DEMO_SEED = 7
DEMO_BARS = 1_500

group = typer.Typer(help="See Vigie at work with nothing set up.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="demo")


@group.callback()
def demo() -> None:
    """See Vigie at work with nothing set up.

    [bold]Example[/bold]: vigie demo backtest
    """


@group.command()
def backtest(
    out: Annotated[Path, typer.Option(help="Folder of the files.")] = Path("demo-report"),
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.", min=0)] = DEMO_SEED,
    language: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en",
) -> None:
    """Backtest all strategies on stored bars, or on simulated ones when none are stored.

    [bold]Example[/bold]: vigie demo backtest --out demo-report
    """
    from vigie.bootstrap import open_data, open_results
    from vigie.services import demo as demo_service
    from vigie.services.first_run import compiling_beside, is_first
    from vigie.views.cli import tables
    from vigie.views.cli.progress import Progress

    if is_first():
        typer.echo("Compiling the kernel on the first run; it is kept for the next ones.", err=True)
    with compiling_beside(), Progress() as progress:
        run, kept = demo_service.run_demo(
            open_data(), open_results(), out, seed=seed, bars=DEMO_BARS, language=language, progress=progress
        )
    tables.print_run(run, kept)
    for line in demo_service.next_steps(kept, _command()):
        typer.echo(line)


def _command() -> str:
    """Return how the reader can call Vigie again: by name where the shell would find it, else by path."""
    called = Path(sys.argv[0])
    if shutil.which("vigie") is not None or called.name not in ("vigie", "vigie.exe"):
        return "vigie"
    try:
        return str(called.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(called)
