"""The command line: `vigie` and its commands.

Imports the standard library, Typer and Rich only; everything else is imported inside a command's body, so that
`vigie --help` answers at once.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import Any

OK, FAILED, USAGE, STOPPED = 0, 1, 2, 130
# Looking for garbage as often as Python does by default takes a tenth of a command's time.
RARELY = (100_000, 50, 50)
# Commands that keep what they did so far.
GO_ON = ("sweep", "data")
# Commands that run until they are stopped.
SERVING = ("up", "serve", "work", "collect", "demo", "sandbox")


def stopped(command: str | None = None) -> None:
    """Say in one line what became of a command that was interrupted."""
    if command in SERVING:
        sys.stderr.write("\nstopped\n")
        return
    words = "run the same command again to go on" if command in GO_ON else "nothing was written"
    sys.stderr.write(f"\nstopped; {words}\n")


try:
    import typer
    from typer.core import TyperGroup

    from vigie.domain.errors import ConfigError, UsageError, VigieError
    from vigie.version import __version__
    from vigie.views.cli import (
        audit,
        backtest,
        backup,
        config,
        data,
        demo,
        doctor,
        keys,
        parts,
        research,
        sandbox,
        serve,
        strategies,
        trade,
        upgrade,
        users,
        venue,
    )
except KeyboardInterrupt:  # while it starts: there is no command yet that could say it
    stopped()
    sys.exit(STOPPED)


class Stoppable(TyperGroup):
    """Commands that Ctrl-C ends with one line, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            stopped(ctx.invoked_subcommand)
            raise typer.Exit(STOPPED) from None


app = typer.Typer(
    name="vigie",
    cls=Stoppable,
    help="A self-hosted watch, analysis and trading desk for crypto markets.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.add_typer(strategies.app, name="strategy")
app.add_typer(config.app, name="config")
app.add_typer(users.app, name="user")
app.add_typer(backup.app, name="backup")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(venue.app, name="venue")
app.add_typer(trade.app, name="trade")
for module in (backtest, strategies, research, doctor, demo, sandbox, serve, parts, upgrade):
    module.register(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"vigie {__version__}")
        raise typer.Exit(OK)


@app.callback()
def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Watch, analyse and trade crypto markets on your own machine. Information, not investment advice."""


def run() -> None:
    """Run the command line; errors of Vigie are said in one line.

    Exit codes are 1 (failed), 2 (usage) and 130 (stopped with Ctrl-C).
    """
    gc.set_threshold(*RARELY)
    try:
        app()
    except (UsageError, ConfigError) as fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(USAGE)
    except VigieError as fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        stopped()
        sys.exit(STOPPED)
    except BrokenPipeError:
        # The reader went away (`vigie ... | head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        sys.stderr.write("error: there is no space left where the output goes\n")
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what is still buffered must not be tried again at the end
        sys.exit(FAILED)
