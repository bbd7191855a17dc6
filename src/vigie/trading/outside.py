"""What a strategy's source says before it is run: what it asks of the outside, and what it keeps between calls.

Takes a file; gives one line for each thing that bars and parameters do not answer: a clock, chance, files, the
network, the account, other processes, arrays behind a view, and names that outlive a call and are written to.
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
    "vigie.ports", "vigie.research", "vigie.services", "vigie.trading.execution", "vigie.trading.exits",
    "vigie.trading.ledger", "vigie.trading.risk", "vigie.trading.sizing", "vigie.views",
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
    "open", "input", "exec", "eval", "compile", "globals", "vars", "breakpoint", "exit", "quit", "__import__",
)  # fmt: skip
BEHIND: Final = (
    "base", "writeable", "ctypes", "__array_interface__", "__builtins__", "__dict__", "__globals__", "__subclasses__",
)  # fmt: skip
CHANGES: Final = (
    "add", "append", "clear", "extend", "fill", "insert", "pop", "popitem", "put", "remove", "setdefault", "update",
)  # fmt: skip


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
    found += _kept(tree)
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
    if isinstance(called, ast.Attribute) and called.attr in CALLS:
        return [f"calls .{called.attr}()"]
    return []


def _kept(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a function writes to a name of the module, which outlives the call."""
    outer = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        own = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
        own |= {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(function):
            name = _written(node)
            if name in outer - own:
                yield node.lineno, f"keeps {name} between calls"  # type: ignore[attr-defined]


def _written(node: ast.AST) -> str | None:
    """Return the name whose parts a node writes to."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        target = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        target = node.func.value
    else:
        return None
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None
