"""A command that looks only at what was typed reads its parameters as Typer does."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.core import TyperCommand

from tests.architecture.test_command_line import loaded_after
from vigie.views.cli import backtest, research, strategies
from vigie.views.cli.quick_command import QuickCommand


def doubled(value: int | None) -> int | None:
    return None if value is None else 2 * value


def many(
    config: Annotated[Path | None, typer.Argument()] = None,
    rest: Annotated[list[str] | None, typer.Argument()] = None,
    bars: Annotated[list[Path] | None, typer.Option()] = None,
    words: Annotated[list[str] | None, typer.Option()] = None,
    name: Annotated[str | None, typer.Option()] = None,
    out: Annotated[Path | None, typer.Option()] = None,
    there: Annotated[Path | None, typer.Option(exists=True)] = None,
    folder: Annotated[Path | None, typer.Option(file_okay=False)] = None,
    count: Annotated[int, typer.Option(min=1)] = 3,
    share: Annotated[float, typer.Option(max=1.0)] = 0.5,
    twice: Annotated[int | None, typer.Option(callback=doubled)] = None,
    check: Annotated[bool, typer.Option("--check/--no-check")] = True,
    parsed: Annotated[str | None, typer.Option(parser=str.upper)] = None,
) -> None:
    """Take every kind of parameter that commands over bars have."""


def read(kind: type[TyperCommand], words: list[str], function=many) -> object:
    app = typer.Typer(add_completion=False)
    app.command(cls=kind)(function)
    command = typer.main.get_command(app)
    try:
        found = command.make_context("it", list(words)).params
    except Exception as fault:
        return type(fault), getattr(fault, "exit_code", None), str(getattr(fault, "message", fault))
    return {name: (type(value), value) for name, value in found.items()}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["run.toml"],
        ["run.toml", "a", "b"],
        ["--bars", "a.csv", "--bars", "b.csv"],
        ["--words", "x", "--words", ""],
        ["--name", "é", "--out", "some/where"],
        ["--out", "."],
        ["--there", "."],
        ["--there", "nowhere"],
        ["--folder", __file__],
        ["--count", "7", "--share", "0.25"],
        ["--count", "0"],
        ["--count", "many"],
        ["--share", "2"],
        ["--twice", "4"],
        ["--no-check"],
        ["--parsed", "abc"],
        ["--unknown"],
    ],
    ids=" ".join,
)
def test_values_and_refusals_are_those_of_typer(words):
    assert read(QuickCommand, words) == read(TyperCommand, words)


@pytest.mark.parametrize(
    "words", [[], ["--last", "5", "--bars", "a.csv"], ["--last", "0"], ["--capital", "much"]]
)
@pytest.mark.parametrize(
    "command", [backtest.backtest, research.sweep, research.walk_forward, strategies.signals]
)
def test_commands_over_bars_read_their_options_as_typer_does(command, words):
    assert read(QuickCommand, words, command) == read(TyperCommand, words, command)


def test_a_path_that_may_not_be_read_is_refused_as_typer_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    secret = tmp_path / "secret.csv"
    secret.write_text("x")
    secret.chmod(stat.S_IWUSR)
    # Whoever runs the tests may be allowed to read everything.
    monkeypatch.setattr("os.access", lambda path, mode, **more: False)
    found = read(QuickCommand, ["--out", str(secret)])
    assert found == read(TyperCommand, ["--out", str(secret)])
    assert found[1] == 2


def test_a_backtest_that_needs_no_checker_loads_none(tmp_path: Path):
    status, _, names = loaded_after(
        "backtest", "--bars", str(tmp_path / "none.csv"), "--strategy", "ema_cross"
    )
    assert status == 2
    assert "polars" in names
    assert "pydantic" not in names
