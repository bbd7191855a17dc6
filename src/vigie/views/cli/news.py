"""`vigie news`: ask sources now, search what is stored, say why an item is what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="News: ask sources, search, explain.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option("--home", help="Home folder in place of VIGIE_HOME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def fetch(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Ids of sources; all of them where none is named.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources of news now, store what is new and read it; 1 when none answered.

    Example: vigie news fetch sec_press
    """
    import asyncio

    from vigie.bootstrap import open_collector

    collector = open_collector(home, say=lambda _: None)
    done = asyncio.run(collector.fetch_news(sources or ()))
    if as_json:
        typer.echo(json.dumps(done))
    else:
        for one in done:
            state = one["error"] or f"{one['new']} new of {one['shown']} shown"
            typer.echo(f"{one['source']}: {state}")
    if not any(not one["error"] for one in done):
        raise typer.Exit(1)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help='Words, all of them; "in quotes" in a row.')],
    tier: Annotated[
        str, typer.Option("--tier", help="regulator, primary, media, aggregator or social.")
    ] = "",
    language: Annotated[str, typer.Option("--language", help="en, fr.")] = "",
    asset: Annotated[str, typer.Option("--asset", help="Catalogue id, bitcoin.")] = "",
    everything: Annotated[bool, typer.Option("--everything", help="Also what is not about crypto.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Search stored news, newest first.

    Example: vigie news search bitcoin etf --tier regulator
    """
    from vigie.domain.time import iso

    ask = {
        "q": " ".join(words), "tier": tier, "language": language, "asset": asset, "everything": everything,
        "limit": limit,
    }  # fmt: skip
    table = _asked(home, "news.search", ask)
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        seen = iso(row["ts_published"] or row["ts_first_seen"])
        typer.echo(f"{row['id']}  {seen}  {row['publisher']} ({row['tier']}): {row['title']}")
    if not table["rows"]:
        typer.echo("nothing found; `vigie news fetch` asks the sources")


@app.command()
def why(
    item: Annotated[str, typer.Argument(help="Id of an item, as search prints it.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say where an item comes from, what each step of reading found in it, and why.

    Example: vigie news why 0123456789abcdef0123
    """
    from vigie.domain.time import iso

    found = _asked(home, "news.item", {"item": item})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    row = found["row"]
    typer.echo(row["title"])
    typer.echo(f"  {row['publisher']}, {row['tier']}, of {found['owner'] or 'unknown'}: {row['url']}")
    stated = iso(row["ts_published"]) if row["ts_published"] is not None else "no date stated"
    typer.echo(f"  published {stated}; first seen {iso(row['ts_first_seen'])}; revision {row['revision']}")
    for one in found["revisions"][1:]:
        typer.echo(f"  revision {one['revision']} at {iso(one['ts_seen'])}: {', '.join(one['changed'])}")
    for one in found["found"]:
        told = one["error"] or f"{one['why']}  {json.dumps(one['body'], ensure_ascii=False)}"
        typer.echo(
            f"  {one['step']} {one['version'] or '-'} ({(one['took_us'] or 0) / 1_000:.2f} ms): {told}"
        )


def _asked(home: Path | None, name: str, ask: dict[str, Any]) -> dict[str, Any]:
    from vigie.bootstrap import open_house
    from vigie.domain.person import OWNER
    from vigie.services.asking import ask as asked

    found: dict[str, Any] = asked(open_house(home), OWNER, name, ask).model_dump()
    return found
