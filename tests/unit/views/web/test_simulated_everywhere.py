"""Where the market is simulated, every page and every export says so, and leads out; elsewhere none does."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from tests.houses import Browser, house
from tests.newsrooms import told_house
from vigie.domain.item import item_id
from vigie.services.operation import operations
from vigie.views.web.page import pages

PATHS = sorted(page.path for page in pages().values() if "{" not in page.path and "." not in page.path)
TABLES = [
    one for one in operations().values()
    if one.is_table and not one.is_change
    and not any(field.is_required() for field in one.input_type.model_fields.values())
]  # fmt: skip
SAID = "simulated data, invented prices"


@pytest.fixture(scope="module")
def browsers(tmp_path_factory) -> dict[bool, Browser]:
    built = house(tmp_path_factory.mktemp("home") / "home")
    return {simulated: Browser(replace(built, is_simulated=simulated)) for simulated in (True, False)}


def said_in(form: str, content: bytes) -> str:
    """Return what a file of a table says of itself."""
    if form == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return book.read("xl/sharedStrings.xml").decode()
    if form == "parquet":
        return str(pl.read_parquet_metadata(io.BytesIO(content)))
    return content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_page_has_the_banner_and_the_way_out(browsers, path):
    for simulated, browser in browsers.items():
        shown = browser.get(path).text
        assert ('<div class="demo" role="note" aria-label="Simulated market"' in shown) is simulated
        assert ('href="/help#leave-demo">Use my own data</a></div>' in shown) is simulated


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return a browser of a simulated home whose news name a regulator that there is, and such an item."""
    built = told_house(tmp_path_factory.mktemp("told") / "home")
    return Browser(replace(built, is_simulated=True)), item_id("sec_press", "e")


@pytest.mark.parametrize(
    "path",
    ["/news/{id}", "/story/{id}", "/entity/org:sec", "/news?period=1w", "/asset/ethereum", "/search?q=SEC"],
)
def test_a_page_that_names_a_regulator_in_invented_news_says_that_they_are_invented(told, path):
    browser, item = told
    shown = browser.get(path.format(id=item)).text
    assert "SEC" in shown
    assert '<div class="demo" role="note" aria-label="Simulated market"' in shown.partition("<main")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/stories/spread.csv?story={id}",
        "/api/v1/stories/spread.json?story={id}",
        "/api/v1/news/list.csv",
        "/api/v1/news/list.json",
        "/chart/story.svg?story={id}",
    ],
)
def test_a_file_that_names_a_regulator_in_invented_news_says_that_they_are_invented(told, path):
    browser, item = told
    answer = browser.get(path.format(id=item))
    assert answer.status_code == 200
    assert "SEC" in answer.text
    assert "simulated" in answer.text


def test_the_way_out_tells_the_command(browsers):
    found = browsers[True].get("/help").text.partition('id="leave-demo"')[2]
    assert "<code>vigie up</code>" in found.partition("</section>")[0]


@pytest.mark.parametrize("declared", TABLES, ids=lambda one: one.name)
@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "parquet"])
def test_export_says_it(browsers, declared, form):
    path = f"/api/v1/{declared.name.replace('.', '/')}.{form}"
    answers: dict[bool, Any] = {key: browser.get(path) for key, browser in browsers.items()}
    for simulated, answer in answers.items():
        if answer.status_code in (400, 404):
            assert "content-disposition" not in answer.headers
            continue
        assert answer.status_code == 200
        assert (SAID in said_in(form, answer.content)) is simulated
