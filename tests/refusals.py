"""The refusals that the source holds: codes, English templates, and sentences made of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import vigie
from tests.architecture.source_tree import parsed
from vigie.domain.refusal import Refusal, parse_template

TOP = Path(vigie.__file__).parent
CLASS = re.compile(r"^class (\w+)\(([^)]*)\):", re.MULTILINE)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that begin with a code and a template."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) >= 2 and is_refusal(node):
            yield node


def is_refusal(call: ast.Call) -> bool:
    """Tell whether a call makes a refusal, or an error that holds one."""
    if not all(
        isinstance(argument, ast.Constant) and isinstance(argument.value, str) for argument in call.args[:2]
    ):
        return False
    name = ast.unparse(call.func).rpartition(".")[2]
    return name == "Refusal" or name in errors()


@cache
def sources() -> dict[Path, str]:
    """Return the text of every module."""
    return {path: path.read_text(encoding="utf-8") for path in sorted(TOP.rglob("*.py"))}


@cache
def errors() -> frozenset[str]:
    """Return the names of Vigie's errors, and of variables that hold one of several."""
    names = {"VigieError", "kind", "error_class"}
    bases = {
        name: {base.strip() for base in given.split(",")}
        for text in sources().values()
        for name, given in CLASS.findall(text)
    }
    while more := {name for name, given in bases.items() if names & given} - names:
        names |= more
    return frozenset(names)


@cache
def templates() -> dict[str, set[str]]:
    """Return by code the English templates of the source, without conversions."""
    by_code: dict[str, set[str]] = {}
    for path in sources():
        for code, template in _templates_of(path):
            by_code.setdefault(code, set()).add(template)
    return by_code


@cache
def _templates_of(path: Path) -> frozenset[tuple[str, str]]:
    texts = [[ast.literal_eval(argument) for argument in call.args[:2]] for call in calls(parsed(path))]
    return frozenset((code, parse_template(template)[0]) for code, template in texts)


@cache
def refused_template(code: str) -> str:
    """Return the English template of a code; only the modules that name it are read."""
    naming = [path for path, text in sources().items() if f'"{code}"' in text]
    (template,) = {found for path in naming for name, found in _templates_of(path) if name == code}
    return template


def refused(code: str, **arguments: object) -> Refusal:
    """Return a refusal as the source says it."""
    return Refusal(code, refused_template(code), **arguments)
