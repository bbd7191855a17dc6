"""The command line of tests that run commands in their own process: made once, not at each command."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
import typer.main
import typer.testing

from vigie.views.cli import main


@pytest.fixture(scope="session", autouse=True)
def _commands_are_made_once() -> Iterator[None]:
    """Keep the commands of an application once they are made: their options take ten times as long as most commands."""
    with pytest.MonkeyPatch.context() as patch:
        kept = cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", kept)
        patch.setattr(typer.testing, "_get_command", kept)
        patch.setattr(main, "build_app_for", cache(main.build_app_for))
        yield
