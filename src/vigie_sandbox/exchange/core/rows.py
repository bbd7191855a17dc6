"""Records as plain JSON rows and back, exact: decimals travel as strings."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import Bill, Contract, ExchangeTrade, Order, PlanOrder, Position
from vigie_sandbox.exchange.core.moves import Move

RECORD_TYPES: Final[dict[str, type[Any]]] = {
    "order": Order, "trade": ExchangeTrade, "plan": PlanOrder, "position": Position, "closed": Position, "bill": Bill,
    "move": Move, "contract": Contract,
}  # fmt: skip


# Names of the fields of each record, and whether they are decimals.
_COLUMNS: Final[dict[type[Any], tuple[tuple[str, bool], ...]]] = {
    kind: tuple((field.name, str(field.type).startswith("Decimal")) for field in fields(kind))
    for kind in RECORD_TYPES.values()
}


def to_row(record: Any) -> list[Any]:
    """Return the values of a record in the order of its fields."""
    values = []
    for field_name, is_decimal in _COLUMNS[type(record)]:
        value = getattr(record, field_name)
        values.append(str(value) if is_decimal and value is not None else value)
    return values


def from_row(table: str, row: list[Any]) -> Any:
    """Return the record that `to_row` wrote; fields that came later than the row keep their defaults."""
    kind = RECORD_TYPES[table]
    return kind(
        *[
            Decimal(value) if is_decimal and value is not None else value
            for (_, is_decimal), value in zip(_COLUMNS[kind], row, strict=False)
        ]
    )
