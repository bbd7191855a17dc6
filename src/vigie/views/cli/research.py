"""Commands of research."""

from __future__ import annotations

import typer

app = typer.Typer()


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
