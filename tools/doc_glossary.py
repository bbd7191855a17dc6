"""The glossary, from the docstrings of the words themselves: `vigie.domain`."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import vigie.domain
from vigie.domain import codes

CODES = ("REASONS", "DECISIONS", "REFUSALS")
TITLES = {
    "REASONS": ("Why a position ended", "reason"),
    "DECISIONS": ("What was decided or done", "word"),
    "REFUSALS": ("Why an entry was refused", "code"),
}
SECTIONS = re.compile(
    r"\n(Attributes|Parameters|Returns|Raises|Notes|References|Examples|See Also)\n-+\n.*", re.S
)


def paragraphs(doc: str) -> str:
    """Return a docstring as Markdown, without its numpydoc sections."""
    return SECTIONS.sub("", inspect.cleandoc(doc) + "\n").strip().replace("``", "`")


def attributes(doc: str) -> list[tuple[str, str, str]]:
    """Return (names, type, meaning) of the section Attributes."""
    match = re.search(r"\nAttributes\n-+\n(.*?)(?=\n\w+\n-+\n|\Z)", inspect.cleandoc(doc) + "\n", re.S)
    rows: list[list[str]] = []
    for line in match[1].splitlines() if match else ():
        if line and not line.startswith(" "):
            names, _, kind = line.partition(" : ")
            rows.append([names, kind, ""])
        elif rows:
            rows[-1][2] = f"{rows[-1][2]} {line.strip()}".strip()
    return [(names, kind, text.replace("``", "`")) for names, kind, text in rows]


def words(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the public classes of a module with their docstrings, in the order they are written."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""


def entry(name: str, doc: str) -> list[str]:
    """Return one word as a definition."""
    lines = [f"### {name}", "", paragraphs(doc), ""]
    rows = attributes(doc)
    if rows:
        lines += ["| part | type | meaning |", "|---|---|---|"]
        lines += [f"| `{names}` | {kind} | {text} |" for names, kind, text in rows]
        lines.append("")
    return lines


def code_tables() -> list[str]:
    """Return the committed tables of reasons, decisions and refusal codes."""
    lines: list[str] = []
    for table in CODES:
        title, column = TITLES[table]
        lines += [f"### {title}", "", f"| number | {column} |", "|---:|---|"]
        lines += [f"| {number} | `{word}` |" for number, word in sorted(getattr(codes, table).items())]
        lines.append("")
    return lines


def page() -> str:
    """Return the generated part of the glossary."""
    lines: list[str] = []
    for info in pkgutil.iter_modules(vigie.domain.__path__):
        module = importlib.import_module(f"vigie.domain.{info.name}")
        lines += [f"## {info.name}", "", paragraphs(module.__doc__ or "").split("\n\n")[0], ""]
        for name, doc in words(module):
            lines += entry(name, doc)
        if module is codes:
            lines += code_tables()
    return "\n".join(lines)
