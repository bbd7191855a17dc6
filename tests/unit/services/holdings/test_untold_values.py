"""A refusal repeats no secret and no address: neither as a value, nor as a field's name, nor on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.holdings.material import ask, holding_house
from tests.unit.services.holdings.test_holding_addresses import BITCOIN, ETHER, KEY, BitcoinHost, EtherHost
from tests.unit.services.holdings.test_secrets_in_lines import WORDS
from vigie.domain.errors import UsageError

OLD = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
DRESSES = ("bitcoin:{}", '"{}"', "<{}>", "addr={}", "L/{}", "my{}", "({})")
MISTYPED = (BITCOIN[:-1] + "x", OLD[:-1] + "l", ETHER[:-2] + "zz", KEY[:40], BITCOIN.upper())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    house = holding_house(tmp_path_factory.mktemp("untold") / "home")
    return replace(house, bitcoin_balances=BitcoinHost(), ethereum_balances=EtherHost())


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("add", {"coin": "bitcoin", "quantity": "1", "place": f"Seed: {WORDS}"}),
        ("add", {"coin": "bitcoin", "quantity": "1", "place": f'"{WORDS}"'}),
        ("add", {"coin": "bitcoin", "quantity": "1", WORDS: "x"}),
        ("add_address", {"address": BITCOIN, "label": KEY}),
        ("add_address", {"address": BITCOIN, "label": f"Ledger {KEY}"}),
        ("add_address", {BITCOIN: "x", "label": "Ledger"}),
        ("add_address", {KEY: "x", "label": "Ledger"}),
        ("agree_address", {"holding_address": BITCOIN, "host": "mempool.example"}),
    ],
)
def test_an_input_that_is_refused_repeats_none_of_it(built, operation, values):
    with pytest.raises(UsageError) as refused:
        ask(built, operation, **values)
    shown = houses.Browser(built).order(f"holdings.{operation}", **values)
    assert shown.status_code in (400, 422)
    for told in (str(refused.value), shown.text):
        assert not [part for part in (BITCOIN[:12], KEY[:12], "sausage") if part in told]


def test_an_unknown_field_is_still_named(built):
    with pytest.raises(UsageError, match="wallet: is not a known field"):
        ask(built, "add_address", address=BITCOIN, label="L", wallet="x")


@pytest.mark.parametrize("label", [*(dress.format(BITCOIN) for dress in DRESSES), f"L/{OLD}", *MISTYPED])
def test_a_name_with_an_address_is_refused_and_not_shown_again(built, label):
    for address in (BITCOIN, "nonsense"):
        shown = houses.Browser(built).post("/portfolio/addresses/add", {"address": address, "label": label})
        assert shown.status_code == 400
        assert not [part for part in (BITCOIN[:12], OLD[:12], ETHER[:12], KEY[:12]) if part in shown.text]
        assert BITCOIN[:12].upper() not in shown.text
    assert ask(built, "addresses").rows == []


def test_ordinary_names_stay(built):
    browser = houses.Browser(built)
    for label in ("Ledger 1", "bc1 wallet", "0x", "1234567890123456789012345678", "Public savings"):
        shown = browser.post("/portfolio/addresses/add", {"address": "nonsense", "label": label})
        assert f'value="{label}"' in shown.text


@pytest.mark.parametrize("secret", [WORDS, f"Kraken; Seed: {WORDS}", WORDS.replace(" ", ";"), "K" + "a" * 51])
def test_places_abroad_hold_no_secret(built, secret):
    browser = houses.Browser(built)
    asked = {"country": "FR", "year": "2025", "abroad": secret}
    refused = browser.call("holdings.tax", **asked)
    form = {**asked, "opening_220": "10", "opening_221": "0"}
    sent = (
        browser.get("/portfolio/tax", params=asked, follow=False),
        browser.get("/portfolio/tax.pdf", params=asked, follow=False),
        browser.post("/portfolio/tax/openings", form, follow=False),
    )
    assert [refused.status_code, *(one.status_code for one in sent)] == [400, 303, 303, 303]
    assert {one.headers["location"] for one in sent} == {"/portfolio/tax?country=FR&year=2025&refused=abroad"}
    shown = browser.get(sent[0].headers["location"])
    assert "delete that from your browser" in shown.text
    for answer in (refused, shown, *sent):
        assert not [part for part in ("sausage", secret[:12]) if part in answer.text]


def test_a_dozen_platforms_abroad_are_no_phrase(built):
    names = (
        "Kraken Binance Coinbase Bitstamp Gemini Bitfinex Kucoin Bybit Deribit Bitget Bitvavo Bitpanda Gate"
    )
    told = ask(built, "tax", country="FR", year=2025, abroad="; ".join(names.split()))
    assert sum(row.line == "3916-bis" for row in told.rows) == 13
