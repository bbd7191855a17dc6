"""`vigie letter`: a week or a month of what you own, in sentences."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home, Words
from vigie.views.cli.owner_home import (
    ask_owner,
    home_language,
    opened_owner,
    refusing_in_own_language,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("letter")(show_letter)


def show_letter(
    span: Annotated[str, typer.Argument(help="week, or month for thirty days.")] = "week",
    last: Annotated[str, typer.Option("--last", help="Its last day, 2024-12-31; empty: today.")] = "",
    language: Words = "",
    currency: Annotated[str, typer.Option("--currency", help="eur or usd; empty: your currency.")] = "",
    pdf: Annotated[Path | None, typer.Option("--pdf", help="A file that ends in .pdf.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send it to your confirmed addresses.")] = False,
    every: Annotated[
        str, typer.Option("--every", help="Mail it on monday to sunday, on day 1 to 28 of a month, or never.")
    ] = "",
    at: Annotated[str, typer.Option("--at", help="With --every: time of day in your zone.")] = "08:00",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show a letter about what you own: what moved it, what comes, one lesson, one thing to do.

    [bold]Example[/bold]: vigie letter month --pdf letter.pdf, vigie letter --every monday --at 08:00
    """
    from vigie.domain.errors import UsageError
    from vigie.services.holdings.letter_report import letter_text
    from vigie.services.holdings.typed_values import plain_day
    from vigie.views.cli.holding_writer import HoldingWriter
    from vigie.wiring.data import open_data

    asked = opened_owner(home, language)
    language = home_language(asked)
    writer = HoldingWriter(language)
    if pdf is not None and pdf.suffix != ".pdf":
        with refusing_in_own_language(asked):
            raise UsageError(
                "letter_no_pdf_file", "--pdf must be a file that ends in .pdf, was {file}", file=str(pdf)
            )
    if every:
        timing: dict[str, object] = {
            "span": "month" if every.isdigit() else "week", "day": every, "at": at, "language": language,
        }  # fmt: skip
        plan = ask_owner(asked, "holdings.schedule_letter", {"is_on": False} if every == "never" else timing)
        when = writer.time(plan.ts_next) if plan.is_on else ""
        key, addresses = "letter_next" if plan.is_on else "letter_never", ", ".join(plan.addresses)
        writer.print(writer.say(key, moment=when, addresses=addresses))
        return
    last = plain_day(last, language)
    values: dict[str, object] = {"span": span, "last": last, "language": language, "currency": currency}
    if pdf is not None:
        printed = ask_owner(asked, "holdings.letter_pdf", values)
        open_data(home).write(pdf, b64decode(printed.content))
        typer.echo(f"{printed.name}: {pdf}")
    if mail:
        sent = ask_owner(asked, "holdings.send_letter", values)
        writer.print(writer.say("letter_sent", title=sent.title, addresses=", ".join(sent.addresses)))
    if pdf is not None or mail:
        return
    told = ask_owner(asked, "holdings.letter", values)
    typer.echo(told.model_dump_json(indent=1) if as_json else letter_text(told), nl=as_json)
