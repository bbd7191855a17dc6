"""Addresses of before the menu of groups: people kept them, and documents and mails named them."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house
from vigie.views.web.page import pages

# As they were in November 2026, when the menu was a list of pages. A line is never taken off.
OPENED = (
    "/", "/account", "/admin", "/alerts", "/alerts/log", "/asset/bitcoin", "/asset/bitcoin/compare", "/backtests",
    "/backtests/compare", "/demo/article", "/demo/mail", "/derivatives", "/derivatives/basis", "/health", "/help",
    "/jobs", "/jobs/files", "/journal", "/legal", "/login", "/markets", "/markets/categories",
    "/markets/correlation", "/markets/emerging", "/markets/exchanges", "/markets/heatmap", "/markets/movers",
    "/markets/screener", "/mood", "/news", "/news/brief", "/news/brief.html", "/news/brief.pdf",
    "/news/regulation", "/onchain", "/onchain/chart", "/onchain/defi", "/onchain/series", "/plugins", "/privacy",
    "/quote/binance-perp:btc-usdt-perp", "/search", "/settings", "/sources", "/sources/decrypt", "/sources/feeds",
    "/strategies", "/strategies/macd_cross", "/studio", "/styleguide", "/trading", "/trading/paper", "/watchlists",
    "/welcome",
)  # fmt: skip
# Those of a thing that a house may not have.
NAMED = (
    "/backtests/{id}", "/backtests/{id}/files/{name}", "/demo/mail/{number}", "/entity/{id}",
    "/jobs/{id}", "/journal/{trade}", "/news/{id}", "/news/{id}/evidence", "/news/{id}/evidence.zip",
    "/shared/{word}", "/sources/feeds/{name}", "/story/{id}", "/studio/{id}", "/studio/{id}/board.{form}",
    "/unsubscribe/{rule}/{channel}/{word}", "/watchlists/{id}",
)  # fmt: skip
# Places on pages that links of ours led to.
PLACES = (
    "/admin#add", "/alerts#channels", "/alerts?kind=emerging#rule", "/asset/bitcoin#verdict", "/backtests#order",
    "/help#commands", "/help#keys", "/help#leave-demo", "/help#pages", "/help#words",
    "/news/brief#by-mail", "/news/regulation#calendar", "/news/regulation#licences", "/settings#keep",
    "/sources#feeds", "/sources#own", "/strategies#on",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("old") / "home"))


@pytest.mark.parametrize("path", OPENED)
def test_an_old_address_answers_or_leads_on(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200, (answer.status_code, str(answer.url))


def test_an_old_address_of_a_thing_is_still_one_of_a_page():
    kept = {re.sub(r"\{\w+\}", "{}", page.path) for page in pages().values()}
    assert {path for path in NAMED if re.sub(r"\{\w+\}", "{}", path) not in kept} == set()


@pytest.mark.parametrize("path", PLACES)
def test_an_old_place_on_a_page_is_still_there(browser, path):
    answer = browser.get(path)
    assert f'id="{path.partition("#")[2]}"' in answer.text, str(answer.url)
