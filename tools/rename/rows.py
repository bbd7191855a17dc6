"""Rows of the tables: what is renamed, where, and why a row is refused."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = ("file", "kind", "scope", "old", "new", "why")
KINDS: Final = ("module", "class", "function", "method", "field", "parameter", "local", "template")
# Other tables of the folder: words and what they become, for readers.
GLOSSARY: Final = "glossary.tsv"


@dataclass(frozen=True, slots=True)
class Row:
    """One name that is given up.

    Parameters
    ----------
    file : str
        Path below `src/vigie`.
    kind : str
        One of `KINDS`.
    scope : str
        Function or class, dotted, with its old name; ``<module>`` for the file itself.
    old, new : str
        The name, and what it becomes.
    why : str
        A word for readers.
    table : str
        The file that the row is from.
    line : int
        Its line there.
    """

    file: str
    kind: str
    scope: str
    old: str
    new: str
    why: str = ""
    table: str = ""
    line: int = 0

    @property
    def is_attribute(self) -> bool:
        """Whether the name belongs to objects of a class."""
        return self.kind in ("method", "field")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not applied.

    Parameters
    ----------
    row : Row
        The row.
    reason : str
        Few words, the same for all rows of one kind: they are counted.
    detail : str
        What or where.
    """

    row: Row
    reason: str
    detail: str = ""


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Return the rows of tables, in their order.

    Parameters
    ----------
    paths : iterable of Path
        Tables; one of the glossary's form is left out.

    Raises
    ------
    ValueError
        If a table has other columns, or a row another number of them.
    """
    rows: list[Row] = []
    for path in paths:
        lines = path.read_text(encoding="utf-8").split("\n")
        if path.name == GLOSSARY:
            continue
        if tuple(lines[0].split("\t")) != COLUMNS:
            raise ValueError(f"{path} must have the columns {' '.join(COLUMNS)}")
        for number, line in enumerate(lines[1:], 2):
            if not line.strip():
                continue
            cells = line.split("\t")
            if not len(COLUMNS) - 1 <= len(cells) <= len(COLUMNS):
                raise ValueError(f"{path}:{number} has {len(cells)} cells")
            cells += [""] * (len(COLUMNS) - len(cells))
            rows.append(Row(*(cell.strip() for cell in cells), table=path.name, line=number))
    return rows


def misfit(row: Row) -> str | None:
    """Return why a row cannot be meant as it stands, or None."""
    if row.kind not in KINDS:
        return f"unknown kind {row.kind}"
    if row.old == row.new:
        return "old and new name are the same"
    for name in (row.old, row.new):
        if not name.isidentifier() or keyword.iskeyword(name):
            return f"{name} is no name"
    if row.old.startswith("__") and row.old.endswith("__"):
        return "a name of Python's own"
    return None
