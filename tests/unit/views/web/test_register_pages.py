"""Who stands on a list of warnings is licensed nowhere: pages, answers and items say which list it is."""

import re

import pytest

from tests.houses import Browser
from tests.newsrooms import EVENT, told_house
from vigie.domain.register import RegisterEntry
from vigie.domain.time import HOUR_MS
from vigie.ports.registers import RegisterLook

CROOK = RegisterEntry("esma_non_compliant", "x", "Grayscale Gains Ltd", "", "SE", "FI")
OLD = RegisterEntry("esma_non_compliant", "o", "Old Trick SARL", "", "LU", "CSSF")
GONE = RegisterEntry("esma_art_issuers", "g", "Grayscale Gone AG", "", "AT", "FMA", ("b",), (), "", 0, EVENT)
PAPER = RegisterEntry("esma_white_papers", "p", "Coin of Someone", "", "PL", "KNF")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = told_house(tmp_path_factory.mktemp("home"))
    for at, rows in ((2, (OLD,)), (3, (OLD, CROOK))):
        opened.registers.take(RegisterLook("esma_non_compliant", EVENT + at * HOUR_MS, rows))
    opened.registers.take(RegisterLook("esma_art_issuers", EVENT, (GONE,)))
    opened.registers.take(RegisterLook("esma_white_papers", EVENT, (PAPER,)))
    return opened


def test_no_country_counts_a_firm_that_is_warned_of_or_only_published_a_paper(built):
    rows = Browser(built).call("regulation.countries").json()["rows"]
    assert {row["country"] for row in rows} == {"FR", "DE"}


def test_each_row_says_what_standing_there_means_and_is_found_by_it(built):
    browser = Browser(built)
    rows = browser.call("regulation.licences").json()["rows"]
    assert {row["name"]: row["lists"] for row in rows} == {
        "Grayscale Europe SA": "licences", "Tout Crypto SAS": "licences", CROOK.name: "warnings",
        OLD.name: "warnings", GONE.name: "licences", PAPER.name: "papers",
    }  # fmt: skip
    warned = browser.call("regulation.licences", lists="warnings").json()["rows"]
    assert {row["name"] for row in warned} == {CROOK.name, OLD.name}
    assert {row["title"] for row in warned} == {"ESMA list of non-compliant providers"}
    (changed,) = [
        row for row in browser.call("regulation.changes").json()["rows"] if row["name"] == CROOK.name
    ]
    assert (changed["kind"], changed["lists"]) == ("added", "warnings")


@pytest.mark.parametrize(
    ("language", "licensed", "warned", "advice"),
    [("en", "Licensed", "Warned of", "custody and administration"),
     ("fr", "Agréée", "Mise en garde", "conservation et administration")],
)  # fmt: skip
def test_pages_mark_who_is_licensed_and_who_is_warned_of(built, language, licensed, warned, advice):
    browser = Browser(built, language=language)
    page = browser.get("/news/regulation").text
    tables = dict(re.findall(r'<table[^>]*id="([\w-]+)".*?<tbody>(.*?)</tbody>', page, re.DOTALL))

    def row_of(table: str, name: str) -> str:
        (row,) = [one for one in tables[table].split("</tr>") if name in one]
        return row

    assert f'badge badge-good">{licensed}<' in row_of("licences-table", "Tout Crypto SAS")
    crook = row_of("licences-table", CROOK.name)
    assert f'badge badge-bad">{warned}<' in crook
    assert "badge-good" not in crook
    assert "badge-good" not in row_of("licences-table", GONE.name)
    assert "badge-good" not in row_of("changes-table", CROOK.name)
    assert "ESMA list of non-compliant providers" in row_of("changes-table", CROOK.name)
    assert advice in page
    entity = (
        browser.get("/entity/org:grayscale").text.partition('id="licences"')[2].partition("</section>")[0]
    )
    crook = entity.partition(CROOK.name)[2].partition("</li>")[0]
    assert warned in crook
    assert "badge-good" not in crook
    assert "ESMA list of non-compliant providers" in crook


def test_today_names_the_register_of_a_change(built):
    page = Browser(built).get("/").text
    assert "ESMA list of non-compliant providers" in page.partition(CROOK.name)[2].partition("</li>")[0]
