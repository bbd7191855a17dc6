"""What mypy knows of the program: the type of every expression, the members of every class, who is given as what."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from mypy import build, nodes, types
from mypy.config_parser import parse_config_file
from mypy.errors import CompileError
from mypy.modulefinder import BuildSource
from mypy.options import Options
from mypy.patterns import Pattern

from .evidence import built_alike, given_as
from .program import File, Program, Symbol
from .shadows import LEFT_OUT, Shadow

Place = tuple[int, int, int, int]
# What an expression may be whose type says nothing: anything has any attribute.
UNKNOWN: Final[Symbol] = ("unknown",)
# Classes whose objects have whatever they are given.
OPEN: Final = ("types.ModuleType", "types.SimpleNamespace")


def _options(root: Path, is_quick: bool) -> Options:
    options = Options()
    config = root / "pyproject.toml"
    if config.exists():
        parse_config_file(options, lambda: None, str(config))
    options.packages = []
    options.mypy_path = ["src", "."]
    options.incremental = is_quick
    options.cache_dir = str(root / "build" / "rename-cache") if is_quick else os.devnull
    options.preserve_asts = True
    options.export_types = True
    options.native_parser = False
    options.check_untyped_defs = True
    options.ignore_missing_imports = True
    options.namespace_packages = True
    options.explicit_package_bases = True
    options.warn_unused_ignores = False
    return options


class Meaning:
    """Types of a program.

    Parameters
    ----------
    program : Program
        The files.
    shadows : dict of str to Shadow
        Files that mypy reads with types that they leave out.
    is_quick : bool
        Whether only the types of files with shadows matter: the others may come from mypy's cache.

    Raises
    ------
    ValueError
        If mypy cannot read the program.
    """

    def __init__(
        self, program: Program, shadows: dict[str, Shadow] | None = None, is_quick: bool = False
    ) -> None:
        self.program = program
        self._shadows = shadows or {}
        sources = [
            BuildSource(file.path, file.module, self._text(file, is_quick), None)
            for file in program.files.values()
            if "-" not in file.module
        ]
        here = Path.cwd()
        os.chdir(program.root)
        try:
            self._result = build.build(sources, _options(program.root, is_quick))
        except CompileError as error:
            raise ValueError("mypy cannot read the program: " + "; ".join(error.messages[:5])) from error
        finally:
            os.chdir(here)
        self.errors = self._result.errors
        self.types: dict[str, dict[Place, types.Type]] = {}
        self.infos: dict[str, nodes.TypeInfo] = {}
        self.outside: dict[str, nodes.TypeInfo] = {}
        self._names: dict[str, str] = {}
        self.given: set[tuple[str, str]] = set()
        self._classes = {
            (file.path, line, scope.path.rpartition(".")[2]): name
            for name, (file, scope) in program.class_scopes.items()
            for line in _lines(scope.node)
        }
        for file in program.files.values():
            tree = self._result.files.get(file.module)
            if tree is not None:
                for node in _all_nodes(tree):
                    self.note(file.path, node)
        self.given.update(
            (self.name(one), self.name(other)) for one, other in built_alike(self.infos.values())
        )
        self.below: dict[str, set[str]] = {}
        for name, info in self.infos.items():
            for base in info.mro[1:]:
                self.below.setdefault(self.name(base), set()).add(name)

    def _text(self, file: File, is_quick: bool) -> str | None:
        """Return what mypy reads in place of a file; never the same in two looks, or its cache would have no types."""
        shadow = self._shadows.get(file.path)
        if is_quick and file.path.startswith(LEFT_OUT):
            text = shadow.text if shadow else file.source.data.decode()
            return f"{text}\n# {uuid4()}\n"
        return shadow.text if shadow else None

    def type_of(self, node: Any) -> types.ProperType | None:
        """Return the type that mypy found for an expression's type entry, resolved."""
        found = self._result.types.get(node)
        return types.get_proper_type(found) if found is not None else None

    def note(self, path: str, node: nodes.Node) -> None:
        """Take what is known of a node of mypy's."""
        if isinstance(node, nodes.ClassDef):
            self._class(path, node)
        elif isinstance(node, nodes.Expression):
            found = self.type_of(node)
            if found is not None:
                place = (node.line, node.column, node.end_line or 0, node.end_column or 0)
                self.types.setdefault(path, {})[place] = found
        self.given.update(given_as(self, node))

    def _class(self, path: str, node: nodes.ClassDef) -> None:
        name = self._classes.get((path, node.line, node.name))
        if name and node.info:
            self._names[node.info.fullname] = name
            self.infos[name] = node.info

    def name(self, info: nodes.TypeInfo) -> str:
        """Return the name of a class as the program has it."""
        return self._names.get(info.fullname, info.fullname)

    def at(self, path: str, node: Any) -> types.ProperType | None:
        """Return the type of an expression of a syntax tree."""
        place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        if shadow := self._shadows.get(path):
            begin, end = shadow.column(*place[:2]), shadow.column(*place[2:])
            place = (place[0], begin, place[2], end)
        return self.types.get(path, {}).get(place)

    def of_class(self, name: str, attribute: str) -> Symbol:
        """Return the member that a class's attribute is, of the class that has it."""
        info = self.infos.get(name)
        return self._in_class(info, attribute) if info else UNKNOWN

    def _in_class(self, info: nodes.TypeInfo, attribute: str, after: int = 0) -> Symbol:
        for base in info.mro[after:]:
            if attribute in base.names:
                name = self.name(base)
                if name in self.infos:
                    return ("member", name, attribute)
                return ("outside", base.fullname, attribute)
        if info.fallback_to_any or info.fullname in OPEN:
            return UNKNOWN
        return ("outside", info.fullname, attribute)

    def above(self, name: str, attribute: str) -> Symbol:
        """Return the member that `super()` finds in a class."""
        info = self.infos.get(name)
        return self._in_class(info, attribute, 1) if info else UNKNOWN

    def members(self, of: types.Type | None, attribute: str) -> set[Symbol]:
        """Return the members that an attribute may be by the type of what it is asked of."""
        of = types.get_proper_type(of) if of is not None else None
        if of is None or isinstance(of, types.AnyType | types.UninhabitedType | types.DeletedType):
            return {UNKNOWN}
        if isinstance(of, types.NoneType):
            return set()
        if isinstance(of, types.UnionType):
            return {found for item in of.items for found in self.members(item, attribute)}
        if isinstance(of, types.TypeVarType):
            return {
                found for item in (of.values or [of.upper_bound]) for found in self.members(item, attribute)
            }
        if isinstance(of, types.TypeType):
            return self._of_type(of.item, attribute)
        if isinstance(of, types.FunctionLike):
            if of.is_type_obj():
                return {self._in_class(of.type_object(), attribute)}
            return {("outside", "builtins.function", attribute)}
        info = self.info_of(of)
        return {self._in_class(info, attribute)} if info else {UNKNOWN}

    def _of_type(self, item: types.ProperType, attribute: str) -> set[Symbol]:
        if isinstance(item, types.AnyType):
            return {UNKNOWN}
        if isinstance(item, types.UnionType):
            return {
                found for one in item.items for found in self._of_type(types.get_proper_type(one), attribute)
            }
        if isinstance(item, types.TypeVarType):
            return self._of_type(types.get_proper_type(item.upper_bound), attribute)
        info = self.info_of(item)
        return {self._in_class(info, attribute)} if info else {UNKNOWN}

    def info_of(self, of: types.Type | None) -> nodes.TypeInfo | None:
        """Return the class of a type that is one object's."""
        of = types.get_proper_type(of) if of is not None else None
        if isinstance(of, types.Instance):
            return of.type
        if isinstance(of, types.TupleType):
            return of.partial_fallback.type
        if isinstance(of, types.LiteralType | types.TypedDictType):
            return of.fallback.type
        if isinstance(of, types.TypeVarType):
            return self.info_of(of.upper_bound)
        return None

    def called(self, of: types.Type | None) -> Iterator[Symbol]:
        """Give what a call of an object of a type calls: functions, and ``("class", name)``."""
        of = types.get_proper_type(of) if of is not None else None
        if isinstance(of, types.UnionType):
            for item in of.items:
                yield from self.called(item)
        elif isinstance(of, types.TypeType):
            info = self.info_of(of.item)
            if info:
                yield ("class", self.name(info))
        elif isinstance(of, types.Overloaded):
            yield from self.called(of.items[0])
        elif isinstance(of, types.CallableType):
            if of.is_type_obj():
                yield ("class", self.name(of.type_object()))
            elif isinstance(of.definition, nodes.FuncDef | nodes.Decorator | nodes.OverloadedFuncDef):
                node = of.definition
                if node.info:
                    yield ("member", self.name(node.info), node.name)
                elif "." in node.fullname:
                    module, _, name = node.fullname.rpartition(".")
                    yield ("name", module, name)
        elif (info := self.info_of(of)) is not None:
            yield self._in_class(info, "__call__")

    def classes(self, of: types.Type | None, depth: int = 0) -> set[str]:
        """Return the classes of the repository that a type is made of, also within containers."""
        of = types.get_proper_type(of) if of is not None else None
        found: set[str] = set()
        if of is None or depth > 6:
            return found
        parts: Iterable[types.Type] = ()
        if isinstance(of, types.Instance):
            if (name := self.name(of.type)) in self.infos:
                found.add(name)
            parts = of.args
        elif isinstance(of, types.UnionType | types.TupleType):
            parts = of.items
            if isinstance(of, types.TupleType):
                found |= self.classes(of.partial_fallback, depth + 1)
        elif isinstance(of, types.TypeVarType):
            parts = [of.upper_bound]
        elif isinstance(of, types.TypeType):
            parts = [of.item]
        elif isinstance(of, types.CallableType) and of.is_type_obj():
            found.add(self.name(of.type_object()))
        for part in parts:
            found |= self.classes(part, depth + 1)
        return found & self.infos.keys()

    def is_unknown(self, of: types.Type | None) -> bool:
        """Whether a type says nothing."""
        of = types.get_proper_type(of) if of is not None else None
        return of is None or isinstance(of, types.AnyType)

    def field_types(self, name: str) -> Iterator[types.Type]:
        """Give the types of a class's fields."""
        info = self.infos.get(name)
        for base in info.mro if info else ():
            if self.name(base) in self.infos:
                for symbol in base.names.values():
                    if isinstance(symbol.node, nodes.Var) and symbol.node.type is not None:
                        yield symbol.node.type

    def has_base(self, name: str, fullname: str) -> bool:
        """Whether a class is below another one, by its full name."""
        info = self.infos.get(name)
        return bool(info and any(base.fullname == fullname for base in info.mro))

    def is_generated(self, name: str, method: str) -> bool:
        """Whether a method of a class is made by a decorator or by a base, from its fields."""
        info = self.infos.get(name)
        symbol = info.names.get(method) if info else None
        return bool(info and ((symbol and symbol.plugin_generated) or info.is_named_tuple))


def _lines(node: Any) -> set[int]:
    return {node.lineno, *(one.lineno for one in node.decorator_list)}


# Parts of nodes that lead to other places of the program.
_AWAY: Final = frozenset(
    ("node", "info", "type", "var", "original_def", "names", "unanalyzed_items", "def_var")
)
_PARTS: Final = (
    nodes.MypyFile, nodes.Statement, nodes.Expression, nodes.FuncItem, nodes.OverloadedFuncDef, nodes.Argument, Pattern,
)  # fmt: skip
_attributes: dict[type, tuple[str, ...]] = {}


def _parts(node: nodes.Node) -> Iterator[nodes.Node]:
    """Give what is written inside of a node: compiled visitors cannot be inherited from."""
    kind = type(node)
    if kind not in _attributes:
        named = {name for one in kind.__mro__ for name in getattr(one, "__mypyc_attrs__", ()) or ()}
        named |= {name for one in kind.__mro__ for name in getattr(one, "__slots__", ()) or ()}
        _attributes[kind] = tuple(sorted(name for name in named - _AWAY if not name.startswith("__")))
    for name in _attributes[kind]:
        held = [getattr(node, name, None)]
        while held:
            one = held.pop()
            if isinstance(one, list | tuple):
                held += one
            elif isinstance(one, dict):
                held += one.values()
            elif isinstance(one, _PARTS):
                yield one


def _all_nodes(tree: nodes.MypyFile) -> Iterator[nodes.Node]:
    """Give every node of a file once."""
    seen: set[int] = set()
    held: list[nodes.Node] = [tree]
    while held:
        node = held.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            held += _parts(node)
