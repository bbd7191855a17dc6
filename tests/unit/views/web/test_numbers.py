"""Numbers as pages write them; `frontend/tests/format.test.ts` demands the same of the browser."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house, person
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.asking import ask
from vigie.views.web.language import Tongue

EN, FR = Tongue("en"), Tongue("fr")


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (964e6, "$964.00M", "964,00\u00a0M\u00a0$"),
        (3.2545e9, "$3.25B", "3,25\u00a0Md\u00a0$"),
        (21e6, "$21.00M", "21,00\u00a0M\u00a0$"),
        (999.999e6, "$1.00B", "1,00\u00a0Md\u00a0$"),
        (-168.4e9, "\u2212$168.40B", "\u2212168,40\u00a0Md\u00a0$"),
        (2.93e12, "$2.93T", "2,93\u00a0Bn\u00a0$"),
    ],
)
def test_amounts_of_a_column_have_the_same_decimals(value, english, french):
    assert (EN.unit(value, "usd"), FR.unit(value, "usd")) == (english, french)


def test_coins_line_up_and_counts_stay_whole():
    assert [EN.unit(value, "coins") for value in (3088, 2876.7, 19.9e6)] == ["3,088.00", "2,876.70", "19.90M"]
    assert [EN.unit(value, "count") for value in (3088, 1.5e6)] == ["3,088", "1.50M"]


def test_prices_keep_five_significant_figures_and_an_index_its_decimals():
    assert [EN.price(value) for value in (0.03909134, 0.00001234, 0)] == ["0.039091", "0.00001234", "0.00"]
    assert [EN.unit(value, "index") for value in (43, 25.9)] == ["43", "25.90"]


# --- amounts in euros


@pytest.fixture
def built(tmp_path):
    made = house(tmp_path / "home")
    day = parse_time("2025-08-20")
    made.facts.append([
        Observation("fx/usd/per_eur", day - 100 * DAY_MS, day - 100 * DAY_MS, 1.0),
        Observation("fx/usd/per_eur", day, day, 1.25),
    ])  # fmt: skip
    return made


def in_euros(built, path="/asset/bitcoin"):
    browser = Browser(built)
    browser.post("/settings", {"currency": "eur", "zone": "UTC", "theme": "auto", "language": "en"})
    return browser.get(path).text


def test_figures_are_in_the_currency_of_the_visitor_and_the_page_says_by_which_rate(built):
    price = ask(built, person(), "assets.get", {"asset": "bitcoin"}).price
    page = in_euros(built)
    assert f'data-cite-value="{EN.unit(price.value * 0.8, "eur")}"' in page
    assert "1 $ = 0.8 € (ECB, 20 Aug 2025)" in page
    assert 'data-euro="0.8"' in page
    assert EN.unit(price.value, "usd") in Browser(built).get("/asset/bitcoin").text


def test_a_page_of_the_past_counts_by_the_rate_of_then(built):
    assert 'data-euro="1.0"' in in_euros(built, "/markets?as_of=2025-06-01")


def test_files_stay_in_dollars(built):
    page = in_euros(built, "/markets")
    rows = Browser(built).get("/api/v1/markets/list").json()["rows"]
    bitcoin = next(row for row in rows if row["asset"] == "bitcoin")
    assert EN.unit(bitcoin["price_usd"] * 0.8, "eur") in page
    [file] = re.findall(r'href="(/api/v1/markets/list\.json[^"]*)"', page)
    assert Browser(built).get(file).json()["rows"][0]["price_usd"] in [row["price_usd"] for row in rows]


def test_without_a_rate_the_page_says_that_amounts_stay_in_dollars(tmp_path):
    page = in_euros(house(tmp_path / "home"))
    assert "No rate of the euro is known here yet" in page
    assert "data-euro" not in page


def test_the_mean_of_exchanges_stands_in_where_the_reference_was_not_read(tmp_path):
    made = house(tmp_path / "home", with_bars=False)
    made.facts.append([Observation("fx/eur/per_usd", 1, 1, 0.9)])
    figure = ask(made, person(), "currencies.euro", {}).figure
    assert (figure.value, figure.source) == (0.9, "CoinGecko")
