"""The command line: `vigie` and its commands.

Imports the standard library, Typer and Rich only; everything else is imported inside a command's body, so that
`vigie --help` answers at once.
"""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

OK, FAILED, USAGE, STOPPED = 0, 1, 2, 130
# Looking for garbage as often as Python does by default takes a tenth of a command's time. What a command that soon
# ends has made it mostly needs until then.
RARELY, HARDLY = (100_000, 50, 50), (1_000_000, 50, 50)
# Commands that keep what they did so far.
GO_ON = ("sweep", "data")
# Commands that run until they are stopped.
SERVING = ("up", "serve", "work", "collect", "demo", "sandbox")
# Groups of commands with their modules, and the modules that hold commands, or groups, of the first level.
GROUPS = {
    "data": "data", "strategy": "strategies", "config": "config", "user": "users", "backup": "backup",
    "audit": "audit", "keys": "keys", "venue": "venue", "trade": "trade", "news": "news", "source": "source",
    "programs": "programs",
}  # fmt: skip
# Commands that run programs of a person's own without having been told which: only allowed ones. The others allow what
# they are told to run, and closing positions never waits for that.
GUARDED = ("serve", "work", "collect", "doctor", "trade", "demo trade", "strategy list", "strategy show")
UNGUARDED = ("trade flatten",)
SEVERAL = ("backtest", "strategies", "research", "doctor", "demo", "sandbox", "serve", "parts", "upgrade")
# What a person waits for, or what runs for weeks: to read the options of all other commands would take a twentieth of a
# second and three megabytes.
ALONE = {
    "backtest": "backtest", "compare": "backtest", "why": "backtest", "signals": "strategies",
    "sweep": "research", "walk-forward": "research", "demo": "demo", "up": "serve", "serve": "serve",
    "work": "serve", "link": "serve", "collect": "parts", "sandbox": "sandbox",
}  # fmt: skip


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

    from vigie.domain.errors import ConfigError, UsageError, VigieError, operator_text
    from vigie.version import __version__
    from vigie.views.cli.untyped import looking_first
except KeyboardInterrupt:  # while it starts: there is no command yet that could say it
    stopped()
    sys.exit(STOPPED)

if TYPE_CHECKING:
    app: typer.Typer


class Stoppable(TyperGroup):
    """Commands that Ctrl-C ends with one line, never with a traceback."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the group's own parameters."""
        return looking_first(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            stopped(ctx.invoked_subcommand)
            raise typer.Exit(STOPPED) from None


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"vigie {__version__}")
        raise typer.Exit(OK)


def main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Watch, analyse and trade crypto markets on your own machine. Information, not investment advice."""


def made(groups: Mapping[str, str] = GROUPS, several: Sequence[str] = SEVERAL) -> typer.Typer:
    """Make the application of some modules, by default of all."""
    made = typer.Typer(
        name="vigie",
        cls=Stoppable,
        help="A self-hosted watch, analysis and trading desk for crypto markets.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    made.callback()(main)
    for name, module in groups.items():
        made.add_typer(import_module(f"vigie.views.cli.{module}").app, name=name)
    for module in several:
        import_module(f"vigie.views.cli.{module}").register(made)
    return made


def made_for(word: str) -> typer.Typer:
    """Make as much of the application as the first word typed needs; all of it where that is not known."""
    if word in GROUPS:
        return made({word: GROUPS[word]}, ())
    if word in ALONE:
        return made({}, (ALONE[word],))
    every: typer.Typer = sys.modules[__name__].app
    return every


@cache
def whole() -> typer.Typer:
    """Return the application of all modules."""
    return made()


def __getattr__(name: str) -> Any:
    """Give the whole application as `app`, made when it is asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return whole()


def guard(words: Sequence[str]) -> None:
    """Let a command run allowed programs of its home only, where it is one of those that must not run others."""
    typed = " ".join(words[:2])
    if words and typed not in UNGUARDED and (words[0] in GUARDED or typed in GUARDED):
        home = import_module("vigie.config").resolve_paths().home
        import_module("vigie.adapters.program_guard").guard(home)


def run() -> None:
    """Run the command line; errors of Vigie are said in one line.

    Exit codes are 1 (failed), 2 (usage) and 130 (stopped with Ctrl-C).
    """
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    gc.set_threshold(*(RARELY if word in (*SERVING, "trade") else HARDLY))
    # Python looks through everything once more before it ends, a quarter of a backtest's time: nothing is left to find.
    atexit.register(gc.freeze)
    try:
        guard(sys.argv[1:])
        made_for(word)()
    except (UsageError, ConfigError) as fault:
        sys.stderr.write(f"error: {fault}\n")
        sys.exit(USAGE)
    except VigieError as fault:
        sys.stderr.write(f"error: {operator_text(fault)}\n")
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
