"""Operations name what they need; what still takes the whole `AppContext` is listed, and the list only shrinks."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.source_tree import ROOT, modules

LISTED = Path(__file__).with_name("app_context.toml")
# Doors and wiring open a home and hand it on.
DOORS = ("views/", "wiring/")


def takers(tree: ast.Module) -> Iterator[str]:
    """Yield functions and classes that take an `AppContext` as an argument or keep one in a field."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [*child.args.posonlyargs, *child.args.args, *child.args.kwonlyargs]
                name = f"{node.name}.{child.name}" if isinstance(node, ast.ClassDef) else child.name
            elif isinstance(child, ast.ClassDef):
                given = [item for item in child.body if isinstance(item, ast.AnnAssign)]
                name = child.name
            else:
                continue
            if any(item.annotation is not None and _is_whole(item.annotation) for item in given):
                yield name


def _is_whole(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "AppContext" for node in ast.walk(annotation))


@cache
def found() -> dict[str, str]:
    """Return those of the services, each with the file it is in."""
    return {
        f"{module.shown}:{name}": module.shown
        for module in modules()
        if not module.shown.startswith(DOORS) and "AppContext" in module.path.read_text("utf-8")
        for name in takers(module.tree)
    }


def test_nothing_new_in_the_services_takes_the_whole_home():
    listed = tomllib.loads(LISTED.read_text("utf-8"))
    assert set(found()) - set(listed) == set(), (
        "name what is needed, or a record of it (vigie.services.needs)"
    )
    assert set(listed) - set(found()) == set(), "take it off the list"
    assert all(listed.values())


def test_the_documentation_tells_how_many_do():
    text = " ".join((ROOT / "docs" / "architecture.md").read_text("utf-8").split())
    assert f"in the services, {len(found())} functions and classes do" in text


def test_no_operation_takes_the_whole_home():
    assert [name for name, file in found().items() if file.startswith("services/operations/")] == []


def test_what_takes_the_whole_home_is_seen():
    source = (
        "def f(x: int, home: AppContext | None): ...\n"
        "def g(x: Callable[[AppContext], int], word: str = 'AppContext'): ...\n"
        "class C:\n    home: AppContext\n    def m(self, *, home: AppContext): ...\n    def n(self): ...\n"
        "class D:\n    word: str\n"
    )
    assert sorted(takers(ast.parse(source))) == ["C", "C.m", "f", "g"]
