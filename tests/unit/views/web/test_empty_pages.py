"""Where there is nothing yet, a page says what will be here, why not yet, and offers one way on."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house

# Pages that show what is gathered, run or kept: each has something to say in a new home.
EMPTY = (
    "/", "/markets", "/markets/heatmap", "/markets/screener", "/markets/movers", "/markets/correlation",
    "/markets/emerging", "/markets/categories", "/markets/exchanges", "/asset/bitcoin",
    "/asset/bitcoin/compare?with=ethereum", "/derivatives", "/derivatives/open-interest", "/derivatives/basis",
    "/derivatives/long-short", "/derivatives/liquidations", "/derivatives/volatility", "/onchain",
    "/onchain/defi", "/onchain/series", "/backtests", "/backtests/compare", "/strategies", "/jobs", "/watchlists",
    "/admin",
)  # fmt: skip
# Pages whose rows come one day: an example says how they will look.
WITH_EXAMPLE = (
    "/", "/markets", "/markets/heatmap", "/markets/screener", "/markets/correlation", "/markets/emerging",
    "/markets/categories", "/markets/exchanges", "/asset/bitcoin", "/asset/bitcoin/compare?with=ethereum",
    "/derivatives", "/derivatives/volatility", "/onchain", "/onchain/defi", "/news", "/news/kept", "/mood",
    "/backtests", "/backtests/compare", "/strategies", "/jobs", "/watchlists", "/journal", "/trading",
    "/alerts/log", "/studio", "/health", "/admin?tab=backups",
)  # fmt: skip


@pytest.fixture(scope="module", params=["en", "fr"])
def browser(request, tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("home"), with_bars=False), language=request.param)


@pytest.mark.parametrize("path", EMPTY)
def test_an_empty_page_says_what_why_and_one_way_on(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    blocks = re.findall(r'<div class="state state-empty">(.*?)</div>', answer.text, re.DOTALL)
    assert blocks
    for block in blocks:
        assert re.search(r"<h\d>[^<]{5,}</h\d>", block)
        assert re.search(r"<p>.{30,}</p>", block)
        ways = re.findall(r'<a class="button button-primary" href="([^"]+)"', block)
        assert len(ways) == 1
        there = ways[0].partition("#")[0]
        assert not there or browser.get(there).status_code == 200


@pytest.mark.parametrize("path", WITH_EXAMPLE)
def test_an_example_of_an_empty_page_is_marked_as_one_and_has_no_links(browser, path):
    text = browser.get(path).text
    blocks = [
        block
        for block in re.findall(r'<div class="state state-empty">(.*?)</div>', text, re.DOTALL)
        if 'class="example"' in block
    ]
    assert blocks
    for block in blocks:
        example = block[block.index("<figure") : block.index("</figure>")]
        assert re.search(r"<figcaption>.*(Example|Exemple)", example)
        assert len(re.findall("<tr>", example)) >= 2
        assert "<a " not in example
        assert not re.search(r">\s*(None|nan|–)\s*<", example)
        assert block.count("button-primary") == 1
