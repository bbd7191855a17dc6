"""Wallet addresses on their page: who would see one, consent, what lies there, and a line of it."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.services.holdings.test_holding_addresses import BITCOIN, KEY, BitcoinHost, EtherHost
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.person import OWNER
from vigie.ports.address_balances import AddressState
from vigie.services.operation_calls import run_operation
from vigie.services.operations.holding_addresses import DEMO_ADDRESS
from vigie_sandbox.world.services.mempool import EXAMPLE_ADDRESS, open_service
from vigie_sandbox.world.wire import ServiceRequest

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


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "An example with an invented balance"), ("fr", "Un exemple avec un solde invent\u00e9")],
)
def test_a_simulated_home_offers_an_address_to_try_and_no_other_does(built, language, said):
    offered = f'data-copy="{DEMO_ADDRESS}"'
    demo = houses.Browser(replace(built, is_simulated=True), language=language).get("/portfolio/addresses")
    assert said in text_of(demo)
    assert offered in demo.text
    assert offered not in houses.Browser(built, language=language).get("/portfolio/addresses").text


@pytest.mark.parametrize("seed", range(20))
def test_the_offered_address_holds_something_in_every_simulated_world(seed):
    world = SimpleNamespace(seed=seed)
    request = ServiceRequest(f"/api/address/{DEMO_ADDRESS}", {}, 0, 0)
    told = open_service(world).answer(request).body  # type: ignore[arg-type]
    assert DEMO_ADDRESS == EXAMPLE_ADDRESS
    assert told["chain_stats"]["funded_txo_sum"] > told["chain_stats"]["spent_txo_sum"]
