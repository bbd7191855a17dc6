"""Wallet addresses on their page: who would see one, consent, what lies there, and a line of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.services.holdings.test_holding_addresses import BITCOIN, KEY, BitcoinHost, EtherHost
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.person import OWNER
from vigie.ports.address_balances import AddressState
from vigie.services.operation_calls import run_operation

SAID = {
    "en": (
        "mempool.example would see this address, when you ask, and your network address.",
        "mempool.example would see the addresses that come from this key",
        "No address is kept.",
    ),
    "fr": (
        "mempool.example verrait cette adresse, le moment de la demande et votre adresse réseau.",
        "mempool.example verrait une à une les adresses dérivées de cette clé",
        "Aucune adresse n’est gardée.",
    ),
}


@pytest.fixture
def host():
    return BitcoinHost()


@pytest.fixture
def built(tmp_path, host):
    home = holding_house(tmp_path / "home")
    return replace(home, bitcoin_balances=host, ethereum_balances=EtherHost())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_would_see_an_address_is_said_before_anybody_sees_it(built, host, language):
    browser = houses.Browser(built, language=language)
    sees, sees_key, nothing = SAID[language]
    assert nothing in text_of(browser.get("/portfolio/addresses"))
    for address, label in ((BITCOIN, "Ledger"), (KEY, "Trezor")):
        browser.post("/portfolio/addresses/add", {"address": address, "label": label})
    page = browser.get("/portfolio/addresses")
    assert sees in text_of(page)
    assert sees_key in text_of(page)
    assert BITCOIN not in page.text
    assert host.asked == []
    kept = re.search(r'name="address_id" value="(a[0-9a-f]+)"', page.text)[1]
    refused = browser.post("/portfolio/addresses/read", {"address_id": kept})
    assert "mempool.example" in text_of(refused)
    assert host.asked == []


def test_a_balance_is_shown_once_and_becomes_one_line_however_often_it_is_asked(built, host):
    host.states[BITCOIN] = AddressState(25_000_000, is_used=True)
    browser = houses.Browser(built)
    browser.post("/portfolio/addresses/add", {"address": BITCOIN, "label": "Ledger"})
    kept = re.search(r'value="(a[0-9a-f]{16})"', browser.get("/portfolio/addresses").text)[1]
    browser.post("/portfolio/addresses/agree", {"address_id": kept, "host": "mempool.example"})
    told = browser.post("/portfolio/addresses/read", {"address_id": kept})
    assert told.headers["cache-control"] == "no-store"
    assert "0.25 BTC" in text_of(told)
    names = ("coin", "quantity", "place", "new_id")
    line = {name: re.search(rf'name="{name}" value="([^"]+)"', told.text)[1] for name in names}
    for _ in range(2):
        browser.post("/portfolio/addresses/line", line)
    (row,) = run_operation(built, OWNER, "holdings.list", {}).rows
    assert (row.asset, row.quantity, row.place, row.amount) == ("bitcoin", "0.25", "Ledger", None)
    again = browser.post("/portfolio/addresses/read", {"address_id": kept})
    assert "/portfolio/addresses/line" not in again.text
    browser.post("/portfolio/addresses/remove", {"address_id": kept})
    assert run_operation(built, OWNER, "holdings.addresses", {}).rows == []


def test_a_seed_phrase_is_refused_and_not_shown_again(built):
    phrase = " ".join(["abandon"] * 11 + ["about"])
    answer = houses.Browser(built).post("/portfolio/addresses/add", {"address": phrase, "label": "Ledger"})
    assert "abandon" not in answer.text
    assert "seed phrase" in text_of(answer)
    assert 'value="Ledger"' in answer.text
    wrong = houses.Browser(built).post(
        "/portfolio/addresses/add", {"address": BITCOIN[:-1] + "x", "label": BITCOIN}
    )
    assert BITCOIN[:-1] not in wrong.text
