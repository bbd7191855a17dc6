"""Names in Jinja's templates: attributes, which have no types there, and variables."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from .program import File
from .rows import Row
from .sources import Span

BLOCK: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
TOKEN: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(\.\s*)?([A-Za-z_]\w*)")
ENDINGS: Final = ("html", "xml", "txt", "jinja", "j2", "svg")


class Templates:
    """The templates of a package.

    Parameters
    ----------
    root : Path
        The repository.
    folder : str
        Where to look.
    """

    def __init__(self, root: Path, folder: str = "src") -> None:
        self.texts: dict[str, str] = {}
        for ending in ENDINGS:
            for file in sorted((root / folder).rglob(f"*.{ending}")):
                if "/static" in file.as_posix():
                    continue
                text = file.read_text(encoding="utf-8", errors="surrogateescape")
                if "{{" in text or "{%" in text:
                    self.texts[file.relative_to(root).as_posix()] = text
        self.attributes: dict[str, list[str]] = defaultdict(list)
        self._places: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        self._variables: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        for path, text in self.texts.items():
            for name, is_attribute, span in _names(text):
                if is_attribute:
                    line = text.count("\n", 0, span[0]) + 1
                    self.attributes[name].append(f"{path}:{line}")
                    self._places[name].append((path, _bytes(text, span)))
                else:
                    self._variables[name].append((path, _bytes(text, span)))

    def attribute(self, old: str) -> list[tuple[str, Span]]:
        """Return where templates read an attribute."""
        return self._places.get(old, [])

    def variable(self, old: str) -> list[tuple[str, Span]]:
        """Return where templates use a variable."""
        return self._variables.get(old, [])


def _names(text: str) -> Iterator[tuple[str, bool, Span]]:
    for block in BLOCK.finditer(text):
        for token in TOKEN.finditer(text, block.start() + 2, block.end() - 2):
            if token[2]:
                is_macro = token[1] and text[: token.start()].endswith("ui")
                if not is_macro:
                    yield token[2], bool(token[1]), token.span(2)


def _bytes(text: str, span: Span) -> Span:
    start = len(text[: span[0]].encode(errors="surrogateescape"))
    return start, start + len(text[slice(*span)].encode())


def given(file: File, row: Row) -> Iterator[Span]:
    """Give where a function names a variable of templates: a key, or a keyword.

    Parameters
    ----------
    file : File
        Where it is.
    row : Row
        Its scope is the function.
    """
    for scope in file.scopes.at(row.scope):
        for node in ast.walk(scope.node):
            if isinstance(node, ast.keyword) and node.arg == row.old:
                start = file.source.spans[node][0]
                yield start, start + len(row.old)
            elif isinstance(node, ast.Dict):
                for key in node.keys:
                    if isinstance(key, ast.Constant) and key.value == row.old:
                        start, end = file.source.spans[key]
                        yield start + 1, end - 1
