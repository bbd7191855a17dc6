"""What one Python file names beside its imports: modules and files in its texts, fixtures that it has and asks for.

A registry loads modules by name, a test starts ``python -m vigie``, replaces ``"vigie.services.x.y"`` or reads a folder
of templates: all of that stands in texts of the syntax tree. Holes of an f-string are ``*``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

NAMED: Final = re.compile(r"\b(?:vigie|vigie_sandbox|tests|benchmarks)(?:\.[\w*]+)+")
# Words that may be a file: with an ending, or one of the few names that have none.
FILE: Final = re.compile(
    r"[\w*./@-]*\.[a-z0-9]{1,12}\b|\b(?:Dockerfile|Caddyfile|Makefile|LICENSE|vg)\b|\.ci/run\b"
)
ASKS: Final = ("usefixtures", "getfixturevalue")


@dataclass(slots=True)
class Read:
    """What a file names, each once.

    Parameters
    ----------
    modules : set of str
        Dotted names in texts, such as ``vigie.adapters.venues.*.live``.
    files : set of str
        Words that may be the name of a file.
    fixtures : dict of str to bool
        Fixtures that it makes, and whether every test gets them without asking.
    asked : set of str
        Names of parameters, and of fixtures asked for by name.
    plugins : set of str
        What `pytest_plugins` lists.
    unknown : set of str
        Calls of `import_module` whose module is in no text of the file, as written.
    """

    modules: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    fixtures: dict[str, bool] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    plugins: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


def read(text: str, module: str) -> Read:
    """Return what a file names.

    Parameters
    ----------
    text : str
        The source.
    module : str
        Its own dotted name, for ``__name__``.
    """
    tree = ast.parse(text)
    found, constants = Read(), {"__name__": module, **_constants(tree)}
    quiet = _docstrings(tree)
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _function(node, found)
        elif isinstance(node, ast.Call):
            _call(node, found, constants)
        if node not in quiet:
            words.update(_texts(node, constants))
    for word in words:
        found.modules.update(NAMED.findall(word))
        found.files.update(FILE.findall(word))
    if {"-m", "vigie"} <= words:
        found.modules.add("vigie.__main__")
    found.plugins = _plugins(tree)
    return found


def _constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts that names of the module stand for."""
    found: dict[str, str] = {}
    for node in tree.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        value = getattr(node, "value", None)
        if targets and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found |= {one.id: value.value for one in targets if isinstance(one, ast.Name)}
    return found


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    """Return texts that are said to a reader, not to a program."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _texts(node: ast.AST, constants: dict[str, str]) -> Iterator[str]:
    """Give the text that a node is, holes as ``*``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield joined(node, constants)


def joined(node: ast.JoinedStr, constants: dict[str, str]) -> str:
    """Return an f-string with what is known filled in, and ``*`` for what is not."""
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            name = part.value if isinstance(part, ast.FormattedValue) else None
            parts.append(constants.get(name.id, "*") if isinstance(name, ast.Name) else "*")
    return "".join(parts)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, found: Read) -> None:
    """Note what a function asks for, and whether it is a fixture."""
    found.asked.update(one.arg for one in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs])
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (getattr(called, "attr", "") or getattr(called, "id", "")) == "fixture":
            options = {one.arg: one.value for one in getattr(decorator, "keywords", ())}
            always, named = options.get("autouse"), options.get("name")
            name = named.value if isinstance(named, ast.Constant) else node.name
            found.fixtures[str(name)] = isinstance(always, ast.Constant) and bool(always.value)


def _call(node: ast.Call, found: Read, constants: dict[str, str]) -> None:
    """Note fixtures that are asked for by name, and modules that no text of this file names."""
    name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
    if name in ASKS:
        found.asked.update(str(one.value) for one in node.args if isinstance(one, ast.Constant))
    if name != "import_module" or not node.args:
        return
    first = node.args[0]
    if isinstance(first, ast.JoinedStr):
        is_known = not joined(first, constants).startswith("*")
    else:
        is_known = isinstance(first, ast.Constant) or ast.unparse(first) in constants
    if not is_known:
        found.unknown.add(ast.unparse(first))


def _plugins(tree: ast.Module) -> set[str]:
    """Return what the file lists for pytest to load."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            getattr(one, "id", "") == "pytest_plugins" for one in node.targets
        ):
            return {str(one.value) for one in ast.walk(node.value) if isinstance(one, ast.Constant)}
    return set()
