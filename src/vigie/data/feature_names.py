"""Which features a strategy's file reads: names that are written out, so that they are known before it runs.

A name may stand in the call, in a variable of the file that holds nothing else, or in a list of texts that a loop
goes through; one that is put together at run time is refused, since its values could not be fetched, recorded or
given to an account that trades.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from vigie.domain.errors import UsageError

_READ_BY: Final = "feature"
# What a name of the file is bound to: None where that is not texts that are written out.
_BoundNames = dict[str, list[ast.expr | None]]


def find_feature_names(path: str | Path) -> tuple[str, ...]:
    """Return the features that a strategy's file reads, each once.

    Raises
    ------
    UsageError
        If one is named by something that is only known when it runs; with the line.
    """
    file = Path(path)
    # As it was written: a file may say that its letters are not those of UTF-8.
    text = file.read_bytes() if file.is_file() else b""
    if f".{_READ_BY}".encode() not in text:
        return ()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        # Who loads it says what is wrong with it.
        return ()
    bound = _bound_names(tree)
    features: dict[str, None] = {}
    for node in _feature_reads(tree):
        names = _possible_texts(node.args[0], bound) if isinstance(node, ast.Call) and node.args else None
        if names is None:
            raise UsageError(
                "line_builds_feature_name",
                "{name} line {lineno} builds a feature name; write each name in full, in "
                'quotes, such as bars.feature("news.sentiment.btc")',
                name=file.name,
                lineno=node.lineno,
            )
        features |= dict.fromkeys(names)
    return tuple(features)


def _feature_reads(tree: ast.AST) -> Iterator[ast.Call | ast.Attribute]:
    """Yield each call that reads a feature; the attribute itself where it is taken without being called."""
    called = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == _READ_BY:
            called.add(id(node.func))
            yield node
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == _READ_BY and id(node) not in called:
            yield node


def _bound_names(tree: ast.AST) -> _BoundNames:
    bound: _BoundNames = {}
    for node in ast.walk(tree):
        for name, value in _bindings(node):
            bound.setdefault(name, []).append(value)
    return bound


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case (
            ast.For(target=ast.Name(id=name), iter=several)
            | ast.comprehension(target=ast.Name(id=name), iter=several)
        ):
            # What a loop goes through stands for one of its parts.
            yield name, several
        case ast.Assign() | ast.For() | ast.comprehension() | ast.AugAssign() | ast.NamedExpr():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for part in (part for target in targets for part in ast.walk(target)):
                if isinstance(part, ast.Name):
                    yield part.id, None
        case ast.arg(arg=name):
            yield name, None


def _possible_texts(
    node: ast.expr, bound: Mapping[str, list[ast.expr | None]], depth: int = 0
) -> list[str] | None:
    """Return every text that an expression can be; None where that is not written out."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=first, orelse=second):
            parts = [first, second]
        case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name):
            parts = [part for part in bound.get(name, [None]) if part is not None]
            if not parts or len(parts) < len(bound[name]):
                return None
        case ast.Dict(values=values):
            parts = list(values)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
            pass
        case _:
            return None
    # Names that stand for each other in a circle.
    texts_by_part = [None] if depth > 8 else [_possible_texts(part, bound, depth + 1) for part in parts]
    return None if None in texts_by_part else [text for texts in texts_by_part for text in texts or ()]
