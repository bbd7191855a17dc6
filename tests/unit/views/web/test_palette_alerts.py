"""Alerts said in words: which asset and condition they name, and what is not clear enough to be offered."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import Browser, house
from vigie.views.web.palette_alerts import read_condition
from vigie.views.web.palette_entries import search_key

CLEAR = {
    "en": {
        "alert me when bitcoin falls below 90,000": "bitcoin price<90000",
        "alert me when bitcoin falls below $90,000.50": "bitcoin price<90000.5",
        "alert bitcoin above 1,200,000": "bitcoin price>1200000",
        "alert bitcoin above 1 million": "bitcoin price>1000000",
        "alert btc > 100k": "bitcoin price>100000",
        "alert btc below 90\t000": "bitcoin price<90000",
        "alert me when the price of a bitcoin falls 5.5%": "bitcoin change_24h<-0.055",
        "alert me at 9 when eth falls 5%": "ethereum change_24h<-0.05",
        "tell me when eth drops 3 % over a week": "ethereum change_7d<-0.03",
        "warn me when solana falls 5% over 24h": "solana change_24h<-0.05",
        "warn me when solana rises 10% in a month": "solana change_30d>0.1",
    },
    "fr": {
        "peux-tu m'avertir si btc tombe sous 90 000 $": "bitcoin price<90000",
        "alerte btc sous 90.000 $": "bitcoin price<90000",
        "alerte-moi à chaque fois que btc baisse de 5,5 %": "bitcoin change_24h<-0.055",
        "alerte-moi s’il y a une baisse de 5 % du bitcoin": "bitcoin change_24h<-0.05",
        "prévenez-moi si l'ethereum perd 10 % en 7 jours": "ethereum change_7d<-0.1",
        "alerte eth sous 0,123": "ethereum price<0.123",
    },
}
UNCLEAR = (
    "alert btc falls 12 h", "alert btc falls from 3000 below 2500", "alert btc below .5", "alert btc above 1e5",
    "alert btc sous 90 000 \u20ac", "alert btc up 3% in 4h", "alert btc up 20% in 48h", "alert btc drops 5 in 1h",
    "alert btc falls 150%", "alert btc falls 90\t000%", "alert btc up 99999999999999999999999999999999%",
    "alert btc above 99999999999999999999", "alert btc above 0", "alert the price falls 5%",
    # Words that are not understood change what is meant.
    "alert me when bitcoin funding falls 5 %", "alert me when bitcoin volume rises 50 %",
    "alert me when bitcoin does not fall 5 %", "don't alert me when bitcoin falls 5 %",
    "delete alert bitcoin falls 5 %", "alert me when bitcoin and ethereum fall 5 %",
    "alert me when bitcoin falls 5 % against ethereum", "alert me when bitcoin cash falls 5 %",
    "alert me when bitcoin falls by 5000 dollars", "alert me when bitcoin falls 5.5.5 %",
    "pr\u00e9viens-moi quand le volume du bitcoin monte de 50 %",
    "pr\u00e9viens-moi si le bitcoin ne baisse pas de 5 %",
)  # fmt: skip


WORDS = "falls rises over in 5 90,000 1.5 . % k h a week \u00b2 < , 7 jours".split()


@pytest.fixture(scope="module")
def browsers(tmp_path_factory):
    built = house(tmp_path_factory.mktemp("home"))
    return {language: Browser(built, language=language) for language in CLEAR}


def offered(browser, typed):
    """Return what the form of an alert would hold; empty where none is offered."""
    found = browser.get("/palette", params={"q": typed}).json()["items"]
    forms = [one["href"] for one in found if one.get("href", "").startswith("/alerts?kind=price")]
    if not forms:
        return ""
    query = dict(parse_qsl(urlsplit(forms[0]).query))
    return f"{query['assets']} {query['where']}"


@pytest.mark.parametrize(
    ("language", "typed"), [(language, typed) for language, cases in CLEAR.items() for typed in cases]
)
def test_what_is_said_clearly_is_filled_in(browsers, language, typed):
    assert offered(browsers[language], typed) == CLEAR[language][typed]


@pytest.mark.parametrize("typed", UNCLEAR)
def test_what_has_two_meanings_or_none_is_not_offered(browsers, typed):
    assert {language: offered(browser, typed) for language, browser in browsers.items()} == {
        "en": "",
        "fr": "",
    }


@settings(deadline=None)
@given(
    said=st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    ),
    language=st.sampled_from(["en", "fr"]),
)  # fmt: skip
def test_no_sentence_is_a_fault_and_every_bound_is_one_that_a_rule_takes(said, language):
    condition = read_condition(search_key(" ".join(said)), language)
    if condition is not None:
        assert 1e-12 <= abs(condition.bound) <= 1e18
        assert (condition.sign == "<") == (condition.bound < 0) or condition.field == "price"


@settings(deadline=None)
@given(typed=st.text(max_size=80), language=st.sampled_from(["en", "fr"]))
def test_no_text_is_a_fault(typed, language):
    read_condition(search_key(typed), language)
