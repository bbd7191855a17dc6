"""Rows of tables: frozen classes whose fields say what a column is called, what it means, its unit and its source.

A field that is `shown` is a column of the table; another one is for programs alone. What reads rows by the names of
columns (exports, templates, sorting) may ask a row as it asks a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from typing import Any, ClassVar, Final, Self, TypeVar, cast, dataclass_transform

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from vigie.services.operation import Column, Table

_SHOWN: Final = "shown"


def shown(
    title: str,
    *,
    unit: str = "",
    definition: str = "",
    source: str = "",
    is_drawn: bool = False,
    default: Any = MISSING,
) -> Any:
    """Return a field of a row that is a column of its table.

    Parameters
    ----------
    title : str
        What stands above the column; an id of the catalogues.
    unit : str
        What its numbers count: ``usd``, ``fraction``, ``ms`` ...
    definition : str
        What it means, in a sentence; an id of the catalogues.
    source : str
        Where its values come from.
    is_drawn : bool
        Whether it holds lists for small pictures, which stay out of flat files.
    default : object
        The value where none is given; without one, every row must say it.
    """
    said = {"title": title, "unit": unit, "definition": definition, "source": source, "is_drawn": is_drawn}
    return field(default=default, metadata={_SHOWN: said})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(shown,))
class _RowMeta(type):
    """Makes a frozen dataclass with slots of every class of rows."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        made = super().__new__(cls, name, bases, namespace)
        # The dataclass is made anew with its slots, by this very class.
        return made if "__slots__" in namespace else dataclass(frozen=True, slots=True, kw_only=True)(made)


class Row(metaclass=_RowMeta):
    """One row of a table; its fields are read by attribute, or by name as of a mapping."""

    __slots__ = ()

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def __getitem__(self, name: str) -> Any:
        if name not in self.__dataclass_fields__:
            raise KeyError(name)
        return getattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self.__dataclass_fields__

    def __iter__(self) -> Iterator[str]:
        return iter(row_names(type(self)))

    def keys(self) -> Sequence[str]:
        """Return the names of the fields."""
        return row_names(type(self))

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field by name, or the default where there is none of that name."""
        return getattr(self, name) if name in self.__dataclass_fields__ else default

    def with_values(self, **changed: Any) -> Self:
        """Return the row with other values."""
        return cast("Self", replace(cast("Any", self), **changed))

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """Return the row that takes its fields from a mapping, which may hold more than these."""
        return cls(**{name: values[name] for name in row_names(cls)})

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        target = handler.resolve_ref_schema(described)
        for column in row_columns(cls):
            about = [column.definition, f"Unit: {column.unit}." if column.unit else ""]
            target["properties"][column.name] |= {"title": column.title} | (
                {"description": " ".join(filter(None, about))} if any(about) else {}
            )
        return described


RowT = TypeVar("RowT", bound=Row)
AnyRow = Row | Mapping[str, Any]


@cache
def row_names(kind: type[Row]) -> tuple[str, ...]:
    """Return the names of a row's fields, in order."""
    return tuple(entry.name for entry in fields(cast("Any", kind)))


@cache
def _columns(kind: type[Row]) -> tuple[Column, ...]:
    return tuple(
        Column(name=entry.name, **entry.metadata[_SHOWN])
        for entry in fields(cast("Any", kind))
        if _SHOWN in entry.metadata
    )


def row_columns(kind: type[Row]) -> list[Column]:
    """Return the columns of a class of rows, in the order of its fields."""
    return list(_columns(kind))


def table_of(kind: type[RowT], rows: Sequence[RowT], **more: Any) -> Table[RowT]:
    """Return a table of rows.

    Parameters
    ----------
    kind : type
        The class of the rows, which says the columns.
    rows : sequence
        The rows.
    more : object
        What else a table tells: `total`, `origins`, `next_cursor`, `remarks`, `as_of`.
    """
    return Table[kind](columns=row_columns(kind), rows=list(rows), **more)  # type: ignore[valid-type]  # made at run time
