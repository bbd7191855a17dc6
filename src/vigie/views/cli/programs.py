"""`vigie programs`: strategies and sources of your own, and which of them may run unattended."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson

if TYPE_CHECKING:
    from vigie.ports.plugins import Plugins
    from vigie.ports.programs import Program, Programs

app = typer.Typer(no_args_is_help=True, help="Your own strategies and sources: which may run unattended.")

Home = Annotated[
    Path | None, typer.Option("--home", help="Home folder; default: VIGIE_HOME.", show_default=False)
]
Names = Annotated[
    list[str] | None, typer.Argument(help="Programs, such as strategies/calm_trend.py; default: all.")
]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """List your strategies and sources with their hash and whether they may run unattended.

    Lists only; runs none of them. Plug-ins stand at the end.

    Example: vigie programs list
    """
    from vigie.ports.programs import Program

    plugins = [Program(info.name, info.sha256, info.is_on) for info in _plugins(home).list_plugins()]
    listed = [*_programs(home).list_programs(), *plugins]
    if as_json:
        typer.echo(json.dumps([program_values(program) for program in listed], indent=1))
        return
    for program in listed:
        typer.echo(
            f"{program.name}  {'allowed' if program.is_allowed else 'not allowed'}  sha256 {program.sha256}"
        )
    if not listed:
        typer.echo("no programs of your own in this home folder")


@app.command()
def allow(names: Names = None, home: Home = None) -> None:
    """Allow programs to run unattended, in their current version; read them first.

    `vigie collect`, `work`, `serve` and `trade run` load only allowed programs.
    Allow a program again after each change: `vigie strategy check`, `backtest`,
    `sweep`, `walk-forward`, `why` and `signals` allow the strategies you name.

    A plug-in is allowed by its name alone, as one whole: any change of its files
    turns it off again.

    Example: vigie programs allow strategies/calm_trend.py
    """
    programs, plugins = _programs(home), _plugins(home)
    named = names or []
    for name in filter(_is_plugin, named):
        info = plugins.allow(name)
        typer.echo(f"allowed: {name}  sha256 {info.sha256}")
    own = [name for name in named if not _is_plugin(name)]
    if named and not own:
        return
    for program in programs.allow(own or [program.name for program in programs.list_programs()]):
        typer.echo(f"allowed: {program.name}  sha256 {program.sha256}")


@app.command()
def forbid(names: Annotated[list[str], typer.Argument(help="Programs.")], home: Home = None) -> None:
    """Forbid programs to run unattended; running processes keep what they loaded.

    Example: vigie programs forbid strategies/calm_trend.py
    """
    plugins = _plugins(home)
    for name in filter(_is_plugin, names):
        plugins.forbid(name)
    _programs(home).forbid([name for name in names if not _is_plugin(name)])
    for name in names:
        typer.echo(f"no longer allowed: {name}")


def program_values(program: Program) -> dict[str, object]:
    """Return a program as plain values."""
    return {"name": program.name, "sha256": program.sha256, "allowed": program.is_allowed}


def allow_named(paths: Collection[Path]) -> None:
    """Allow the programs of this home among files that a typed command runs or has written."""
    existing = [path for path in paths if path.is_file()]
    if not existing:
        return
    from vigie.config import resolve_paths

    home = resolve_paths().home
    programs = _programs(home)
    typed = {path.relative_to(home).as_posix() for path in existing if path.is_relative_to(home)}
    new_names = [
        program.name
        for program in programs.list_programs()
        if program.name in typed and not program.is_allowed
    ]
    if new_names:
        programs.allow(new_names)


def _is_plugin(name: str) -> bool:
    return name.startswith(("plugins/", "packages/"))


def _plugins(home: Path | None) -> Plugins:
    from vigie.adapters.plugins.found import OutsidePlugins
    from vigie.config import resolve_paths

    return OutsidePlugins(resolve_paths(home).home)


def _programs(home: Path | None) -> Programs:
    from vigie.adapters.stores.programs import AllowedPrograms
    from vigie.config import resolve_paths

    return AllowedPrograms(resolve_paths(home).home)
