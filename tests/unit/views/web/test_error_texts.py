"""What a connector fails with is a sentence; what a library said of it is folded below."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from vigie.ports.quotes import SourceHealth

RAW = {
    "HTTPSConnectionPool(host='fapi.example', port=443): Max retries exceeded with url: /x (Caused by "
    "NameResolutionError('no answer'))": "The source&#39;s address was not found. Is this machine online?",
    "<html><body><h1>503 Service Unavailable</h1>": "The source is temporarily unavailable.",
    "10 answered b'<!doctype html>\\n<html', which is not a feed": "is not a feed",
    "broke down: ValueError('x')": "The source&#39;s answer could not be read.",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"), with_bars=False)


@pytest.mark.parametrize("error", RAW)
def test_what_a_library_said_is_folded_below_a_sentence(built, error):
    built.quotes.put_health([SourceHealth("binance/bars", "failing", None, 1, errors=3, error=error)])
    for path in ("/sources?state=failing", "/health"):
        page = Browser(built).get(path).text
        shown, _, folded = page.partition("<summary>Details</summary>")
        assert RAW[error] in shown
        assert "Max retries" not in shown
        assert "503 Service" not in shown
        assert "<code>" in folded.partition("</details>")[0]


def test_what_was_written_for_people_stands_as_it_is(built):
    built.quotes.put_health(
        [SourceHealth("binance/bars", "failing", None, 1, errors=3, error="CoinGecko: too many")]
    )
    page = Browser(built).get("/sources?state=failing").text
    assert "CoinGecko: too many" in page
    assert "<summary>Details</summary>" not in page
