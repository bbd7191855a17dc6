"""Texts in Python files: whole literals, adjacent ones joined, with the expressions of f-strings as they stand."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Signs of no language: they stand for the fields of an f-string.
FIRST: Final = 0xE000
_TOKEN: Final = re.compile(r"([A-Za-z]*)(\"\"\"|'''|\"|')(.*)\2$", re.DOTALL)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A text of a Python file.

    Parameters
    ----------
    path : str
        The file.
    start, end : int
        Where it stands, in characters.
    shape : str
        The text; fields of an f-string are one sign each, from `FIRST`.
    fields : tuple of str
        Their sources, with conversion and format.
    call : str
        What it is handed to, and as which keyword, such as ``Column``, ``Page.title`` or ``text``.
    keys : tuple
        Names, keys and places around it, such as ``("WORDS", "en", "by")``.
    kind : str
        docstring, value, key, or code where it is compared or an index.
    is_open : bool
        Whether it may run over several lines as it stands.
    is_pair : bool
        Whether it stands in a tuple of two.
    """

    path: str
    start: int
    end: int
    shape: str
    fields: tuple[str, ...]
    call: str
    keys: Path
    kind: str
    is_open: bool
    is_pair: bool

    @property
    def text(self) -> str:
        """The text with its fields in braces."""
        return "".join(
            "{" + self.fields[ord(sign) - FIRST] + "}"
            if FIRST <= ord(sign) < FIRST + len(self.fields)
            else sign
            for sign in self.shape
        )


def literals(path: str, source: str) -> list[Literal]:
    """Return the texts of a file.

    Parameters
    ----------
    path : str
        The file.
    source : str
        What it holds.
    """
    tree = ast.parse(source)
    starts = _starts(source)
    tokens = _tokens(source, starts)
    quiet = _docstrings(tree)
    found = []
    for node, parents in _texts(tree, ()):
        start, end = (_offset(source, starts, *place) for place in _ends(node))
        parts = [(text, depth) for first, last, text, depth in tokens if start <= first and last <= end]
        if not parts:
            continue
        shape, fields = _joined([text for text, _ in parts])
        around = parents[-1] if parents else tree
        kind = "docstring" if node in quiet else _kind(node, around)
        is_open = parts[0][1] > 0 and not isinstance(
            around, ast.Attribute | ast.BinOp | ast.List | ast.Tuple | ast.Set
        )
        is_pair = isinstance(around, ast.Tuple) and len(around.elts) == 2
        found.append(
            Literal(
                path,
                start,
                end,
                shape,
                fields,
                _call(node, parents),
                _keys(node, parents),
                kind,
                is_open,
                is_pair,
            )
        )
    return found


def _texts(
    node: ast.AST, parents: tuple[ast.AST, ...]
) -> Iterator[tuple[ast.Constant | ast.JoinedStr, tuple]]:
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node, parents
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child, (*parents, node))


def _ends(node: ast.expr) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def _starts(source: str) -> list[int]:
    found = [0]
    for line in source.split("\n"):
        found.append(found[-1] + len(line) + 1)
    return found


def _offset(source: str, starts: list[int], line: int, column: int) -> int:
    start = starts[line - 1]
    text = source[start : starts[line]] if line < len(starts) else source[start:]
    return start + (column if text.isascii() else len(text.encode()[:column].decode()))


def _tokens(source: str, starts: list[int]) -> list[tuple[int, int, str, int]]:
    found, depth = [], 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
        elif token.type == tokenize.STRING:
            first = starts[token.start[0] - 1] + token.start[1]
            found.append((first, starts[token.end[0] - 1] + token.end[1], token.string, depth))
    return found


def _joined(tokens: list[str]) -> tuple[str, tuple[str, ...]]:
    shape, fields = "", []
    for token in tokens:
        prefix, _quote, body = _TOKEN.match(token).groups()  # type: ignore[union-attr]
        if "f" not in prefix.lower():
            value = ast.literal_eval(token)
            shape += value if isinstance(value, str) else ""
            continue
        for piece, is_field in _pieces(body):
            if is_field:
                shape += chr(FIRST + len(fields))
                fields.append(piece)
            else:
                said = piece if "r" in prefix.lower() else _read(piece)
                shape += said.replace("{{", "{").replace("}}", "}")
    return shape, tuple(fields)


def _read(piece: str) -> str:
    # Within triple quotes, where quotation marks stand alone or escaped.
    marked = re.sub(r"\\.|\"", lambda found: '\\"' if found[0] == '"' else found[0], piece, flags=re.DOTALL)
    return str(ast.literal_eval(f'"""{marked}"""'))


def _pieces(body: str) -> Iterator[tuple[str, bool]]:
    at = plain = 0
    while at < len(body):
        if body[at] != "{" or body.startswith("{{", at):
            at += 2 if body.startswith("{{", at) else 1
            continue
        if plain < at:
            yield body[plain:at], False
        end = _field_end(body, at + 1)
        yield body[at + 1 : end], True
        at = plain = end + 1
    if plain < len(body):
        yield body[plain:], False


def _field_end(body: str, at: int) -> int:
    depth, quote = 0, ""
    while at < len(body):
        sign = body[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "}" and not depth:
            return at
        else:
            depth += (sign in "([{") - (sign in ")]}")
        at += 1
    return at


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            found.add(body[0].value)
    return found


def _kind(node: ast.AST, around: ast.AST) -> str:
    if isinstance(around, ast.Dict) and node in around.keys:
        return "key"
    return "code" if isinstance(around, ast.Compare | ast.Subscript | ast.MatchValue) else "value"


def _call(node: ast.AST, parents: tuple[ast.AST, ...]) -> str:
    keyword = ""
    for parent in reversed(parents):
        if isinstance(parent, ast.keyword):
            keyword = f".{parent.arg}"
        elif isinstance(parent, ast.Call):
            if node is parent.func:
                return ""
            name = parent.func
            called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
            return called + keyword
        elif not isinstance(parent, ast.IfExp | ast.BoolOp):
            return ""
        node = parent
    return ""


def _keys(node: ast.AST, parents: tuple[ast.AST, ...]) -> Path:
    found: list[str | int] = []
    for parent in reversed(parents):
        if isinstance(parent, ast.Dict) and node in parent.values:
            key = parent.keys[parent.values.index(node)]  # type: ignore[arg-type]
            found.append(
                str(key.value) if isinstance(key, ast.Constant) else ast.unparse(key) if key else "**"
            )
        elif isinstance(parent, ast.Tuple | ast.List) and node in parent.elts:
            found.append(parent.elts.index(node))  # type: ignore[arg-type]
        elif isinstance(parent, ast.Assign):
            found.append(ast.unparse(parent.targets[0]))
        elif isinstance(parent, ast.AnnAssign):
            found.append(ast.unparse(parent.target))
        elif isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.append(parent.name)
        node = parent
    return tuple(reversed(found))
