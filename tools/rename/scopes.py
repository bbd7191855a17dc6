"""Which name belongs to which scope of a file: modules, classes, functions, lambdas and comprehensions."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from .names import FromName, Import, ModuleName, Scope, Use
from .sources import Source, Span

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


class Scopes:
    """The scopes of a file and every name in it.

    Parameters
    ----------
    source : Source
        The file.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.all: list[Scope] = []
        self.uses: list[Use] = []
        self.from_names: list[FromName] = []
        self.module_names: list[ModuleName] = []
        self.scope_of: dict[ast.AST, Scope] = {}
        self.of_node: dict[ast.AST, Scope] = {}
        self.texts: dict[ast.AST, ast.expr] = {}
        self.text_spans: dict[ast.AST, Span] = {}
        self.module = self._scope("module", "", source.tree, None)
        self._body(source.tree.body, self.module)

    def span(self, node: ast.AST) -> Span:
        """Return where a node stands, within texts that are types as well."""
        return self.text_spans[node] if node in self.text_spans else self.source.spans[node]

    def lookup(self, scope: Scope, name: str) -> Scope | None:
        """Return the scope that a name is of, None for a builtin or an unknown one."""
        here: Scope | None = scope
        while here is not None:
            if (here is scope or here.is_open) and name in here.elsewhere:
                if here.elsewhere[name] == "global":
                    return self.module
            elif (here is scope or here.is_open) and name in here.bound:
                return here
            here = here.parent
        return None

    def seen_from(self, scope: Scope, name: str, at: int) -> Scope:
        """Return where a name is looked up that stands at a place: a class does not have it before it binds it."""
        while scope.kind == "class" and scope.parent is not None and at < scope.first.get(name, 0):
            scope = scope.parent
        return scope

    def at(self, path: str) -> list[Scope]:
        """Return the scopes of a dotted path, the module for ``<module>``."""
        if path == "<module>":
            return [self.module]
        return [one for one in self.all if one.path == path and one.kind in ("class", "function")]

    def inner(self, scope: Scope) -> Iterator[Scope]:
        """Give a scope and the lambdas and comprehensions written in it."""
        for one in self.all:
            if one.function is scope:
                yield one

    def _scope(self, kind: str, name: str, node: ast.AST, parent: Scope | None) -> Scope:
        path = ".".join(part for part in (parent.path if parent else "", name) if part)
        made = Scope(kind, path, node, parent, len(self.all))
        self.all.append(made)
        self.of_node[node] = made
        return made

    def _bind(self, scope: Scope, name: str, span: Span, is_import: bool = False) -> None:
        if name not in scope.elsewhere:
            scope.bound.add(name)
            scope.first[name] = min(span[0], scope.first.get(name, span[0]))
            if not is_import:
                scope.own.add(name)
        self.uses.append(Use(scope, name, span, True))

    def _body(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        body = list(body)
        for node in _own_statements(body):
            if isinstance(node, ast.Global | ast.Nonlocal):
                how = "global" if isinstance(node, ast.Global) else "nonlocal"
                scope.elsewhere.update(dict.fromkeys(node.names, how))
        for node in body:
            self._visit(node, scope)

    def _visit(self, node: ast.AST | None, scope: Scope) -> None:
        if node is None:
            return
        self.scope_of[node] = scope
        handler = getattr(self, f"_on_{type(node).__name__.lower()}", None)
        if handler is not None:
            handler(node, scope)
            return
        for child in ast.iter_child_nodes(node):
            self._visit(child, scope)

    def _each(self, nodes: Iterable[ast.AST | None], scope: Scope) -> None:
        for node in nodes:
            self._visit(node, scope)

    def _on_name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            self.uses.append(Use(scope, node.id, self.span(node)))
        else:
            self._bind(scope, node.id, self.span(node))

    def _on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        self._each(node.decorator_list, scope)
        self._arguments(node.args, scope)
        self._type(node.returns, scope)
        start, end = self.source.spans[node]
        self._bind(scope, node.name, self.source.find(rf"\bdef\s+({node.name})\b", start, end))
        inner = self._scope("function", node.name, node, scope)
        self._parameters(node.args, inner)
        self._body(node.body, inner)

    _on_asyncfunctiondef = _on_functiondef

    def _on_lambda(self, node: ast.Lambda, scope: Scope) -> None:
        self._arguments(node.args, scope)
        inner = self._scope("lambda", "", node, scope)
        self._parameters(node.args, inner)
        self._visit(node.body, inner)

    def _on_classdef(self, node: ast.ClassDef, scope: Scope) -> None:
        self._each([*node.decorator_list, *node.bases, *node.keywords], scope)
        start, end = self.source.spans[node]
        self._bind(scope, node.name, self.source.find(rf"\bclass\s+({node.name})\b", start, end))
        self._body(node.body, self._scope("class", node.name, node, scope))

    def _arguments(self, args: ast.arguments, scope: Scope) -> None:
        """Visit what is evaluated outside of the function: defaults and types."""
        self._each([*args.defaults, *args.kw_defaults], scope)
        for one in _all_arguments(args):
            self._type(one.annotation, scope)

    def _parameters(self, args: ast.arguments, inner: Scope) -> None:
        for one in _all_arguments(args):
            start = self.source.spans[one][0]
            inner.parameters.append(one.arg)
            self.scope_of[one] = inner
            self._bind(inner, one.arg, (start, start + len(one.arg.encode())))

    def _comprehension(self, node: ast.AST, scope: Scope) -> None:
        inner = self._scope("comprehension", "", node, scope)
        for number, part in enumerate(node.generators):  # type: ignore[attr-defined]  # all four have them
            self._visit(part.iter, inner if number else scope)
            self._visit(part.target, inner)
            self._each(part.ifs, inner)
        if isinstance(node, ast.DictComp):
            self._each([node.key, node.value], inner)
        else:
            self._visit(node.elt, inner)  # type: ignore[attr-defined]  # the other three have one

    _on_listcomp = _on_setcomp = _on_dictcomp = _on_generatorexp = _comprehension

    def _on_namedexpr(self, node: ast.NamedExpr, scope: Scope) -> None:
        self._visit(node.value, scope)
        outer = scope
        while outer.kind == "comprehension" and outer.parent:
            outer = outer.parent
        self.scope_of[node.target] = outer
        self._bind(outer, node.target.id, self.span(node.target))

    def _on_annassign(self, node: ast.AnnAssign, scope: Scope) -> None:
        self._type(node.annotation, scope)
        self._visit(node.value, scope)
        self._visit(node.target, scope)

    def _on_call(self, node: ast.Call, scope: Scope) -> None:
        self._visit(node.func, scope)
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for number, one in enumerate(node.args):
            self._type(one, scope) if called == "cast" and not number else self._visit(one, scope)
        for one in node.keywords:
            self.scope_of[one] = scope
            is_type = called == "TypeVar" and one.arg == "bound"
            self._type(one.value, scope) if is_type else self._visit(one.value, scope)

    def _type(self, node: ast.AST | None, scope: Scope) -> None:
        """Visit an annotation: texts in it are types."""
        for one in _type_texts(node):
            self._text(one, scope)
        self._visit(node, scope)

    def _text(self, node: ast.Constant, scope: Scope) -> None:
        start, end = self.source.spans[node]
        written = self.source.data[start:end]
        if written[1:-1].decode() != node.value or written[:1] not in (b'"', b"'"):
            return
        try:
            tree = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return
        for inner in ast.walk(tree):
            if hasattr(inner, "col_offset"):
                self.text_spans[inner] = (
                    start + 1 + inner.col_offset, start + 1 + (inner.end_col_offset or 0),
                )  # fmt: skip
        self.texts[node] = tree
        self._visit(tree, scope)

    def _on_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            start, end = self.source.spans[alias]
            self.module_names.append(ModuleName(alias.name, (start, start + len(alias.name))))
            if alias.asname:
                self._import(scope, alias.asname, Import(alias.name, None, True))
                self._bind(scope, alias.asname, (end - len(alias.asname), end), is_import=True)
            else:
                top = alias.name.split(".")[0]
                self._import(scope, top, Import(top, None, False))
                self._bind(scope, top, (start, start + len(top)), is_import=True)

    def _on_importfrom(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = self._absolute(node)
        start, end = self.source.spans[node]
        if node.module:
            span = self.source.find(r"\bfrom\s+\.*\s*([\w.]+)", start, end)
            self.module_names.append(ModuleName(module, span))
        for alias in node.names:
            if alias.name == "*":
                continue
            start, end = self.source.spans[alias]
            name = alias.asname or alias.name
            is_renamed = name != alias.name
            named = (start, start + len(alias.name))
            self.from_names.append(FromName(module, alias.name, named, scope, is_renamed))
            self._import(scope, name, Import(module, alias.name, is_renamed))
            if is_renamed or alias.asname:
                self._bind(scope, name, (end - len(name), end), is_import=True)
            elif name not in scope.elsewhere:
                scope.bound.add(name)

    def _import(self, scope: Scope, name: str, found: Import) -> None:
        scope.imported.setdefault(name, found)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.source.module.split(".")
        drop = node.level - (1 if self.source.is_package else 0)
        base = parts[: len(parts) - drop]
        return ".".join([*base, *([node.module] if node.module else [])])

    def _on_excepthandler(self, node: ast.ExceptHandler, scope: Scope) -> None:
        self._visit(node.type, scope)
        if node.name and node.type:
            start = self.source.spans[node.type][1]
            span = self.source.find(rf"\bas\s+({node.name})\b", start, self.source.spans[node.body[0]][0])
            self._bind(scope, node.name, span)
        self._each(node.body, scope)

    def _named(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        start, end = self.source.spans[node]
        for name in node.names:
            span = self.source.find(rf"\b({name})\b", self.source.find(r"(\s)", start, end)[0], end)
            self.uses.append(Use(scope, name, span, True))
            if isinstance(node, ast.Global):
                self.module.bound.add(name)

    _on_global = _on_nonlocal = _named

    def _on_matchas(self, node: ast.MatchAs, scope: Scope) -> None:
        self._visit(node.pattern, scope)
        if node.name:
            end = self.source.spans[node][1]
            self._bind(scope, node.name, (end - len(node.name.encode()), end))

    def _on_matchstar(self, node: ast.MatchStar, scope: Scope) -> None:
        if node.name:
            end = self.source.spans[node][1]
            self._bind(scope, node.name, (end - len(node.name.encode()), end))

    def _on_matchmapping(self, node: ast.MatchMapping, scope: Scope) -> None:
        self._each([*node.keys, *node.patterns], scope)
        if node.rest:
            span = self.source.find(rf"\*\*\s*({node.rest})\b", *self.source.spans[node])
            self._bind(scope, node.rest, span)


def _own_statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Give statements that belong to a scope, those in its branches as well."""
    for node in body:
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _own_statements(ast.iter_child_nodes(node))


def _all_arguments(args: ast.arguments) -> list[ast.arg]:
    last = [one for one in (args.vararg, args.kwarg) if one]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *last]


def _type_texts(node: ast.AST | None) -> Iterator[ast.Constant]:
    """Give the texts of an annotation that stand for types."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.Subscript):
        name = getattr(node.value, "attr", getattr(node.value, "id", ""))
        if name == "Annotated" and isinstance(node.slice, ast.Tuple):
            yield from _type_texts(node.slice.elts[0])
        elif name != "Literal":
            yield from _type_texts(node.slice)
    elif isinstance(node, ast.BinOp | ast.Tuple | ast.List):
        for child in ast.iter_child_nodes(node):
            yield from _type_texts(child)
