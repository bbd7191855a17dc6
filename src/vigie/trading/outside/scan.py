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

from vigie.trading.outside.modules import does_io, is_listed, is_parent_of_allowed, leaves_allowed

FORBIDDEN_BUILTINS: Final = (
    "open", "input", "exec", "eval", "compile", "globals", "locals", "vars", "breakpoint", "exit", "quit",
    "delattr", "setattr", "__import__", "__builtins__", "__loader__", "__spec__",
)  # fmt: skip
HIDDEN_ATTRIBUTES: Final = (
    "base", "writeable", "ctypes", "attrgetter", "methodcaller", "_memo", "f_back", "f_globals", "f_locals",
    "gi_frame", "tb_frame",
    "__array_interface__", "__array_struct__", "__builtins__", "__closure__", "__code__", "__delattr__", "__dict__",
    "__getattr__", "__getattribute__", "__globals__", "__loader__", "__setattr__", "__spec__", "__subclasses__",
    "__traceback__",
)  # fmt: skip
# Modules that others have imported lead to everything.
POWERFUL_MODULES: Final = ("builtins", "gc", "importlib", "inspect", "os", "subprocess", "sys")
MUTATING_METHODS: Final = (
    "add", "append", "appendleft", "clear", "extend", "fill", "insert", "pop", "popitem", "popleft", "put", "remove",
    "setdefault", "update",
)  # fmt: skip
_DYNAMIC_ATTRIBUTE: Final = "asks for an attribute whose name is not written out"


def outside_uses(path: Path) -> list[str]:
    """Return what a strategy file reads besides bars and parameters, one line each: ``line 3: imports random``.

    Only what is plain to see is found.

    Parameters
    ----------
    path : Path
        Python source in UTF-8; it is parsed, never run.

    Returns
    -------
    list of str
        Empty where nothing is found, which proves nothing.
    """
    return list(_scan_text(path.read_text(encoding="utf-8")))


# A function of the text alone: a run asks once for each of its slots.
@lru_cache(maxsize=64)
def _scan_text(text: str) -> tuple[str, ...]:
    tree = ast.parse(text)
    findings = [
        (node.lineno, finding)
        for node in ast.walk(tree)
        if hasattr(node, "lineno")
        for finding in _node_findings(node)
    ]
    findings += _module_findings(tree)
    findings += _builtin_aliases(tree)
    findings += sorted({*_kept_state(tree)})
    return tuple(f"line {line}: {finding}" for line, finding in findings)


def _node_findings(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [f"imports {alias.name}" for alias in node.names if not is_listed(alias.name)]
    if isinstance(node, ast.ImportFrom):
        return _import_findings(node)
    if isinstance(node, ast.Attribute):
        return [f"uses .{node.attr}"] if node.attr in HIDDEN_ATTRIBUTES else []
    if isinstance(node, ast.MatchClass):
        return [f"uses .{name}" for name in node.kwd_attrs if name in HIDDEN_ATTRIBUTES]
    if isinstance(node, ast.Global):
        return [f"keeps {' '.join(node.names)} between calls"]
    return _call_findings(node) if isinstance(node, ast.Call) else []


def _import_findings(node: ast.ImportFrom) -> list[str]:
    module = f"{'.' * node.level}{node.module or ''}"
    findings = []
    for alias in node.names:
        name = f"{module}.{alias.name}"
        if is_listed(name):
            continue
        if not is_listed(module):
            return [f"imports {name if is_parent_of_allowed(module) else module}"]
        if alias.name == "*" or alias.name in HIDDEN_ATTRIBUTES or leaves_allowed(name):
            findings.append(f"imports {name}")
    return findings


def _call_findings(node: ast.Call) -> list[str]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in FORBIDDEN_BUILTINS:
        return [f"calls {called.id}()"]
    if isinstance(called, ast.Name) and called.id == "getattr" and len(node.args) > 1:
        name = node.args[1]
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            return [_DYNAMIC_ATTRIBUTE]
        return [f"uses .{name.value}"] if name.value in HIDDEN_ATTRIBUTES else []
    if isinstance(called, ast.Attribute) and does_io(called.attr):
        return [f"calls .{called.attr}()"]
    return []


def _module_findings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a module leads to what is not on the list: by an attribute of it, called or not."""
    imported, meanings = _imported_names(tree), _import_meanings(tree)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        access = _attribute_access(node)
        if access is None:
            continue
        owner, name = access
        dotted = _dotted_name(node, meanings)
        if name in POWERFUL_MODULES and _root_name(owner) in imported:
            yield owner.lineno, f"uses .{name}"
        # Where it is called, the call is told.
        elif dotted and not (id(node) in called and does_io(name)) and leaves_allowed(dotted):
            yield owner.lineno, f"uses {dotted if isinstance(node, ast.Call) else ast.unparse(node)}"


def _attribute_access(node: ast.AST) -> tuple[ast.expr, str] | None:
    """Return what a node asks for an attribute, and its name, however it is written."""
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr"):
        return None
    name = node.args[1] if len(node.args) > 1 else None
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return node.args[0], name.value
    return None


def _import_meanings(tree: ast.Module) -> dict[str, str]:
    """Return what the names of imports mean, dotted; other names that the file gives them mean the same."""
    # Where the import is missing its usual name still says what is meant.
    meanings = {"np": "numpy", "pl": "polars", "pd": "pandas"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            pairs = [
                (alias.asname or _root_package(alias.name), alias.name, alias.asname) for alias in node.names
            ]
            meanings.update(
                {
                    name: full_name if as_name else _root_package(full_name)
                    for name, full_name, as_name in pairs
                }
            )
        elif isinstance(node, ast.ImportFrom):
            meanings.update(
                {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            )
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and (dotted := _dotted_name(node.value, meanings)):
            meanings.update({alias.id: dotted for alias in node.targets if isinstance(alias, ast.Name)})
    return meanings


def _root_package(dotted: str) -> str:
    return dotted.partition(".")[0]


def _dotted_name(node: ast.AST, meanings: dict[str, str]) -> str:
    """Return the dotted name that an expression is, empty where it is none that begins at an import."""
    parts: list[str] = []
    while access := _attribute_access(node):
        node, name = access
        parts.insert(0, name)
    root = meanings.get(node.id, "") if isinstance(node, ast.Name) else ""
    return ".".join((root, *parts)) if root else ""


def _builtin_aliases(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where a function of Python's own is named without being called, which gives it another name."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    # What the file binds itself is its own: prices may be called `open`.
    own_names = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    own_names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in names:
        if (
            node.id in (*FORBIDDEN_BUILTINS, "getattr")
            and node.id not in own_names
            and id(node) not in called
        ):
            yield node.lineno, f"gives {node.id} another name"


def _kept_state(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield where something is written to that outlives the call: names of the module, imports, functions, classes."""
    shared = _imported_names(tree)
    module_names = {name for node in tree.body for name in _bound_names(node)}
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from _find_writes(statement, set(), shared)
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda):
            continue
        own_names = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
        own_names |= {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        aliases = _aliases_of(function, shared)
        yield from _find_writes(
            function, (module_names - own_names) | _mutable_defaults(function), (shared - own_names) | aliases
        )


def _find_writes(tree: ast.AST, lasting: set[str], imported: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        name, imported_name = _written_name(node), _written_name(node, of_import=True)
        if name in lasting or imported_name in imported:
            yield node.lineno, f"keeps {name} between calls"  # type: ignore[attr-defined]  # what is written has a place


def _bound_names(node: ast.stmt) -> list[str]:
    """Return the names that a statement of the module binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _imported_names(tree: ast.Module) -> set[str]:
    """Return the names that imports bind, and the other names the file gives these."""
    names = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return names | _aliases_of(tree, names)


def _aliases_of(tree: ast.AST, names: set[str]) -> set[str]:
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _mutable_defaults(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """Return the arguments whose default is made once and can be written to."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(positional), reversed(arguments.defaults), strict=False)]
    pairs += [
        (argument, default)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default
    ]
    return {
        argument.arg
        for argument, default in pairs
        if not isinstance(default, ast.Constant | ast.Attribute | ast.UnaryOp)
    }


def _written_name(node: ast.AST, *, of_import: bool = False) -> str | None:
    """Return the name whose parts a node writes to; a module's own function writes to nothing of the module."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return _root_name(node.value)
    if not (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in MUTATING_METHODS
    ):
        return None
    changed = node.func.value
    # np.append and np.ma.append give something new.
    is_module = isinstance(changed, ast.Name) or (
        isinstance(changed, ast.Attribute) and changed.attr in ("char", "ma", "strings")
    )
    return None if of_import and is_module else _root_name(changed)


def _root_name(target: ast.expr) -> str | None:
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None
