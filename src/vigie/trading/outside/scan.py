"""What a strategy's source says before it is run: what it asks of the outside, and what it keeps between calls.

Takes a file; gives one line for each thing that bars and parameters do not answer: a module that is not on the list
of those that calculate, a clock, files, what lies behind arrays, functions and modules, attributes whose names are
made up at run time, and whatever outlives a call and is written to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from vigie.trading.outside.modules import is_above, is_listed, leaves, reads

BUILTINS: Final = (
    "open", "input", "exec", "eval", "compile", "globals", "locals", "vars", "breakpoint", "exit", "quit",
    "delattr", "setattr", "__import__", "__builtins__", "__loader__", "__spec__",
)  # fmt: skip
BEHIND: Final = (
    "base", "writeable", "ctypes", "attrgetter", "methodcaller", "_memo", "f_back", "f_globals", "f_locals",
    "gi_frame", "tb_frame",
    "__array_interface__", "__array_struct__", "__builtins__", "__closure__", "__code__", "__delattr__", "__dict__",
    "__getattr__", "__getattribute__", "__globals__", "__loader__", "__setattr__", "__spec__", "__subclasses__",
    "__traceback__",
)  # fmt: skip
# Modules that others have imported lead to everything.
THROUGH: Final = ("builtins", "gc", "importlib", "inspect", "os", "subprocess", "sys")
CHANGES: Final = (
    "add", "append", "appendleft", "clear", "extend", "fill", "insert", "pop", "popitem", "popleft", "put", "remove",
    "setdefault", "update",
)  # fmt: skip
_MADE_UP: Final = "asks for an attribute whose name is not written out"


def outside_uses(path: Path) -> list[str]:
    """Return what a strategy file reads besides bars and parameters, one line each: ``line 3: imports random``.

    Only what is plain to see is found.
    """
    return list(_uses(path.read_text(encoding="utf-8")))


# A function of the text alone: a run asks once for each of its slots.
@lru_cache(maxsize=64)
def _uses(text: str) -> tuple[str, ...]:
    tree = ast.parse(text)
    found = [
        (node.lineno, said) for node in ast.walk(tree) if hasattr(node, "lineno") for said in _said_of(node)
    ]
    found += _through(tree)
    found += _aliases(tree)
    found += sorted({*_kept(tree)})
    return tuple(f"line {line}: {said}" for line, said in found)


def _said_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [f"imports {alias.name}" for alias in node.names if not is_listed(alias.name)]
    if isinstance(node, ast.ImportFrom):
        return _taken(node)
    if isinstance(node, ast.Attribute):
        return [f"uses .{node.attr}"] if node.attr in BEHIND else []
    if isinstance(node, ast.MatchClass):
        return [f"uses .{name}" for name in node.kwd_attrs if name in BEHIND]
    if isinstance(node, ast.Global):
        return [f"keeps {' '.join(node.names)} between calls"]
    return _calls(node) if isinstance(node, ast.Call) else []


def _taken(node: ast.ImportFrom) -> list[str]:
    module = f"{'.' * node.level}{node.module or ''}"
    found = []
    for alias in node.names:
        name = f"{module}.{alias.name}"
        if is_listed(name):
            continue
        if not is_listed(module):
            return [f"imports {name if is_above(module) else module}"]
        if alias.name == "*" or alias.name in BEHIND or leaves(name):
            found.append(f"imports {name}")
    return found


def _calls(node: ast.Call) -> list[str]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in BUILTINS:
        return [f"calls {called.id}()"]
    if isinstance(called, ast.Name) and called.id == "getattr" and len(node.args) > 1:
        name = node.args[1]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return [_MADE_UP]
        return [f"uses .{name.value}"] if name.value in BEHIND else []
    if isinstance(called, ast.Attribute) and reads(called.attr):
        return [f"calls .{called.attr}()"]
    return []


def _through(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a module leads to what is not on the list: by an attribute of it, called or not."""
    imported, meant = _imported(tree), _meant(tree)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        step = _step(node)
        if step is None:
            continue
        owner, name = step
        dotted = _dotted(node, meant)
        if name in THROUGH and _root(owner) in imported:
            yield owner.lineno, f"uses .{name}"
        # Where it is called, the call is told.
        elif dotted and not (id(node) in called and reads(name)) and leaves(dotted):
            yield owner.lineno, f"uses {dotted if isinstance(node, ast.Call) else ast.unparse(node)}"


def _step(node: ast.AST) -> tuple[ast.expr, str] | None:
    """Return what a node asks for an attribute, and its name, however it is written."""
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"):
        return None
    name = node.args[1] if len(node.args) > 1 else None
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return node.args[0], name.value
    return None


def _meant(tree: ast.Module) -> dict[str, str]:
    """Return what the names of imports mean, dotted; other names that the file gives them mean the same."""
    # Where the import is missing its usual name still says what is meant.
    meant = {"np": "numpy", "pl": "polars", "pd": "pandas"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            pairs = [(one.asname or _first(one.name), one.name, one.asname) for one in node.names]
            meant.update({name: whole if given else _first(whole) for name, whole, given in pairs})
        elif isinstance(node, ast.ImportFrom):
            meant.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (dotted := _dotted(node.value, meant)):
            meant.update({one.id: dotted for one in node.targets if isinstance(one, ast.Name)})
    return meant


def _first(dotted: str) -> str:
    return dotted.partition(".")[0]


def _dotted(node: ast.AST, meant: dict[str, str]) -> str:
    """Return the dotted name that an expression is, empty where it is none that begins at an import."""
    parts: list[str] = []
    while step := _step(node):
        node, name = step
        parts.insert(0, name)
    known = meant.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join((known, *parts)) if known else ""


def _aliases(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a function of Python's own is named without being called, which gives it another name."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    # What the file binds itself is its own: prices may be called `open`.
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in names:
        if node.id in (*BUILTINS, "getattr") and node.id not in own and id(node) not in called:
            yield node.lineno, f"gives {node.id} another name"


def _kept(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where something is written to that outlives the call: names of the module, imports, functions, classes."""
    shared = _imported(tree)
    outer = {name for node in tree.body for name in _bound(node)}
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from _writes(statement, set(), shared)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        own = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
        own |= {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        others = _named_again(function, shared)
        yield from _writes(function, (outer - own) | _defaults(function), (shared - own) | others)


def _writes(where: ast.AST, lasting: set[str], imported: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(where):
        name, of_import = _written(node), _written(node, of_import=True)
        if name in lasting or of_import in imported:
            yield node.lineno, f"keeps {name} between calls"  # type: ignore[attr-defined]  # what is written has a place


def _bound(node: ast.stmt) -> list[str]:
    """Return the names that a statement of the module binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _imported(tree: ast.Module) -> set[str]:
    """Return the names that imports bind, and the other names the file gives these."""
    found = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return found | _named_again(tree, found)


def _named_again(where: ast.AST, names: set[str]) -> set[str]:
    return {
        target.id
        for node in ast.walk(where)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _defaults(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """Return the arguments whose default is made once and can be written to."""
    given = function.args
    placed = [*given.posonlyargs, *given.args]
    pairs = [*zip(reversed(placed), reversed(given.defaults), strict=False)]
    pairs += [
        (one, default) for one, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default
    ]
    return {
        one.arg
        for one, default in pairs
        if not isinstance(default, ast.Constant | ast.Attribute | ast.UnaryOp)
    }


def _written(node: ast.AST, *, of_import: bool = False) -> str | None:
    """Return the name whose parts a node writes to; a module's own function writes to nothing of the module."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return _root(node.value)
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES
    ):
        return None
    changed = node.func.value
    # np.append and np.ma.append give something new.
    is_module = isinstance(changed, ast.Name) or (
        isinstance(changed, ast.Attribute) and changed.attr in ("char", "ma", "strings")
    )
    return None if of_import and is_module else _root(changed)


def _root(target: ast.expr) -> str | None:
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None
