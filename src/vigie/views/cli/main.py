"""The command line: `vigie` and its commands.

Imports the standard library, Typer and Rich only; everything else is imported inside a command's body, so that
`vigie --help` answers at once.
"""

from __future__ import annotations

import sys

import typer

from vigie.domain.errors import ConfigError, UsageError, VigieError
from vigie.version import __version__
from vigie.views.cli import backtest, data, demo, doctor, research, strategies

OK, FAILED, USAGE = 0, 1, 2

app = typer.Typer(
    name="vigie",
    help="A self-hosted watch, analysis and trading desk for crypto markets.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.add_typer(strategies.app, name="strategy")
for module in (backtest, strategies, research, doctor, demo):
    module.register(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"vigie {__version__}")
        raise typer.Exit(OK)


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Watch, analyse and trade crypto markets on your own machine. Information, not investment advice."""


def run() -> None:
    """Run the command line; errors of Vigie are said in one line, with exit code 1 (failed) or 2 (usage)."""
    try:
        app()
    except (UsageError, ConfigError) as fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(USAGE)
    except VigieError as fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(FAILED)
    except BrokenPipeError:
        # The reader went away (`vigie ... | head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(FAILED)
