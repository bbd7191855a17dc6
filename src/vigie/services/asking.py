"""The way every door takes to an operation: scope, input, run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.services.house import House
from vigie.services.market_data.euros import convert_result
from vigie.services.operation import Ask, Operation, in_time, operations


def ask(house: House, caller: Caller, name: str, values: Mapping[str, Any]) -> Any:
    """Run an operation by name.

    Parameters
    ----------
    values : mapping
        Input as plain values; texts are read as numbers where numbers are meant.

    Raises
    ------
    NotFound
        If there is no such operation.
    Forbidden
        If the caller does not hold its scope.
    UsageError
        If the input is refused; the message names the field.
    """
    declared = operations().get(name)
    if declared is None:
        raise NotFound(f"there is no operation {name!r}")
    if not caller.may(declared.scope):
        if caller.via == "session" and caller.user != VISITOR.user:
            raise Forbidden(
                f"this needs the scope {declared.scope}, which your role does not hold; ask who administers this house"
            )
        raise Forbidden(f"this needs the scope {declared.scope}; sign in, or use a token that holds it")
    try:
        given = declared.ask.model_validate(dict(values))
    except ValidationError as fault:
        raise UsageError(plain(fault)) from fault
    return answered(house, caller, declared, given)


def answered(house: House, caller: Caller, declared: Operation, given: Ask) -> Any:
    """Run an operation with input that has been read; amounts are told in the currency it asks for."""
    return convert_result(house, given, declared.run(house, caller, in_time(house, given)))


def plain(fault: ValidationError) -> str:
    """Return what is wrong with an input, in one line for people."""
    return "; ".join(
        f"{'.'.join(str(part) for part in error['loc']) or 'input'}: {error['msg'].removeprefix('Value error, ')}"
        for error in fault.errors()[:5]
    )
