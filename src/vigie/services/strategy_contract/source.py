"""What a strategy's source says before it is run: what it imports, and what it asks of the outside."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

# A strategy never sees the account, and nothing that differs from one run to the next.
ACCOUNT: Final = (
    "vigie.adapters", "vigie.bootstrap", "vigie.config", "vigie.domain.account", "vigie.domain.state", "vigie.engine",
    "vigie.ports", "vigie.research", "vigie.services", "vigie.trading.execution", "vigie.trading.exits",
    "vigie.trading.ledger", "vigie.trading.risk", "vigie.trading.sizing", "vigie.views",
)  # fmt: skip
OUTSIDE: Final = (
    "http", "multiprocessing", "os", "pathlib", "random", "requests", "secrets", "shutil", "socket", "subprocess",
    "tempfile", "threading", "time", "urllib", "uuid",
)  # fmt: skip
CALLS: Final = ("now", "today", "utcnow")
BUILTINS: Final = ("open", "input", "exec", "eval")


def outside_uses(path: Path) -> list[str]:
    """Return what a strategy file reads besides bars and parameters, one line each: ``line 3: imports random``.

    Only what is plain to see is found: a clock, randomness, files, the network, the account.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [f"imports {alias.name}" for alias in node.names if _is_outside(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            names = [f"imports {name}" for name in modules if _is_outside(name)][:1]
        elif isinstance(node, ast.Attribute) and node.attr == "random" and isinstance(node.value, ast.Name):
            names = [f"uses {node.value.id}.random"] if node.value.id in ("np", "numpy") else []
        elif isinstance(node, ast.Call):
            names = _calls(node)
        found += [f"line {node.lineno}: {name}" for name in names if hasattr(node, "lineno")]
    return found


def _is_outside(module: str) -> bool:
    parts = module.split(".")
    return (
        parts[0] in OUTSIDE
        or any(module == name or module.startswith(f"{name}.") for name in ACCOUNT)
        or (module.startswith("numpy.random"))
    )


def _calls(node: ast.Call) -> list[str]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in BUILTINS:
        return [f"calls {called.id}()"]
    if (
        isinstance(called, ast.Attribute)
        and called.attr in CALLS
        and isinstance(called.value, ast.Name | ast.Attribute)
    ):
        return [f"calls .{called.attr}()"]
    return []
