"""Every figure can be cited: value, source, time, and a link that leads to it as it was known then."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.figures_material import full
from vigie.domain.time import parse_time

DATED = ("/asset/bitcoin?range=1m", "/onchain", "/onchain/defi", "/derivatives", "/derivatives/open-interest",
         "/onchain/chart?f=market/bitcoin/price_usd")  # fmt: skip


@pytest.fixture(scope="module")
def browsers(tmp_path_factory):
    return {
        "bars": Browser(house(tmp_path_factory.mktemp("bars"))),
        "facts": Browser(full(tmp_path_factory.mktemp("facts"))),
    }


def cites_of(page):
    """Return what each button of a page would put into its box."""
    tags = re.findall(r"<button[^>]*data-cite=[^>]*>", page)
    return [
        {key: unescape(value) for key, value in re.findall(r'data-(cite[a-z-]*)="([^"]*)"', tag)}
        for tag in tags
    ]


@pytest.mark.parametrize("path", [*DATED, "/"])
def test_each_figure_has_a_link_to_where_it_stands(browsers, path):
    page = browsers["bars" if "asset" in path else "facts"].get(path).text
    found = cites_of(page)
    assert found
    for one in found:
        href = urlsplit(one["cite-href"])
        assert one["cite-value"]
        assert f'id="{href.fragment}"' in page, one
        assert href.path == urlsplit(path).path
        assert page.count(f'id="{href.fragment}"') == 1
        assert ("as_of" in parse_qs(href.query)) is (path in DATED)
    # Who has no scripts follows the same links.
    assert page.count('class="cite no-js-only"') == len(found)


def test_the_link_of_a_figure_leads_to_the_value_that_was_cited(browsers):
    browser = browsers["facts"]
    one = next(one for one in cites_of(browser.get("/onchain").text) if "adr_act" in one["cite-href"])
    there = browser.get(one["cite-href"])
    assert [same["cite-value"] for same in cites_of(there.text) if same["cite"] == one["cite"]] == [
        one["cite-value"]
    ]


def test_a_figure_of_the_past_keeps_its_instant(browsers):
    page = browsers["bars"].get("/asset/bitcoin?as_of=2025-06-01").text
    hrefs = {parse_qs(urlsplit(one["cite-href"]).query)["as_of"][0] for one in cites_of(page)}
    assert [parse_time(text) for text in hrefs] == [parse_time("2025-06-01")]


def test_figures_of_a_result_can_be_cited(tmp_path):
    built, runs = house_with_results(tmp_path / "home")
    page = Browser(built).get(f"/backtests/{runs['first']}?part=figures").text
    found = cites_of(page)
    assert len(found) > 10
    assert all(f'id="{urlsplit(one["cite-href"]).fragment}"' in page for one in found)
