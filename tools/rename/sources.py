"""Python files as bytes with a syntax tree, and where each node and each name without a node of its own stands."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Span = tuple[int, int]
# From 3.12 on, positions inside f-strings are right.
_MOVED = sys.version_info < (3, 12)


class Lines:
    """Offsets of lines in bytes.

    Parameters
    ----------
    data : bytes
        A text in UTF-8.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.starts = [0]
        for line in data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line, from 1, and a column in bytes."""
        return self.starts[line - 1] + column

    def offset_of_character(self, line: int, column: int) -> int:
        """Return the offset of a line and a column in characters, as `tokenize` gives them."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.data)
        return start + len(self.data[start:end].decode()[:column].encode())

    def line(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        low, high = 0, len(self.starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.starts[middle] <= offset else (low, middle)
        return low + 1


def spans(tree: ast.AST, data: bytes) -> dict[ast.AST, Span]:
    """Return where the nodes of a tree stand, those within f-strings as well.

    Parameters
    ----------
    tree : AST
        Of all of `data`.
    data : bytes
        The source.
    """
    lines = Lines(data)
    found: dict[ast.AST, Span] = {}
    strings: list[tuple[Span, str]] | None = None
    for node in ast.walk(tree):
        if (end := getattr(node, "end_lineno", None)) is None or node in found:
            continue
        found[node] = (lines.offset(node.lineno, node.col_offset), lines.offset(end, node.end_col_offset))
        if _MOVED and isinstance(node, ast.JoinedStr):
            strings = _strings(data, lines) if strings is None else strings
            found.update(_within(node, found[node], strings, data))
    return found


def _strings(data: bytes, lines: Lines) -> list[tuple[Span, str]]:
    """Return every token that is a string, with its text."""
    found = []
    for token in tokenize.tokenize(io.BytesIO(data).readline):
        if token.type == tokenize.STRING:
            start = lines.offset_of_character(*token.start)
            found.append(((start, start + len(token.string.encode())), token.string))
    return found


def _within(
    node: ast.JoinedStr, span: Span, strings: list[tuple[Span, str]], data: bytes
) -> dict[ast.AST, Span]:
    """Return where the nodes within an f-string stand."""
    holes: list[tuple[int, str]] = []
    for (start, end), text in strings:
        if span[0] <= start and end <= span[1]:
            holes += [(start + len(text[:at].encode()), held) for at, held in fields_of(text)]
    values = list(_values(node))
    found: dict[ast.AST, Span] = dict.fromkeys(ast.walk(node), span)
    if len(values) != len(holes):
        raise ValueError(f"fields of an f-string do not fit: {data[slice(*span)]!r}")
    for value, (start, held) in zip(values, holes, strict=True):
        text = f"({held})".encode()
        tree = ast.parse(text, mode="eval")
        inner = spans(tree, text)
        for mine, theirs in zip(ast.walk(value), ast.walk(tree.body), strict=True):
            if theirs in inner:
                found[mine] = (inner[theirs][0] + start - 1, inner[theirs][1] + start - 1)
    return found


def _values(node: ast.JoinedStr) -> Iterator[ast.expr]:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if isinstance(part.format_spec, ast.JoinedStr):
                yield from _values(part.format_spec)


def fields_of(text: str) -> list[tuple[int, str]]:
    """Return the expressions of an f-string's token and where each begins; of any other string none.

    Parameters
    ----------
    text : str
        The token with prefix and quotes.
    """
    begin = re.match(r"([A-Za-z]*)('''|\"\"\"|'|\")", text)
    if begin is None or "f" not in begin[1].lower():
        return []
    found: list[tuple[int, str]] = []
    _scan(text, begin.end(), len(text) - len(begin[2]), "r" in begin[1].lower(), found, False)
    return found


def _scan(text: str, at: int, end: int, is_raw: bool, found: list[tuple[int, str]], is_spec: bool) -> int:
    """Collect the fields of a part of an f-string; return where it ends."""
    while at < end:
        if text[at] == "\\" and not is_raw:
            named = re.compile(r"\\N\{[^}]*\}").match(text, at)
            at = named.end() if named else at + 2
        elif text[at] == "{" and text[at : at + 2] == "{{" and not is_spec:
            at += 2
        elif text[at] == "{":
            at = _field(text, at + 1, end, is_raw, found)
        elif text[at] == "}" and is_spec:
            return at
        else:
            at += 1
    return at


def _field(text: str, at: int, end: int, is_raw: bool, found: list[tuple[int, str]]) -> int:
    """Take one field, from behind its brace; return where it ends."""
    start, stop = at, _expression_end(text, at, end)
    found.append((start, text[start:stop]))
    at = stop
    if text[at] == "=":
        at = re.compile(r"=\s*").match(text, at).end()  # type: ignore[union-attr]  # it begins with one
    if text[at] == "!":
        at += 2
    if text[at] == ":":
        at = _scan(text, at + 1, end, is_raw, found, True)
    return at + 1


def _expression_end(text: str, at: int, end: int) -> int:
    """Return where the expression of a field ends: at a brace, a colon, a conversion, or `=` for show."""
    depth, quote = 0, ""
    while at < end:
        here = text[at]
        if quote:
            if text.startswith(quote, at):
                at, quote = at + len(quote) - 1, ""
        elif here in "'\"":
            quote = here * 3 if text.startswith(here * 3, at) else here
            at += len(quote) - 1
        elif here in "([{":
            depth += 1
        elif here in ")]" or (here == "}" and depth):
            depth -= 1
        elif not depth and _is_end(text, at):
            return at
        elif here in "=!<>" and text[at + 1] == "=":
            at += 1
        at += 1
    return at


def _is_end(text: str, at: int) -> bool:
    """Whether a sign outside of brackets ends an expression: a brace, a colon, a conversion, or `=` for show."""
    if text[at] in "}:" or (text[at] == "!" and text[at + 1] != "="):
        return True
    return bool(re.compile(r"=\s*[!:}]").match(text, at))


@dataclass(slots=True)
class Comment:
    """A comment.

    Parameters
    ----------
    start, end : int
        Where it stands.
    text : str
        What it says, with its sign.
    """

    start: int
    end: int
    text: str


@dataclass
class Source:
    """A Python file.

    Parameters
    ----------
    path : str
        From the root of the repository.
    module : str
        Its dotted name.
    data : bytes
        The source.
    """

    path: str
    module: str
    data: bytes
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        """Parse it."""
        self.tree = ast.parse(self.data, self.path)

    @property
    def is_package(self) -> bool:
        """Whether it is the face of a package."""
        return self.path.endswith("/__init__.py")

    @cached_property
    def lines(self) -> Lines:
        """Where its lines begin."""
        return Lines(self.data)

    @cached_property
    def spans(self) -> dict[ast.AST, Span]:
        """Where its nodes stand."""
        return spans(self.tree, self.data)

    @cached_property
    def comments(self) -> list[Comment]:
        """Every comment, in order."""
        found = []
        for token in tokenize.tokenize(io.BytesIO(self.data).readline):
            if token.type == tokenize.COMMENT:
                start = self.lines.offset_of_character(*token.start)
                found.append(Comment(start, start + len(token.string.encode()), token.string))
        return found

    def place(self, offset: int) -> str:
        """Return `path:line` of an offset."""
        return f"{self.path}:{self.lines.line(offset)}"

    def find(self, pattern: str, start: int, end: int, group: int | str = 1) -> Span:
        """Return where a name stands that has no node of its own.

        Parameters
        ----------
        pattern : str
            What it stands in.
        start, end : int
            Where to look.
        group : int or str
            Which part of the pattern is the name.

        Raises
        ------
        LookupError
            If it is not there.
        """
        found = re.compile(pattern.encode()).search(self.data, start, end)
        if found is None:
            raise LookupError(f"{self.place(start)}: {pattern} does not stand there")
        return found.span(group)


def module_name(path: str) -> str:
    """Return the dotted name of a Python file of the repository."""
    parts = path.removesuffix(".py").split("/")
    if parts[0] == "src":
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read_sources(root: Path, folders: tuple[str, ...]) -> dict[str, Source]:
    """Return the Python files below folders, by path.

    Parameters
    ----------
    root : Path
        The repository.
    folders : tuple of str
        Below it.
    """
    found = {}
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            if "/node_modules/" not in path:
                found[path] = Source(path, module_name(path), file.read_bytes())
    return found
