"""`vigie config`: the settings in force, and where each came from."""

from __future__ import annotations

import json

import typer

from vigie.views.cli.common_options import AsJson, Home

app = typer.Typer(no_args_is_help=True, help="Show the settings and their origin.")


@app.command("show")
def show(
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Print every setting with its value and origin; secrets are masked.

    Order: files in the home folder and the working folder, then .env, then the
    environment; the last one wins. Unknown keys and invalid values are reported
    with their key and file.

    Example: vigie config show
    """
    from vigie.config.loading import load

    settings = load(home).list_settings()
    if as_json:
        typer.echo(
            json.dumps(
                [dict(zip(("key", "value", "origin"), row, strict=True)) for row in settings], indent=1
            )
        )
        return
    from rich.table import Table
    from rich.text import Text

    from vigie.views.cli.tables import console

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("Setting", "Value", "From"):
        table.add_column(title, overflow="fold")
    for key, value, origin in settings:
        style = "dim" if origin == "default" else ""
        table.add_row(Text(key), Text(value or "–"), Text(origin), style=style)
    console().print(table)
