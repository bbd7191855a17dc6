"""The command line answers at once, and every command explains itself with an example."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer.main
from typer.testing import CliRunner

from vigie.version import __version__
from vigie.views.cli import main
from vigie.views.cli.main import app

HEAVY = set(
    "numpy numba llvmlite polars pandas scipy pydantic pydantic_settings jinja2 ccxt optuna distributed dask".split()
    + "sqlalchemy fastapi httpx psutil platformdirs pyarrow matplotlib talib".split()
)
# What Typer and Rich bring themselves, and what Debian's Python loads at each start.
LIGHT = set(
    "typer rich click shellingham typing_extensions annotated_doc markdown_it mdurl pygments colorama attr".split()
) | {"sitecustomize"}


def loaded_after(*arguments):
    """Run the command line in a process of its own; return its exit code, output and imported top-level modules."""
    code = (
        "import sys, json\n"
        "from vigie.views.cli.main import run\n"
        f"sys.argv = ['vigie', *{list(arguments)!r}]\n"
        "status = 0\n"
        "try:\n    run()\n"
        "except SystemExit as end:\n    status = end.code or 0\n"
        "print('\\n@@' + json.dumps([status, sorted({name.split('.')[0] for name in sys.modules})]))\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    text, _, last = done.stdout.rpartition("\n@@")
    status, names = json.loads(last)
    return status, text, set(names)


def third_party(names):
    """Return what is neither the standard library nor ours."""
    return {n for n in names if n not in sys.stdlib_module_names and not n.startswith("_")} - {"vigie"}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_imports_the_standard_library_typer_and_rich_only(argument):
    status, text, names = loaded_after(argument)
    assert status == 0
    assert text.strip()
    assert third_party(names) <= LIGHT


def test_the_version_is_said_without_reading_any_command(monkeypatch):
    def read(name: str) -> None:
        raise AssertionError(f"{name} was read")

    monkeypatch.setattr(main, "import_module", read)
    said = CliRunner().invoke(main.build_app_for("--version"), ["--version"])
    assert (said.exit_code, said.output) == (0, f"vigie {__version__}\n")


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_help_reads_no_command_of_a_group_and_says_what_the_whole_application_does(words):
    runner = CliRunner()
    named = main.build_app_for(words[0] if words else "")
    bare = [one.name for one in named.registered_groups if not one.typer_instance.registered_commands]
    assert bare == list(main.GROUPS)
    said, whole = runner.invoke(named, words), runner.invoke(app, words)
    assert (said.exit_code, said.output) == (whole.exit_code, whole.output)
    assert "holdings" in said.output


@pytest.mark.parametrize("command", ["backtest", "data", "demo"])
def test_help_of_a_command_imports_nothing_heavy(command):
    status, _, names = loaded_after(command, "--help")
    assert status == 0
    # Typer itself reads the types of options with pydantic.
    assert names & (HEAVY - {"pydantic"}) == set()


def commands(group, path=("vigie",)):
    """Yield every command of the application with the words that call it."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield (*path, name), command


ALL = list(commands(typer.main.get_command(app)))


def test_the_application_has_commands():
    words = {path[1] for path, _ in ALL}
    assert {
        "demo",
        "doctor",
        "data",
        "strategy",
        "signals",
        "backtest",
        "compare",
        "why",
        "sweep",
        "walk-forward",
    } <= words


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_help_with_an_example(path, command):
    text = f"{command.help or ''}\n{command.epilog or ''}"
    assert len(text.strip()) > 20
    assert " ".join(path) in text, f"show how to call {' '.join(path)}"


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_help_written_over_several_lines_fits_a_terminal_of_80(path, command):
    # The lines of a paragraph are kept as they are written; longer ones leave a word alone on the next.
    paragraphs = [part.splitlines() for part in (command.help or "").split("\n\n")]
    assert [line for lines in paragraphs if len(lines) > 1 for line in lines if len(plain(line)) > 78] == []


def plain(line):
    """Return a line of help without its marks."""
    return line.replace("[bold]", "").replace("[/bold]", "")


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_option_says_what_it_does(path, command):
    silent = [p.name for p in command.params if p.param_type_name == "option" and not p.help]
    assert silent == []


@pytest.mark.parametrize("word", [*main.MODULE_BY_COMMAND, *main.GROUPS])
def test_a_command_that_is_made_alone_is_the_one_of_the_whole_application(word):
    alone, whole = typer.main.get_command(main.build_app_for(word)), typer.main.get_command(app)

    def told(group):
        found = [one for one in commands(group) if one[0][1] == word]
        return [
            (path, one.help, one.epilog, [(p.name, p.opts, p.help) for p in one.params])
            for path, one in found
        ]

    assert told(alone) == told(whole) != []


def test_an_unknown_command_is_a_usage_error():
    start = "from vigie.views.cli.main import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", start, "frobnicate"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "frobnicate" in done.stderr
    assert "Traceback" not in done.stderr
