"""`vigie source`: list sources of news, verify drafts, read kept answers again, add and remove own ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="News sources: list, test, re-read, add your own.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option("--home", help="Home folder; default: VIGIE_HOME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Source = Annotated[str, typer.Argument(help="Id of a source.")]


@app.command(name="list")
def show(home: Home = None, as_json: AsJson = False) -> None:
    """List every source with its state, how well it is tested, and its last error.

    Your own sources that cannot be used are listed on standard error, with the reason.

    Example: vigie source list
    """
    rows = _run_operation(home, "sources.list", {"limit": 500})["rows"]
    for name, fault in _unusable_sources(home):
        typer.echo(f"{name} cannot be used: {fault}", err=True)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in sorted(rows, key=lambda row: row["id"]):
        proven = row["tier"] if row["is_verified"] else f"{row['tier']}, never verified"
        remark = row["error"] or _left_out_text(row["left_out"])
        typer.echo(f"{row['id']}  {row['state']}  ({proven})  {remark}".rstrip())


@app.command(name="test")
def verify(
    sources: Annotated[list[str] | None, typer.Argument(help="Ids of news sources; default: all.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Test news sources now; exit code 1 if one does not answer as expected.

    A source that passes counts as verified in this installation.

    Example: vigie source test esma_casps
    """
    import asyncio

    from vigie.adapters.program_guard import guard
    from vigie.config import resolve_paths
    from vigie.wiring.collector import open_collector

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
    """Parse the stored answers of a source again with this version; report what cannot be read.

    For a mailbox, each e-mail is read again; for a register, the answer its rows came from.

    Example: vigie source again esma
    """
    from vigie.config import resolve_paths
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.news import reparse_source

    result = reparse_source(open_app_context(home), resolve_paths(home).feeds, source)
    typer.echo(f"{result.read} stored answers read, {result.revisions} revisions created")
    if result.changes:
        typer.echo(f"{result.changes} rows of the register are read differently from now on")
    for why in result.left_out:
        typer.echo(f"skipped: {why}", err=True)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address to read.")],
    kind: Annotated[
        str,
        typer.Option("--kind", help="feed, page, text, json, register, youtube, reddit, mastodon, bluesky."),
    ] = "feed",
    title: Annotated[str, typer.Option("--title", help="Name; default: the host name.")] = "",
    publisher: Annotated[
        str, typer.Option("--publisher", help="regulator, primary, media, aggregator or social.")
    ] = "media",
    reads: Annotated[
        list[str] | None,
        typer.Option("--reads", help="Where to find each part, such as rows='main li'; repeat for more."),
    ] = None,
    home: Home = None,
) -> None:
    """Add your own news source.

    Example: vigie source add https://example.org/feed.xml --title Example
    """
    rules = dict(pair.partition("=")[::2] for pair in reads or ())
    params = {"url": url, "kind": kind, "title": title, "publisher": publisher, "reads": rules}
    typer.echo(_run_operation(home, "own_feeds.put", params)["feed"]["id"])


@app.command()
def mailbox(
    host: Annotated[str, typer.Argument(help="Public name of the IMAP server.")],
    user: Annotated[str, typer.Option("--user", help="User name for the mailbox.")],
    folder: Annotated[str, typer.Option("--folder", help="Folder of the newsletters.")] = "INBOX",
    port: Annotated[int, typer.Option("--port", help="Port of IMAP over TLS.")] = 993,
    secret: Annotated[
        str,
        typer.Option(
            "--secret", help="Environment variable with the password; default: named after the source's id."
        ),
    ] = "",
    title: Annotated[str, typer.Option("--title", help="Name; default: the host name.")] = "",
    language: Annotated[str, typer.Option("--language", help="Language of the newsletters: en or fr.")] = "",
    home: Home = None,
) -> None:
    """Add a newsletter mailbox; its password goes into an environment variable, named at the end.

    Example: vigie source mailbox imap.example.org --user desk@example.org --folder Newsletters
    """
    params = {"host": host, "user": user, "folder": folder, "port": port, "secret": secret, "title": title}
    added = _run_operation(home, "own_feeds.put_mailbox", {**params, "language": language})["feed"]
    typer.echo(added["id"])
    typer.echo(f"write {added['secret']}=... into .env in the home folder and restart Vigie", err=True)


@app.command()
def remove(source: Source, home: Home = None) -> None:
    """Remove your own news source; its news stay.

    Example: vigie source remove example
    """
    _run_operation(home, "own_feeds.remove", {"feed": source})
    typer.echo(f"{source} is removed")


@app.command()
def take(
    file: Annotated[
        Path, typer.Argument(help="OPML file with a list of feeds.", exists=True, dir_okay=False)
    ],
    home: Home = None,
) -> None:
    """Import feeds from another reader (OPML); exit code 1 if none could be added.

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
    """Export your own feeds for other readers (OPML).

    Example: vigie source opml > feeds.opml
    """
    typer.echo(_run_operation(home, "own_feeds.opml", {})["text"], nl=False)


def _left_out_text(number: int | None) -> str:
    return f"only the newest entries are read; {number:,} older ones are skipped" if number else ""


def _unusable_sources(home: Path | None) -> list[tuple[str, str]]:
    """Return own sources that cannot be asked, each with its reason."""
    feeds = _run_operation(home, "own_feeds.list", {})["feeds"]
    folders = _run_operation(home, "sources.own", {})["sources"]
    faults = [(f"feeds/{item['id']}.toml", item["fault"]) for item in feeds]
    faults += [(f"sources/{item['name']}", item["fault"]) for item in folders]
    return [item for item in faults if item[1]]


def _run_operation(home: Path | None, name: str, params: dict[str, Any]) -> dict[str, Any]:
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation as asked
    from vigie.wiring.app_context import open_app_context

    result: dict[str, Any] = asked(open_app_context(home), OWNER, name, params).model_dump()
    return result
