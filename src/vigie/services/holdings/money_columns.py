"""Columns of tables about holdings: money has the currency that it is told in."""

from __future__ import annotations

from vigie.services.holdings.day_prices import Base
from vigie.services.operation import Column
from vigie.services.rows import Row, row_columns


def holding_columns(kind: type[Row], base: Base) -> list[Column]:
    """Return the columns of a table, money in its currency."""
    unit = base.lower()
    return [
        column.model_copy(update={"unit": unit}) if column.unit == "base" else column
        for column in row_columns(kind)
    ]
