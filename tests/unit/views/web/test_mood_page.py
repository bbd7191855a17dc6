"""The page of mood: two indices with the parts of ours, how news sound, words as a picture and its table."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market
from vigie.data.frames import to_frame
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.item import Sighting
from vigie.domain.time import DAY_MS, HOUR_MS, parse_time
from vigie.ports.items import Shown
from vigie.services.measuring.greed import OWN, THEIRS, GreedBook, part
from vigie.services.news.mood import MoodBook
from vigie.services.news.reading import Reader

NOW = parse_time(START) + DAYS * DAY_MS
TITLES = (
    "Hackers drain Orbit Vault of bitcoin <b>coins</b>",
    "Bitcoin exchange says Orbit Vault was drained by hackers",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clock = StandingClock(NOW)
    opened = house(tmp_path_factory.mktemp("home"), clock=clock)
    opened.facts.append([Observation(THEIRS, NOW - DAY_MS, NOW - DAY_MS, 41.0)])
    for at, title in enumerate(TITLES):
        said = Sighting("sec_press", str(at), f"https://www.sec.gov/{at}", title, ts_published=NOW - HOUR_MS)
        opened.items.take(Shown("sec_press", NOW - HOUR_MS, (said,)))
    reader = Reader(opened)
    while reader.read_some():
        pass
    MoodBook(opened).write()
    book = GreedBook(opened)
    assert book.write() > 90
    assert book.write() == 0
    return opened


def test_past_days_of_the_index_are_known_from_now_on_only(built):
    assert len(built.facts.read([OWN])) == 91
    assert len(built.facts.read([OWN], as_of=NOW - 1)) == 0
    newest = built.facts.latest([OWN])[OWN]
    assert 0 <= newest.value <= 100
    assert newest.ts_event == newest.ts_known == NOW


def test_the_index_is_made_of_the_longest_past_among_venues_whenever_that_is_stored(tmp_path):
    clock = StandingClock(NOW)
    opened = house(tmp_path / "home", clock=clock, with_bars=False)
    bars = to_frame(market().bars("BTC", "1d"))
    # The venue whose name comes first has two months only, as venues give them; funding and news alone are no index.
    opened.shelf.store.upsert(SeriesId("aaa-perp", "btc-usdt-perp", "1d"), bars.tail(61))
    book = GreedBook(opened)
    assert book.write() == 0
    opened.shelf.store.upsert(SeriesId("bitget-perp", "btc-usdt-perp", "1d"), bars)
    assert opened.shelf.of_asset("bitcoin", "1d").ts[0] == market().bars("BTC", "1d").ts[0]
    clock.now += HOUR_MS
    assert book.write() > 90
    found = opened.facts.latest([part("volatility"), part("momentum"), OWN])
    assert all(one.ts_event == clock.now for one in found.values())
    assert len(found) == 3
    # Days that were written are not written again, and those before the first are, once.
    clock.now += HOUR_MS
    assert book.write() == 3


@pytest.mark.parametrize("language", ["en", "fr"])
def test_both_indices_parts_and_words_are_shown_and_nothing_of_a_stranger_is_markup(built, language):
    text = Browser(built, language=language).get("/mood").text
    assert {"own", "theirs", "sentiment", "items"} <= set(re.findall(r'class="tile[^"]*" id="(\w+)"', text))
    assert "Orbit Vault" in text
    assert "<b>coins" not in text
    assert ("not known" if language == "en" else "pas connu") in text
    recipe = {
        "en": "TF-IDF of words and letters, lexicon (shipped)",
        "fr": "TF-IDF de mots et lettres, lexique (livré)",
    }
    assert recipe[language] in text.partition('id="recipes"')[2]
    assert 'id="held-rows"' in text
    assert 'id="own-greed"' in Browser(built, language=language).get("/").text


def test_the_picture_of_words_is_drawn_by_the_server_and_says_what_its_table_says(built):
    browser = Browser(built)
    picture = ElementTree.fromstring(browser.get("/chart/words.svg?period=24h").content)
    drawn = {part.text for part in picture.iter("{http://www.w3.org/2000/svg}text")}
    rows = browser.call("mood.words", period="24h").json()["rows"]
    assert {row["word"] for row in rows} <= drawn
    assert rows
    assert browser.get("/chart/words.svg?source=nobody").status_code == 404
    for narrowed in ({"asset": "bitcoin"}, {"source": "sec_press"}):
        assert browser.call("mood.words", period="24h", **narrowed).json()["rows"] == rows
    for elsewhere in ({"asset": "ethereum"}, {"source": "decrypt"}):
        assert browser.call("mood.words", period="24h", **elsewhere).json()["rows"] == []
        query = "&".join(f"{name}={value}" for name, value in elsewhere.items())
        # Where nothing stands out there is nothing to draw.
        assert browser.get(f"/chart/words.svg?period=24h&{query}").status_code == 404
    assert browser.call("mood.read", asset="btc").json()["subject"] == "bitcoin"


def test_what_became_of_an_item_and_of_a_source_is_asked_for(built):
    browser = Browser(built)
    (row,) = browser.call("news.sources").json()["rows"]
    assert (row["source"], row["title"], row["score"]) == ("sec_press", "SEC press releases", 1.0)
    assert "SEC press releases" in browser.get("/mood").text.partition('id="held-rows"')[2]
    item = browser.call("news.list").json()["rows"][0]["id"]
    found = browser.call("news.standing", item=item).json()
    assert (found["then"], found["became"]) == ("confirmed", "")
    assert browser.call("news.standing", item="0" * 20).status_code == 404


def test_what_a_model_may_see_is_said_in_french(built):
    page = Browser(built, language="fr").get("/mood").text
    assert "lexique seul" in page
    assert "lexicon alone" not in page
