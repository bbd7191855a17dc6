"""Files of holdings in a browser: a French spreadsheet by phone and on a desk, from its choice to its undo."""

from __future__ import annotations

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.unit.services.holdings.material import holding_house

pytestmark = pytest.mark.browser
PAGE = "/portfolio/files"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHEET = (
    "Date;Type;Cryptoactif;Quantité;Prix unitaire\n"
    "13/02/2025;Achat;BTC;0,5;40 000,00\n14/02/2025;Achat;BTC;0,5;1 000,00\n"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(holding_house(tmp_path_factory.mktemp("files") / "home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


# Two headers: what was chosen for the first file would hold for the next with the same ones.
@pytest.mark.parametrize(("wide", "quantity"), [(390, "Quantité"), (1_280, "Qté")])
def test_a_french_spreadsheet_is_chosen_understood_added_and_undone(browser, site, wide, quantity):
    with tab(browser, site, locale="fr-FR", viewport={"width": wide, "height": 900}) as opened:
        page = opened.page

        def judge() -> None:
            assert faults_of(page) == []
            assert page.evaluate(OVER) <= 0
            assert page.evaluate("document.querySelectorAll('*').length") <= NODES

        answer = page.goto(PAGE)
        assert len(brotli.compress(answer.body(), quality=5)) <= HTML
        text = SHEET.replace("Quantité", quantity)
        sheet = {"name": "mes achats.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}
        page.locator("#f-file").set_input_files(sheet)
        page.get_by_role("button", name="Aperçu des modifications").click()
        expect(page.locator("#plan")).to_contain_text("choisissez sa colonne")
        expect(page.locator("#f-column_unit_price")).to_have_value("Prix unitaire")
        judge()
        page.locator("#f-file-currency-asked").select_option("EUR")
        page.locator("#plan").get_by_role("button", name="Nouvel aperçu").click()
        expect(page.locator("#plan")).to_contain_text("2 nouvelles lignes")
        expect(page.locator("#plan")).to_contain_text("vérifiez que le montant est celui de toute la ligne")
        amount = page.locator("#plan td.num").first
        expect(amount).to_contain_text("20 000 EUR")
        box = amount.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= wide, "the amount is not cut"
        judge()
        page.get_by_role("button", name="Ajouter ces lignes").click()
        page.wait_for_url("**/portfolio?batch=*")
        page.goto(PAGE)
        expect(page.locator("#imports")).to_contain_text("mes achats.csv")
        page.locator("#imports").get_by_role("button", name="Retirer ce fichier").click()
        expect(page.locator("#undo-file")).to_contain_text("Ses 2 lignes sont retirées")
        judge()
        page.get_by_role("button", name="Retirer ses lignes").click()
        expect(page.locator("#imports")).to_have_count(0)
