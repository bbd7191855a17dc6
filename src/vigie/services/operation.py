"""What an operation is: a function that people, pages and programs may ask, declared once.

A topic in `services/operations` declares its operations with `@operation`; REST routes, their description and the
exports of tables come from the declaration, and pages read nothing else.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Concatenate, Final, Generic, Literal, ParamSpec, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypeVar

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller, Scope
from vigie.domain.refusal import Refusal
from vigie.domain.time import iso
from vigie.ports.clock import Clock
from vigie.services.app_context import AppContext
from vigie.services.needs import Resolver, resolvers

# Clocks of browsers go ahead of ours by a little.
AHEAD_MS: Final = 60_000
_HALF: Final = re.compile("[\ud800-\udfff]")
TOPICS: Final = "vigie.services.operations"


class OperationInput(BaseModel):
    """Input of an operation; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _with_texts_to_keep(cls, values: Any) -> Any:
        for text in _texts(values):
            if "\0" in text:
                raise ValueError(Refusal("text_must_not_contain_nul", "text must not contain NUL characters"))
            if not text.isascii() and _HALF.search(text):
                raise ValueError(Refusal("text_must_be_whole", "text must not contain halves of characters"))
        return values


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in there: no database takes one with NUL, and none is written with half a character."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            for item in pair:
                yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


class NoInput(OperationInput):
    """For operations that need no input."""


class CurrencyInput(OperationInput):
    """Input of an operation whose answer holds amounts of dollars: they are told in the currency asked for."""

    currency: Literal["usd", "eur"] = Field(
        "usd", description="`eur`: amounts in euros, each by the ECB's rate that was known at its time."
    )


class Origin(BaseModel):
    """Where figures come from.

    `ts_event` is when it was so, `ts_known` when it was read here; epoch milliseconds.
    """

    source: str
    ts_event: int | None = None
    ts_known: int | None = None
    licence: str = ""


class Figure(BaseModel):
    """A number that can say where it comes from; `value` None means not known.

    `dollars` is the value as it was read, where `value` tells it in euros.
    """

    value: float | None
    unit: str
    source: str
    ts_event: int | None = None
    ts_known: int | None = None
    formula: str = ""
    is_stale: bool = False
    dollars: float | None = None


class Column(BaseModel):
    """What a column of a table holds; drawn ones hold lists for small pictures and stay out of flat files."""

    name: str
    title: str
    unit: str = ""
    definition: str = ""
    source: str = ""
    is_drawn: bool = False


class UnknownSortColumn(UsageError):
    """Rows have no such column, or none that they can be sorted by; the message names those that they have."""


class OperationResult(BaseModel):
    """Result of an operation."""

    as_of: int | None = Field(default=None, description="Epoch ms the answer is about; null means now.")


# Rows whose columns are known only when they are asked for are mappings.
RowType = TypeVar("RowType", default=dict[str, Any])


class Table(OperationResult, Generic[RowType]):
    """Result with rows: it can be exported. `rows` are flat records whose fields bear the columns' names."""

    columns: list[Column]
    rows: list[RowType]
    origins: list[Origin] = []
    next_cursor: str | None = None
    total: int | None = None
    remarks: list[str] = Field(
        default=[],
        description="What the rows say together, in English where no `language` is asked for; files carry it.",
    )


InputType = TypeVar("InputType", bound=OperationInput)
ResultType = TypeVar("ResultType", bound=OperationResult)
_Needs = ParamSpec("_Needs")


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared operation.

    Attributes
    ----------
    name : str
        ``markets.list``: topic and verb; the route is ``/api/v1/markets/list``.
    summary : str
        One sentence.
    scope : Scope
        What the caller must hold.
    input_type, result_type : type
        Pydantic models of input and result.
    run : callable
        ``run(caller, input, *needs) -> result``.
    needs : tuple
        Find what the function names after the caller and the input.
    example : dict
        An input that works on a new home.
    is_change : bool
        Whether it changes something: POST with a body, else GET with a query.
    """

    name: str
    summary: str
    scope: Scope
    input_type: type[OperationInput]
    result_type: type[OperationResult]
    run: Callable[..., Any]
    needs: tuple[Resolver, ...]
    example: dict[str, Any]
    is_change: bool

    @property
    def is_table(self) -> bool:
        """Whether the result has rows that can be exported."""
        return issubclass(self.result_type, Table)

    def needed(self, app_context: AppContext) -> tuple[object, ...]:
        """Return what the function needs of a home; it is found at the first call and kept."""
        found = app_context.resolved.get(self.name)
        if found is None:
            found = app_context.resolved[self.name] = tuple(find(app_context) for find in self.needs)
        return found


_DECLARED: Final = "__vigie_operation__"


def operation(
    name: str, *, scope: Scope = "read", example: dict[str, Any] | None = None, is_change: bool | None = None
) -> Callable[
    [Callable[Concatenate[Caller, InputType, _Needs], ResultType]],
    Callable[Concatenate[Caller, InputType, _Needs], ResultType],
]:
    """Declare a function as an operation; its docstring's first line is the summary.

    It takes the caller, its input, and what it needs of the home, by type (`vigie.services.needs`).

    Parameters
    ----------
    name : str
        ``topic.verb``.
    scope : Scope
        What the caller must hold; the doors check it before the function runs.
    example : dict
        Input that works on a new home.
    is_change : bool
        By default everything but ``read`` changes something.

    Raises
    ------
    TypeError
        If the function takes no caller and input, or needs what no home has.
    """

    def declare(
        function: Callable[Concatenate[Caller, InputType, _Needs], ResultType],
    ) -> Callable[Concatenate[Caller, InputType, _Needs], ResultType]:
        hints = get_type_hints(function)
        declared = Operation(
            name,
            (function.__doc__ or "").strip().split("\n")[0],
            scope,
            _input_type(name, hints),
            hints["return"],
            function,
            resolvers(f"operation {name}", function, hints, given=2),
            example or {},
            scope != "read" if is_change is None else is_change,
        )
        setattr(function, _DECLARED, declared)
        return function

    return declare


def _input_type(name: str, hints: Mapping[str, Any]) -> type[OperationInput]:
    caller, params, *_ = hints.values()
    if caller is not Caller or not (isinstance(params, type) and issubclass(params, OperationInput)):
        raise TypeError(f"operation {name}: the first parameters must be a Caller and an OperationInput")
    return params


def check_as_of(clock: Clock, params: OperationInput) -> OperationInput:
    """Return the input, unless it asks what will have been known at a time that has not come.

    Raises
    ------
    UsageError
        If `as_of` lies ahead of the market's time.
    """
    as_of = getattr(params, "as_of", None)
    if as_of is not None and as_of > clock.market_now() + AHEAD_MS:
        raise UsageError(
            "must_not_future",
            "as_of must not be in the future; it is now {clock}",
            clock=iso(clock.market_now() // 1_000 * 1_000),
        )
    return params


@cache
def operations() -> dict[str, Operation]:
    """Return every declared operation by name; the folder is the registry."""
    package = import_module(TOPICS)
    declared_operations: dict[str, Operation] = {}
    for entry in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{TOPICS}.{entry.name}")
        for value in vars(module).values():
            declared = getattr(value, _DECLARED, None)
            if declared is not None and value.__module__ == module.__name__:
                declared_operations[declared.name] = declared
    return dict(sorted(declared_operations.items()))
