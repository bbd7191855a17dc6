"""Words of the portfolio's pages that a beginner meets: each has its unit, and none is a word of the trade alone."""

from __future__ import annotations

import re

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = holding_house(tmp_path_factory.mktemp("words") / "home")
    for values in (
        {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "10000", "place": "Kraken"},
        {
            "coin": "BTC",
            "quantity": "0.5",
            "day": "2025-04-01",
            "amount": "8000",
            "kind": "sell",
            "place": "Kraken",
        },
    ):
        run_operation(home, OWNER, "holdings.add", values)
    return home


def words_of(built, path, language):
    text = text_of(houses.Browser(built, language=language).get(path))
    return re.sub(r"[\xa0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Line 51 is over €305.00",
                "Sum of the lines 218, to the cent",
                "218 − 223 × 217 / 212",
                "at 12.8% (",
            ),
        ),
        ("fr", ("La ligne 51 dépasse 305,00 €", "au centime près", "218 − 223 × 217 / 212", "à 12,8 % (")),
    ],
)
def test_a_french_file_has_units_and_signs_of_print(built, language, said):
    page = words_of(built, "/portfolio/tax?country=FR&year=2025", language)
    assert [one for one in said if one not in page] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_german_file_says_methods_in_full(built, language):
    page = words_of(built, "/portfolio/tax?country=DE&year=2025", language)
    assert not re.search(r"\b([Ff]ifo|[Ll]ifo|[Hh]ifo)\b", page)
    assert {"en": "first in, first out (FIFO)", "fr": "premier entré, premier sorti (FIFO)"}[language] in page


@pytest.mark.parametrize(
    ("language", "given", "dollar", "gain"),
    [
        ("en", "given away", "US dollar", "Gain if sold"),
        ("fr", "fait", "Dollar américain", "Plus-value latente"),
    ],
)
def test_choices_of_a_line_and_parts_of_the_gain_have_one_word(built, language, given, dollar, gain):
    page = houses.Browser(built, language=language).get("/portfolio").text
    assert re.search(rf'<option value="out"[^>]*>\s*{given}\s*</option>', page)
    assert f">{dollar}<" in page.replace("\n", "")
    assert re.search(rf'id="adding-up".*?{gain}', page, re.DOTALL)
    assert page.count(gain) >= 2, "the column has the same words as the part"


@pytest.mark.parametrize(
    ("language", "said", "money"),
    [
        ("en", "What your coins are worth is not known: none of them has a price.", "1,000.50 EUR"),
        ("fr", "On ne sait pas ce que valent vos cryptoactifs : aucun n’a de prix.", "1 000,50 EUR"),
    ],
)
def test_without_any_price_no_sum_is_told_and_money_is_told_to_the_cent(tmp_path, language, said, money):
    home = holding_house(tmp_path / "bare")
    line = {"coin": "dogecoin", "quantity": "10", "day": "2025-01-10", "amount": "1000.5", "currency": "EUR"}
    run_operation(home, OWNER, "holdings.add", line)
    page = words_of(home, "/portfolio", language)
    assert said in page
    assert money in page
