"""Trades made elsewhere in a browser: both languages and themes, a phone, and all of it without scripts."""

from __future__ import annotations

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.houses import house, person
from tests.unit.services.outside.test_outside_operations import AFTER, FILL, HEADER, confirmed
from vigie.domain.time import iso
from vigie.services.operation_calls import run_operation

pytestmark = pytest.mark.browser
OWNER = person("owner")
PAGE = "/journal/outside"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ROW = "2025-07-01 10:00:00,bitget-perp,ETHUSDT,{side},2500,1,0.1,BNB,\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = house(tmp_path_factory.mktemp("outside") / "home", with_bars=False)
    confirmed(built, owner="owner")
    for side, time in (("buy", AFTER), ("sell", AFTER + 60_000)):
        run_operation(built, OWNER, "outside.add", {**FILL, "side": side, "time": iso(time)})
    with served(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "scheme", "wide"),
    [
        ("fr-FR", "light", 320),
        ("en-GB", "dark", 1_280),
        pytest.param("en-GB", "light", 390, marks=pytest.mark.chaos),
    ],
)
def test_it_is_open_to_everybody_small_and_fits_its_screen(browser, site, language, scheme, wide):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        answer = page.goto(PAGE)
        assert len(brotli.compress(answer.body(), quality=5)) <= HTML
        assert page.evaluate("document.querySelectorAll('*').length") <= NODES
        assert page.locator("h1").count() == 1
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        page.locator("#other-files summary").click()
        page.locator("#f-text").fill(HEADER + ROW.format(side="hold") + ROW.format(side="buy"))
        page.locator("#import button[type=submit]").click()
        expect(page.locator("#plan li")).to_have_count(1)
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0


def test_a_file_a_fill_an_answer_and_a_removal_work_without_scripts(browser, site, tmp_path):
    file = tmp_path / "trades.csv"
    file.write_text(HEADER + ROW.format(side="buy"), "utf-8")
    with tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(PAGE)
        page.locator("#f-file").set_input_files(file)
        page.get_by_role("button", name="Preview changes").click()
        page.get_by_role("button", name="Add these fills").click()
        expect(page.get_by_role("status").first).to_contain_text("Added.")
        for name, value in {**FILL, "side": "sell", "time": "2025-07-02 10:00:00"}.items():
            field = page.locator(f"#add [name={name}]")
            field.select_option(value) if name == "side" else field.fill(value)
        page.get_by_role("button", name="Add fill").click()
        expect(page.locator("#outside-rows tbody tr")).to_have_count(3)
        page.locator("#proposals").get_by_role("button", name="Accept").first.click()
        expect(page.locator("#proposals")).to_have_count(0)
        page.locator("#outside-rows tbody tr").first.get_by_role("button").click()
        expect(page.locator("#outside-rows tbody tr")).to_have_count(2)


def test_the_form_of_a_fill_is_filled_and_sent_by_keys_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto(PAGE)
        page.locator("#add [name=venue]").focus()
        for value in ("bitget-perp", "SOLUSDT", None, "150", "2", "2025-07-03 10:00:00"):
            if value:
                page.keyboard.type(value)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("Added.")
        expect(page.locator("#outside-rows")).to_contain_text("sol-usdt-perp")
