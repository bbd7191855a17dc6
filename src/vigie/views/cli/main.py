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
# ends has made it mostly needs until then. Of a server, one look at many new objects would hold up a page: it looks
# often at few, and seldom at older ones.
SERVING_GC_THRESHOLD, COMMAND_GC_THRESHOLD = (2_000, 2_500, 50), (1_000_000, 50, 50)
# Commands that keep what they did so far.
RESUMABLE = ("sweep", "data")
# Commands that run until they are stopped.
SERVING = ("up", "serve", "work", "collect", "demo", "sandbox")
# Groups of commands with their modules, and the modules that hold commands, or groups, of the first level.
GROUPS = {
    "data": "data", "strategy": "strategies", "config": "config", "user": "users", "backup": "backup",
    "audit": "audit", "keys": "keys", "venue": "venue", "trade": "trade", "news": "news", "source": "source",
    "programs": "programs", "plugin": "plugin", "setups": "setups", "plan": "plan",
    "journal": "journal", "alerts": "alerts", "holdings": "holdings",
    "features": "features", "model": "model",
}  # fmt: skip
# Commands that run programs of a person's own without having been told which: only allowed ones. The others allow what
# they are told to run, and closing positions never waits for that.
GUARDED = (
    "serve", "work", "collect", "doctor", "trade", "demo trade", "strategy list", "strategy show", "call",
)  # fmt: skip
UNGUARDED = ("trade flatten",)
COMMAND_MODULES = (
    "backtest",
    "strategies",
    "research",
    "doctor",
    "demo",
    "sandbox",
    "serve",
    "work",
    "collect",
    "upgrade",
    "call",
    "valuation",
    "letter",
    "features",
)
# What a person waits for, or what runs for weeks: to read the options of all other commands would take a twentieth of a
# second and three megabytes.
MODULE_BY_COMMAND = {
    "backtest": "backtest", "compare": "backtest", "why": "backtest", "signals": "strategies",
    "sweep": "research", "walk-forward": "research", "demo": "demo", "up": "serve", "serve": "serve",
    "work": "work", "link": "serve", "collect": "collect", "sandbox": "sandbox", "call": "call",
    "valuation": "valuation", "letter": "letter",
    "explore": "features",
}  # fmt: skip


def report_interrupt(command: str | None = None) -> None:
    """Say in one line what became of a command that was interrupted."""
    if command in SERVING:
        sys.stderr.write("\nstopped\n")
        return
    words = "run the same command again to continue" if command in RESUMABLE else "nothing was written"
    sys.stderr.write(f"\nstopped; {words}\n")


try:
    import typer
    from typer.core import TyperGroup

    from vigie.domain.errors import ConfigError, UsageError, VigieError, operator_text
    from vigie.version import __version__
    from vigie.views.cli.quick_command import add_quick_checks
except KeyboardInterrupt:  # while it starts: there is no command yet that could say it
    report_interrupt()
    sys.exit(STOPPED)

if TYPE_CHECKING:
    app: typer.Typer


class InterruptibleGroup(TyperGroup):
    """Commands that Ctrl-C ends with one line, never with a traceback."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the group's own parameters."""
        return add_quick_checks(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            report_interrupt(ctx.invoked_subcommand)
            raise typer.Exit(STOPPED) from None


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"vigie {__version__}")
        raise typer.Exit(OK)


def main(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Watch, analyse and trade crypto markets on your own machine. Information, not investment advice."""


def build_app(
    groups: Mapping[str, str] = GROUPS,
    modules: Sequence[str] = COMMAND_MODULES,
    *,
    with_commands_of_groups: bool = True,
) -> typer.Typer:
    """Make the application of some modules, by default of all."""
    cli = typer.Typer(
        name="vigie",
        cls=InterruptibleGroup,
        help="Watch, analyse and trade crypto markets on your own machine.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    cli.callback()(main)
    for name, module in groups.items():
        group = import_module(f"vigie.views.cli.{module}").app
        cli.add_typer(group if with_commands_of_groups else _without_commands(group), name=name)
    for module in modules:
        import_module(f"vigie.views.cli.{module}").register(cli)
    return cli


def _without_commands(group: typer.Typer) -> typer.Typer:
    named = typer.Typer()
    named.info, named.registered_callback = group.info, group.registered_callback
    return named


def build_app_for(word: str) -> typer.Typer:
    """Make as much of the application as the first word typed needs; all of it where that is not known."""
    if word in GROUPS:
        return build_app({word: GROUPS[word]}, ())
    if word in MODULE_BY_COMMAND:
        return build_app({}, (MODULE_BY_COMMAND[word],))
    if word == "--version":
        return build_app({}, ())
    if word in ("", "--help"):
        # It names the groups: reading the options of their commands would take half of its time.
        return build_app(with_commands_of_groups=False)
    full: typer.Typer = sys.modules[__name__].app
    return full


@cache
def full_app() -> typer.Typer:
    """Return the application of all modules."""
    return build_app()


def __getattr__(name: str) -> Any:
    """Give the whole application as `app`, made when it is asked for."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return full_app()


def restrict_programs(words: Sequence[str]) -> None:
    """Let a command run allowed programs of its home only, where it is one of those that must not run others."""
    typed = " ".join(words[:2])
    if words and typed not in UNGUARDED and (words[0] in GUARDED or typed in GUARDED):
        home = import_module("vigie.config").resolve_paths().home
        import_module("vigie.adapters.program_guard").guard(home)


def _error_text(fault: VigieError) -> str:
    """Return an error as it is written, in the language of its message."""
    if fault.language == "en":
        return f"error: {fault}"
    from vigie.services.holdings.terminal_words import TEXTS

    return TEXTS[fault.language]["error"].format(text=fault)


def _write_error(fault: VigieError) -> None:
    """Write what was refused; the log of a part of `vigie up` gets its code for the pages as well."""
    import json

    from vigie.domain.refusal import REFUSAL_LINE, to_stored
    from vigie.services.running.process_tree import is_part

    stored = to_stored(str(fault))
    if stored is None or not is_part():
        sys.stderr.write(f"{_error_text(fault)}\n")
    else:
        # Each on one line: the next one is about the line before it.
        sys.stderr.write(f"error: {' '.join(str(fault).split())}\n")
        sys.stderr.write(f"{REFUSAL_LINE}{json.dumps(stored)}\n")


def run() -> None:
    """Run the command line; errors of Vigie are said in one line.

    Exit codes are 1 (failed), 2 (usage) and 130 (stopped with Ctrl-C).
    """
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    gc.set_threshold(*(SERVING_GC_THRESHOLD if word in (*SERVING, "trade") else COMMAND_GC_THRESHOLD))
    # Python looks through everything once more before it ends, a quarter of a backtest's time: nothing is left to find.
    atexit.register(gc.freeze)
    try:
        restrict_programs(sys.argv[1:])
        build_app_for(word)()
    except (UsageError, ConfigError) as fault:
        _write_error(fault)
        sys.exit(USAGE)
    except VigieError as fault:
        sys.stderr.write(f"error: {operator_text(fault)}\n")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        report_interrupt()
        sys.exit(STOPPED)
    except BrokenPipeError:
        # The reader went away (`vigie ... | head`); there is nobody left to tell.
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        sys.stderr.write("error: no space left on the disk for the output")
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - what is still buffered must not be tried again at the end
        sys.exit(FAILED)
