"""The refusals that the source holds: codes, English templates, and sentences made of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import vigie
from vigie.domain.refusal import Refusal, parse_template

TOP = Path(vigie.__file__).parent


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that begin with a code and a template."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) >= 2 and is_refusal(node):
            yield node


def is_refusal(call: ast.Call) -> bool:
    """Tell whether a call makes a refusal, or an error that holds one."""
    name = ast.unparse(call.func).rpartition(".")[2]
    texts = all(
        isinstance(argument, ast.Constant) and isinstance(argument.value, str) for argument in call.args[:2]
    )
    return texts and (name == "Refusal" or name in errors())


@cache
def errors() -> frozenset[str]:
    """Return the names of Vigie's errors, and of variables that hold one of several."""
    names = {"VigieError", "kind", "error_class"}
    found = [
        node
        for path in TOP.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    while more := {node.name for node in found if names.intersection(map(ast.unparse, node.bases))} - names:
        names |= more
    return frozenset(names)


@cache
def templates() -> dict[str, set[str]]:
    """Return by code the English templates of the source, without conversions."""
    by_code: dict[str, set[str]] = {}
    for path in sorted(TOP.rglob("*.py")):
        for call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            code, template = (ast.literal_eval(argument) for argument in call.args[:2])
            by_code.setdefault(code, set()).add(parse_template(template)[0])
    return by_code


def refused(code: str, **arguments: object) -> Refusal:
    """Return a refusal as the source says it."""
    (template,) = templates()[code]
    return Refusal(code, template, **arguments)
