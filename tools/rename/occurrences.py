"""Where each symbol stands in the code: names, attributes, keywords of calls, texts that name an attribute."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .meaning import UNKNOWN, Meaning
from .program import File, Program, Symbol
from .scopes import FUNCTIONS, Scope
from .sources import Span

BY_NAME: Final = ("getattr", "hasattr", "setattr", "delattr")
PATCHED: Final = ("setattr", "delattr", "object")
REPLACE: Final = (("outside", "dataclasses", "replace"), ("outside", "copy", "replace"))
TITLED: Final = (
    "TypeVar",
    "ParamSpec",
    "TypeVarTuple",
    "NewType",
    "NamedTuple",
    "namedtuple",
    "TypedDict",
    "Enum",
)
LISTS: Final = ("__slots__", "__match_args__")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in the code that names symbols: several where an object may be of several classes.

    Parameters
    ----------
    path : str
        The file.
    span : Span
        Where the name stands.
    name : str
        The name.
    symbols : frozenset of Symbol
        What it may stand for.
    scope : Scope or None
        Where it is looked up; None for attributes and keywords.
    """

    path: str
    span: Span
    name: str
    symbols: frozenset[Symbol]
    scope: Scope | None = None


class Occurrences:
    """All of them.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        Their types.
    """

    def __init__(self, program: Program, meaning: Meaning) -> None:
        self.program = program
        self.meaning = meaning
        self.of: dict[Symbol, list[Occurrence]] = defaultdict(list)
        self.unknown: dict[str, list[Occurrence]] = defaultdict(list)
        self.names: dict[str, list[Occurrence]] = defaultdict(list)
        self.splatted: dict[str, str] = {}
        for file in program.files.values():
            self._file(file)

    def _add(
        self, file: File, span: Span, name: str, symbols: set[Symbol], scope: Scope | None = None
    ) -> None:
        found = Occurrence(file.path, span, name, frozenset(symbols), scope)
        if scope is not None:
            self.names[file.path].append(found)
        for symbol in symbols:
            if symbol == UNKNOWN:
                self.unknown[name].append(found)
            elif symbol[0] != "outside":
                self.of[symbol].append(found)

    def _file(self, file: File) -> None:
        scopes = file.scopes
        for use in scopes.uses:
            scope = scopes.seen_from(use.scope, use.name, use.span[0])
            symbol = self.program.resolve(file, scope, use.name)
            if symbol is not None:
                self._add(file, use.span, use.name, {symbol}, scope)
        for one in scopes.from_names:
            symbol = self.program.in_module(one.module, one.name)
            if symbol is not None:
                self._add(file, one.span, one.name, {symbol}, None if one.is_renamed else one.scope)
        for node, scope in file.nodes(ast.Attribute):
            end = scopes.span(node)[1]
            span = (end - len(node.attr.encode()), end)
            self._add(file, span, node.attr, self.attribute(file, node.value, node.attr, scope))
        for node, scope in file.nodes(ast.Call):
            if node not in scopes.text_spans:
                self._call(file, node, scope)
        for node, _ in file.nodes(ast.MatchClass):
            self._match(file, node)
        for node, _ in file.nodes(ast.Compare):
            self._compared(file, node)
        for node, scope in file.nodes(ast.Assign, ast.AnnAssign):
            self._list(file, node, scope)

    def attribute(self, file: File, of: ast.expr, name: str, scope: Scope) -> set[Symbol]:
        """Return what an attribute of an expression may be."""
        symbol = self.program.behind(file, self.program.expression(file, of))
        if symbol is not None and symbol[0] == "module":
            found = self.program.in_module(symbol[1], name)
            return {found} if found else {UNKNOWN}
        if symbol is not None and self.program.is_class(symbol):
            return {self.meaning.of_class(f"{symbol[1]}.{symbol[2]}", name)}
        if of in file.scopes.text_spans:
            return {UNKNOWN}
        if isinstance(of, ast.Call) and isinstance(of.func, ast.Name) and of.func.id == "super":
            around = file.class_of(scope)
            return {self.meaning.above(file.classes[around], name)} if around else {UNKNOWN}
        kind = self.meaning.at(file.path, of)
        if self.meaning.is_unknown(kind) and isinstance(of, ast.Name) and (own := self._own(file, of, scope)):
            return {self.meaning.of_class(own, name)}
        return self.meaning.members(kind, name)

    def _own(self, file: File, of: ast.Name, scope: Scope) -> str | None:
        """Return the class whose object a name is by being the first parameter of a method."""
        owner = file.scopes.lookup(scope, of.id)
        if owner is None or owner.kind != "function" or owner.parameters[:1] != [of.id]:
            return None
        if owner.parent is None or owner.parent.kind != "class":
            return None
        decorators = getattr(owner.node, "decorator_list", [])
        is_static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in decorators)
        return None if is_static else file.classes[owner.parent]

    def _call(self, file: File, node: ast.Call, scope: Scope) -> None:
        for one in node.keywords:
            if one.arg is not None:
                start = file.source.spans[one][0]
                symbols = self.keyword(file, node, one.arg)
                # An object made of keywords stands for one of any class.
                is_any = ("outside", "types", "SimpleNamespace") in symbols
                symbols = {UNKNOWN} if is_any else symbols - {UNKNOWN}
                self._add(file, (start, start + len(one.arg.encode())), one.arg, symbols)
            else:
                for key, span in self._keys(file, one.value, 0):
                    self._add(file, span, key, self.keyword(file, node, key) - {UNKNOWN})
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_by_name = isinstance(node.func, ast.Name) and called in BY_NAME
        if (is_by_name or called in PATCHED) and len(node.args) > 1:
            if (found := self.text(file, node.args[1])) is not None:
                name, span = found
                self._add(file, span, name, self.attribute(file, node.args[0], name, scope))
        elif called in ("attrgetter", "methodcaller"):
            for one in node.args if called == "attrgetter" else node.args[:1]:
                if (found := self.text(file, one, r"[\w.]+")) is not None:
                    at = found[1][0]
                    for part in found[0].split("."):
                        self._add(file, (at, at + len(part)), part, {UNKNOWN})
                        at += len(part) + 1

    def text(self, file: File, node: ast.AST, pattern: str = r"[A-Za-z_]\w*") -> tuple[str, Span] | None:
        """Return what a plain text says, and where that stands within its quotes."""
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        if not re.fullmatch(pattern, node.value):
            return None
        start, end = file.source.spans[node]
        written = file.source.data[start:end].decode()
        if written[:1] not in "'\"" or written[1:-1] != node.value:
            return None
        return node.value, (start + 1, end - 1)

    def _keys(self, file: File, node: ast.expr, depth: int) -> Iterator[tuple[str, Span]]:  # noqa: C901
        """Give the keys of what is spread into a call, as far as they are written out."""
        if depth > 4:
            return
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    yield from self._keys(file, value, depth + 1)
                elif (found := self.text(file, key)) is not None:
                    yield found
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from self._keys(file, node.left, depth + 1)
            yield from self._keys(file, node.right, depth + 1)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
            for one in [*node.args, *(word.value for word in node.keywords if word.arg is None)]:
                yield from self._keys(file, one, depth + 1)
            for word in node.keywords:
                if word.arg is not None:
                    start = file.source.spans[word][0]
                    yield word.arg, (start, start + len(word.arg))
        elif isinstance(node, ast.Name):
            owner = file.scopes.lookup(file.scopes.scope_of[node], node.id)
            for value in file.assigned.get((owner, node.id), []) if owner else []:
                yield from self._keys(file, value, depth + 1)

    def keyword(self, file: File, call: ast.Call, name: str, depth: int = 0) -> set[Symbol]:
        """Return the parameters or fields that a keyword of a call gives a value to."""
        if depth > 4:
            return {UNKNOWN}
        callee = self.program.behind(file, self.program.expression(file, call.func))
        if callee in REPLACE and call.args:
            return self.meaning.members(self.meaning.at(file.path, call.args[0]), name)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "_replace":
            return self.meaning.members(self.meaning.at(file.path, call.func.value), name)
        found = self._taken(file, call.func, name, depth)
        if all(one[0] in ("unknown", "outside") for one in found):
            # What hands its arguments on: partial, a pool, a thread.
            handed = {
                symbol
                for one in call.args
                if isinstance(one, ast.Name | ast.Attribute)
                for symbol in self._taken(file, one, name, depth)
                if symbol[0] not in ("unknown", "outside")
            }
            return handed or found
        return found

    def _taken(self, file: File, node: ast.expr, name: str, depth: int) -> set[Symbol]:
        """Return the parameters or fields of that name of what an expression calls."""
        symbol = self.program.behind(file, self.program.expression(file, node))
        if symbol is not None and symbol[0] == "outside":
            return {symbol}
        if symbol is not None and self.program.is_class(symbol):
            return self._constructed(f"{symbol[1]}.{symbol[2]}", name, depth)
        if symbol is not None and (found := self._parameters(symbol, name, depth)) is not None:
            return found
        if isinstance(node, ast.Attribute):
            scope = file.scopes.scope_of[node]
            taken: set[Symbol] = set()
            for member in self.attribute(file, node.value, node.attr, scope):
                if member[0] == "member" and member[2] == "__init__":
                    taken |= self._constructed(member[1], name, depth)
                elif member[0] == "outside":
                    taken.add(member)
                elif (given := self._parameters(member, name, depth)) is not None:
                    taken |= given
            if taken:
                return taken
        return self._of_type(file, node, name, depth)

    def _of_type(self, file: File, node: ast.expr, name: str, depth: int) -> set[Symbol]:
        kind = self.meaning.at(file.path, node)
        taken: set[Symbol] = set()
        for called in self.meaning.called(kind):
            if called[0] == "class":
                taken |= self._constructed(called[1], name, depth)
            else:
                taken |= self._parameters(called, name, depth) or set()
        return taken or {UNKNOWN}

    def _parameters(self, symbol: Symbol, name: str, depth: int) -> set[Symbol] | None:
        """Return the parameters of that name of a function; None where the symbol is none."""
        functions = self.program.functions(symbol)
        if not functions:
            return None
        found: set[Symbol] = set()
        for file, scope in functions:
            args = scope.node.args  # type: ignore[attr-defined]  # the scope of a function
            if name in scope.parameters and name not in _stars(args):
                found.add(("local", file.path, scope.index, name))
            elif args.kwarg is not None:
                found |= self._handed_on(file, scope, args.kwarg.arg, name, depth)
        return found or {("outside", "", name)}

    def _handed_on(self, file: File, scope: Scope, spread: str, name: str, depth: int) -> set[Symbol]:
        """Return what a function's `**spread` gives the name to."""
        found: set[Symbol] = set()
        for call in ast.walk(scope.node):
            if not isinstance(call, ast.Call) or call not in file.scopes.scope_of:
                continue
            for one in call.keywords:
                if one.arg is None and _mentions(one.value, spread):
                    found |= self.keyword(file, call, name, depth + 1)
        return found or {("outside", "", name)}

    def _constructed(self, name: str, keyword: str, depth: int) -> set[Symbol]:
        """Return the parameter of a class's constructor, or the field that it fills."""
        info = self.meaning.infos.get(name)
        for base in info.mro if info else ():
            here = self.meaning.name(base)
            if here not in self.meaning.infos:
                continue
            _, scope = self.program.class_scopes[here]
            for method in ("__init__", "__new__"):
                if method in scope.own:
                    return self._parameters(("member", here, method), keyword, depth) or {UNKNOWN}
            if self.meaning.is_generated(here, "__init__"):
                break
        return {self.meaning.of_class(name, keyword)} if info else {UNKNOWN}

    def _match(self, file: File, node: ast.MatchClass) -> None:
        symbol = self.program.behind(file, self.program.expression(file, node.cls))
        start = file.scopes.span(node.cls)[1]
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            end = file.scopes.span(pattern)[0]
            place = file.source.find(rf"\b({name})\s*=\s*\(*\s*$", start, end)
            start = file.scopes.span(pattern)[1]
            known = symbol is not None and self.program.is_class(symbol)
            member = self.meaning.of_class(f"{symbol[1]}.{symbol[2]}", name) if known and symbol else UNKNOWN
            self._add(file, place, name, {member})

    def _list(self, file: File, node: ast.Assign | ast.AnnAssign, scope: Scope) -> None:
        """Take the texts of `__slots__`, `__match_args__` and `__all__`."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        name = targets[0].id if isinstance(targets[0], ast.Name) else ""
        if isinstance(node.value, ast.Call) and node.value.args:
            self._titled(file, node.value, name, scope)
        if node.value is None or not (name in LISTS or name == "__all__"):
            return
        for one in ast.walk(node.value):
            if (found := self.text(file, one)) is None:
                continue
            if name == "__all__" and scope.kind == "module":
                symbol = self.program.in_module(file.module, found[0])
                self._add(file, found[1], found[0], {symbol} if symbol else set())
            elif scope.kind == "class":
                self._add(file, found[1], found[0], {self.meaning.of_class(file.classes[scope], found[0])})

    def _compared(self, file: File, node: ast.Compare) -> None:
        """Take the text that the name of a class is compared with."""
        sides = [node.left, *node.comparators]
        if any(isinstance(one, ast.Attribute) and one.attr == "__name__" for one in sides):
            for one in sides:
                if (found := self.text(file, one)) is not None:
                    named = [name for name in self.program.class_scopes if name.endswith(f".{found[0]}")]
                    if len(named) == 1:
                        module, _, name = named[0].rpartition(".")
                        self._add(file, found[1], name, {("name", module, name)})

    def _titled(self, file: File, node: ast.Call, name: str, scope: Scope) -> None:
        """Take the text that a type variable or a type made by a call has as its name."""
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        found = self.text(file, node.args[0]) if called in TITLED else None
        symbol = self.program.resolve(file, scope, name)
        if found is not None and found[0] == name and symbol is not None:
            self._add(file, found[1], name, {symbol})


def _stars(args: ast.arguments) -> set[str]:
    return {one.arg for one in (args.vararg, args.kwarg) if one}


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def is_function(scope: Scope) -> bool:
    """Whether a scope is a function's."""
    return isinstance(scope.node, FUNCTIONS)
