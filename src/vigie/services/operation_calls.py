"""The way every door takes to an operation: scope, input, run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.input_errors import describe_value
from vigie.domain.pasted_secrets import is_untold
from vigie.domain.person import Caller
from vigie.domain.refusal import Refusal, join_refusals
from vigie.ports.clock import Clock
from vigie.services.app_context import AppContext
from vigie.services.input_forms import form_of
from vigie.services.market_data.euros import convert_result
from vigie.services.operation import Operation, OperationInput, check_as_of, operations


def run_operation(app_context: AppContext, caller: Caller, name: str, values: Mapping[str, Any]) -> Any:
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
        raise NotFound("no_operation", "there is no operation {name!r}", name=name)
    caller.require(declared.scope)
    try:
        params = declared.input_type.model_validate(dict(values))
    except ValidationError as fault:
        raise UsageError(describe_validation_error(fault)) from fault
    return run_validated(app_context, caller, declared, params)


def run_validated(
    app_context: AppContext, caller: Caller, declared: Operation, params: OperationInput
) -> Any:
    """Run an operation with input that has been read; amounts are told in the currency it asks for."""
    checked = check_as_of(app_context.clock, params)
    return convert_result(
        app_context.facts, params, declared.run(caller, checked, *declared.needed(app_context))
    )


@dataclass(frozen=True, slots=True)
class OperationRunner:
    """Runs operations by name, for what is put together from their results: an operation may ask for it by type."""

    app_context: AppContext

    @property
    def clock(self) -> Clock:
        """The home's clock."""
        return self.app_context.clock

    def run(self, caller: Caller, name: str, values: Mapping[str, Any]) -> Any:
        """Run an operation by name; see `run_operation`."""
        return run_operation(self.app_context, caller, name, values)

    def with_pinned_prices(self) -> OperationRunner:
        """Return one whose operations all read the same prices of assets."""
        return OperationRunner(
            replace(self.app_context, asset_metrics=self.app_context.asset_metrics.pinned())
        )


def describe_validation_error(fault: ValidationError) -> str:
    """Return what is wrong with an input, in one line for people."""
    return describe_errors(fault.errors())


def describe_errors(errors: Sequence[ErrorDetails], *, after: int = 0) -> str:
    """Return what a validating library found wrong, the first five, in one line for people.

    Parameters
    ----------
    after : int
        Parts of a field's place that are left out where more follow, such as ``body``.
    """
    return join_refusals([_describe_error(error, after) for error in errors[:5]])


def _describe_error(error: ErrorDetails, after: int) -> str:
    parts = [str(part) for part in error["loc"][after:] or error["loc"]]
    # Who mixes up a name and its value gives a secret as a name.
    field = ".".join("…" if is_untold(part) else part for part in parts) or "input"
    return Refusal("field_refused", "{field}: {reason}", field=field, reason=_error_reason(error))


def _error_reason(error: ErrorDetails) -> str:
    """Return what is wrong with a field: our own refusal, or what is accepted and what was given."""
    values = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(values["error"])
    field = str(error["loc"][-1]) if error["loc"] else ""
    return describe_value(
        error["type"],
        error["msg"],
        values,
        error["input"],
        form=form_of(str(values.get("pattern", ""))),
        field=field,
    )
