"""`vigie plugin`: what is built in, what comes from outside, a new one, and whether one keeps its contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.views.cli.common_options import AsJson
from vigie.views.cli.programs import Home

if TYPE_CHECKING:
    from pathlib import Path

    from vigie.adapters.plugins.content import PluginContent
    from vigie.ports.plugins import PluginInfo

FAILED = 1

app = typer.Typer(no_args_is_help=True, help="Plug-ins: list, create or check one.")


@app.command("list")
def list_(
    built_in: Annotated[bool, typer.Option("--built-in", help="Also list what comes with Vigie.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List plug-ins from outside with what they declare and whether they are allowed.

    Lists only; runs none of them. `vigie programs allow NAME` allows one.

    [bold]Example[/bold]: vigie plugin list
    """
    from vigie.adapters.plugins.found import OutsidePlugins
    from vigie.adapters.plugins.kinds import KINDS
    from vigie.config import resolve_paths

    infos = OutsidePlugins(resolve_paths(home).home).list_plugins()
    shipped = {kind.id: kind.shipped() for kind in KINDS.values()} if built_in else {}
    if as_json:
        outside = [plugin_values(info) for info in infos]
        typer.echo(json.dumps({"outside": outside, **({"built_in": shipped} if built_in else {})}, indent=1))
        return
    for info in infos:
        _print_info(info)
    if not infos:
        typer.echo(
            "no plug-ins from outside: neither in the folder plugins of the home nor installed as packages"
        )
    for kind, names in shipped.items():
        typer.echo(f"{kind}  {len(names)} built in: {' '.join(names)}")


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="strategy, indicator, metric, source or notifier.")],
    name: Annotated[str, typer.Argument(help="Lowercase letters, digits and _, such as lanterns.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Create a plug-in in the folder plugins of the home: a manifest and a program that meets its contract.

    [bold]Example[/bold]: vigie plugin new source lanterns
    """
    from vigie.adapters.plugins.kinds import open_kind_of
    from vigie.adapters.plugins.scaffold import create_plugin
    from vigie.config import resolve_paths

    files = create_plugin(open_kind_of(kind), name, resolve_paths(home).plugins)
    if as_json:
        typer.echo(json.dumps([str(path) for path in files], indent=1))
        return
    for path in files:
        typer.echo(str(path))
    typer.echo(
        f"\nNext: edit it, then `vigie programs allow plugins/{name}` and `vigie plugin check plugins/{name}`"
    )


@app.command()
def check(
    name: Annotated[
        str, typer.Argument(help="A name from the list; in the folder plugins, lanterns will do.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Check a plug-in: its manifest and files at once, its contract once it is allowed.

    A plug-in that is not allowed is never run, here neither.

    [bold]Example[/bold]: vigie plugin check plugins/lanterns
    """
    from vigie.adapters.plugins.found import OutsidePlugins
    from vigie.config import resolve_paths

    home_folder = resolve_paths(home).home
    name = name if "/" in name else f"plugins/{name}"
    content = OutsidePlugins(home_folder).content(name)
    info = content.info
    faults = [info.fault] if info.fault else []
    if info.is_on:
        from vigie.adapters.clock import HastyClock
        from vigie.adapters.plugins.checking import check_plugin

        faults = check_plugin(content, HastyClock())
        if not faults:
            faults = _check_calculation(info.kind, content, home_folder)
    if as_json:
        typer.echo(json.dumps({**plugin_values(info), "checked": info.is_on, "faults": faults}, indent=1))
    else:
        _print_info(info)
        for fault in faults:
            typer.echo(f"broken: {fault}")
        if not info.fault and not info.is_allowed:
            typer.echo(
                f"its manifest is fine; its contract was not checked: run vigie programs allow {name} first"
            )
        elif not faults:
            typer.echo("it keeps its contract")
    if faults:
        raise typer.Exit(FAILED)


def _check_calculation(kind: str, content: PluginContent, home: Path) -> list[str]:
    """Return what a plug-in that only calculates breaks of its contract."""
    from vigie.adapters.plugins.loading import load_plugin

    if kind == "indicator":
        from vigie.quant import indicator_contract

        return indicator_contract.broken_rules(load_plugin(content).INDICATORS)
    if kind == "metric":
        from vigie.quant.metrics import outside

        return outside.broken_rules(load_plugin(content).METRICS)
    if kind == "strategy":
        return _check_strategy(content, home)
    return []


def _check_strategy(content: PluginContent, home: Path) -> list[str]:
    """Check the copy that trades, if it is the file that was allowed; nothing else of the home runs for it."""
    import hashlib

    from vigie.adapters.plugins.kinds import KINDS
    from vigie.adapters.plugins.strategies import copy_name
    from vigie.adapters.program_guard import guard
    from vigie.services.judging.strategies import check_file
    from vigie.wiring.data import open_data

    guard(home)
    digest = hashlib.sha256(content.files[KINDS[content.info.kind].program]).hexdigest()
    copy = copy_name(content.info.name)
    report = check_file(home / copy, data_stores=open_data(home), with_stored=False, digest=digest)
    if any(finding.check == "loads" for finding in report.failures):
        return [f"{copy} is not the file that was allowed, or does not load: {report.failures[0].detail}"]
    return [] if report.passed else [f"run vigie strategy check {content.info.id}, which says what fails"]


def plugin_values(info: PluginInfo) -> dict[str, object]:
    """Return a plug-in as plain values."""
    return {
        "name": info.name, "kind": info.kind, "title": info.title, "origin": info.origin, "version": info.version,
        "sha256": info.sha256, "allowed": info.is_allowed, "hosts": list(info.hosts), "stores": list(info.stores),
        "secrets": list(info.secrets), "schemes": list(info.schemes), "fault": info.fault,
    }  # fmt: skip


def _print_info(info: PluginInfo) -> None:
    state = "unusable" if info.fault else "allowed" if info.is_allowed else "not allowed"
    typer.echo(f"{info.name}  {info.kind or 'plug-in'}  {state}  sha256 {info.sha256 or '-'}")
    if info.fault:
        typer.echo(f"  {info.fault}")
        return
    enforced = "enforced" if info.kind == "source" else "stated by its author"
    typer.echo(f"  hosts: {' '.join(info.hosts) or 'none'} ({enforced})")
    typer.echo(f"  stores: {' '.join(info.stores) or 'none'}; secrets: {' '.join(info.secrets) or 'none'}")
    if info.schemes:
        typer.echo(f"  addresses: {' '.join(f'{scheme}://' for scheme in info.schemes)}")
