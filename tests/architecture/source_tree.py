"""The package as data: modules, what they import and how, what they call by full name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "src" / "vigie"
# Every package of the wheel.
PACKAGES: Final = (PACKAGE, ROOT / "src" / "vigie_sandbox")


@dataclass(frozen=True, slots=True)
class Import:
    """One import of another module of ours.

    `kind` is "top" where it runs at import, "typing" under TYPE_CHECKING, "local" inside a function.
    """

    importer: str
    imported: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One source file."""

    name: str
    path: Path

    @property
    def tree(self) -> ast.Module:
        """What the file says, parsed when it is asked for: who only looks for tests reads no source."""
        return parsed(self.path)

    @property
    def shown(self) -> str:
        """The path as people write it, from the package's folder on; that of another package begins with its name."""
        return shown_path(self.path)


def shown_path(path: Path) -> str:
    """Return a path of the sources as people write it."""
    return path.relative_to(PACKAGE if path.is_relative_to(PACKAGE) else PACKAGE.parent).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Return the tree of a file; whoever asks again in this process gets the same one, and must not change it."""
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """Return the dotted name of a source file."""
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> tuple[Module, ...]:
    """Return every source file of the packages."""
    files = (path for package in PACKAGES for path in sorted(package.rglob("*.py")))
    return tuple(Module(module_name(path), path) for path in files)


def is_typing_guard(node: ast.AST) -> bool:
    """Tell whether a node is `if TYPE_CHECKING:`."""
    if not isinstance(node, ast.If):
        return False
    test = node.test
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def walk_imports(tree: ast.AST, kind: str = "top") -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Yield every import statement with its kind, wherever it stands."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, kind
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from walk_imports(node, "local")
        elif is_typing_guard(node) and kind == "top":
            yield from walk_imports(node, "typing")
        else:
            yield from walk_imports(node, kind)


def imports_of(name: str, tree: ast.AST, known: frozenset[str]) -> Iterator[Import]:
    """Yield the imports of our own modules in one file; `from a import b` is a.b where that is a module."""
    for node, kind in walk_imports(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif node.level:
            raise AssertionError(f"{name}: relative import in line {node.lineno}; write the full name")
        else:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [target if target in known else str(node.module) for target in full]
        for target in dict.fromkeys(targets):
            if target in known and target != name:
                yield Import(name, target, kind, node.lineno)


@cache
def imports() -> tuple[Import, ...]:
    """Return every import between modules of ours, of all three kinds."""
    known = frozenset(module.name for module in modules())
    return tuple(found for module in modules() for found in imports_of(module.name, module.tree, known))


def cycles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of names that reach one another, by Tarjan's algorithm; [] when there are none."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for following in sorted(edges.get(node, ())):
            if following not in index:
                visit(following)
                low[node] = min(low[node], low[following])
            elif following in stack:
                low[node] = min(low[node], index[following])
        if low[node] == index[node]:
            group = []
            while (member := stack.pop()) != node:
                group.append(member)
            if group:
                found.append(sorted([*group, node]))

    for start in sorted(edges):
        if start not in index:
            visit(start)
    return found


def full_names(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield every use of an imported name by its full dotted name: `np.random.rand` is `numpy.random.rand`."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known.update(
                {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0]
                    for a in node.names
                }
            )
        elif isinstance(node, ast.ImportFrom) and node.module:
            known.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            parts, start = [], node
            while isinstance(start, ast.Attribute):
                parts.append(start.attr)
                start = start.value
            if isinstance(start, ast.Name) and start.id in known:
                yield ".".join([known[start.id], *reversed(parts)]), node
