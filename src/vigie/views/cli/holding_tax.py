"""`vigie holdings tax`, `reported` and `reconcile`: a year for the tax office, and what platforms told it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home, Words
from vigie.views.cli.owner_home import (
    ask_owner,
    coin_names,
    home_language,
    opened_owner,
    refusing_in_own_language,
)


def tax(
    year: Annotated[int, typer.Option("--year", help="Calendar year.", show_default=False)],
    country: Annotated[str, typer.Option("--country", help="Where you are resident: FR or DE.")] = "FR",
    language: Words = "",
    abroad: Annotated[str, typer.Option("--abroad", help="Places abroad, parted by semicolons.")] = "",
    opening_220: Annotated[
        str, typer.Option("--opening-220", help="France: acquisition prices from before.")
    ] = "",
    opening_221: Annotated[str, typer.Option("--opening-221", help="France: capital used before.")] = "",
    loss_carried: Annotated[str, typer.Option("--loss-carried", help="Germany: loss from before.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Keep these three for the year.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show a year's tax figures line by line, problems first. Not advice.

    [bold]Example[/bold]: vigie holdings tax --country FR --year 2025
    """
    from vigie.views.cli import holding_figures

    typed = {"opening_220": opening_220, "opening_221": opening_221, "loss_carried": loss_carried}
    asked, given = opened_owner(home, language), {name: amount for name, amount in typed.items() if amount}
    if keep:
        ask_owner(asked, "holdings.enter_openings", {"year": year, **given})
    language = home_language(asked)
    values = {"country": country, "year": year, "language": language, "abroad": abroad}
    told = ask_owner(asked, "holdings.tax", values if keep else {**values, **given})
    typer.echo(told.model_dump_json(indent=1)) if as_json else holding_figures.print_tax(
        told, language, coin_names(asked)
    )


def reported(
    file: Annotated[
        Path,
        typer.Argument(help="A platform's yearly statement (DAC8, CARF): CSV or XML.", show_default=False),
    ],
    year: Annotated[int, typer.Option("--year", help="Of the statement.", show_default=False)],
    place: Annotated[str, typer.Option("--place", help="The platform, where the file names none.")] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="Where headers are others: field=header, such as units=Quantity."),
    ] = None,
    coins: Annotated[
        list[str] | None, typer.Option("--coin", help="TICKER=id where a ticker is asked.")
    ] = None,
    mark: Annotated[str, typer.Option("--decimal", help="point or comma.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Rows that differ take the place of kept ones.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be kept.")] = False,
    language: Words = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep what a platform reported of a year: CSV, or XML in the CARF schema; the same file twice changes nothing.

    It is kept whole or not at all.

    [bold]Example[/bold]: vigie holdings reported statement.csv --year 2026 --place Kraken
    """
    from vigie.views.cli import holding_files

    asked = opened_owner(home, language)
    with refusing_in_own_language(asked):
        values: dict[str, object] = {
            "text": holding_files.read_text(file, home_language(asked)), "year": year, "place": place, "mark": mark,
            "columns": holding_files.pairs(columns, "--map"), "coins": holding_files.pairs(coins, "--coin"),
            "replace_changed": replace, "dry_run": dry_run,
        }  # fmt: skip
    told = ask_owner(asked, "holdings.import_reported", values)
    typer.echo(told.model_dump_json(indent=1)) if as_json else holding_files.print_reported(
        told, home_language(asked)
    )


def reconcile(
    year: Annotated[int, typer.Option("--year", help="Calendar year; 0: the newest with a statement.")] = 0,
    language: Words = "",
    remove: Annotated[str, typer.Option("--remove", help="Id of a statement that is to go.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Set what platforms reported of a year beside your lines; each difference with the lines behind it.

    [bold]Example[/bold]: vigie holdings reconcile --year 2026
    """
    from vigie.views.cli import holding_files

    asked = opened_owner(home, language)
    if remove:
        ask_owner(asked, "holdings.remove_reported", {"reported_statement": remove})
    language = home_language(asked)
    told = ask_owner(asked, "holdings.reported", {"year": year, "language": language})
    typer.echo(told.model_dump_json(indent=1)) if as_json else holding_files.print_reconciliation(
        told, language
    )
