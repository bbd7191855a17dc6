"""Who stands on a list of warnings is licensed nowhere: pages, answers and items say which list it is."""

import re
from dataclasses import replace

import pytest

from tests.houses import Browser
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.entity import Amendment
from vigie.domain.item import Sighting, item_id
from vigie.domain.register import RegisterEntry
from vigie.domain.time import HOUR_MS, iso, parse_time
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch

CROOK = RegisterEntry("esma_non_compliant", "x", "Grayscale Gains Ltd", "", "SE", "FI")
SAME = RegisterEntry("esma_non_compliant", "s", "Grayscale Ltd", "", "BE", "FSMA")
OLD = RegisterEntry("esma_non_compliant", "o", "Old Trick SARL", "", "LU", "CSSF")
GONE = RegisterEntry("esma_art_issuers", "g", "Grayscale Gone AG", "", "AT", "FMA", ("b",), (), "", 0, EVENT)
PAPER = RegisterEntry("esma_white_papers", "p", "Coin of Someone", "", "PL", "KNF")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = told_house(tmp_path_factory.mktemp("home"))
    for at, rows in ((2, (OLD,)), (3, (OLD, CROOK, SAME))):
        opened.registers.take(RegisterSnapshot("esma_non_compliant", EVENT + at * HOUR_MS, rows))
    opened.registers.take(RegisterSnapshot("esma_art_issuers", EVENT, (GONE,)))
    opened.registers.take(RegisterSnapshot("esma_white_papers", EVENT, (PAPER,)))
    return opened


def test_no_country_counts_a_firm_that_is_warned_of_or_only_published_a_paper(built):
    rows = Browser(built).call("regulation.countries").json()["rows"]
    assert {row["country"] for row in rows} == {"FR", "DE"}


def test_each_row_says_what_standing_there_means_and_is_found_by_it(built):
    browser = Browser(built)
    rows = browser.call("regulation.licences").json()["rows"]
    assert {row["name"]: row["lists"] for row in rows} == {
        "Grayscale Europe SA": "licences", "Tout Crypto SAS": "licences", CROOK.name: "warnings",
        SAME.name: "warnings", OLD.name: "warnings", GONE.name: "licences", PAPER.name: "papers",
    }  # fmt: skip
    warned = browser.call("regulation.licences", lists="warnings").json()["rows"]
    assert {row["name"] for row in warned} == {CROOK.name, SAME.name, OLD.name}
    assert {row["title"] for row in warned} == {"ESMA list of non-compliant providers"}
    (changed,) = [
        row for row in browser.call("regulation.changes").json()["rows"] if row["name"] == CROOK.name
    ]
    assert (changed["kind"], changed["lists"]) == ("added", "warnings")


@pytest.mark.parametrize(
    ("language", "licensed", "warned", "advice"),
    [("en", "Licensed", "Warning", "custody and administration"),
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
    same = entity.partition(SAME.name)[2].partition("</li>")[0]
    assert warned in same
    assert "badge-good" not in same
    assert "ESMA list of non-compliant providers" in same
    assert CROOK.name not in entity, "a firm whose name only begins alike is another one"


def test_today_names_the_register_of_a_change(built):
    page = Browser(built).get("/").text
    assert "ESMA list of non-compliant providers" in page.partition(CROOK.name)[2].partition("</li>")[0]


def take(opened, key, title, text="", url="https://decrypt.co/w"):
    said = Sighting("decrypt", key, url, title, text, ts_published=EVENT, precision="minute")
    opened.items.take(SourceFetch("decrypt", EVENT + 5 * HOUR_MS, (said,)))
    read_all(opened)
    return item_id("decrypt", key)


def test_an_item_that_names_a_firm_on_a_list_of_warnings_says_so_with_its_evidence(built):
    item = take(built, "w1", f"Investors of {CROOK.name} wait for their Bitcoin")
    (told,) = Browser(built).call("news.item", item=item).json()["warnings"]
    assert (told["name"], told["how"], told["evidence"]) == (CROOK.name, "name", CROOK.name)
    assert told["title"] == "ESMA list of non-compliant providers"
    assert told["ts_since"] == EVENT + 3 * HOUR_MS
    assert told["address"].startswith("https://www.esma.europa.eu/")
    page = Browser(built).get(f"/news/{item}").text.partition('id="warned"')[2].partition("</div>")[0]
    assert CROOK.name in page
    assert "Matched by full name" in page
    assert told["address"] in page
    assert "figure sur" in Browser(built, language="fr").get(f"/news/{item}").text
    story = Browser(built).call("news.item", item=item).json()["row"]["story"]
    (of_story,) = Browser(built).call("stories.read", story=story).json()["warnings"]
    assert of_story["item"] == item
    assert 'id="warned"' in Browser(built).get(f"/story/{story}").text
    rows = {row["id"]: row["warned"] for row in Browser(built).call("news.list").json()["rows"]}
    assert {name for name, warned in rows.items() if warned} == {item}
    assert rows[item] == CROOK.name
    card = (
        Browser(built)
        .get("/news")
        .text.partition(f'aria-labelledby="i-{item}"')[2]
        .partition("</article>")[0]
    )
    assert f'<a href="/news/{item}#warned">{CROOK.name}</a>' in card
    Browser(built).order("news.keep", item=item)
    assert [row["warned"] for row in Browser(built).call("news.kept").json()["rows"]] == [CROOK.name]


def test_a_namesake_of_a_warned_firm_bears_no_sign(built):
    item = take(built, "w2", "Gains of Grayscale Gains funds in Bitcoin", "Grayscale gains 3 % with Ether.")
    assert Browser(built).call("news.item", item=item).json()["warnings"] == []
    assert 'id="warned"' not in Browser(built).get(f"/news/{item}").text


def test_the_page_of_an_entity_tells_the_lists_of_warnings_with_its_whole_name(built):
    told = Browser(built).call("entities.read", entity="org:grayscale").json()
    assert [(one["name"], one["how"]) for one in told["warnings"]] == [(SAME.name, "name")]
    assert {one["name"]: one["how"] for one in told["licences"]} == {
        "Grayscale Europe SA": "branch", SAME.name: "name",
    }  # fmt: skip
    assert 'id="warned"' in Browser(built).get("/entity/org:grayscale").text


def test_an_entity_whose_identifier_is_known_has_the_rows_with_it_alone(built):
    made = built.names.amend(Amendment("", "alias", "org:grayscale", "9695000000000000TC22"))
    told = Browser(built).call("entities.read", entity="org:grayscale").json()
    built.names.withdraw(made.id)
    assert [(one["name"], one["how"]) for one in told["licences"]] == [("Tout Crypto SAS", "lei")]
    assert told["warnings"] == []


# The last one here: who is licensed where is counted above.
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("ended 1 May 2024", "ends 30 Jun 2031")),
        ("fr", ("terminé le 1er mai 2024", "fin le 30 juin 2031")),
    ],
)
def test_the_end_of_a_licence_is_told_with_its_own_day(built, language, said):
    firms = [
        RegisterEntry("esma_art_issuers", name, name, "", "AT") for name in ("Longgone AG", "Untilthen AG")
    ]
    days = [parse_time("2024-05-01"), parse_time("2031-06-30")]
    ended = [
        replace(one, ts_until=day, fields={"end": iso(day)}) for one, day in zip(firms, days, strict=True)
    ]
    for at, rows in ((4, firms), (5, ended)):
        built.registers.take(RegisterSnapshot("esma_art_issuers", EVENT + at * HOUR_MS, (GONE, *rows)))
    browser = Browser(built, language=language)
    rows = browser.call("regulation.changes").json()["rows"]
    assert {row["name"]: row["ts_ended"] for row in rows if row["kind"] == "ended"} == {
        one.name: day for one, day in zip(firms, days, strict=True)
    }
    for path in ("/", "/news/regulation"):
        page = browser.get(path).text.replace("\u00a0", " ")
        for one, words in zip(firms, said, strict=True):
            assert words in page.partition(one.name)[2][:400]
