"""`vigie letter`: a week or a month of what you own, in sentences."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("letter")(show_letter)


def show_letter(
    span: Annotated[str, typer.Argument(help="week, or month for thirty days.")] = "week",
    last: Annotated[str, typer.Option("--last", help="Its last day, 2024-12-31; empty: today.")] = "",
    language: Annotated[str, typer.Option("--language", help="en or fr.")] = "en",
    currency: Annotated[
        str, typer.Option("--currency", help="eur or usd; empty: the one that you count in.")
    ] = "",
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
    from vigie.domain.person import OWNER
    from vigie.domain.time import iso
    from vigie.services.holdings.letter_report import letter_text
    from vigie.services.operation_calls import run_operation
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.data import open_data
    from vigie.wiring.market_clock import open_market_clock

    if pdf is not None and pdf.suffix != ".pdf":
        raise UsageError(f"--pdf must be a file that ends in .pdf, was {pdf}")
    opened = open_app_context(home, clock=open_market_clock(home, is_needed=True))
    if every:
        timing: dict[str, object] = {
            "span": "month" if every.isdigit() else "week", "day": every, "at": at, "language": language,
        }  # fmt: skip
        asked = {"is_on": False} if every == "never" else timing
        plan = run_operation(opened, OWNER, "holdings.schedule_letter", asked)
        where = ", ".join(plan.addresses)
        typer.echo(
            f"next: {iso(plan.ts_next)}, to {where}" if plan.is_on else "the letter is not sent regularly"
        )
        return
    values: dict[str, object] = {"span": span, "last": last, "language": language, "currency": currency}
    if pdf is not None:
        printed = run_operation(opened, OWNER, "holdings.letter_pdf", values)
        open_data(home).write(pdf, b64decode(printed.content))
        typer.echo(f"{printed.name}: {pdf}")
    if mail:
        sent = run_operation(opened, OWNER, "holdings.send_letter", values)
        typer.echo(f"{sent.title}: sent to {', '.join(sent.addresses)}")
    if pdf is not None or mail:
        return
    told = run_operation(opened, OWNER, "holdings.letter", values)
    typer.echo(told.model_dump_json(indent=1) if as_json else letter_text(told), nl=as_json)
