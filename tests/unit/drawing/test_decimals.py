"""Numbers have the decimals that their size asks for, and more where those of a column lie close together."""

from __future__ import annotations

import io
import math
import zipfile

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.views.board_material import board
from vigie.drawing.decimals import column_decimals, price_decimals, share_decimals
from vigie.services.operation import Column as TableColumn
from vigie.services.operation import Table
from vigie.services.studio.board import BoardColumn, TablePart
from vigie.views.api.exports import export as table_file
from vigie.views.boards.canvas import Canvas
from vigie.views.boards.table import cell_text, column_decimals_of
from vigie.views.publishing.forms import export
from vigie.views.publishing.rounding import round_text
from vigie.views.web.language import UserLanguage

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MONEY = BoardColumn("Price", "money", "USD")
RATE = BoardColumn("Funding", "share", "rate")


def looks(book, part=1):
    """Return the pattern of each number of a sheet."""
    with zipfile.ZipFile(io.BytesIO(book)) as held:
        styles = ElementTree.fromstring(held.read("xl/styles.xml"))
        sheet = ElementTree.fromstring(held.read(f"xl/worksheets/sheet{part}.xml"))
    own = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{CELL}numFmt")}
    built_in = {"0": "General", "1": "0", "2": "0.00", "3": "#,##0", "4": "#,##0.00"}
    formats = [
        own.get(one.get("numFmtId"), built_in.get(one.get("numFmtId")))
        for one in styles.find(f"{CELL}cellXfs")
    ]
    return [formats[int(cell.get("s", 0))] for cell in sheet.iter(f"{CELL}c") if cell.get("t") != "s"]


def written(value, pattern):
    """Return a positive number as a spreadsheet shows it."""
    body = pattern.split(";")[0]
    digits = len(body.partition(".")[2].rstrip("%"))
    text = f"{value * (100 if body.endswith('%') else 1):,.{digits}f}"
    return f"{'+' if body.startswith('+') else ''}{text}{'%' if body.endswith('%') else ''}"


@pytest.mark.parametrize(
    ("values", "column", "shown"),
    [
        ([1.0012], MONEY, ["$1.0012"]),
        ([1.000113, 1.000128, 1.00012], MONEY, ["$1.000113", "$1.000128", "$1.000120"]),
        ([64_321.987, 0.123456, 1.0012], MONEY, ["$64,321.99", "$0.12346", "$1.0012"]),
        ([0.0001, 0.000012], RATE, ["0.0100%", "0.0012%"]),
        ([0.00000012, 0.0000001], RATE, ["0.000012%", "0.000010%"]),
        ([0.0512, -0.021], BoardColumn("Day", "share"), ["+5.1%", "\u22122.1%"]),
        ([0.00031, 0.00029], BoardColumn("Day", "share"), ["+0.031%", "+0.029%"]),
    ],
)
def test_a_workbook_shows_what_the_picture_shows(values, column, shown):
    sheet = Canvas("en", "UTC", 10.0)
    rule = column_decimals_of(column, values)
    assert [cell_text(value, column, sheet, rule) for value in values] == shown
    part = TablePart(
        "Numbers", (BoardColumn("Name"), column), tuple((f"n{at}", one) for at, one in enumerate(values))
    )
    found = looks(export(board(part), "xlsx"))
    bare = [text.lstrip("\u2212").replace("$", "") for text in shown]
    assert [
        written(abs(value), look).lstrip("\u2212") for value, look in zip(values, found, strict=True)
    ] == [
        f"+{text}" if column.kind == "share" and column.unit != "rate" and not text.startswith("+") else text
        for text in bare
    ]


def test_an_amount_of_millions_has_no_cents_and_a_number_the_figures_it_has():
    part = TablePart(
        "Sums", (BoardColumn("Sum", "money", "USD"), BoardColumn("Rate", "number")), ((1.2e9, 1.0012),)
    )
    assert looks(export(board(part), "xlsx")) == ["#,##0", "#,##0.0000"]


def test_a_workbook_of_a_table_shows_prices_and_rates_as_the_page_does():
    columns = [
        TableColumn(name="price", title="", unit="usd"),
        TableColumn(name="rate", title="", unit="rate"),
    ]
    rows = [
        {"price": 1.0012, "rate": 1.2e-7},
        {"price": 64_321.987, "rate": 1e-7},
        {"price": math.nan, "rate": None},
    ]
    found = looks(table_file(Table(columns=columns, rows=rows), "xlsx", is_simulated=False))
    assert found[0] == "#,##0.0000"
    assert found[2] == "#,##0.00"
    assert found[1].split(";")[0] == "+0.000000%"
    lang = UserLanguage("en")
    known = lang.column(row["price"] for row in rows)
    assert [lang.price(row["price"], known) for row in rows[:2]] == ["1.0012", "64,321.99"]


def test_a_file_of_text_tells_prices_of_a_column_apart():
    values = [1.00011347, 1.00012819]
    rule = column_decimals_of(MONEY, values)
    assert [round_text(value, MONEY, rule) for value in values] == ["1.000113", "1.000128"]
    assert [round_text(value, MONEY) for value in values] == ["1.00011", "1.00013"]


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=12))
def test_prices_of_one_size_have_as_many_decimals_and_what_lies_apart_reads_apart(values):
    found = column_decimals(values)
    assert set(found) == {price_decimals(value) for value in values}
    for most, digits in found.items():
        held = [value for value in values if price_decimals(value) == most]
        texts = {f"{value:.{digits}f}" for value in (min(held), max(held))}
        is_apart = max(held) - min(held) > 1e-6 * max(held)
        assert len(texts) == 2 or not is_apart or max(held) < 1e-7
        assert digits <= 12


@given(st.lists(st.floats(-1e3, 1e3), max_size=12), st.sampled_from([1, 2, 4]))
def test_a_column_of_per_cent_is_never_all_zeros(values, least):
    digits = share_decimals(values, least)
    assert least <= digits <= 12
    largest = max(map(abs, values), default=0.0)
    assert largest < 1e-10 or float(f"{largest:.{digits}f}") > 0


def test_the_noise_of_a_sum_asks_for_no_decimals():
    assert column_decimals([64_321.98, 64_321.980000001]) == {2: 2}
