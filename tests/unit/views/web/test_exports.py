"""Files that people open: times are dates, shares are per cent, units are told; programs read what they always did."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import polars as pl
import pytest

from vigie.services.operation import Column, Table
from vigie.views.api.exports import export

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TS = 1_763_665_445_250
TABLE = Table(
    columns=[
        Column(name="name", title="Name"),
        Column(name="ts_event", title="Time", unit="ms"),
        Column(name="change_24h", title="24 h", unit="change"),
        Column(name="rate_8h", title="Funding", unit="rate"),
        Column(name="price_usd", title="Price", unit="usd"),
        Column(name="is_old", title="Old"),
    ],
    rows=[
        {"name": "Bitcoin", "ts_event": TS, "change_24h": 0.0512, "rate_8h": -0.0001, "price_usd": 90_000.5,
         "is_old": True},
        {"name": "New", "ts_event": None, "change_24h": None, "rate_8h": None, "price_usd": None, "is_old": False},
    ],
)  # fmt: skip


def written(form):
    return export(TABLE, form, is_simulated=False)


def sheet(table=TABLE):
    """Return the cells of the first sheet as (text or number, format of numbers) by their place."""
    with zipfile.ZipFile(io.BytesIO(export(table, "xlsx", is_simulated=False))) as book:
        words = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        styles = ElementTree.fromstring(book.read("xl/styles.xml"))
        data = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    own = {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iter(f"{SHEET}numFmt")}
    looks = [
        own.get(one.attrib["numFmtId"], one.attrib["numFmtId"]) for one in styles.find(f"{SHEET}cellXfs")
    ]
    cells = {}
    for cell in data.iter(f"{SHEET}c"):
        value = cell.findtext(f"{SHEET}v")
        if value is not None:
            told = words[int(value)] if cell.attrib.get("t") == "s" else float(value)
            cells[cell.attrib["r"]] = (told, looks[int(cell.attrib.get("s", 0))])
    return cells


def test_a_workbook_holds_times_as_dates_in_utc_and_shares_as_per_cent():
    cells = sheet()
    days, look = cells["B2"]
    assert look == "yyyy-mm-dd hh:mm:ss"
    when = datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=days)
    assert abs(when - datetime(2025, 11, 20, 19, 4, 5, 250_000, tzinfo=UTC)) < timedelta(milliseconds=1)
    assert cells["C2"] == (0.0512, "+0.00%;-0.00%;0.00%")
    assert cells["D2"] == (-0.0001, "+0.0000%;-0.0000%;0.0000%")
    assert (cells["E2"], cells["F2"][0]) == ((90_000.5, "#,##0.00"), 1.0)
    assert [cells[f"{column}1"][0] for column in "ABCDEF"] == [one.name for one in TABLE.columns]
    assert not [place for place in cells if place in ("B3", "C3", "D3", "E3")]


def test_csv_holds_times_in_iso_and_says_every_unit_below_the_rows():
    lines = list(csv.reader(io.StringIO(written("csv").decode())))
    assert lines[0] == [one.name for one in TABLE.columns]
    assert lines[1] == ["Bitcoin", "2025-11-20T19:04:05.250Z", "0.0512", "-0.0001", "90000.5", "True"]
    assert lines[2] == ["New", "", "", "", "", "False"]
    told = [line[0] for line in lines[3:]]
    assert all(line.startswith("# ") for line in told)
    assert {
        "# unit of ts_event: time in UTC",
        "# unit of change_24h: fraction of one, 0.05 is 5 %",
        "# unit of rate_8h: fraction of one, 0.05 is 5 %",
        "# unit of price_usd: US dollars",
    } <= set(told)


def test_programs_read_epoch_milliseconds_as_before():
    assert json.loads(written("json"))["rows"] == TABLE.rows
    assert pl.read_parquet(io.BytesIO(written("parquet"))).rows()[0] == tuple(TABLE.rows[0].values())


@pytest.mark.parametrize("value", [-1, 10**18, "soon", True])
def test_what_is_no_time_of_a_calendar_is_written_as_it_is(value):
    odd = TABLE.model_copy(update={"rows": [{**TABLE.rows[0], "ts_event": value}]})
    lines = list(csv.reader(io.StringIO(export(odd, "csv", is_simulated=False).decode())))
    assert lines[1][1] == str(value)
    assert export(odd, "xlsx", is_simulated=False)[:2] == b"PK"


def test_a_text_longer_than_a_cell_of_a_workbook_is_cut_and_says_so():
    long = Table(columns=[Column(name="text", title="Text")], rows=[{"text": "=" + "x" * 40_000}])
    told, _ = sheet(long)["A2"]
    assert len(told) == 32_767
    assert told.startswith("'=xxx")
    assert told.endswith("x\u2026")
    assert "x" * 40_000 in export(long, "csv", is_simulated=False).decode()
