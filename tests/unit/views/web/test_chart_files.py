"""Every drawing of a page can be taken along: as SVG and PNG with title, source and time, and as its data."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.houses import Browser, house
from tests.unit.services.desk_material import house_with_results

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    built, runs = house_with_results(tmp_path_factory.mktemp("home") / "home")
    return Browser(built), runs


def paths(runs):
    first, second = runs["first"], runs["second"]
    return [
        "/markets/heatmap?span=7d&size=volume", "/markets/correlation?days=30", "/asset/bitcoin?lines=rsi_14",
        "/asset/bitcoin/compare?with=ethereum", f"/backtests/{first}", f"/backtests/{runs['sweep']}",
        f"/backtests/compare?a={first}&b={second}",
    ]  # fmt: skip


@pytest.mark.parametrize("at", range(7))
def test_each_page_with_a_drawing_offers_it_as_pictures_and_as_data(made, at):
    browser, runs = made
    page = browser.get(paths(runs)[at]).text
    pictures = {unescape(href) for href in re.findall(r'href="(/chart/[^"]+)"', page)}
    assert {href.partition("?")[0].rpartition(".")[2] for href in pictures} == {"svg", "png"}
    for href in sorted(pictures):
        answer = browser.get(href)
        assert answer.status_code == 200, href
        if ".png" in href:
            assert answer.content.startswith(PNG)
        else:
            assert "Vigie" in answer.text
            assert "UTC" in answer.text
    [data, *_] = [unescape(href) for href in re.findall(r'href="(/api/v1/[^"]+\.csv[^"]*)"', page)]
    assert browser.get(data).status_code == 200


def test_a_heat_map_of_the_past_is_another_one_and_says_its_time(tmp_path):
    browser = Browser(house(tmp_path / "home"))
    now, then = (browser.get(f"/chart/heatmap.svg?span=7d{more}").text for more in ("", "&as_of=2025-06-01"))
    assert now != then
    assert re.search(r"(31 May|1 Jun) 2025", then)


@pytest.mark.parametrize("name", ["heatmap", "correlation"])
def test_a_picture_of_an_empty_market_is_not_there(tmp_path, name):
    answer = Browser(house(tmp_path / "home", with_bars=False)).get(f"/chart/{name}.svg")
    assert answer.status_code == 404
