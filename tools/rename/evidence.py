"""Where an object is given as one of a protocol: what is passed, assigned, returned, or put into a container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from mypy import nodes, types
from mypy.traverser import all_return_statements

if TYPE_CHECKING:
    from .meaning import Meaning

DOUBLES: Final = ("tests.", "benchmarks.")
# A class that has so many members of a protocol keeps it.
FEWEST: Final = 2


def given_as(meaning: Meaning, node: nodes.Node) -> Iterator[tuple[str, str]]:
    """Give pairs of a protocol and a class, where an object of the class is given as one of the protocol.

    Parameters
    ----------
    meaning : Meaning
        Types of expressions.
    node : Node
        A call, an assignment or a function of mypy's tree.
    """
    if isinstance(node, nodes.CallExpr):
        callee = meaning.type_of(node.callee)
        if isinstance(callee, types.CallableType):
            yield from _arguments(meaning, callee, node)
    elif isinstance(node, nodes.AssignmentStmt):
        for target in node.lvalues:
            yield from _pairs(meaning, meaning.type_of(target) or _declared(target), node.rvalue)
    elif isinstance(node, nodes.FuncDef) and isinstance(node.type, types.CallableType):
        wanted = node.type.ret_type
        for one in all_return_statements(node):
            if one.expr is not None:
                yield from _pairs(meaning, wanted, one.expr)


def _declared(target: nodes.Node) -> types.Type | None:
    if isinstance(target, nodes.RefExpr) and isinstance(target.node, nodes.Var):
        return target.node.type
    return None


def _arguments(
    meaning: Meaning, callee: types.CallableType, call: nodes.CallExpr
) -> Iterator[tuple[str, str]]:
    for number, (value, kind, name) in enumerate(zip(call.args, call.arg_kinds, call.arg_names, strict=True)):
        formal = None
        if kind == nodes.ARG_POS:
            formal = callee.argument_by_position(number)
        elif kind == nodes.ARG_NAMED and name:
            formal = callee.argument_by_name(name)
        if formal is not None:
            yield from _pairs(meaning, formal.typ, value)


def _pairs(meaning: Meaning, wanted: types.Type | None, value: nodes.Expression) -> Iterator[tuple[str, str]]:
    """Compare what is wanted with an expression, and with the parts of one that is a container or a choice."""
    if wanted is None:
        return
    yield from _matched(meaning, wanted, meaning.type_of(value), 0)
    if isinstance(value, nodes.ConditionalExpr):
        for part in (value.if_expr, value.else_expr):
            yield from _pairs(meaning, wanted, part)
    elif isinstance(value, nodes.OpExpr) and value.op in ("or", "and"):
        for part in (value.left, value.right):
            yield from _pairs(meaning, wanted, part)
    elif isinstance(value, nodes.LambdaExpr):
        kind = types.get_proper_type(wanted)
        if isinstance(kind, types.CallableType):
            yield from _pairs(meaning, kind.ret_type, value.expr())
    elif isinstance(value, nodes.ListExpr | nodes.SetExpr | nodes.TupleExpr):
        yield from _items(meaning, wanted, value.items)
    elif isinstance(value, nodes.DictExpr):
        kind = types.get_proper_type(wanted)
        if isinstance(kind, types.Instance) and len(kind.args) == 2:
            for _, part in value.items:
                yield from _pairs(meaning, kind.args[1], part)


def _items(meaning: Meaning, wanted: types.Type, items: list[nodes.Expression]) -> Iterator[tuple[str, str]]:
    whole = types.get_proper_type(wanted)
    for choice in whole.items if isinstance(whole, types.UnionType) else [whole]:
        kind = types.get_proper_type(choice)
        if isinstance(kind, types.TupleType) and len(kind.items) == len(items):
            for one, part in zip(kind.items, items, strict=True):
                yield from _pairs(meaning, one, part)
        elif isinstance(kind, types.Instance) and len(kind.args) == 1:
            for part in items:
                yield from _pairs(meaning, kind.args[0], part)


def _matched(  # noqa: C901  # one case a kind of type
    meaning: Meaning, wanted: types.Type | None, given: types.Type | None, depth: int
) -> Iterator[tuple[str, str]]:
    """Compare two types, and the types that they are made of."""
    wanted = types.get_proper_type(wanted) if wanted is not None else None
    given = types.get_proper_type(given) if given is not None else None
    if wanted is None or given is None or depth > 5:
        return
    if isinstance(wanted, types.UnionType):
        for item in wanted.items:
            yield from _matched(meaning, item, given, depth + 1)
    elif isinstance(given, types.UnionType):
        for item in given.items:
            yield from _matched(meaning, wanted, item, depth + 1)
    elif isinstance(wanted, types.Instance) and isinstance(given, types.Instance):
        if wanted.type is given.type or len(wanted.args) == len(given.args) == 1:
            for one, other in zip(wanted.args, given.args, strict=False):
                yield from _matched(meaning, one, other, depth + 1)
        is_double = _is_double(meaning, wanted.type, given.type)
        if is_double or (wanted.type.is_protocol and _fits(wanted.type, given.type)):
            meaning.outside.setdefault(wanted.type.fullname, wanted.type)
            yield meaning.name(wanted.type), meaning.name(given.type)
    elif isinstance(wanted, types.CallableType) and isinstance(given, types.CallableType):
        yield from _matched(meaning, wanted.ret_type, given.ret_type, depth + 1)
        for one, other in zip(wanted.arg_types, given.arg_types, strict=False):
            yield from _matched(meaning, other, one, depth + 1)
    elif isinstance(wanted, types.TypeType) and isinstance(given, types.CallableType) and given.is_type_obj():
        yield from _matched(meaning, wanted.item, given.ret_type, depth + 1)


def _fits(protocol: nodes.TypeInfo, given: nodes.TypeInfo) -> bool:
    """Whether a class has all that a protocol asks, without being below it."""
    return protocol not in given.mro and all(given.get(name) for name in protocol.protocol_members)


def _is_double(meaning: Meaning, wanted: nodes.TypeInfo, given: nodes.TypeInfo) -> bool:
    """Whether a test gives a class of its own in place of one of the package."""
    if not given.module_name.startswith(DOUBLES) or wanted.module_name.startswith(DOUBLES):
        return False
    return wanted.module_name in meaning.program.modules and wanted not in given.mro


def built_alike(infos: Iterable[nodes.TypeInfo]) -> Iterator[tuple[nodes.TypeInfo, nodes.TypeInfo]]:
    """Give pairs of a protocol and a class that has all its members: objects that are made untyped are given so.

    Parameters
    ----------
    infos : iterable of TypeInfo
        Classes. A protocol of one member says too little.
    """
    known = list(infos)
    for protocol in known:
        members = (
            [name for name in protocol.protocol_members if name != "__call__"] if protocol.is_protocol else []
        )
        if len(members) < FEWEST:
            continue
        for one in known:
            if one is not protocol and one.get(members[0]) and _fits(protocol, one):
                yield protocol, one
