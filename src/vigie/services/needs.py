"""What an operation may name in its signature: types of fields of `AppContext`, and records of such types.

A record is a frozen dataclass that is named by a duty, for what reads many stores together: `resolver` finds each of
its fields by type, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, partial
from inspect import Parameter, signature
from operator import attrgetter
from typing import TypeVar, get_type_hints

from vigie.services.app_context import AppContext

Resolver = Callable[[AppContext], object]
_Record = TypeVar("_Record")
_Result = TypeVar("_Result")


@cache
def provided_fields() -> dict[object, str]:
    """Return the field of `AppContext` for each type that may be named.

    Raises
    ------
    TypeError
        If two fields have the same type: a parameter could mean either.
    """
    hints = get_type_hints(AppContext)
    names_by_type: dict[object, str] = {}
    for item in fields(AppContext):
        if not item.init:
            continue
        kind = hints[item.name]
        if kind in names_by_type:
            raise TypeError(f"AppContext: {names_by_type[kind]} and {item.name} have the same type {kind}")
        names_by_type[kind] = item.name
    return names_by_type


@cache
def resolver(kind: object) -> Resolver | None:
    """Return what finds a thing of a type in an `AppContext`; None if there is no such thing."""
    if kind is AppContext:
        return lambda app_context: app_context
    if (name := provided_fields().get(kind)) is not None:
        return attrgetter(name)
    return _record_resolver(kind) if isinstance(kind, type) and _is_record(kind) else None


def _is_record(kind: type) -> bool:
    is_frozen = getattr(getattr(kind, "__dataclass_params__", None), "frozen", False)
    return is_dataclass(kind) and bool(fields(kind)) and bool(is_frozen)


def _record_resolver(kind: type) -> Resolver | None:
    hints = get_type_hints(kind)
    parts = [(item.name, resolver(hints[item.name])) for item in fields(kind)]
    found = {name: part for name, part in parts if part is not None}
    if len(found) < len(parts):
        return None
    return lambda app_context: kind(**{name: part(app_context) for name, part in found.items()})


def resolvers(
    name: str, function: Callable[..., object], hints: Mapping[str, object], *, given: int = 0
) -> tuple[Resolver, ...]:
    """Return what finds the arguments of a function after those that its caller gives.

    Parameters
    ----------
    name : str
        What the function is, for messages.
    hints : mapping
        Its resolved annotations.
    given : int
        How many arguments the caller gives.

    Raises
    ------
    TypeError
        If a parameter has no type, or one that nothing in `AppContext` has; the message names both.
    """
    found: list[Resolver] = []
    for parameter in list(signature(function).parameters.values())[given:]:
        kind = hints.get(parameter.name)
        if kind is None:
            raise TypeError(f"{name}: parameter {parameter.name} has no type")
        part = resolver(kind)
        if part is None or parameter.kind is not Parameter.POSITIONAL_OR_KEYWORD:
            raise TypeError(
                f"{name}: parameter {parameter.name} asks for {getattr(kind, '__name__', kind)}, "
                "which is neither the type of a field of AppContext nor a record of such types"
            )
        found.append(part)
    return tuple(found)


def bound(app_context: AppContext, function: Callable[..., _Result]) -> Callable[..., _Result]:
    """Return a function, or what makes a class, with the first things that it takes of a home filled in."""
    hints = get_type_hints(getattr(function, "__init__") if isinstance(function, type) else function)  # noqa: B009 - unsound by name
    found: list[object] = []
    for parameter in signature(function).parameters:
        part = resolver(hints.get(parameter))
        if part is None:
            break
        found.append(part(app_context))
    return partial(function, *found)


def provide(app_context: AppContext, kind: type[_Record]) -> _Record:
    """Return a record of a home's things, for code that is no operation.

    Raises
    ------
    TypeError
        If the type is no such record.
    """
    wanted: object = kind
    part = resolver(wanted)
    made = part(app_context) if part is not None else None
    if not isinstance(made, kind):
        raise TypeError(f"{kind.__name__} is no record of things that AppContext has")
    return made
