"""Strategies and limits changed in a browser: by keys alone, in both languages and themes, on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import houses
from tests.e2e.houses import faults_of, press, served, tab
from tests.unit.services.plans.material import at
from tests.unit.services.trading.material import BEGUN, FILE, planned
from vigie.services.needs import bound
from vigie.services.trading.process.trading import begin_run

pytestmark = pytest.mark.browser
PAGE = "/trading/change?account=main"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORDS = {
    "en-GB": {
        "preview": "Preview", "save": "Save this change", "cancel": "Cancel the change", "waits": "Waiting change",
        "change": "change strategies and limits", "share": "0.5", "diff": "What changes",
    },
    "fr-FR": {
        "preview": "Aperçu", "save": "Enregistrer cette modification", "cancel": "Annuler la modification",
        "waits": "Modification en attente", "change": "modifier les stratégies et les limites", "share": "0,5",
        "diff": "Ce qui change",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("change")
    house = at(houses.house(folder / "home"), BEGUN)
    # A paper account of a page: its file lies in its owner's folder.
    file = house.home / "accounts" / "owner" / "main.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    bound(house, begin_run)(planned(house, folder), "owner")
    with served(house) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


def judged(page):
    expect(page.locator("h1")).to_have_count(1)
    assert faults_of(page) == [], page.url
    assert page.evaluate(WIDER) <= 0, page.url


@pytest.mark.parametrize(("language", "scheme", "wide"), [("fr-FR", "light", 320), ("en-GB", "dark", 1_280)])
def test_a_change_is_previewed_saved_and_cancelled_by_keys_alone(browser, site, language, scheme, wide):
    words = WORDS[language]
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        page.goto("/trading?account=main")
        press(page, page.get_by_role("link", name=words["change"]))
        page.wait_for_url("**/trading/change?*")
        judged(page)
        risk = page.locator("input[name=a-risk_fraction]")
        risk.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type(words["share"])
        press(page, page.get_by_role("button", name=words["preview"], exact=True))
        expect(page.get_by_role("heading", name=words["diff"])).to_be_visible()
        expect(page.locator("#preview ins")).to_have_count(1)
        expect(page.locator("#preview ins")).to_have_text(re.compile(r"\+risk_fraction = 0\.005"))
        judged(page)
        press(page, page.get_by_role("button", name=words["save"]))
        page.wait_for_url("**done=kept")
        expect(page.get_by_role("heading", name=words["waits"])).to_be_visible()
        judged(page)
        press(page, page.get_by_role("button", name=words["cancel"]))
        page.wait_for_url("**done=cancelled")
        expect(page.get_by_role("heading", name=words["waits"])).to_have_count(0)
        judged(page)
