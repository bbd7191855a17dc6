"""Types that tests leave out, read from what their functions return and are given, so that mypy knows their objects.

mypy reads a file with them written in, on the same lines: a position is found again by what stands before it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final

from mypy import nodes, types

from .meaning import Meaning
from .program import File, Program
from .scopes import FUNCTIONS, Scope
from .shadows import LEFT_OUT, Shadow

# Of more kinds than that nothing is said.
MOST: Final = 6


class Guesses:
    """Types of parameters and results, from a look at the program.

    Parameters
    ----------
    program : Program
        The files.
    meaning : Meaning
        What mypy knows so far.
    """

    def __init__(self, program: Program, meaning: Meaning) -> None:
        self._program = program
        self._meaning = meaning
        self._given: dict[tuple[str, int, str], list[types.Type]] = defaultdict(list)
        self._fixtures: dict[str, dict[str, tuple[File, Scope]]] = {}
        for file in program.files.values():
            self._fixtures[file.path] = dict(_fixtures(file))
        for file in program.files.values():
            if file.path.startswith(LEFT_OUT):
                for node, _ in file.nodes(ast.Call):
                    self._call(file, node)
        for wanted, given in meaning.given:
            self._asked(wanted, given)

    def shadows(self) -> dict[str, Shadow]:
        """Return the files with types, by path."""
        found = {}
        for file in self._program.files.values():
            if file.path.startswith(LEFT_OUT):
                shadow = self._shadow(file)
                if shadow is not None:
                    found[file.path] = shadow
        return found

    def _shadow(self, file: File) -> Shadow | None:
        names: dict[str, str] = {}
        places: list[tuple[int, str]] = []
        for scope in file.scopes.all:
            if not isinstance(scope.node, FUNCTIONS):
                continue
            for at, mark, kind in self._function(file, scope):
                text = spell(kind, names)
                if text is not None:
                    places.append((at, mark.format(f'"{text}"')))
        if not places:
            return None
        shadow = _written(file, places, names)
        try:
            ast.parse(shadow.text)
        except SyntaxError:
            return None
        return shadow

    def _function(self, file: File, scope: Scope) -> Iterator[tuple[int, str, types.Type]]:
        node = scope.node
        assert isinstance(node, FUNCTIONS)
        first = 1 if scope.parent is not None and scope.parent.kind == "class" else 0
        for one in [*node.args.posonlyargs, *node.args.args][first:] + node.args.kwonlyargs:
            if one.annotation is None:
                kind = self._joined(self._parameter(file, scope, one.arg))
                if kind is not None:
                    yield file.source.spans[one][0] + len(one.arg.encode()), ": {}", kind
        if node.returns is None and not node.name.startswith("test_"):
            kind = self._joined(self.results(file, scope))
            if kind is not None:
                yield self._header_end(file, node), _result(node), kind

    def _header_end(self, file: File, node: Any) -> int:
        """Return where the parenthesis of a function's parameters is closed."""
        first = node.body[0]
        before = [first, *getattr(first, "decorator_list", [])]
        start, end = file.source.spans[node][0], min(file.source.spans[one][0] for one in before)
        return (
            start + file.source.data[start:end].rindex(b")", 0, file.source.data[start:end].rindex(b":")) + 1
        )

    def _parameter(self, file: File, scope: Scope, name: str) -> Iterable[types.Type]:
        if scope.path.rpartition(".")[2].startswith("test_") or _is_fixture(scope.node):
            found = self._fixture(file, name, scope)
            if found is not None:
                return self.results(*found)
        return self._given.get((file.path, scope.index, name), [])

    def _fixture(self, file: File, name: str, asking: Scope) -> tuple[File, Scope] | None:
        """Return the fixture that a test asks for by a name: its file's, or the nearest above."""
        folders = [
            PurePosixPath(file.path),
            *(one / "conftest.py" for one in PurePosixPath(file.path).parents),
        ]
        for path in folders:
            found = self._fixtures.get(path.as_posix(), {}).get(name)
            if found is not None and found[1] is not asking:
                return found
        symbol = self._program.resolve(file, file.scopes.module, name)
        if symbol is not None and symbol[0] == "name":
            return self._fixtures[self._program.modules[symbol[1]].path].get(name)
        return None

    def results(self, file: File, scope: Scope) -> list[types.Type]:
        """Return the types of what a function returns or yields."""
        found = []
        for node, where in file.nodes(ast.Return, ast.Yield):
            if where.function is scope and node.value is not None:
                kind = self._meaning.at(file.path, node.value)
                if kind is not None:
                    found.append(kind)
        return found

    def _joined(self, kinds: Iterable[types.Type]) -> types.Type | None:
        """Return one type of several, or None where nothing of the repository is among them."""
        found: dict[str, types.Type] = {}
        for kind in kinds:
            proper = types.get_proper_type(kind)
            for one in proper.items if isinstance(proper, types.UnionType) else [proper]:
                if not isinstance(types.get_proper_type(one), types.AnyType | types.UninhabitedType):
                    found[str(one)] = one
        if not found or len(found) > MOST or not any(self._is_ours(one) for one in found.values()):
            return None
        return types.UnionType(list(found.values())) if len(found) > 1 else next(iter(found.values()))

    def _is_ours(self, kind: types.Type) -> bool:
        shown = str(kind)
        return any(shown.find(name) >= 0 for name in ("vigie.", "tests.", "benchmarks."))

    def _call(self, file: File, node: ast.Call) -> None:
        """Note what a function is given."""
        symbol = self._program.behind(file, self._program.expression(file, node.func))
        is_made = self._program.is_class(symbol)
        if symbol is None and isinstance(node.func, ast.Attribute):
            members = self._meaning.members(self._meaning.at(file.path, node.func.value), node.func.attr)
            symbol = next(iter(members)) if len(members) == 1 else None
        if symbol is None:
            return
        if is_made:
            symbol = ("member", f"{symbol[1]}.{symbol[2]}", "__init__")
        for other, scope in self._program.functions(symbol):
            if other.path.startswith(LEFT_OUT):
                self._arguments(file, node, other, scope)

    def _arguments(self, file: File, call: ast.Call, other: File, scope: Scope) -> None:
        args = scope.node.args  # type: ignore[attr-defined]  # the scope of a function
        names = [one.arg for one in [*args.posonlyargs, *args.args]]
        is_method = scope.parent is not None and scope.parent.kind == "class"
        for name, value in zip(names[1:] if is_method else names, call.args, strict=False):
            if isinstance(value, ast.Starred):
                break
            self._note(file, value, (other.path, scope.index, name))
        for one in call.keywords:
            if one.arg is not None:
                self._note(file, one.value, (other.path, scope.index, one.arg))

    def _note(self, file: File, value: ast.expr, key: tuple[str, int, str]) -> None:
        kind = self._meaning.at(file.path, value)
        if kind is not None:
            self._given[key].append(kind)

    def _asked(self, wanted: str, given: str) -> None:
        """Take the types of a protocol's methods for a class that is given as it."""
        protocol = self._meaning.outside.get(wanted)
        if protocol is None or not protocol.is_protocol or given not in self._program.class_scopes:
            return
        for name in protocol.protocol_members:
            symbol = protocol.get(name)
            kind = types.get_proper_type(symbol.type) if symbol and symbol.type is not None else None
            if not isinstance(kind, types.CallableType):
                continue
            for file, scope in self._program.functions(("member", given, name)):
                for number, parameter in enumerate(scope.parameters):
                    if 0 < number < len(kind.arg_types):
                        self._given[file.path, scope.index, parameter].append(kind.arg_types[number])


def _result(node: Any) -> str:
    """Return how the result of a function is written: of a generator, what it gives."""
    inside = [one for part in node.body for one in ast.walk(part)]
    if not any(isinstance(one, ast.Yield | ast.YieldFrom) for one in inside):
        return " -> {}"
    of = "AsyncIterator" if isinstance(node, ast.AsyncFunctionDef) else "Iterator"
    return f" -> _shadow_abc.{of}[{{}}]"


def _is_fixture(node: ast.AST) -> bool:
    return any("fixture" in ast.unparse(one) for one in getattr(node, "decorator_list", []))


def _fixtures(file: File) -> Iterator[tuple[str, tuple[File, Scope]]]:
    for scope in file.scopes.all:
        if scope.kind == "function" and _is_fixture(scope.node):
            yield scope.path.rpartition(".")[2], (file, scope)


def spell(kind: types.Type, names: dict[str, str]) -> str | None:
    """Return a type as it is written, None where it has no name.

    Parameters
    ----------
    kind : Type
        The type.
    names : dict of str to str
        Modules with the names that they are imported by: the type's are added.
    """
    of = types.get_proper_type(kind)
    if isinstance(of, types.NoneType):
        return "None"
    if isinstance(of, types.UnionType):
        parts = [spell(one, names) for one in of.items]
        return " | ".join(dict.fromkeys(one for one in parts if one)) or None
    if isinstance(of, types.TupleType) and of.partial_fallback.type.fullname == "builtins.tuple":
        parts = [spell(one, names) or f"{_name('typing', names)}.Any" for one in of.items]
        return f"{_name('builtins', names)}.tuple[{', '.join(parts) or '()'}]"
    if isinstance(of, types.TypeType):
        inner = spell(of.item, names)
        return f"{_name('builtins', names)}.type[{inner}]" if inner else None
    if isinstance(of, types.FunctionLike):
        result = of.items[0].ret_type
        inner = spell(result, names) or f"{_name('typing', names)}.Any"
        if of.is_type_obj():
            return f"{_name('builtins', names)}.type[{inner}]"
        return f"{_name('typing', names)}.Callable[..., {inner}]"
    if isinstance(of, types.TypeVarType):
        return spell(of.upper_bound, names)
    return _instance(of, names)


def _instance(of: types.ProperType, names: dict[str, str]) -> str | None:
    if isinstance(of, types.TupleType):
        of = of.partial_fallback
    elif isinstance(of, types.LiteralType | types.TypedDictType):
        of = of.fallback
    if (
        not isinstance(of, types.Instance)
        or "@" in of.type.fullname
        or of.type.fullname == "types.ModuleType"
    ):
        return None
    if not of.type.fullname.startswith(f"{of.type.module_name}.") or of.type.fullname == "builtins.function":
        return None
    text = _name(of.type.module_name, names) + of.type.fullname[len(of.type.module_name) :]
    if of.args:
        parts = [spell(one, names) or f"{_name('typing', names)}.Any" for one in of.args]
        if isinstance(of.type, nodes.TypeInfo) and of.type.has_type_var_tuple_type:
            return text
        text += f"[{', '.join(parts)}]"
    return text


def _name(module: str, names: dict[str, str]) -> str:
    return names.setdefault(module, f"_shadow_{len(names)}")


def _written(file: File, places: list[tuple[int, str]], names: dict[str, str]) -> Shadow:
    """Return a file with types at places, and what they need at its end."""
    data = file.source.data
    inserted: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, text in sorted(places, reverse=True):
        line = file.source.lines.line(at)
        inserted[line].append((at - file.source.lines.offset(line, 0), len(text.encode())))
        data = data[:at] + text.encode() + data[at:]
    imports = ["import collections.abc as _shadow_abc"]
    imports += [f"import {module} as {name}" for module, name in names.items()]
    return Shadow(data.decode() + "\n" + "\n".join(imports) + "\n", dict(inserted))
