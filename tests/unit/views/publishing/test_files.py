"""Boards as files: opened again, their numbers are the board's, and nothing in them runs."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest
from defusedxml import ElementTree

from tests.unit.views.board_material import (
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
from vigie.services.studio.board import Credit
from vigie.views.publishing.forms import FORMS, export, file_name
from vigie.views.publishing.part_tables import part_tables

ALL = (chart(), table(), words(), heat(), matrix(), quote())
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
TERMS = ("terms of the venue", "CC BY-NC 4.0", "non-commercial")
MADE = {form: re.escape({"embed": "-embed.html"}.get(form, f".{form}")) for form in FORMS}


def opened(made):
    return zipfile.ZipFile(io.BytesIO(export(made, "xlsx")))


def sheets(made):
    with opened(made) as book:
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


def charts(made):
    with opened(made) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/charts/chart"))
        return [ElementTree.fromstring(book.read(name)) for name in names]


def numbers(root):
    return [float(cell.find(f"{CELL}v").text) for cell in root.iter(f"{CELL}c") if cell.get("t") != "s"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_file_is_made_of_hostile_texts(form, text):
    made = board(marked(text), table(name=text), words(3, text), heat(3, text), quote(text, text), title=text)
    assert len(export(made, form)) > 200
    assert re.fullmatch(rf"[a-z0-9][a-z0-9-]*{MADE[form]}", file_name(made, form))


@pytest.mark.parametrize("form", FORMS)
def test_the_same_board_gives_the_same_bytes(form):
    assert export(board(*ALL), form) == export(board(*ALL), form)


def read_text(body):
    """Return the text of a picture or a page, without marks."""
    return re.sub(r"<[^>]*>", " ", body.decode())


@pytest.mark.parametrize("shape", ["wide", "square", "column"])
@pytest.mark.parametrize("part", [*ALL, newsy("A story")], ids=lambda part: part.title)
def test_the_credit_names_publishers_and_never_their_terms(part, shape):
    made = board(part, shape=shape)
    for form in ("svg", "embed", "html"):
        body = export(made, form)
        assert "Source: Binance, CoinGecko" in read_text(body)
        assert [term for term in TERMS if term in body.decode()] == []
    _, texts, _ = sheets(made)
    (credit,) = [text for text in texts if text.startswith("Source: ")]
    assert credit == "Source: Binance, CoinGecko"


def test_a_publisher_stands_once_whatever_its_licences():
    named = (Credit("Binance, Kraken", "one"), Credit("Binance", "another", series="BTC/USDT perp"))
    text = read_text(export(replace(board(chart()), credits=named), "svg"))
    assert "Source: Binance, Kraken \u00b7 as of" in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_of_a_workbook_runs(start):
    text = f"{start}1+1"
    made = board(table(name=text), words(2, text), heat(2, text), quote(text), title=text, note=text)
    _, texts, roots = sheets(made)
    assert [cell for root in roots for cell in root.iter(f"{CELL}f")] == []
    assert [one for one in texts if one[:1] in ("=", "+", "-", "@", "\t")] == []


def test_a_workbook_has_a_sheet_for_each_part_with_its_numbers_and_the_terms_in_its_last():
    names, texts, roots = sheets(board(*ALL))
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
    assert "CC BY-NC 4.0, non-commercial use only" in texts


def test_lines_of_a_board_are_lines_of_the_workbook_in_their_colours_over_their_cells():
    (root,) = charts(board(chart(3)))
    (plot,) = root.iter(f"{CHART}scatterChart")
    series = list(plot.iter(f"{CHART}ser"))
    assert [one.find(f"{CHART}yVal//{CHART}f").text for one in series] == [
        f"'1 Over a month'!${letter}$2:${letter}$61" for letter in "BCD"
    ]
    assert {one.find(f"{CHART}xVal//{CHART}f").text for one in series} == {"'1 Over a month'!$A$2:$A$61"}
    colours = [one.find(f"{CHART}spPr//{DRAWING}srgbClr").get("val") for one in series]
    assert colours == ["1155CC", "D43300", "551133"]
    dashes = [one.find(f"{CHART}spPr//{DRAWING}prstDash") for one in series]
    assert len({None if one is None else one.get("val") for one in dashes}) == 3
    assert "Over a month" in "".join(root.find(f"{CHART}chart/{CHART}title").itertext())


def test_words_and_a_market_are_bars_and_a_matrix_has_its_shades():
    made = board(words(), heat(), matrix(), table(), quote())
    found = charts(made)
    assert [len(list(root.iter(f"{CHART}barChart"))) for root in found] == [1, 1]
    assert len(list(found[1].iter(f"{CHART}dPt"))) == 12
    assert {one.get("val") for one in found[0].iter(f"{CHART}min")} == {"0"}
    _, _, roots = sheets(made)
    assert [len(list(root.iter(f"{CELL}colorScale"))) for root in roots] == [0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize("text", ["=cmd()!A1", "Now!A1", "=1+1"])
def test_a_title_that_would_be_a_formula_is_a_text_of_its_chart(text):
    (root,) = charts(board(chart(title=text)))
    title = root.find(f"{CHART}chart/{CHART}title")
    assert list(title.iter(f"{CHART}f")) == []
    assert "".join(title.itertext()).replace("\u2060", "").endswith(text)


def test_the_chart_of_a_workbook_says_what_it_shows():
    with opened(board(chart())) as book:
        drawing = book.read("xl/drawings/drawing1.xml").decode()
    assert 'descr="Chart: Over a month, from ' in drawing


def test_news_of_a_chart_have_a_sheet_of_their_own_without_a_second_chart():
    made = board(newsy("A", "=B()"))
    names, texts, _ = sheets(made)
    assert len(names) == 3
    assert "A Journal" in texts
    assert len(charts(made)) == 1
    page = export(replace(made, alt="Mine"), "html").decode()
    assert page.count("<table>") == 2
    assert "<td>A Journal</td>" in page


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_file_is_made_of_hostile_titles_of_news(form, text):
    made = export(board(newsy(text, publisher=text)), form)
    assert len(made) > 200
    assert form in ("zip", "xlsx") or b"<script" not in made


def test_titles_that_are_the_same_have_sheets_of_their_own():
    names, _, _ = sheets(board(table(), table(), chart(title="[a]:*?/\\'" * 9)))
    assert len(set(names)) == 4
    assert max(map(len, names)) <= 31


def test_every_part_has_a_table_whose_rows_are_as_long_as_its_heading():
    found = part_tables(board(*ALL, marked("The day")))
    assert [one for one in found if not one.rows] == []
    assert {len(row) - len(one.columns) for one in found for row in one.rows} == {0}
    assert [row[-1] for row in found[-1].rows if row[-1]] == ["The day"]
