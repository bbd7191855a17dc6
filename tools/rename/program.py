"""The files together: what a name of one file means in another, and what stands for which symbol.

A symbol is a tuple: ``("name", module, name)`` of a module, ``("member", class, name)``, ``("local", path, scope,
name)``, ``("module", dotted)``. Names that come from outside of the repository are ``("outside", module, name)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .scopes import Scope, Scopes
from .sources import Source, read_sources

Symbol = tuple[Any, ...]
FOLDERS: Final = ("src", "tests", "tools", "benchmarks", "docs")
LOADERS: Final = ("import_module", "importlib.import_module")


class File:
    """A Python file with its scopes.

    Parameters
    ----------
    source : Source
        The file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.scopes = Scopes(source)
        self.classes: dict[Scope, str] = {
            one: f"{source.module}.{one.path}" for one in self.scopes.all if one.kind == "class"
        }
        self.assigned: dict[tuple[Scope, str], list[ast.expr]] = {}
        for node, scope in self.scopes.scope_of.items():
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                self.assigned.setdefault((scope, node.targets[0].id), []).append(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                self.assigned.setdefault((scope, node.target.id), []).append(node.value)

    @property
    def path(self) -> str:
        """Its path."""
        return self.source.path

    @property
    def module(self) -> str:
        """Its module's name."""
        return self.source.module

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[tuple[Any, Scope]]:
        """Give the nodes of some kinds with the scope that they are in."""
        for node, scope in self.scopes.scope_of.items():
            if isinstance(node, kinds):
                yield node, scope

    def class_of(self, scope: Scope | None) -> Scope | None:
        """Return the class whose body a function is written in, however deep."""
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope


class Program:
    """Every Python file of the repository.

    Parameters
    ----------
    root : Path
        The repository.
    folders : tuple of str
        Where Python files are.
    """

    def __init__(self, root: Path, folders: tuple[str, ...] = FOLDERS) -> None:
        self.root = root
        self.files = {path: File(source) for path, source in read_sources(root, folders).items()}
        self.modules = {file.module: file for file in self.files.values()}
        self.packages = {
            ".".join(name.split(".")[:size])
            for name in self.modules
            for size in range(1, name.count(".") + 1)
        }
        self.class_scopes: dict[str, tuple[File, Scope]] = {
            name: (file, scope) for file in self.files.values() for scope, name in file.classes.items()
        }

    def has_module(self, name: str) -> bool:
        """Whether a dotted name is a module or package of the repository."""
        return name in self.modules or name in self.packages

    def in_module(
        self, module: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> Symbol | None:
        """Return what a name of a module stands for, where it was made.

        Parameters
        ----------
        module : str
            Dotted.
        name : str
            In its namespace.
        seen : frozenset
            Where the search has been.
        """
        if (module, name) in seen:
            return None
        file = self.modules.get(module)
        if file is None:
            if module in self.packages and self.has_module(f"{module}.{name}"):
                return ("module", f"{module}.{name}")
            return None if module in self.packages else ("outside", module, name)
        top = file.scopes.module
        if name in top.own:
            return ("name", module, name)
        if name in top.imported:
            return self._imported(file, top, name, seen | {(module, name)})
        if self.has_module(f"{module}.{name}"):
            return ("module", f"{module}.{name}")
        return None

    def _imported(
        self, file: File, scope: Scope, name: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> Symbol | None:
        """Return what an import binds: with another name, a name of its own."""
        found = scope.imported[name]
        if found.name is None:
            if found.is_renamed:
                return self._own(file, scope, name)
            return (
                ("module", found.module) if self.has_module(found.module) else ("outside", found.module, "")
            )
        if found.is_renamed:
            return self._own(file, scope, name)
        return self.in_module(found.module, found.name, seen) or ("outside", found.module, found.name)

    def _own(self, file: File, scope: Scope, name: str) -> Symbol:
        if scope.kind == "module":
            return ("name", file.module, name)
        if scope.kind == "class":
            return ("member", file.classes[scope], name)
        return ("local", file.path, scope.index, name)

    def bound(self, file: File, scope: Scope, name: str) -> Symbol | None:
        """Return the symbol that a scope binds to a name."""
        if name in scope.own or name not in scope.imported:
            return self._own(file, scope, name)
        return self._imported(file, scope, name)

    def resolve(self, file: File, scope: Scope, name: str) -> Symbol | None:
        """Return the symbol of a name as a scope sees it; None for builtins."""
        owner = file.scopes.lookup(scope, name)
        return self.bound(file, owner, name) if owner else None

    def behind(self, file: File, symbol: Symbol | None) -> Symbol | None:
        """Return what a name bound by `import ... as` or by a loader stands for in the end."""
        for _ in range(4):
            if symbol is None or symbol[0] not in ("name", "local"):
                return symbol
            owner = self.modules.get(symbol[1]) if symbol[0] == "name" else self.files[symbol[1]]
            if owner is None:
                return symbol
            scope = owner.scopes.module if symbol[0] == "name" else owner.scopes.all[symbol[2]]
            name = symbol[-1]
            if name in scope.imported and name not in scope.own:
                found = scope.imported[name]
                if found.name is None:
                    known = self.has_module(found.module)
                    return ("module", found.module) if known else ("outside", found.module, "")
                symbol = self.in_module(found.module, found.name) or ("outside", found.module, found.name)
                continue
            values = owner.assigned.get((scope, name), [])
            loaded = self.loaded(owner, values[0]) if len(values) == 1 else None
            return ("module", loaded) if loaded else symbol
        return symbol

    def loaded(self, file: File, node: ast.expr) -> str | None:
        """Return the module that a call of `import_module` with a plain text gives."""
        if not isinstance(node, ast.Call) or not node.args or ast.unparse(node.func) not in LOADERS:
            return None
        text = node.args[0]
        if isinstance(text, ast.Name):
            scope = file.scopes.scope_of.get(text)
            owner = file.scopes.lookup(scope, text.id) if scope else None
            values = file.assigned.get((owner, text.id), []) if owner else []
            text = values[0] if len(values) == 1 else text
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and self.has_module(text.value):
            return text.value
        return None

    def expression(self, file: File, node: ast.expr) -> Symbol | None:
        """Return the symbol that an expression names, without types: a module, class, function or member of a class."""
        if isinstance(node, ast.Name):
            at = file.scopes.span(node)[0]
            return self.resolve(file, file.scopes.seen_from(file.scopes.scope_of[node], node.id, at), node.id)
        if isinstance(node, ast.Call):
            loaded = self.loaded(file, node)
            return ("module", loaded) if loaded else None
        if not isinstance(node, ast.Attribute):
            return None
        of = self.behind(file, self.expression(file, node.value))
        if of is None:
            return None
        if of[0] == "module":
            return self.in_module(of[1], node.attr)
        return None

    def is_class(self, symbol: Symbol | None) -> bool:
        """Whether a symbol is a class of the repository."""
        return symbol is not None and symbol[0] == "name" and f"{symbol[1]}.{symbol[2]}" in self.class_scopes

    def functions(self, symbol: Symbol) -> list[tuple[File, Scope]]:
        """Return the functions that a symbol names: several of an overload or a property."""
        if symbol[0] == "name":
            file = self.modules.get(symbol[1])
            path, parent = symbol[2], None
        elif symbol[0] == "member":
            file, parent = self.class_scopes.get(symbol[1], (None, None))
            path = f"{parent.path}.{symbol[2]}" if parent else ""
        elif symbol[0] == "local":
            file = self.files[symbol[1]]
            parent = file.scopes.all[symbol[2]].function
            path = f"{parent.path}.{symbol[3]}" if parent.path else symbol[3]
        else:
            return []
        if file is None:
            return []
        return [(file, one) for one in file.scopes.at(path) if one.kind == "function"]
