"""Authorities, laws and countries have a name in each language: pages, files and pictures call them by it."""

import html
import json
import re

import pytest

from tests.houses import Browser
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.item import Sighting, item_id
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, load_packaged
from vigie.intelligence.news.gazetteer.localised_names import load_localised_names
from vigie.ports.source_fetches import SourceFetch
from vigie.services.news.entities.naming import entity_name


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = told_house(tmp_path_factory.mktemp("home"))
    said = Sighting(
        "decrypt", "bce", "https://decrypt.co/bce", "European Central Bank and Grayscale speak of Bitcoin",
        "The ECB met Grayscale.", ts_published=EVENT, precision="minute",
    )  # fmt: skip
    opened.items.take(SourceFetch("decrypt", EVENT + 20 * HOUR_MS, (said,)))
    read_all(opened)
    return opened


@pytest.mark.parametrize(
    ("language", "bank"), [("en", "European Central Bank"), ("fr", "Banque centrale européenne")]
)
def test_an_authority_is_called_as_the_visitor_calls_it_on_pages_and_in_files(built, language, bank):
    browser, item = Browser(built, language=language), item_id("decrypt", "bce")
    story = browser.call("news.item", item=item).json()["row"]["story"]
    for path in ("/entity/org:ecb", f"/news/{item}", f"/story/{story}", "/entity/org:grayscale"):
        assert bank in browser.get(path).text.partition("<main")[2], path
    assert f'"name": "{bank}"' in json.dumps(
        browser.call("entities.relations", entity="org:grayscale", language=language).json(),
        ensure_ascii=False,
    )
    page = browser.get("/entity/org:grayscale").text
    file = html.unescape(re.search(r'href="([^"]*entities/relations\.csv[^"]*)"', page)[1])
    assert bank in browser.get(file).text
    assert bank in browser.get("/chart/entity.svg?entity=org:ecb").text
    told = browser.call("news.item", item=item, language=language).json()["found"]
    assert bank in next(one["told"] for one in told if one["step"] == "entities")
    assert browser.call("entities.find", q="BCE", language=language).json()["found"][0]["name"] == bank


LISTED = {one.id: one for one in load_packaged() if isinstance(one, GazetteerEntry)}


def test_every_name_is_of_somebody_listed_and_no_two_are_called_the_same():
    for language in ("en", "fr"):
        names = [entity_name(LISTED, one, language) for one in LISTED if not one.startswith("coin:")]
        assert len(names) == len(set(names))
    assert {entity for entity, _ in load_localised_names()} <= set(LISTED)
    assert not any(name == LISTED[entity].name for (entity, _), name in load_localised_names().items())


@pytest.mark.parametrize(
    ("entity", "en", "fr"),
    [
        ("org:fca", "Financial Conduct Authority", "Financial Conduct Authority"),
        ("org:us-treasury", "US Treasury", "Trésor américain"),
        ("law:mica", "Markets in Crypto-Assets", "Règlement sur les marchés de crypto-actifs (MiCA)"),
        ("law:pacte", "PACTE law", "Loi PACTE"),
        ("org:lightning", "Lightning Network", "Réseau Lightning"),
        ("country:de", "Germany", "Allemagne"),
    ],
)
def test_who_has_a_name_in_a_language_is_called_by_it_and_others_keep_theirs(entity, en, fr):
    assert (entity_name(LISTED, entity), entity_name(LISTED, entity, "fr")) == (en, fr)
