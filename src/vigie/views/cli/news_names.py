"""`vigie news import-names`: names from public lists, as a difference first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

_MOST = 3_000


def import_names(
    source: Annotated[str, typer.Argument(help="wikidata, gleif or coingecko.")],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=_MOST, help="Maximum number of entities.")
    ] = 500,
    apply: Annotated[
        bool, typer.Option("--apply", help="Read by them; without it the difference is told.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the newest import of this list back.")] = False,
    home: Annotated[Path | None, typer.Option("--home", help="Home folder in place of VIGIE_HOME.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Import names of coins, firms and authorities from a public list; tells what would change unless --apply is given.

    GLEIF is asked for the firms with an identifier (LEI) in this home's registers.

    Example: vigie news import-names coingecko --limit 1000
    """
    from vigie.domain.errors import UsageError

    if undo and apply:
        raise UsageError("--undo and --apply exclude one another")
    result = _undo_import(source, home) if undo else _import_list(source, limit, home, is_kept=apply)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    if undo:
        rest = "; the import before it is read again" if result["before"] else ""
        typer.echo(f"{result['source']}: {result['entities']} entities taken back{rest}")
        return
    typer.echo(f"{result['source']}: {result['entities']} entities; licence: {result['licence']}")
    for title, count, names in (
        ("new entities", "new", "new_names"),
        ("further names", "further", "further_names"),
        ("left out, since somebody else is called so", "left_out", "left_out_names"),
    ):
        typer.echo(f"  {title}: {result[count]}")
        for name in result[names]:
            typer.echo(f"    {name}")
    if "odd" in result:
        typer.echo(f"  rows left out, since they cannot be kept: {len(result['odd'])}")
        for row in result["odd"]:
            typer.echo(f"    {row}")
    typer.echo(f"  no longer in the list: {result['gone']}")
    typer.echo("kept; news are read again by them" if apply else "nothing was kept; --apply keeps it")


def _undo_import(source: str, home: Path | None) -> dict[str, Any]:
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.app_context import open_app_context

    result: dict[str, Any] = run_operation(
        open_app_context(home), OWNER, "entities.undo_import", {"source": source}
    ).model_dump()
    return result


def _import_list(source: str, limit: int, home: Path | None, *, is_kept: bool) -> dict[str, Any]:
    import asyncio

    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.name_sources import open_name_source

    app_context, client = open_name_source(source, home)
    leis = [entity.lei for entity in app_context.registers.entries() if entity.lei]
    listed = asyncio.run(client.fetch(limit=limit, leis=leis))
    names = [
        {
            "entity": entity.entity,
            "name": entity.name,
            "names": list(entity.names),
            "tickers": list(entity.tickers),
        }
        for entity in listed.names
    ]
    inputs = {"source": source, "licence": listed.licence, "names": names, "dry_run": not is_kept}
    result: dict[str, Any] = run_operation(app_context, OWNER, "entities.import", inputs).model_dump()
    # Rows that were not asked about are named beside what became of the others.
    return {**result, "odd": list(listed.left_out)}
