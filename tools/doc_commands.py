"""The reference of the command line, from the application itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from vigie.views.cli.main import app

MARKUP = re.compile(r"\[/?(bold|italic|dim|cyan|green|red|yellow|b|i)\]")
EXAMPLE = re.compile(r"^Examples?:\s*(.*)$", re.M)


def commands(group: Any, path: tuple[str, ...] = ("vigie",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with the words that call it, in the order of the help."""
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def shown(text: str) -> str:
    """Return help text as Markdown: no terminal markup, examples as code."""
    plain = MARKUP.sub("", text).replace("\f", "").strip()
    plain = re.sub(r"(?<!\n)\n(?!\n)", " ", plain)
    return EXAMPLE.sub(lambda match: f"```sh\n{match[1].strip()}\n```", plain)


def cell(text: str) -> str:
    """Return text that may stand in a table."""
    return MARKUP.sub("", text).replace("|", "\\|").replace("\n", " ").strip()


def default_of(parameter: Any) -> str:
    """Return the default as people type it, empty where there is none."""
    value = parameter.default
    if value is None or callable(value) or value is False or value == [] or parameter.required:
        return ""
    return "on" if value is True else f"`{value}`"


def usage(path: tuple[str, ...], command: Any) -> str:
    """Return how the command is called."""
    words = [*path]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name = (parameter.metavar or parameter.name).upper().strip("[]").rstrip(".")
            text = f"{name}..." if parameter.nargs == -1 or parameter.multiple else name
            words.append(text if parameter.required else f"[{text}]")
    return " ".join([*words, "[OPTIONS]"])


def rows(command: Any) -> Iterator[str]:
    """Yield a table row for every argument and option."""
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            text = cell(getattr(parameter, "help", None) or "")
            yield f"| `{parameter.name.upper()}` | {text} | {default_of(parameter)} |"
        elif not getattr(parameter, "hidden", False):
            names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
            yield f"| {names} | {cell(parameter.help or '')} | {default_of(parameter)} |"


def page() -> str:
    """Return the generated part of the reference."""
    lines: list[str] = []
    for path, command in commands(typer.main.get_command(app)):
        lines += [f"## {' '.join(path)}", "", f"`{usage(path, command)}`", "", shown(command.help or ""), ""]
        table = list(rows(command))
        if table:
            lines += ["| argument or option | meaning | default |", "|---|---|---|", *table, ""]
    return "\n".join(lines)
