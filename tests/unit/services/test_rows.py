"""Rows are frozen classes: columns, schema and JSON come from their fields, each of which stands once."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from vigie.services.operation import Table, operations
from vigie.services.rows import Row, row_columns, row_names, shown, table_of

# Tables whose columns are known only when they are asked for: indicators, compared assets, parameters, conditions,
# formulas; and trades of a backtest, which are a file's and have a column that Python keeps for itself.
FREE = {
    "assets.bars",
    "assets.compare",
    "backtests.heatmap",
    "backtests.trades",
    "markets.screen",
    "onchain.formula",
    "sweeps.best",
}


class PriceRow(Row):
    """A price."""

    asset: str = shown("Asset", definition="Catalogue id.")
    price: float | None = shown("Price", unit="usd", source="venue")
    spark: list[float] = shown("7 days", unit="usd", is_drawn=True)
    note: str
    is_stale: bool = shown("Stale", default=False)


class NamedPriceRow(PriceRow):
    """A price with the name of its asset."""

    name: str = shown("Name")


ROW = PriceRow(asset="bitcoin", price=2.0, spark=[1.0, 2.0], note="none")


def test_columns_are_the_fields_that_are_shown():
    assert [(column.name, column.title, column.unit) for column in row_columns(PriceRow)] == [
        ("asset", "Asset", ""),
        ("price", "Price", "usd"),
        ("spark", "7 days", "usd"),
        ("is_stale", "Stale", ""),
    ]
    assert [column.name for column in row_columns(PriceRow) if column.is_drawn] == ["spark"]
    assert row_columns(PriceRow)[0].definition == "Catalogue id."
    assert row_columns(PriceRow)[1].source == "venue"


def test_fields_of_a_base_come_first():
    assert row_names(NamedPriceRow) == ("asset", "price", "spark", "note", "is_stale", "name")


def test_row_is_read_by_attribute_and_by_name():
    assert (ROW.price, ROW["price"], ROW.get("price")) == (2.0, 2.0, 2.0)
    assert (ROW.get("none"), ROW.get("none", 1), "price" in ROW, "none" in ROW) == (None, 1, True, False)
    assert dict(ROW) == {
        "asset": "bitcoin", "price": 2.0, "spark": [1.0, 2.0], "note": "none", "is_stale": False,
    }  # fmt: skip
    for name in ("none", "keys", "with_values"):
        with pytest.raises(KeyError, match=name):
            ROW[name]


def test_row_is_frozen_and_has_no_other_fields():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ROW.price = 3.0
    with pytest.raises((TypeError, AttributeError)):
        object.__setattr__(ROW, "other", 1)
    assert ROW.with_values(price=3.0).price == 3.0
    assert ROW.price == 2.0
    with pytest.raises(TypeError, match="other"):
        ROW.with_values(other=1)


def test_row_without_a_field_is_refused():
    with pytest.raises(TypeError, match="price"):
        PriceRow(asset="bitcoin", spark=[], note="")


def test_row_takes_its_fields_from_a_mapping_that_holds_more():
    assert PriceRow.from_values({**ROW, "more": 1}) == ROW
    with pytest.raises(KeyError, match="price"):
        PriceRow.from_values({"asset": "bitcoin"})


def test_row_may_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(ROW)) == ROW


def test_json_of_a_table_is_that_of_mappings():
    table = table_of(PriceRow, [ROW], total=1)
    assert table.model_dump(mode="json") == Table(
        columns=row_columns(PriceRow), rows=[dict(ROW)], total=1
    ).model_dump(mode="json")


def test_schema_says_what_a_column_is():
    schema = type(table_of(PriceRow, [])).model_json_schema(mode="serialization")
    described = schema["$defs"]["PriceRow"]
    assert described["properties"]["asset"] == {
        "description": "Catalogue id.", "title": "Asset", "type": "string",
    }  # fmt: skip
    assert described["properties"]["price"]["description"] == "Unit: usd."
    assert described["required"] == ["asset", "price", "spark", "note"]


def test_operations_say_what_their_rows_hold():
    def is_free(table):
        kind = table.model_fields["rows"].annotation.__args__[0]
        return not (isinstance(kind, type) and issubclass(kind, Row))

    tables = {one.name: one.result_type for one in operations().values() if one.is_table}
    assert len(tables) > 100
    assert {name for name, table in tables.items() if is_free(table)} == FREE
