"""`vigie source`: list sources of news, verify drafts, read kept answers again, add and remove own ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Sources of news: list, verify, read again, add your own.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option("--home", help="Home folder in place of VIGIE_HOME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Source = Annotated[str, typer.Argument(help="Id of a source.")]


@app.command(name="list")
def show(home: Home = None, as_json: AsJson = False) -> None:
    """List every connector with its state, how well it is proven, and its last error.

    Sources of your own that cannot be asked are named on standard error, with the reason.

    Example: vigie source list
    """
    rows = _run_operation(home, "sources.list", {"limit": 500})["rows"]
    for name, fault in _unusable_sources(home):
        typer.echo(f"{name} cannot be asked: {fault}", err=True)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in sorted(rows, key=lambda row: row["id"]):
        proven = row["tier"] if row["is_verified"] else f"{row['tier']}, never verified"
        remark = row["error"] or _left_out_text(row["left_out"])
        typer.echo(f"{row['id']}  {row['state']}  ({proven})  {remark}".rstrip())


@app.command(name="test")
def verify(
    sources: Annotated[list[str] | None, typer.Argument(help="Ids of sources of news; all without.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Ask sources of news now and say which answer as this program expects; 1 when one does not.

    One that answers counts as verified in this home from then on.

    Example: vigie source test esma_casps
    """
    import asyncio

    from vigie.adapters.program_guard import guard
    from vigie.bootstrap import open_collector
    from vigie.config import resolve_paths

    guard(resolve_paths(home).home)
    results = asyncio.run(open_collector(home, report=lambda _: None).fetch_news(sources or ()))
    if as_json:
        typer.echo(json.dumps(results))
    else:
        for result in results:
            remarks = [
                f"verified, {result['shown']} shown",
                *filter(None, [_left_out_text(result["left_out"])]),
            ]
            typer.echo(f"{result['source']}: {result['error'] or '; '.join(remarks)}")
    if any(result["error"] for result in results):
        raise typer.Exit(1)


@app.command()
def again(source: Source, home: Home = None) -> None:
    """Read the kept answers of a source once more, as this program reads them now; what cannot be read is told.

    Letters of a mailbox are read each for itself, of a register the answer that its rows were read from.

    Example: vigie source again esma
    """
    from vigie.bootstrap import open_app_context
    from vigie.bootstrap_news import reparse_source
    from vigie.config import resolve_paths

    result = reparse_source(open_app_context(home), resolve_paths(home).feeds, source)
    typer.echo(f"{result.read} kept answers read, {result.revisions} revisions made")
    if result.changes:
        typer.echo(f"{result.changes} rows of the register are read otherwise from now on")
    for why in result.left_out:
        typer.echo(f"left out: {why}", err=True)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where it is read.")],
    kind: Annotated[
        str,
        typer.Option("--kind", help="feed, page, text, json, register, youtube, reddit, mastodon, bluesky."),
    ] = "feed",
    title: Annotated[str, typer.Option("--title", help="Its name; else its host.")] = "",
    publisher: Annotated[
        str, typer.Option("--publisher", help="regulator, primary, media, aggregator or social.")
    ] = "media",
    reads: Annotated[
        list[str] | None,
        typer.Option("--reads", help="Where things stand: rows='main li'; as often as needed."),
    ] = None,
    home: Home = None,
) -> None:
    """Add a source of news of your own.

    Example: vigie source add https://example.org/feed.xml --title Example
    """
    rules = dict(pair.partition("=")[::2] for pair in reads or ())
    params = {"url": url, "kind": kind, "title": title, "publisher": publisher, "reads": rules}
    typer.echo(_run_operation(home, "own_feeds.put", params)["feed"]["id"])


@app.command()
def mailbox(
    host: Annotated[str, typer.Argument(help="Its IMAP server, by a public name.")],
    user: Annotated[str, typer.Option("--user", help="Who reads there.")],
    folder: Annotated[str, typer.Option("--folder", help="Where the letters lie.")] = "INBOX",
    port: Annotated[int, typer.Option("--port", help="Of IMAP over TLS.")] = 993,
    secret: Annotated[
        str, typer.Option("--secret", help="Name of the variable with the password; else by the source's id.")
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Its name; else its host.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or fr, of the letters.")] = "",
    home: Home = None,
) -> None:
    """Add a mailbox of newsletters; its password is set as a variable, which is named at the end.

    Example: vigie source mailbox imap.example.org --user desk@example.org --folder Newsletters
    """
    params = {"host": host, "user": user, "folder": folder, "port": port, "secret": secret, "title": title}
    added = _run_operation(home, "own_feeds.put_mailbox", {**params, "language": language})["feed"]
    typer.echo(added["id"])
    typer.echo(f"write {added['secret']}=... into .env in the home folder and start again", err=True)


@app.command()
def remove(source: Source, home: Home = None) -> None:
    """Remove a source of news of your own; what it published stays.

    Example: vigie source remove example
    """
    _run_operation(home, "own_feeds.remove", {"feed": source})
    typer.echo(f"{source} is removed")


@app.command()
def take(
    file: Annotated[Path, typer.Argument(help="A list of feeds as OPML.", exists=True, dir_okay=False)],
    home: Home = None,
) -> None:
    """Add the feeds of a list that another reader wrote; 1 when none could be.

    Example: vigie source take feeds.opml
    """
    result = _run_operation(home, "own_feeds.take", {"text": file.read_text("utf-8", errors="replace")})
    for name in result["added"]:
        typer.echo(f"{name}: added")
    for url, why in result["refused"]:
        typer.echo(f"{url}: {why}")
    if not result["added"]:
        raise typer.Exit(1)


@app.command()
def opml(home: Home = None) -> None:
    """Write your own feeds as a list that other readers take.

    Example: vigie source opml > feeds.opml
    """
    typer.echo(_run_operation(home, "own_feeds.opml", {})["text"], nl=False)


def _left_out_text(number: int | None) -> str:
    return f"only its newest entries are read: {number:,} older ones are left out" if number else ""


def _unusable_sources(home: Path | None) -> list[tuple[str, str]]:
    """Return own sources that cannot be asked, each with its reason."""
    feeds = _run_operation(home, "own_feeds.list", {})["feeds"]
    folders = _run_operation(home, "sources.own", {})["sources"]
    faults = [(f"feeds/{item['id']}.toml", item["fault"]) for item in feeds]
    faults += [(f"sources/{item['name']}", item["fault"]) for item in folders]
    return [item for item in faults if item[1]]


def _run_operation(home: Path | None, name: str, params: dict[str, Any]) -> dict[str, Any]:
    from vigie.bootstrap import open_app_context
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation as asked

    result: dict[str, Any] = asked(open_app_context(home), OWNER, name, params).model_dump()
    return result
