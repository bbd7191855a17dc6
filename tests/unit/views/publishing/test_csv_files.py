"""Boards as a ZIP of tables: one CSV each, rounded by unit, with sources, and nothing in it runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.views.board_material import (
    CREDITS,
    board,
    chart,
    heat,
    matrix,
    newsy,
    quote,
    table,
    words,
)
from vigie.services.studio.board import BoardColumn, Credit, TablePart
from vigie.views.publishing.forms import export
from vigie.views.publishing.rounding import round_text

ALL = (chart(), table(), words(), heat(), matrix(), quote())


def files(made):
    with zipfile.ZipFile(io.BytesIO(export(made, "zip"))) as held:
        return {name: held.read(name).decode("utf-8-sig") for name in held.namelist()}


def rows(text, sign=","):
    return list(csv.reader(io.StringIO(text), delimiter=sign))


def test_there_is_a_csv_for_each_table_and_one_for_the_sources():
    assert list(files(board(*ALL))) == [
        "01-over-a-month.csv",
        "02-changes.csv",
        "03-words.csv",
        "04-market.csv",
        "05-correlation.csv",
        "06-what-was-said.csv",
        "sources.csv",
        "about.txt",
    ]


def test_every_column_has_a_name_a_unit_and_every_row_its_source():
    made = rows(files(board(chart(2)))["01-over-a-month.csv"])
    assert made[0] == ["time (UTC)", "BTC (%)", "ETH (%)", "source"]
    assert len(made) == 61
    assert made[60][0] == "2026-11-18T11:06:40Z"
    assert {row[3] for row in made[1:]} == {"Binance, CoinGecko"}
    assert all(re.fullmatch(r"-?\d+(\.\d{1,2})?", cell) for row in made[1:] for cell in row[1:3])


def test_a_part_names_its_own_sources():
    named = ((CREDITS[0],), (Credit("The Regulator", "", series="A"),))
    found = files(replace(board(chart(), quote()), part_credits=named))
    assert rows(found["01-over-a-month.csv"])[1][-1] == "Binance"
    assert rows(found["02-what-was-said.csv"])[1][-1] == "The Regulator"


@pytest.mark.parametrize(
    ("value", "column", "written"),
    [
        (2.5229999999876185e-05, BoardColumn("", "share"), "0"),
        (0.012345678, BoardColumn("", "share"), "1.23"),
        (-0.0866, BoardColumn("", "share"), "-8.66"),
        (-1e-9, BoardColumn("", "share"), "0"),
        (0.000123456, BoardColumn("", "share", "rate"), "0.0123"),
        (64_321.987654321, BoardColumn("", "money", "USD"), "64321.99"),
        (3_000.5, BoardColumn("", "money", "USD"), "3000.5"),
        (1.0012, BoardColumn("", "money", "USD"), "1.0012"),
        (1.0049, BoardColumn("", "money", "USD"), "1.0049"),
        (-1.00123456, BoardColumn("", "money", "USD"), "-1.00123"),
        (0.99871, BoardColumn("", "money", "USD"), "0.99871"),
        (345.678912, BoardColumn("", "money", "USD"), "345.679"),
        (999_999.994, BoardColumn("", "money", "USD"), "999999.99"),
        (1.2500000000000001e-07, BoardColumn("", "money", "USD"), "0.000000125"),
        (1_284_567_890_123.456, BoardColumn("", "money", "USD"), "1284567890123"),
        (7.1234567890123e20, BoardColumn("", "number", "H/s"), "712346000000000000000"),
        (0.1 + 0.2, BoardColumn("", "number"), "0.3"),
        (12.0, BoardColumn("", "count"), "12"),
        (0.123456, BoardColumn("", "ratio"), "0.12"),
    ],
)
def test_a_number_is_rounded_to_what_its_unit_means(value, column, written):
    assert round_text(value, column) == written


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["share", "money", "number", "ratio"])
)
def test_no_number_has_an_exponent_or_a_lone_minus(value, kind):
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", round_text(value, BoardColumn("", kind)))
    assert round_text(value, BoardColumn("", kind)) != "-0"


def test_french_numbers_are_french():
    part = TablePart(
        "Changes",
        (BoardColumn("Coin"), BoardColumn("Price", "money", "USD")),
        (("Bitcoin", 1.25e-07), ("Ether", 3_000.5)),
    )
    made = rows(files(replace(board(part), language="fr"))["01-changes.csv"], ";")
    assert [row[1] for row in made] == ["Price (USD)", "0,000000125", "3000,5"]


def test_terms_stand_in_a_file_of_their_own_and_the_text_tells_time_and_rounding():
    found = files(board(chart(), is_simulated=True))
    assert rows(found["sources.csv"]) == [
        ["publisher", "series", "terms of use"],
        ["Binance", "", "terms of the venue"],
        ["CoinGecko", "", "CC BY-NC 4.0, non-commercial use only"],
    ]
    for said in ("Source: Binance, CoinGecko\n", "2026-11-18T11:06:40Z", "invented prices", "not investment advice",
                 "Numbers are rounded"):  # fmt: skip
        assert said in found["about.txt"]
    assert "CC BY-NC" not in found["about.txt"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_runs_in_a_spreadsheet(start):
    text = f"{start}1+1"
    named = (Credit(text, text, series=text),)
    part = TablePart(text, (BoardColumn(text), BoardColumn(text, "money", text)), ((text, -1.5),))
    made = board(part, table(name=text), words(2, text), heat(2, text), quote(text), title=text, note=text)
    found = files(replace(made, credits=named))
    cells = [
        cell for name, held in found.items() if name.endswith(".csv") for row in rows(held) for cell in row
    ]
    assert "-1.5" in cells
    assert [cell for cell in cells if cell.strip()[:1] in ("=", "+", "@") and cell.strip()] == []
    assert [cell for cell in cells if cell.startswith("-") and not re.fullmatch(r"-[\d.]+", cell)] == []
    assert [line for line in found["about.txt"].splitlines() if line[:1] in ("=", "+", "@", "-")] == []


def test_news_of_a_chart_are_a_table_whose_rows_name_their_publisher():
    found = files(board(newsy("A", "=B()")))
    name = next(name for name in found if name.startswith("02-news"))
    made = rows(found[name])
    assert made[0] == ["first seen (UTC)", "asset", "title", "publisher", "story"]
    assert [(row[0], row[2], row[3]) for row in made[1:]] == [
        ("2026-11-16T12:06:40Z", "'=B()", "A Journal"),
        ("2026-11-18T12:06:40Z", "A", "A Journal"),
    ]
    assert found["01-over-a-month.csv"] == files(board(chart()))["01-over-a-month.csv"]


def test_no_file_of_the_zip_has_a_date_or_leaves_its_folder():
    with zipfile.ZipFile(
        io.BytesIO(export(board(table(name="x"), chart(title="../../etc/x")), "zip"))
    ) as held:
        assert {one.date_time for one in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(re.fullmatch(r"[a-z0-9-]+\.(csv|txt)", one.filename) for one in held.infolist())
