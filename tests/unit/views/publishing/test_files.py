"""Boards as files: opened again, their numbers are the board's, and nothing in them runs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace

import pytest
from defusedxml import ElementTree

from tests.unit.views.drawing.boards import (
    HOSTILE,
    board,
    chart,
    heat,
    marked,
    matrix,
    newsy,
    quote,
    table,
    words,
)
from vigie.services.studio.board import Column, TablePart
from vigie.views.publishing.forms import FORMS, export, file_name
from vigie.views.publishing.twins import twins

ALL = (chart(), table(), words(), heat(), matrix(), quote())
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(made):
    return list(csv.reader(io.StringIO(export(made, "csv").decode("utf-8-sig"))))


def sheets(made):
    with zipfile.ZipFile(io.BytesIO(export(made, "xlsx"))) as book:
        names = [
            one.get("name")
            for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{CELL}sheet")
        ]
        texts = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        roots = [
            ElementTree.fromstring(book.read(f"xl/worksheets/sheet{at}.xml"))
            for at in range(1, len(names) + 1)
        ]
    return names, texts, roots


def numbers(root):
    return [float(cell.find(f"{CELL}v").text) for cell in root.iter(f"{CELL}c") if cell.get("t") != "s"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_file_is_made_of_hostile_texts(form, text):
    made = board(marked(text), table(name=text), words(3, text), heat(3, text), quote(text, text), title=text)
    assert len(export(made, form)) > 200
    assert re.fullmatch(rf"[a-z0-9][a-z0-9-]*\.{form}", file_name(made, form))


def test_a_csv_holds_every_point_as_it_is():
    made = board(chart(2))
    rows = read_csv(made)
    assert rows[0] == ["# Over a month"]
    assert rows[1] == ["time (UTC)", "BTC", "ETH"]
    held = [(float(one), float(other)) for _, one, other in rows[2:62]]
    assert held == [
        (one, other)
        for (_, one), (_, other) in zip(*(line.points for line in made.parts[0].lines), strict=True)
    ]
    assert rows[61][0] == "2026-11-18T11:06:40Z"


def test_numbers_of_a_csv_are_those_shown_and_french_ones_are_french():
    column = [Column("Coin"), Column("24 h", "share"), Column("Price", "money", "USD")]
    part = TablePart(
        "Changes", tuple(column), (("Bitcoin", 2.5229999999876185e-05, 1.25e-07), ("Ether", -0.0866, 3_000.5))
    )
    for language, sign, numbers in (
        ("en", ",", [["0", "0.000000125"], ["-0.0866", "3000.5"]]),
        ("fr", ";", [["0", "0,000000125"], ["-0,0866", "3000,5"]]),
    ):
        made = replace(board(part), language=language)
        rows = list(csv.reader(io.StringIO(export(made, "csv").decode("utf-8-sig")), delimiter=sign))
        assert [row[1:] for row in rows[2:4]] == numbers


def test_a_csv_ends_with_sources_licences_and_simulation():
    told = "\n".join(row[0] for row in read_csv(board(chart(), is_simulated=True))[-8:] if row)
    for said in ("Binance (terms of the venue)", "CC BY-NC 4.0, non-commercial use only", "2026-11-18T11:06:40Z",
                 "invented prices", "not investment advice"):  # fmt: skip
        assert said in told


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_of_a_spreadsheet_runs(start):
    text = f"{start}1+1"
    made = board(table(name=text), words(2, text), heat(2, text), quote(text), title=text, note=text)
    cells = [cell for row in read_csv(made) for cell in row]
    assert [cell for cell in cells if cell.strip()[:1] in "=+@" and cell.strip()] == []
    assert [cell for cell in cells if cell.startswith("-")] == [
        cell for cell in cells if re.fullmatch(r"-[\d.e-]+", cell)
    ]
    _, texts, roots = sheets(made)
    assert [cell for root in roots for cell in root.iter(f"{CELL}f")] == []
    assert [one for one in texts if one[:1] in ("=", "+", "-", "@", "\t")] == []


def test_a_workbook_has_a_sheet_for_each_part_with_its_numbers():
    made = board(*ALL)
    names, texts, roots = sheets(made)
    assert names == [
        "1 Over a month",
        "2 Changes",
        "3 Words",
        "4 Market",
        "5 Correlation",
        "6 What was said",
        "about",
    ]
    assert numbers(roots[1]) == pytest.approx([0.0123, 0.0246] * 3)
    assert numbers(roots[2]) == [100.0 - at for at in range(12)]
    assert any("CC BY-NC 4.0" in text for text in texts)


@pytest.mark.parametrize(("language", "sign"), [("en", ","), ("fr", ";")])
def test_news_of_a_chart_are_rows_of_their_own_in_every_table(language, sign):
    made = board(newsy("A", "=B()"), language=language)
    rows = list(csv.reader(io.StringIO(export(made, "csv").decode("utf-8-sig")), delimiter=sign))
    found = [row for row in rows if row[1:2] == ["Bitcoin"]]
    assert [(row[2].lstrip("'"), row[3], row[4]) for row in found] == [
        ("=B()", "A Journal", f"{1:020x}"),
        ("A", "A Journal", f"{0:020x}"),
    ]
    assert not found[0][2].startswith("=")
    assert found[1][0] == "2026-11-18T12:06:40Z"
    assert (
        rows[: len(rows) // 2]
        == list(
            csv.reader(
                io.StringIO(export(board(chart(), language=language), "csv").decode("utf-8-sig")),
                delimiter=sign,
            )
        )[: len(rows) // 2]
    )
    names, texts, _ = sheets(made)
    assert len(names) == 3
    assert "A Journal" in texts
    page = export(replace(made, alt="Mine"), "html").decode()
    assert page.count("<table>") == 2
    assert "<td>A Journal</td>" in page


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_file_is_made_of_hostile_titles_of_news(form, text):
    made = export(board(newsy(text, publisher=text)), form)
    assert len(made) > 200
    assert form in ("csv", "xlsx") or b"<script" not in made


def test_titles_that_are_the_same_have_sheets_of_their_own():
    names, _, _ = sheets(board(table(), table(), chart(title="[a]:*?/\\'" * 9)))
    assert len(set(names)) == 4
    assert max(map(len, names)) <= 31


def test_an_embedded_page_runs_nothing_and_loads_nothing():
    page = export(board(*ALL, title="</svg><script>alert(1)</script>"), "html").decode()
    assert "<script" not in page
    assert not re.search(r"<(img|link|iframe|object|embed|form|base)\b", page)
    assert not re.search(r"\s(src|on\w+)=", page)
    assert re.findall(r'href="([^"]*)"', page) == ["https://www.example.org/a"]
    assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//example.org", "data:text/html,x", "https://[", ""]
)
def test_only_links_of_the_web_become_links(link):
    assert "href" not in export(board(quote(link=link)), "html").decode()


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("+1.2%", "Source: ", "Information, not investment advice.")),
        ("fr", ("+1,2", "Source\u00a0:", "pas un conseil")),
    ],
)
def test_an_embedded_page_has_tables_words_and_sources(language, said):
    page = export(board(table(), chart(), language=language), "html").decode()
    assert page.count("<table>") == 2
    assert f'<html lang="{language}">' in page
    assert [text for text in said if text not in page] == []
    assert "CC BY-NC 4.0" in page
    assert "<desc" in page
    assert "<figcaption>" in page


def test_every_part_has_a_table_whose_rows_are_as_long_as_its_heading():
    found = twins(board(*ALL, marked("The day")))
    assert [one for one in found if not one.rows] == []
    assert {len(row) - len(one.columns) for one in found for row in one.rows} == {0}
    assert [row[-1] for row in found[-1].rows if row[-1]] == ["The day"]
