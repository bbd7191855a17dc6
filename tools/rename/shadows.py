"""Files as mypy reads them: with types that they leave out, on the same lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

# Where functions do without types.
LEFT_OUT: Final = ("tests/", "benchmarks/", "docs/")


@dataclass
class Shadow:
    """A file as mypy reads it.

    Parameters
    ----------
    text : str
        With types.
    inserted : dict of int to list of (int, int)
        By line, the columns where something is inserted and how long it is, in bytes.
    """

    text: str
    inserted: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def column(self, line: int, column: int) -> int:
        """Return the column that a column of the file has there."""
        return column + sum(length for at, length in self.inserted.get(line, ()) if at <= column)
