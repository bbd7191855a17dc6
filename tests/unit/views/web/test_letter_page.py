"""The page of the letter about what a person owns, in both languages, and the same as a PDF."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pytest

from tests import houses
from tests.channels import notifiers_of
from tests.unit.services.holdings.material import BOB, holding_house
from tests.unit.services.holdings.test_letter import Postman
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.alert import Channel
from vigie.domain.person import OWNER
from vigie.ports.reports import NoReportPrinter
from vigie.services.operation_calls import run_operation

HOSTILE = "<script>alert(1)</script> #import"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = holding_house(tmp_path_factory.mktemp("letter-page") / "home")
    for caller, values in (
        (OWNER, {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "10000", "place": "Kraken"}),
        (OWNER, {"coin": "ETH", "quantity": "2", "day": "2025-02-12", "amount": "90", "product": HOSTILE,
                 "product_form": "digital", "yearly_fee": "1"}),
        (BOB, {"coin": "SOL", "quantity": "3", "day": "2025-01-10", "amount": "1"}),
    ):  # fmt: skip
        run_operation(home, caller, "holdings.add", values)
    return home


WORDS = {
    "en": ("One thing to do", "Your coins are worth", "What moved it", "You put in no money", "not known yet",
           "What comes", "One lesson", "Bitcoin: +"),
    "fr": ("Une chose à faire", "Vos cryptoactifs valent", "Ce qui a bougé", "Vous n\u2019avez rien versé ni retiré",
           "pas encore connu", "Ce qui arrive", "Une leçon", "Bitcoin :"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("span", ["week", "month"])
def test_the_page_says_all_of_it_and_offers_files_and_the_other_span(built, language, span):
    answer = houses.Browser(built, language=language).get(f"/portfolio/letter?span={span}")
    assert answer.status_code == 200
    text = text_of(answer)
    assert [word for word in WORDS[language] if word.replace("+", "") not in text.replace("+", "")] == []
    main = answer.text[answer.text.index("<main") :]
    order = [main.index(f'id="{part}"') for part in ("task", "held", "moved", "valuation", "comes", "lesson")]
    assert order == sorted(order)
    other = {"week": "month", "month": "week"}[span]
    assert f"span={other}" in main
    assert "/api/v1/holdings/letter.csv?" in main
    assert "Solana" not in text
    assert "<script>alert" not in main
    assert "&lt;script&gt;alert(1)" in main


def test_the_pdf_says_the_same_and_names_stay_text(built):
    answer = houses.Browser(built, language="fr").get("/portfolio/letter.pdf?span=month")
    assert answer.headers["content-type"] == "application/pdf"
    read = pypdf.PdfReader(io.BytesIO(answer.content))
    assert read.trailer["/Root"]["/Lang"] == "fr"
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert [
        word for word in (*WORDS["fr"][:3], "<script>alert(1)</script> #import") if word not in text
    ] == []


def test_without_typst_the_page_says_so(built):
    text = houses.Browser(replace(built, report_printer=NoReportPrinter())).get("/portfolio/letter").text
    assert "This installation makes no PDF: take CSV or XLSX." in text
    assert "/portfolio/letter.pdf" not in text


def test_a_day_ahead_is_refused_with_a_sentence_and_the_portfolio_leads_here(built):
    browser = houses.Browser(built)
    answer = browser.get("/portfolio/letter?last=2030-01-01")
    assert answer.status_code == 400
    assert "day must be between" in text_of(answer)
    assert 'href="/portfolio/letter"' in browser.get("/portfolio").text


def test_the_button_sends_it_or_says_what_is_missing(built):
    postman = Postman()
    browser = houses.Browser(replace(built, notifiers=notifiers_of(mail=lambda: postman)))
    asked = {"span": "month", "last": "2025-08-10"}
    refused = browser.post("/portfolio/letter/send", asked)
    assert "add and confirm an e-mail address" in text_of(refused)
    assert "Your 30 days, 12 Jul 2025 to 10 Aug 2025" in text_of(refused)
    built.alerts.put_channel(Channel("", OWNER.user, "mail", "me@desk.example", is_confirmed=True))
    answer = browser.post("/portfolio/letter/send", asked)
    assert "The letter was sent." in text_of(answer)
    (mail,) = postman.sent
    assert mail.subject.endswith("Your 30 days, 12 Jul 2025 to 10 Aug 2025")


def test_the_form_has_it_sent_on_a_day_and_stops_it(built):
    browser = houses.Browser(built, language="fr")
    built.alerts.put_channel(Channel("", OWNER.user, "mail", "it@desk.example", is_confirmed=True))
    for day, span in (("thursday", "week"), ("7", "month")):
        answer = browser.post("/portfolio/letter/plan", {"day": day, "at": "07:30", "span": "week"})
        assert "it@desk.example" in text_of(answer)
        plan = run_operation(built, OWNER, "holdings.letter_schedule", {})
        assert (plan.is_on, plan.span, plan.day, plan.at, plan.language) == (True, span, day, "07:30", "fr")
        assert f'<option value="{day}" selected' in answer.text
    refused = browser.post("/portfolio/letter/plan", {"day": "7", "at": "25:00", "span": "week"})
    assert refused.status_code == 400
    browser.post("/portfolio/letter/plan", {"off": "1", "span": "week"})
    assert not run_operation(built, OWNER, "holdings.letter_schedule", {}).is_on


@pytest.mark.parametrize("path", ["letter.pdf?span=week", "tax.pdf?country=FR&year=2024"])
def test_in_a_simulated_home_each_page_of_a_file_says_so(built, path):
    for is_simulated in (False, True):
        browser = houses.Browser(replace(built, is_simulated=is_simulated), language="en")
        read = pypdf.PdfReader(io.BytesIO(browser.get(f"/portfolio/{path}").content))
        said = ["Simulated: none of this happened." in page.extract_text() for page in read.pages]
        assert said == [is_simulated] * len(said)


def test_settings_show_what_is_set_on_the_pages_of_the_portfolio_and_lead_there(built):
    browser = houses.Browser(built)
    run_operation(
        built, OWNER, "settings.change", {"share_limit": "35", "lot_method": "hifo", "lot_queue": "all"}
    )
    card = browser.get("/settings").text.partition('id="holdings"')[2].partition("</section>")[0]
    for link, said in (
        ("/portfolio#depends", "35"), ("/portfolio#lots", "Highest cost first; Over all places"),
        ("/portfolio/letter#by-mail", "not sent regularly"),
    ):  # fmt: skip
        assert f'<a href="{link}">{said}</a>' in card
