"""The options that most commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Home folder, where Vigie keeps its data; default: VIGIE_HOME.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print only one JSON document.")]
Words = Annotated[str, typer.Option("--language", help="Of the texts: en or fr; empty: yours.")]
