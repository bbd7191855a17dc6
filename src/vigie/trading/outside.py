"""What a strategy's source says before it is run: what it asks of the outside, and what it keeps between calls.

Takes a file; gives one line for each thing that bars and parameters do not answer: a clock, chance, files, the
network, the account, other processes, what lies behind arrays, functions and modules, attributes whose names are made
up at run time, and whatever outlives a call and is written to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

# A strategy never sees the account, and nothing that differs from one run to the next.
ACCOUNT: Final = (
    "vigie.adapters", "vigie.bootstrap", "vigie.config", "vigie.domain.account", "vigie.domain.state", "vigie.engine",
    "vigie.ports", "vigie.research", "vigie.services", "vigie.trading.catalogue", "vigie.trading.execution",
    "vigie.trading.exits", "vigie.trading.ledger", "vigie.trading.outside", "vigie.trading.risk",
    "vigie.trading.sizing", "vigie.views",
)  # fmt: skip
OUTSIDE: Final = (
    "aiohttp", "asyncio", "builtins", "bz2", "cloudpickle", "concurrent", "ctypes", "dbm", "dill", "fileinput",
    "ftplib", "gc", "glob", "gzip", "http", "httpx", "importlib", "inspect", "io", "joblib", "lzma", "mmap",
    "multiprocessing", "os", "pathlib", "pickle", "posix", "random", "requests", "secrets", "shelve", "shutil",
    "signal", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "sys", "tarfile", "tempfile", "threading",
    "time", "urllib", "uuid", "websockets", "zipfile",
)  # fmt: skip
CALLS: Final = (
    "now", "today", "utcnow", "fromfile", "genfromtxt", "loadtxt", "memmap", "open_memmap", "read_bytes", "read_csv",
    "read_json", "read_parquet", "read_text", "savetxt", "savez", "savez_compressed", "scan_csv", "scan_parquet",
    "setflags", "tofile", "to_csv", "to_parquet", "write_bytes", "write_csv", "write_parquet", "write_text",
)  # fmt: skip
OF_NUMPY: Final = ("load", "save", "random", "DataSource", "ctypeslib")
BUILTINS: Final = (
    "open", "input", "exec", "eval", "compile", "globals", "locals", "vars", "breakpoint", "exit", "quit",
    "delattr", "setattr", "__import__", "__builtins__", "__loader__", "__spec__",
)  # fmt: skip
BEHIND: Final = (
    "base", "writeable", "ctypes", "attrgetter", "_memo", "f_back", "f_globals", "f_locals", "gi_frame", "tb_frame",
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
        return [f"imports {alias.name}" for alias in node.names if _is_outside(alias.name)]
    if isinstance(node, ast.ImportFrom) and node.module:
        modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        return [f"imports {name}" for name in modules if _is_outside(name)][:1]
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy") and node.attr in OF_NUMPY:
            return [f"uses {node.value.id}.{node.attr}"]
        return [f"uses .{node.attr}"] if node.attr in BEHIND else []
    if isinstance(node, ast.MatchClass):
        return [f"uses .{name}" for name in node.kwd_attrs if name in BEHIND]
    if isinstance(node, ast.Global):
        return [f"keeps {' '.join(node.names)} between calls"]
    return _calls(node) if isinstance(node, ast.Call) else []


def _is_outside(module: str) -> bool:
    parts = module.split(".")
    return (
        parts[0] in OUTSIDE
        or any(module == name or module.startswith(f"{name}.") for name in ACCOUNT)
        or any(module.startswith(f"numpy.{name}") for name in OF_NUMPY)
    )


def _calls(node: ast.Call) -> list[str]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in BUILTINS:
        return [f"calls {called.id}()"]
    if isinstance(called, ast.Name) and called.id == "getattr" and len(node.args) > 1:
        name = node.args[1]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return [_MADE_UP]
        return [f"uses .{name.value}"] if name.value in BEHIND else []
    if isinstance(called, ast.Attribute) and called.attr in CALLS:
        return [f"calls .{called.attr}()"]
    return []


def _through(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a module is reached through another one that imported it."""
    imported = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in THROUGH and _root(node.value) in imported:
            yield node.lineno, f"uses .{node.attr}"


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
