"""A mistyped address suggests what may have been meant."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("home")))


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/asset/bitcion", "/asset/bitcoin"),
        ("/asset/etherum/compare", "/asset/ethereum"),
        ("/asset/SOLL", "/asset/solana"),
        ("/market", "/markets"),
        ("/markets/screner", "/markets/screener"),
        ("/strategies/macd_cros", "/strategies/macd_cross"),
        ("/bitcoin", "/asset/bitcoin"),
        ("/setup/0123456789abcdef", "/signals"),
        ("/plan/0123456789abcdef", "/plans"),
    ],
)
def test_a_mistyped_address_suggests_what_may_have_been_meant(browser, path, meant):
    answer = browser.get(path)
    assert answer.status_code == 404
    fault = answer.text.partition('class="state-error"')[2].partition("</main>")[0]
    links = re.findall(r'<li><a href="([^"]+)"', fault)
    assert meant in links
    assert len(links) <= 4
    assert all(browser.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize(
    "path", ["/asset/qqqqqqqqqqqq", "/asset/%3Cscript%3E", "/zzzz", "/asset/" + "a" * 300]
)
def test_what_resembles_nothing_suggests_nothing(browser, path):
    answer = browser.get(path)
    assert answer.status_code in (400, 404)
    assert "Did you mean one of these?" not in answer.text
    assert "<script>alert" not in answer.text


def test_the_search_finds_what_is_nearly_written_so(browser):
    rows = browser.get("/api/v1/assets/search?q=bitcion").json()["rows"]
    assert [row["asset"] for row in rows] == ["bitcoin"]
