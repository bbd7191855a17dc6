"""Where the market is simulated, every page and every export says so, and leads out; elsewhere none does."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from tests.houses import Browser, house
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
