"""Names that renaming left where no type tells: `python -m tools.rename.leftovers TABLE.tsv...`, in the new tree.

Three kinds: attributes of modules that are loaded by name, texts that name something of the package, and members that
no class has any more. Each line is a place to look at; a library may have the name as well.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from .rows import read_rows

FOLDERS: Final = ("src/vigie", "tests", "benchmarks")
_DOTTED: Final = re.compile(r"vigie(\.[A-Za-z_]\w*)+")
# Files that lie in a home are called so.
_FILES: Final = re.compile(r"\.(sqlite|toml|json|env|target)$")
_COMMON: Final = frozenset(
    name for kind in (str, bytes, list, dict, set, tuple, int, float, type, Path) for name in dir(kind)
)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Give the files of the repository with their trees."""
    for folder in FOLDERS:
        for path in sorted(Path(folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_there(name: str) -> bool:
    """Whether a dotted name is a module of the package, or something in one."""
    parts = name.split(".")
    if "__main__" in parts:
        return True
    for count in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def texts() -> Iterator[str]:
    """Give the texts that name something which is not there."""
    for path, tree in trees():
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) else None
            is_name = isinstance(text, str) and _DOTTED.fullmatch(text) and not _FILES.search(text)
            if is_name and not is_there(str(text)):
                yield f"{path}:{node.lineno}: {text}"


def loaded(node: ast.expr) -> str | None:
    """Return the module that an expression loads by its name."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return None
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return str(node.args[0].value) if called == "import_module" else None


def attributes_of_modules() -> Iterator[str]:
    """Give the attributes of modules loaded by name that the modules do not have."""
    for path, tree in trees():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            nodes = list(ast.walk(function))
            names = {
                node.targets[0].id: loaded(node.value)
                for node in nodes
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            for node in nodes:
                if isinstance(node, ast.Attribute):
                    module = loaded(node.value)
                    if isinstance(node.value, ast.Name):
                        module = names.get(node.value.id)
                    if module and module.startswith("vigie") and not is_there(f"{module}.{node.attr}"):
                        yield f"{path}:{node.lineno}: {module}.{node.attr}"


def defined(node: ast.AST) -> Iterator[str]:
    """Give the names that a node defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.AnnAssign | ast.Assign):
        for target in [node.target] if isinstance(node, ast.AnnAssign) else node.targets:
            yield from (
                one.id
                for one in ast.walk(target)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            )
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def members(old: set[str]) -> Iterator[str]:
    """Give the places that read a member which was renamed, and which nothing has any more."""
    known, read = set(_COMMON), []
    for path, tree in trees():
        for node in ast.walk(tree):
            inside = node.body if isinstance(node, ast.ClassDef | ast.Module) else [node]
            for one in inside:
                if inside is not node and (
                    isinstance(node, ast.ClassDef | ast.Module) or isinstance(one, ast.Attribute)
                ):
                    known.update(defined(one))
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr in old:
                read.append(
                    (node.attr, f"{path}:{node.lineno}: .{node.attr} of {ast.unparse(node.value)[:40]}")
                )
    yield from (place for name, place in read if name not in known)


def main() -> int:
    """Print what is left; 1 if there is anything."""
    rows = read_rows(Path(name) for name in sys.argv[1:])
    found = [*texts(), *attributes_of_modules(), *members({row.old for row in rows if row.is_attribute})]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
