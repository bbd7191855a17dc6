"""Tables in the order of the address; an order that a table does not have falls back to the usual one, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vigie.domain.errors import UsageError
from vigie.services.operation import UnknownSortColumn
from vigie.views.web.request_context import RequestContext


@dataclass(frozen=True, slots=True)
class SortedTable:
    """A table and how it is sorted.

    Attributes
    ----------
    table : Table
    sort : str or None
        The order that was asked of the operation; None for its own.
    unknown : str
        The order of the address where the table does not have it, else empty.
    """

    table: Any
    sort: str | None
    unknown: str = ""


def call_sorted(
    context: RequestContext, name: str, default_sort: str | None = None, /, **values: Any
) -> SortedTable:
    """Ask an operation for a table in the order of the address.

    Addresses are kept, shared and typed: where one names a column that cannot be sorted by, the table is still shown.

    Raises
    ------
    UsageError
        If the operation refuses anything but the order.
    """
    sort = context.query.get("sort") or default_sort
    try:
        return SortedTable(context.call(name, sort=sort, **values), sort)
    except UsageError as fault:
        if sort == default_sort or not (
            isinstance(fault, UnknownSortColumn) or str(fault).startswith("sort: ")
        ):
            raise
    return SortedTable(context.call(name, sort=default_sort, **values), default_sort, context.query["sort"])
