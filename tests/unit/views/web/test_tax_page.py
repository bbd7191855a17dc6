"""The page of a year's tax file: what is missing first, sums, sales line by line, in both languages."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from html import unescape

import pypdf
import pytest

from tests import houses
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.web.test_portfolio_page import text_of
from vigie.domain.person import OWNER
from vigie.ports.reports import NoReportPrinter
from vigie.services.operation_calls import run_operation

PAGE = "/portfolio/tax?country=FR&year=2025"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = holding_house(tmp_path_factory.mktemp("tax-page") / "home")
    for values in (
        {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "10000", "place": "Kraken"},
        {"coin": "BTC", "quantity": "0.5", "day": "2025-01-12"},
        {"coin": "BTC", "quantity": "0.5", "day": "2025-04-01", "amount": "8000", "fee": "8", "kind": "sell"},
    ):
        run_operation(home, OWNER, "holdings.add", values)
    return home


WORDS = {
    "en": (
        "Not advice",
        "the cost is not known",
        "2042-C: gain of the year",
        "Is Kraken an account abroad?",
        "at the unit price of the sale",
        "chosen",
        "likely",
        "7,992.00",
    ),
    "fr": (
        "Ceci n\u2019est pas un conseil",
        "co\u00fbt inconnu, compt\u00e9 pour 0",
        "2042-C : plus-value de l\u2019ann\u00e9e",
        "Kraken est-il un compte",
        "au prix unitaire de la cession",
        "choisi",
        "probable",
        "7 992,00",
    ),
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_says_all_of_it_and_offers_files(built, language):
    answer = houses.Browser(built, language=language).get(PAGE)
    assert answer.status_code == 200
    text = text_of(answer)
    missing = [word for word in WORDS[language] if word not in text]
    assert not missing
    main = answer.text[answer.text.index("<main") :]
    assert (
        main.index('id="warning"')
        < main.index('id="missing"')
        < main.index('id="sums"')
        < main.index('id="sale"')
    )
    for form in ("csv", "xlsx"):
        assert (
            re.search(rf'href="/api/v1/holdings/tax\.{form}\?country=FR&amp;year=2025', main)
            or f".{form}?" in main
        )
    linked = re.search(r'href="(/portfolio\?edit=e[\w-]{16})#add"', main)[1]
    assert houses.Browser(built, language=language).get(linked).status_code == 200


@pytest.mark.parametrize(("language", "words"), [
    ("en", ("Not advice", "Fill in first", "the cost is not known", "7,992.00", "chosen", "2042-C: gain")),
    ("fr", ("Ceci n\u2019est pas un conseil", "À compléter d\u2019abord", "coût inconnu, compté pour 0", "7 992,00",
            "choisi", "2042-C : plus-value")),
])  # fmt: skip
def test_the_pdf_says_the_same(built, language, words):
    answer = houses.Browser(built, language=language).get(
        "/portfolio/tax.pdf?country=FR&year=2025&abroad=Kraken"
    )
    assert answer.headers["content-type"] == "application/pdf"
    read = pypdf.PdfReader(io.BytesIO(answer.content))
    assert read.trailer["/Root"]["/Lang"] == language
    text = " ".join(" ".join(page.extract_text() for page in read.pages).split())
    assert [word for word in words if word not in text] == []
    assert text.index(words[0]) < text.index(words[1]) < text.index(words[5])


@pytest.mark.parametrize(
    ("language", "head", "mark", "point"),
    [
        ("en", "Section,Line,What it is,Amount (EUR)", ",", "."),
        ("fr", "Rubrique;Ligne;Nature;Montant (EUR)", ";", ","),
    ],
)
def test_a_csv_for_spreadsheets_speaks_the_readers_language(built, language, head, mark, point):
    answer = houses.Browser(built, language=language).get("/portfolio/tax.csv?country=FR&year=2025")
    assert answer.headers["content-disposition"].endswith(f'vigie-fr-2025-{language}.csv"')
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith(head)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=mark))
    titles = list(rows[0])
    price = next(row for row in rows if row[titles[1]] == "218")
    assert price[titles[3]] == "7992"
    assert price[titles[5]] == "Bitcoin"
    assert f"0{point}5" in {row[titles[6]] for row in rows}
    words = {row[titles[0]] for row in rows}
    assert not words & {"warning", "missing", "sums", "sale"}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=@" and cell]


@pytest.mark.parametrize(
    ("language", "day"), [("en", "1 Apr 2025, 0.5 Bitcoin"), ("fr", "1er avr. 2025, 0,5 Bitcoin")]
)
def test_headings_of_the_pdf_have_days_and_names_as_their_reader_writes_them(built, language, day):
    answer = houses.Browser(built, language=language).get("/portfolio/tax.pdf?country=FR&year=2025")
    text = " ".join(
        " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages).split()
    )
    assert day in text
    assert not re.search(r"\be[\w-]{16}\b", text)


def test_without_typst_the_page_says_so_and_still_offers_files(built):
    without = replace(built, report_printer=NoReportPrinter())
    text = houses.Browser(without).get(PAGE).text
    assert "This installation makes no PDF: take CSV or XLSX." in text
    assert "/portfolio/tax.pdf" not in text
    assert "/api/v1/holdings/tax.xlsx?" in text


def test_a_year_without_rules_is_refused_with_a_sentence(built):
    answer = houses.Browser(built).get("/portfolio/tax?country=FR&year=2018")
    assert answer.status_code == 400
    assert "there are no rules of FR for 2018 here" in text_of(answer)


def test_the_portfolio_leads_to_it(built):
    assert 'href="/portfolio/tax"' in houses.Browser(built).get("/portfolio").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_carried_from_before_is_entered_on_the_page_and_stands_in_all_files(built, language):
    browser = houses.Browser(built, language=language)
    form = {"country": "FR", "year": "2025", "opening_220": "12345,5", "opening_221": "7"}
    if language == "en":
        form["opening_220"] = "12,345.5"
    said = {
        "en": "entered by you on 29 August 2025 for 2025",
        "fr": "saisi par vous le 29 ao\u00fbt 2025 pour 2025",
    }
    page = browser.post("/portfolio/tax/openings", form)
    text = text_of(page)
    assert page.status_code == 200
    assert said[language] in text
    assert 'value="12345.5"' in page.text
    assert (
        'href="/portfolio#add"'
        in page.text[page.text.index('id="missing"') : page.text.index('id="openings"')]
    )
    printed = browser.get("/portfolio/tax.pdf?country=FR&year=2025")
    pdf = pypdf.PdfReader(io.BytesIO(printed.content))
    assert said[language] in " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    table = browser.get(f"/api/v1/holdings/tax.csv?country=FR&year=2025&language={language}")
    assert said[language] in table.text
    gone = browser.post("/portfolio/tax/openings", {**form, "opening_220": "", "opening_221": ""})
    assert said[language] not in text_of(gone)


def test_what_is_no_amount_is_told_and_stays_in_its_field(built):
    refused = houses.Browser(built).post(
        "/portfolio/tax/openings", {"country": "FR", "year": "2025", "opening_220": "-5", "opening_221": "1"}
    )
    assert refused.status_code == 400
    assert "must be an amount such as 1500 or 1500.25, without a sign" in text_of(refused)
    assert 'value="-5"' in refused.text
    assert run_operation(built, OWNER, "holdings.tax_openings", {}).rows == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("year", ["2018", "1990"])
def test_a_year_without_rules_says_so_beside_the_filled_form_and_the_years_that_have_some(
    built, language, year
):
    answer = houses.Browser(built, language=language).get(
        f"/portfolio/tax?country=FR&year={year}&abroad=Kraken"
    )
    assert answer.status_code == 400
    main = answer.text[answer.text.index("<main") :]
    if year == "2018":
        assert {"en": "there are no rules of", "fr": "2018"}[language] in text_of(answer)
    assert 'class="form-errors"' in main
    assert re.search(rf'name="year"[^>]* value="{year}"', main)
    assert re.search(r'name="abroad"[^>]* value="Kraken"', main)
    linked = re.findall(r'href="(/portfolio/tax\?[^"]*year=\d{4}[^"]*)"', main)
    assert [re.search(r"year=(\d{4})", one)[1] for one in linked][:2] == ["2019", "2020"]
    assert houses.Browser(built).get(unescape(linked[0])).status_code == 200


def test_what_is_carried_into_a_year_without_rules_is_refused_on_the_page(built):
    answer = houses.Browser(built).post(
        "/portfolio/tax/openings", {"country": "FR", "year": "2018", "opening_220": "many"}
    )
    assert answer.status_code == 400
    assert 'id="choose"' in answer.text


@pytest.mark.parametrize(
    ("language", "said", "wrong"),
    [
        ("en", "You have no line yet, so there is nothing to work out", "Nothing is missing"),
        ("fr", "Vous n\u2019avez encore aucune ligne", "Rien ne manque"),
    ],
)
@pytest.mark.parametrize("country", ["FR", "DE"])
def test_a_home_without_a_line_says_so_and_leads_to_where_one_is_added(
    tmp_path, country, language, said, wrong
):
    home = holding_house(tmp_path / "bare")
    page = houses.Browser(home, language=language).get(f"/portfolio/tax?country={country}&year=2025")
    assert said in text_of(page)
    assert wrong not in text_of(page)
    assert re.search(r'<section[^>]*id="missing".*?<a href="/portfolio#add">', page.text, re.DOTALL)
    asked = {"country": country, "year": 2025, "language": language}
    told = run_operation(home, OWNER, "holdings.tax", asked)
    assert told.missing == 1
    run_operation(
        home, OWNER, "holdings.add", {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "9"}
    )
    page = houses.Browser(home, language=language).get(f"/portfolio/tax?country={country}&year=2025")
    assert said not in text_of(page)
    assert wrong in text_of(page)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_line_whose_coin_is_to_be_chosen_names_no_cell_without_a_coin(tmp_path, language):
    home = holding_house(tmp_path / "open")
    rows = [{"id": f"lumar-{one}", "symbol": "lumar", "name": f"Lumar {one}"} for one in ("one", "two")]
    home.facts.put_document("coingecko", "markets", home.clock.market_now(), {"rows": rows})
    sold = {"kind": "sell", "quantity": "0.5", "day": "2025-04-01", "amount": "8000"}
    for line in (
        {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "10000", "place": "Kraken"},
        {"coin": "BTC", **sold, "place": "Kraken"},
        {"coin": "LUMAR", "quantity": "400", "may_stay_open": True},
    ):
        run_operation(home, OWNER, "holdings.add", line)
    browser = houses.Browser(home, language=language)
    table = browser.get("/portfolio/tax.csv?country=FR&year=2025").content.decode("utf-8-sig")
    listed = list(csv.reader(io.StringIO(table), delimiter=";" if language == "fr" else ","))
    assert {row[5] for row in listed[1:]} == {"", "Bitcoin"}
    told = browser.call("holdings.tax", country="FR", year=2025, language=language).json()
    assert {row["asset"] for row in told["rows"]} == {"", "bitcoin"}
    exported = browser.get(f"/api/v1/holdings/tax.xlsx?country=FR&year=2025&language={language}").content
    with zipfile.ZipFile(io.BytesIO(exported)) as book:
        text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    pdf = pypdf.PdfReader(io.BytesIO(browser.get("/portfolio/tax.pdf?country=FR&year=2025").content))
    printed = "".join(page.extract_text() for page in pdf.pages)
    shown = text_of(browser.get(PAGE))
    letter = text_of(browser.get("/portfolio/letter"))
    # The sentence that asks for the coin, and no cell beside it.
    assert [one.count("LUMAR") for one in (text, printed, shown, letter)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "likely has one good source"), ("fr", "les textes se taisent ou se contredisent")],
)
def test_degrees_of_sureness_are_said_above_the_sums_on_page_and_pdf(built, language, said):
    browser = houses.Browser(built, language=language)
    page = browser.get(PAGE).text
    assert said in page[page.index('id="sums"') : page.index('id="sums-rows"')]
    printed = pypdf.PdfReader(io.BytesIO(browser.get("/portfolio/tax.pdf?country=FR&year=2025").content))
    assert said in " ".join(" ".join(one.extract_text() for one in printed.pages).split())


@pytest.mark.parametrize(
    ("language", "cell", "beside"),
    [
        ("en", "\u20ac1,004", "to the cent: \u20ac1,003.50"),
        ("fr", "1\u202f004\xa0\u20ac", "au centime\xa0: 1\u202f003,50\xa0\u20ac"),
    ],
)
def test_boxes_are_in_whole_euros_as_the_form_takes_them_with_the_amount_to_the_cent_beside(
    tmp_path, language, cell, beside
):
    home = holding_house(tmp_path / "whole")
    for values in (
        {"coin": "BTC", "quantity": "1", "day": "2025-01-10", "amount": "1000"},
        {"coin": "BTC", "quantity": "1", "day": "2025-04-01", "amount": "2003.5", "kind": "sell"},
    ):
        run_operation(home, OWNER, "holdings.add", values)
    browser = houses.Browser(home, language=language)
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*3AN.*?</tr>", browser.get(PAGE).text, re.DOTALL)[0]
    assert re.search(rf"<td[^>]*>\s*{cell}\s*</td>", unescape(row))
    assert beside in unescape(row)
    printed = pypdf.PdfReader(io.BytesIO(browser.get("/portfolio/tax.pdf?country=FR&year=2025").content))
    text = " ".join(" ".join(one.extract_text() for one in printed.pages).split())
    assert re.search(r"1.004 (chosen|choisi)", text)


def test_rules_are_a_text_each_with_how_sure_it_is_below_it(built):
    page = houses.Browser(built).get(PAGE).text
    rules = page[page.index('id="rule"') :]
    rules = rules[: rules.index("</section>")]
    assert "<table" not in rules
    assert re.search(r"<li><p>[^<]{30,}</p><p[^>]*>(sure|likely|chosen) · [^<]+</p></li>", rules)
