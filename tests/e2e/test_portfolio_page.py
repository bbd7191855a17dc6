"""Portfolio in a browser: the beginner's first line, in both languages, by phone, by keyboard and without scripts."""

from __future__ import annotations

from dataclasses import replace

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.houses import person
from tests.unit.services.holdings.material import ask, close_of, holding_house
from tests.unit.services.holdings.test_holding_addresses import BITCOIN, BitcoinHost
from vigie.ports.address_balances import AddressState

pytestmark = pytest.mark.browser
OWNER = person("owner")
PAGE = "/portfolio"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BEYOND = "part => { const wide = part.closest('.table-wrap') || part; return wide.scrollWidth - wide.clientWidth; }"
LAST = 239


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = holding_house(tmp_path_factory.mktemp("portfolio") / "home")
    host = BitcoinHost()
    host.states[BITCOIN] = AddressState(25_000_000, is_used=True)
    with served(replace(built, bitcoin_balances=host)) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing(site):
    """Begin each test without a line."""
    site.house.holdings.forget(OWNER.user)


@pytest.mark.parametrize(
    ("language", "scheme", "wide", "quantity", "said"),
    [
        ("fr-FR", "dark", 390, "0,5", "Vos cryptoactifs valent"),
        ("en-GB", "light", 320, "0.5", "Your coins are worth"),
        pytest.param("en-GB", "dark", 1_280, "0.5", "Your coins are worth", marks=pytest.mark.chaos),
    ],
)
def test_the_first_line_takes_a_name_and_a_quantity_by_keyboard(
    browser, site, language, scheme, wide, quantity, said
):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        page.goto(PAGE)
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        page.locator("#f-coin").focus()
        page.keyboard.type("bitcoin")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "f-quantity"
        page.keyboard.type(quantity)
        page.keyboard.press("Enter")
        expect(page.locator("#headline")).to_contain_text(said)
        digits = "".join(filter(str.isdigit, page.locator("#headline").inner_text()))
        assert digits == "".join(filter(str.isdigit, f"{0.5 * close_of(LAST):.2f}"))
        expect(page.locator("#position-rows tbody tr")).to_have_count(1)
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0


@pytest.mark.parametrize(("language", "wide"), [("fr-FR", 390), ("en-GB", 1_280)])
def test_a_filled_page_is_open_to_everybody_and_small(browser, site, language, wide):
    lines = (
        ("BTC", "0.5", 1, "20000"),
        ("ETH", "3", 50, "6000"),
        ("SOL", "10", 100, ""),
        ("DOGE", "5", 120, "1"),
    )
    for coin, quantity, number, amount in lines:
        day = f"2025-{1 + number // 30:02}-{1 + number % 28:02}"
        ask(site.house, "add", OWNER, coin=coin, quantity=quantity, day=day, amount=amount, place="Kraken")
    with tab(browser, site, locale=language, viewport={"width": wide, "height": 900}) as opened:
        page = opened.page
        answer = page.goto(PAGE)
        assert len(brotli.compress(answer.body(), quality=5)) <= HTML
        assert page.evaluate("document.querySelectorAll('*').length") <= NODES
        assert page.locator("h1").count() == 1
        expect(page.locator("#position-rows tbody tr")).to_have_count(4)
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        page.locator("#more summary").first.click()
        page.locator("#f-coin").fill("euro")
        page.locator("#f-quantity").fill("5")
        page.locator("#add .form-actions button").first.click()
        expect(page.locator(".form-errors")).to_be_visible()
        assert faults_of(page) == []
        # The browser says that the answer was a refusal.
        opened.said.clear()


def test_a_line_is_added_corrected_removed_and_undone_without_scripts(browser, site):
    with tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(PAGE)
        page.locator("#f-coin").fill("ETH")
        page.locator("#f-quantity").fill("2")
        page.locator("#more summary").first.click()
        page.locator("#f-day").fill("2025-03-01")
        page.locator("#f-amount").fill("4000")
        page.locator("#f-place").fill("Ledger")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#line-rows tbody tr")).to_have_count(1)
        expect(page.locator("#returns")).to_contain_text("Had you never bought")
        page.locator("#line-rows").get_by_role("link", name="Correct").click()
        expect(page.locator("#f-place")).to_have_value("Ledger")
        page.locator("#f-quantity").fill("3")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#line-rows tbody tr")).to_contain_text("3")
        page.locator("#line-rows").get_by_role("button").first.click()
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#line-rows tbody tr")).to_have_count(1)


@pytest.mark.parametrize(("language", "wide", "quantity"), [("fr-FR", 320, "0,25"), ("en-GB", 1_280, "0.25")])
def test_a_wallet_is_read_after_consent_and_becomes_a_line_by_keyboard(
    browser, site, language, wide, quantity
):
    site.house.holding_addresses.forget(OWNER.user)
    with tab(browser, site, locale=language, viewport={"width": wide, "height": 800}) as opened:
        page = opened.page
        page.goto("/portfolio/addresses")
        page.locator("#f-address").focus()
        page.keyboard.type(BITCOIN)
        page.keyboard.press("Tab")
        page.keyboard.type("Ledger")
        page.keyboard.press("Enter")
        expect(page.locator("#addresses")).to_contain_text("mempool.example")
        for step in ("agree", "read"):
            page.locator(f'form[action$="/{step}"] button').focus()
            page.keyboard.press("Enter")
            expect(page.locator(f'form[action$="/{step}"] button')).to_have_count(int(step == "read"))
        expect(page.locator("#balance-rows")).to_contain_text(f"{quantity} BTC")
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        # Nothing of the table lies beyond its card, where one would have to push it to see the difference.
        assert page.locator("#balance-rows").evaluate(BEYOND) <= 0
        page.locator('form[action$="/line"] button').press("Enter")
        expect(page.locator("#line-rows tbody tr")).to_have_count(1)


def test_the_chart_fills_the_room_beside_what_it_brought(browser, site):
    for number, coin in ((10, "BTC"), (40, "ETH")):
        day = f"2025-0{number // 10}-11"
        ask(site.house, "add", OWNER, coin=coin, quantity="1", day=day, amount="4000", currency="USD")
    sold = {"kind": "sell", "day": "2025-06-01", "amount": "5000", "currency": "USD"}
    ask(site.house, "add", OWNER, coin="BTC", quantity="0.1", **sold)
    with tab(browser, site, viewport={"width": 1_280, "height": 600}) as opened:
        page = opened.page
        page.goto(f"{site.url}{PAGE}")
        room, plot = page.evaluate(
            """() => {
                const cell = document.querySelector('.hero-body > div');
                const stage = cell.querySelector('.chart-stage').getBoundingClientRect();
                const last = cell.lastElementChild.getBoundingClientRect();
                const drawn = cell.querySelector('.chart-stage > svg').getBoundingClientRect();
                return [cell.getBoundingClientRect().bottom - last.bottom, stage.height - drawn.height];
            }"""
        )
    assert room < 24
    assert plot < 24
