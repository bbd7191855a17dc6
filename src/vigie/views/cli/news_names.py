"""`vigie news import-names`: names from public lists, as a difference first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

_MOST = 3_000


def import_names(
    source: Annotated[str, typer.Argument(help="wikidata, gleif or coingecko.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="At most so many entities.")] = 500,
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
    told = _undone(source, home) if undo else _imported(source, limit, home, is_kept=apply)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    if undo:
        rest = "; the import before it is read again" if told["before"] else ""
        typer.echo(f"{told['source']}: {told['entities']} entities taken back{rest}")
        return
    typer.echo(f"{told['source']}: {told['entities']} entities; licence: {told['licence']}")
    for title, count, names in (
        ("new entities", "new", "new_names"),
        ("further names", "further", "further_names"),
        ("left out, since somebody else is called so", "left_out", "left_out_names"),
    ):
        typer.echo(f"  {title}: {told[count]}")
        for name in told[names]:
            typer.echo(f"    {name}")
    if "odd" in told:
        typer.echo(f"  rows left out, since they cannot be kept: {len(told['odd'])}")
        for row in told["odd"]:
            typer.echo(f"    {row}")
    typer.echo(f"  no longer in the list: {told['gone']}")
    typer.echo("kept; news are read again by them" if apply else "nothing was kept; --apply keeps it")


def _undone(source: str, home: Path | None) -> dict[str, Any]:
    from vigie.bootstrap import open_house
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation

    found: dict[str, Any] = run_operation(
        open_house(home), OWNER, "entities.undo_import", {"source": source}
    ).model_dump()
    return found


def _imported(source: str, limit: int, home: Path | None, *, is_kept: bool) -> dict[str, Any]:
    import asyncio

    from vigie.bootstrap_names import open_name_source
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation

    house, client = open_name_source(source, home)
    leis = [one.lei for one in house.registers.entries() if one.lei]
    found = asyncio.run(client.fetch(limit=limit, leis=leis))
    names = [
        {"entity": one.entity, "name": one.name, "names": list(one.names), "tickers": list(one.tickers)}
        for one in found.names
    ]
    asked = {"source": source, "licence": found.licence, "names": names, "dry_run": not is_kept}
    told: dict[str, Any] = run_operation(house, OWNER, "entities.import", asked).model_dump()
    # Rows that were not asked about are named beside what became of the others.
    return {**told, "odd": list(found.left_out)}
