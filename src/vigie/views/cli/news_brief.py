"""`vigie news brief` and `weekly`: a week of news printed, written, mailed now or every week."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any

import typer

Home = Annotated[Path | None, typer.Option("--home", help="Home folder in place of VIGIE_HOME.")]
Language = Annotated[str, typer.Option("--language", help="en, fr.")]


def brief(
    week: Annotated[str, typer.Option("--week", help="ISO 8601, 2026-W47; the last whole week.")] = "",
    language: Language = "en",
    out: Annotated[Path | None, typer.Option("--out", help="A file that ends in .html.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="A file that ends in .pdf.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send it to your confirmed addresses.")] = False,
    home: Home = None,
) -> None:
    """Print a week of news in short, write it as HTML or PDF, or mail it to yourself.

    Example: vigie news brief --week 2026-W47 --pdf brief.pdf
    """
    from vigie.domain.errors import UsageError
    from vigie.wiring.data import open_data

    for name, file, ending in (("--out", out, ".html"), ("--pdf", pdf, ".pdf")):
        if file is not None and file.suffix != ending:
            raise UsageError(f"{name} must be a file that ends in {ending}, was {file}")
    params = {"week": week, "language": language}
    if out is not None:
        document = _run_operation(home, "news.brief", params)
        open_data(home).write(out, document["html"].encode())
        typer.echo(f"{document['title']}: {out}")
    if pdf is not None:
        document = _run_operation(home, "news.brief_pdf", params)
        open_data(home).write(pdf, b64decode(document["content"]))
        typer.echo(f"{document['title']}: {pdf}")
    if mail:
        sent = _run_operation(home, "news.send_brief", params)
        typer.echo(f"{sent['week']} was sent to {', '.join(sent['addresses'])}")
    if out is None and pdf is None and not mail:
        typer.echo(_run_operation(home, "news.brief", params)["text"], nl=False)


def weekly(
    day: Annotated[str, typer.Option("--day", help="monday to sunday.")] = "",
    at: Annotated[str, typer.Option("--at", help="Time of day in your zone, 08:00.")] = "",
    language: Annotated[str, typer.Option("--language", help="en, fr.")] = "",
    off: Annotated[bool, typer.Option("--off", help="Send it no more.")] = False,
    home: Home = None,
) -> None:
    """Have the weekly brief mailed to you on a day of each week; without an option, say when it is.

    Example: vigie news weekly --day monday --at 08:00 --language fr
    """
    from vigie.domain.time import iso

    schedule = _run_operation(home, "news.brief_schedule", {})
    if day or at or language or off:
        changes = {
            "day": day or schedule["day"],
            "at": at or schedule["at"],
            "language": language or schedule["language"],
        }
        schedule = _run_operation(home, "news.schedule_brief", {**changes, "is_on": not off})
    if not schedule["is_on"]:
        typer.echo("the weekly brief is not sent; --day and --at switch it on")
        return
    where = ", ".join(schedule["addresses"]) or "your inbox"
    typer.echo(
        f"{schedule['day']} {schedule['at']} ({schedule['zone']}), {schedule['language']}, to {where}; "
        f"next: {iso(schedule['ts_next'])}"
    )


def _run_operation(home: Path | None, name: str, params: dict[str, Any]) -> dict[str, Any]:
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation as asked
    from vigie.wiring.app_context import open_app_context

    result: dict[str, Any] = asked(open_app_context(home), OWNER, name, params).model_dump()
    return result
