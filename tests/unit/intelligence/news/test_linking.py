"""Entities: names in any case, tickers in theirs, the longest first, ambiguous ones only with evidence."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.shared import shared_dir
from tests.unit.intelligence.news.material import item, read
from vigie.domain.errors import ConfigError
from vigie.intelligence.news.gazetteer.entries import COLUMNS, GazetteerEntry, load_packaged, parse_entries
from vigie.intelligence.news.gazetteer.linking import link_entities
from vigie.intelligence.news.gazetteer.lookup import packaged_gazetteer
from vigie.intelligence.news.steps import entities

CASES = Path(__file__).with_name("linking_cases.csv")


@pytest.fixture(scope="module")
def gazetteer():
    return packaged_gazetteer()


def f1(rows, linked):
    """Return the F1 of linked ids over rows of (text, expected ids)."""
    right = wrong = missed = 0
    for text, expected in rows:
        found = linked(text)
        right += len(found & expected)
        wrong += len(found - expected)
        missed += len(expected - found)
    return 2 * right / (2 * right + wrong + missed)


def test_cases_of_our_own_are_linked(gazetteer):
    with CASES.open(encoding="utf-8") as file:
        rows = [(row["text"], set(row["expected"].split())) for row in csv.DictReader(file, delimiter=";")]
    assert len(rows) >= 100
    assert len({text for text, _ in rows}) == len(rows)
    linked = f1(
        rows, lambda text: {one.id for one in link_entities(gazetteer, text) if one.kind != "country"}
    )
    assert linked >= 0.97


@pytest.mark.shared
def test_shared_cases_are_linked(gazetteer):
    with (shared_dir("data", "news", "entities") / "linking_cases.csv").open(encoding="utf-8") as file:
        rows = [
            (row["text"], {f"coin:{asset}" for asset in row["expected_coin_ids"].split(";") if asset})
            for row in csv.DictReader(file)
        ]
    assert (
        f1(rows, lambda text: {one.id for one in link_entities(gazetteer, text) if one.kind == "coin"})
        >= 0.97
    )


def test_every_id_is_used_once_and_every_form_is_of_an_entity():
    found = [one for one in load_packaged() if isinstance(one, GazetteerEntry)]
    ids = [one.id for one in found]
    assert len(ids) == len(set(ids))
    assert {one.kind for one in found} == {"coin", "org", "person", "law", "country"}
    assert all(form.entity == one.id for one in found for form in one.forms)


def test_a_name_that_is_its_ticker_keeps_both_forms(gazetteer):
    assert [one.id for one in link_entities(gazetteer, "Aave and SUI, then $pepe")] == [
        "coin:aave",
        "coin:sui",
        "coin:pepe",
    ]
    assert link_entities(gazetteer, "the sui of pepe") == []


def test_what_the_text_says_is_evidence_for_the_title(gazetteer):
    assert link_entities(gazetteer, "Avalanche in focus") == []
    first = link_entities(gazetteer, "Avalanche in focus", "The AVAX token rose.")[0]
    assert (first.id, first.where, first.start, first.end) == ("coin:avalanche-2", "title", 0, 9)


def test_a_coin_of_the_long_tail_needs_its_sign(gazetteer):
    assert link_entities(gazetteer, "TRUMP rises") != []
    assert all(one.kind != "coin" for one in link_entities(gazetteer, "TRUMP rises"))
    assert link_entities(gazetteer, "$TRUMP rises")[0].id == "coin:official-trump"


@pytest.mark.parametrize("written", ["Mt. Gox", "Mt Gox", "MT. GOX", "MtGox", "Mt.\u00a0Gox", "Mt\u2011Gox"])
def test_a_name_is_found_however_its_words_are_joined(gazetteer, written):
    assert [one.text for one in link_entities(gazetteer, f"News of {written} today")] == [written]


def test_accents_and_unseen_characters_change_nothing_and_places_stay_right(gazetteer):
    title = "L\u2019E\u0301ther et le Bit\u200bcoin, \u202eselon l\u2019AMF"
    found = link_entities(gazetteer, title)
    assert [one.id for one in found] == ["coin:ethereum", "coin:bitcoin", "org:amf"]
    assert all(title[one.start : one.end] == one.text for one in found)


def test_a_house_adds_entities_of_its_own():
    own = parse_entries([",".join(COLUMNS), "coin:vigiecoin,Vigiecoin,VIG,,"], first_rank=10_000)
    assert link_entities(packaged_gazetteer(own), "Vigiecoin beats Bitcoin")[0].id == "coin:vigiecoin"


@pytest.mark.parametrize(
    "rows", [["id,names"], [",".join(COLUMNS), "bitcoin,Bitcoin,,,"], [",".join(COLUMNS), "a:b,c"]]
)
def test_a_list_of_another_shape_is_refused(rows):
    with pytest.raises(ConfigError, match="entit"):
        list(parse_entries(rows))


def test_the_step_names_assets_once_the_surest_first():
    found = read([entities.make()], [item("Ripple and Solana fall", "XRP lost 4%, Ripple said.")])[0][
        "entities"
    ]
    assert found.body["assets"] == ["solana", "ripple"]
    assert {one["in"] for one in found.body["found"]} == {"title", "text"}
    assert "Solana is coin:solana" in found.why


def test_the_step_says_when_nobody_is_named():
    found = read([entities.make()], [item("Rain on Tuesday")])[0]["entities"]
    assert (found.body, found.why) == ({"found": [], "assets": []}, "nobody on the lists is named")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Strategy adds $740M of Bitcoin", {"org:strategy", "coin:bitcoin"}),
        ("Strategy ajoute 740 millions de dollars de bitcoins", {"org:strategy", "coin:bitcoin"}),
        ("Fed chair Powell", {"org:fed", "person:jerome-powell"}),
        ("Le fondateur de Celsius condamné", {"org:celsius"}),
        ("Dash delisted by Kraken", {"coin:dash", "org:kraken"}),
        ("Dash to be delisted from Kraken", {"coin:dash", "org:kraken"}),
        ("Circle to acquire a bank", {"org:circle"}),
        ("Senator Warren writes to Goldman", {"person:elizabeth-warren", "org:goldman"}),
        ("NYDIG and Polychain back TaxBit", {"org:nydig", "org:polychain-capital", "org:taxbit"}),
        ("Turkish central bank warns", {"org:turkish-central-bank"}),
        ("A new investment strategy adds value", set()),
        ("Bitcoin strategy adds value", {"coin:bitcoin"}),
        ("A dash for cash", set()),
        ("Avalanche cuts the bridge road near Chamonix", set()),
        ("Avalanche closes the rail network in Tyrol", set()),
        ("Avalanche cuts fees on its bridge for stablecoin transfers", {"coin:avalanche-2"}),
        ("Heat of 40 degrees Celsius in Paris", set()),
        ("Visa applications rise in Paris", set()),
        ("Bitcoin falls 4% - CoinDesk", {"coin:bitcoin"}),
        ("CoinDesk sold to Bullish Group", {"org:coindesk", "org:bullish-exchange"}),
    ],
)  # fmt: skip
def test_names_that_are_words_as_well_are_linked_by_what_stands_beside_them(gazetteer, text, expected):
    assert {one.id for one in link_entities(gazetteer, text) if one.kind != "country"} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A stablecoin comes live on Avalanche", {"coin:avalanche-2"}),
        ("The Celsius co-founder is back", {"org:celsius"}),
        ("Circle-backed startup moves", {"org:circle"}),
        ("An avalanche of sellers on Monday", set()),
    ],
)
def test_a_chain_and_a_firm_are_told_by_what_is_built_on_them_and_whom_they_back(gazetteer, text, expected):
    assert {one.id for one in link_entities(gazetteer, text) if one.kind != "country"} == expected
