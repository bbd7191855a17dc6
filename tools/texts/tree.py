"""Files of the repository with edits that are kept until all rows are decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.texts.rows import Refused


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a file and what stands there afterwards.

    Parameters
    ----------
    path : str
        Below the repository.
    start, end : int
        The piece, in characters.
    text : str
        What replaces it.
    is_further : bool
        Whether it holds what another row wrote there.
    """

    path: str
    start: int
    end: int
    text: str
    is_further: bool = False


class Tree:
    """The files of a repository.

    Parameters
    ----------
    root : Path
        The repository.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str] = {}
        self._edits: dict[str, dict[tuple[int, int], str]] = {}
        self._whole: dict[str, str] = {}

    def files(self, *patterns: str) -> Iterator[str]:
        """Yield the paths that match, in order."""
        found = {path for pattern in patterns for path in self.root.glob(pattern) if path.is_file()}
        yield from sorted(path.relative_to(self.root).as_posix() for path in found)

    def has(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return (self.root / path).is_file()

    def text(self, path: str) -> str:
        """Return a file as it is before any edit."""
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8")
        return self._texts[path]

    def line(self, path: str, at: int) -> str:
        """Return a place as path and line."""
        return f"{path}:{self.text(path).count(chr(10), 0, at) + 1}"

    def apply(self, edits: Iterable[Edit]) -> None:
        """Keep edits, all of them or none.

        Raises
        ------
        Refused
            Where another row writes something else at the same place.
        """
        wanted = list(dict.fromkeys(edits))
        for edit in wanted:
            for (start, end), text in self._edits.get(edit.path, {}).items():
                same = (start, end) == (edit.start, edit.end)
                if (same and text != edit.text and not edit.is_further) or (
                    not same and edit.start < end and start < edit.end
                ):
                    raise Refused("another row changes the same place", self.line(edit.path, edit.start))
        for edit in wanted:
            self._edits.setdefault(edit.path, {})[edit.start, edit.end] = edit.text

    def is_edited(self, path: str, start: int, end: int) -> bool:
        """Tell whether a piece of a file is replaced."""
        return (start, end) in self._edits.get(path, {})

    def pending(self, path: str, start: int, end: int) -> str:
        """Return what a piece of a file becomes: as it is, where no row replaces it."""
        return self._edits.get(path, {}).get((start, end), self.text(path)[start:end])

    def put(self, path: str, text: str) -> None:
        """Replace a whole file."""
        self._whole[path] = text

    def changed(self) -> dict[str, str]:
        """Return the new texts of files that differ."""
        found = dict(self._whole)
        for path, edits in self._edits.items():
            text = self.text(path)
            for (start, end), new in sorted(edits.items(), reverse=True):
                text = text[:start] + new + text[end:]
            found[path] = text
        return {
            path: text
            for path, text in sorted(found.items())
            if not self.has(path) or text != self.text(path)
        }

    def write(self) -> list[str]:
        """Write what differs; return the paths."""
        changed = self.changed()
        for path, text in changed.items():
            (self.root / path).write_text(text, encoding="utf-8")
        return list(changed)
