"""Why an item is what it is, in plain words: names for ids, no weights, the same on pages and the command line."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.houses import Browser, house
from vigie.domain.asset import WATCHED
from vigie.domain.item import Sighting
from vigie.intelligence.news.registry import steps
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.analysis.reasons import REASON_TEXTS, ReasonWriter
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.views.cli import news

NOW = 1_767_225_600_000
SAID = (
    Sighting("sec_press", "a", "https://www.sec.gov/a", "BREAKING: SEC charges Binance over XRP and BNB fraud",
             "The SEC says so. Binance denies it.", ts_published=NOW - 60_000, precision="minute"),
    Sighting("decrypt", "b", "https://decrypt.co/b", "Thieves drain $40 million of Bitcoin from an exchange",
             "They say so.", ts_published=NOW - 50_000, precision="second"),
    Sighting("decrypt", "c", "https://decrypt.co/b", "Thieves drain $40 million of Bitcoin from an exchange",
             "They say so.", ts_published=NOW - 40_000, precision="second"),
)  # fmt: skip
# An id, a weight, a code with an underline.
RAW = re.compile(r"\b(coin|org|person|law):|[+-]\d|\b[0-9a-f]{20}\b|[a-z]_[a-z]")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = house(tmp_path_factory.mktemp("home") / "home", with_bars=False)
    for said in SAID:
        opened.items.take(SourceFetch(said.source, NOW, (said,)))
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
    return opened


def found(built, key: str, language: str = "en") -> dict[str, str]:
    [item] = {
        one["id"] for one in rows(built) if one["title"] == SAID["abc".index(key)].title and is_it(one, key)
    }
    answer = Browser(built).call("news.item", item=item, language=language).json()
    return {one["step"]: one["told"] for one in answer["found"]}


def rows(built):
    return Browser(built).call("news.list", everything=True).json()["rows"]


def is_it(row, key: str) -> bool:
    return bool(row["copy_of"]) == (key == "c")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "in common (names, amounts or price levels)"),
        ("fr", "en commun (noms, montants ou niveaux de prix)"),
    ],
)
def test_a_join_says_what_is_in_common(language, said):
    body = {"story": "a", "place": "follows", "signs": ["names", "amounts"]}
    assert said in ReasonWriter(language, {"story": body}, str, str).reason_of("story")


@pytest.mark.parametrize(
    ("language", "place", "copied", "said"),
    [
        ("en", "first", "", "starts a story, worded much like an item of another story"),
        ("fr", "first", "", "ouvre un sujet, dans des termes très proches d’un autre sujet"),
        ("en", "follows", "", "almost nothing new to its story"),
        ("en", "first", "x", "almost nothing new to its story"),
    ],
)
def test_what_begins_a_story_is_not_said_to_be_old_in_it(language, place, copied, said):
    found = {
        "novelty": {"novelty": 0.1},
        "story": {"story": "a", "place": place},
        "duplicate": {"of": copied},
    }
    assert ReasonWriter(language, found, str, str).reason_of("novelty") == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the first item of its story that Vigie read"),
        ("fr", "première actualité de son sujet lue par Vigie"),
    ],
)
def test_who_was_read_first_is_not_said_to_have_published_first(language, said):
    body = {"story": "a", "place": "first"}
    assert ReasonWriter(language, {"story": body}, str, str).reason_of("story") == said


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_every_step_tells_in_words_without_ids_and_weights(built, key, language):
    told = found(built, key, language)
    assert set(told) == {step.name for step in steps()}
    assert {step: text for step, text in told.items() if not text or RAW.search(text)} == {}


def test_what_is_told_names_whom_and_what_it_is_about(built):
    told = found(built, "a")
    assert "XRP" in told["entities"]
    assert "Binance" in told["entities"]
    assert "(a regulator)" in told["urgency"]
    assert told["urgency"].startswith("more urgent: ")
    assert "published by the party concerned" in told["reliability"]
    assert "names a coin (XRP, BNB)" in told["relevance"]
    assert found(built, "a", "fr")["urgency"].startswith("plus urgent\u00a0: ")
    assert f"as “{SAID[1].title}”" in found(built, "c")["duplicate"]


def test_coins_are_called_as_the_catalogue_calls_them(built):
    entries = bound(built, entries_of)()
    known = {one.id: one.name for one in WATCHED if f"coin:{one.id}" in entries}
    assert {one: entity_name(entries, f"coin:{one}") for one in known} == known
    shown = Browser(built).call("entities.names", entities="coin:ripple,coin:tron").json()["names"]
    assert shown == {"coin:ripple": "XRP", "coin:tron": "TRON"}


def test_the_page_keeps_numbers_behind_the_words_and_the_command_line_says_the_same(
    built, monkeypatch, capsys
):
    [item] = [one["id"] for one in rows(built) if one["title"] == SAID[0].title]
    told = found(built, "a")["urgency"]
    page = Browser(built).get(f"/news/{item}").text
    summary = next(part for part in page.split("<details>") if "<strong>Urgency</strong>" in part)
    words, _, numbers = summary.partition("</summary>")
    assert '<span lang="en">breaking</span>' in words
    assert told in unescape(re.sub(r"</?span[^>]*>", "", words))
    assert "&#34;adds&#34;" in numbers
    answer = Browser(built).call("news.item", item=item).json()
    monkeypatch.setattr(news, "_run_operation", lambda home, name, ask: {"became": "", **answer})
    news.why(item)
    plain = capsys.readouterr().out
    assert f"  urgency: {told}\n" in plain
    assert "coin:" not in plain
    news.why(item, numbers=True)
    body = next(one["body"] for one in answer["found"] if one["step"] == "urgency")
    assert json.dumps(body, ensure_ascii=False) in capsys.readouterr().out


def test_both_languages_have_the_same_words_with_the_same_places():
    english, french = REASON_TEXTS["en"], REASON_TEXTS["fr"]
    assert list(english) == list(french)
    places = re.compile(r"\{\w+\}")
    assert {
        key for key in english if sorted(places.findall(english[key])) != sorted(places.findall(french[key]))
    } == set()


def test_signs_of_doubt_name_the_domains_and_words_that_show_them():
    signs = [
        {
            "code": "impersonates",
            "evidence": "binnance.com looks like binance.com (one letter more)",
            "item": "",
        },
        {"code": "giveaway", "evidence": "«send 1 BTC»", "item": ""},
        {"code": "others_before", "evidence": "2 other publisher(s) had it", "item": "0123456789abcdef0123"},
        {"code": "of_tomorrow", "evidence": "what no version of today says", "item": ""},
    ]
    teller = ReasonWriter(
        "fr",
        {"reliability": {"status": "flagged", "signs": signs}},
        str,
        lambda _: "Un titre",
    )
    assert teller.reason_of("reliability") == (
        "son domaine en imite un autre (binnance.com, binance.com)\u00a0; promesse de distribution gratuite "
        "(«\u00a0send 1 BTC\u00a0»)"
        "\u00a0; d’autres médias l’avaient publié avant («\u00a0Un titre\u00a0»)\u00a0; of_tomorrow"
    )
    assert teller.reason_of("story") == ""


@pytest.mark.parametrize("kind", ["prices", "outlook", "round-up"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_story_of_a_kind_of_its_own_says_what_it_joins(kind, language):
    body = {"story": "a", "place": "first", "kind": kind}
    told = ReasonWriter(language, {"story": body}, str, str).reason_of("story")
    assert told.endswith(REASON_TEXTS[language][f"story.{kind}"])
    assert told.startswith(REASON_TEXTS[language]["story.first"])
