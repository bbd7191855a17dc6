"""The page of mood: two indices with the parts of ours, how news sound, words as a picture and its table."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from tests.clocks import StandingClock
from tests.houses import DAYS, START, Browser, house, market
from vigie.data.frames import to_frame
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.item import Sighting
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, parse_time
from vigie.intelligence.market.fear_greed import LEAST_DAYS
from vigie.intelligence.market.historical_range import share_below
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.market_data.fear_greed import (
    ALTERNATIVE_INDEX,
    DOMINANCE,
    OWN_INDEX,
    FearGreedWriter,
    fear_greed_at,
    part_series,
)
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ItemReader
from vigie.services.news.analysis.mood import MoodWriter
from vigie.views.web.pages.mood.index import level_text

NOW = parse_time(START) + DAYS * DAY_MS
TITLES = (
    "Hackers drain Orbit Vault of bitcoin <b>coins</b>",
    "Bitcoin exchange says Orbit Vault was drained by hackers",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    clock = StandingClock(NOW)
    opened = house(tmp_path_factory.mktemp("home"), clock=clock)
    opened.facts.append([Observation(ALTERNATIVE_INDEX, NOW - DAY_MS, NOW - DAY_MS, 41.0)])
    for at, title in enumerate(TITLES):
        said = Sighting("sec_press", str(at), f"https://www.sec.gov/{at}", title, ts_published=NOW - HOUR_MS)
        opened.items.take(SourceFetch("sec_press", NOW - HOUR_MS, (said,)))
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
    bound(opened, MoodWriter)().write()
    book = bound(opened, FearGreedWriter)()
    assert book.write() > 90
    assert book.write() == 0
    return opened


def test_past_days_of_the_index_are_known_from_now_on_only(built):
    assert len(built.facts.read([OWN_INDEX])) == 91
    assert len(built.facts.read([OWN_INDEX], as_of=NOW - 1)) == 0
    newest = built.facts.latest([OWN_INDEX])[OWN_INDEX]
    assert 0 <= newest.value <= 100
    assert newest.ts_event == newest.ts_known == NOW


def test_the_index_is_made_of_the_longest_past_among_venues_whenever_that_is_stored(tmp_path):
    clock = StandingClock(NOW)
    opened = house(tmp_path / "home", clock=clock, with_bars=False)
    bars = to_frame(market().bars("BTC", "1d"))
    # The venue whose name comes first has two months only, as venues give them; funding and news alone are no index.
    opened.bar_reader.store.upsert(SeriesId("aaa-perp", "btc-usdt-perp", "1d"), bars.tail(61))
    book = bound(opened, FearGreedWriter)()
    assert book.write() == 0
    opened.bar_reader.store.upsert(SeriesId("bitget-perp", "btc-usdt-perp", "1d"), bars)
    assert opened.bar_reader.of_asset("bitcoin", "1d").ts[0] == market().bars("BTC", "1d").ts[0]
    clock.now += HOUR_MS
    assert book.write() > 90
    found = opened.facts.latest([part_series("volatility"), part_series("momentum"), OWN_INDEX])
    assert all(one.ts_event == clock.now for one in found.values())
    assert len(found) == 3
    # Days that were written are not written again, and those before the first are, once.
    clock.now += HOUR_MS
    assert book.write() == 3


def caps(asset, days, first=1_000.0, step=1.0, holes=()):
    """Daily capitalisations until yesterday, all of them read now."""
    times = [NOW - NOW % DAY_MS - at * DAY_MS for at in range(days - 1, -1, -1) if at not in holes]
    return [
        Observation(f"market/{asset}/cap_usd", ts, NOW, first + step * place**1.5)
        for place, ts in enumerate(times)
    ]


def test_dominance_is_known_from_the_past_of_the_assets_that_are_watched(tmp_path):
    opened = house(tmp_path / "home", clock=StandingClock(NOW))
    # The share of the whole market is told as it is now, and by nobody as it was.
    opened.facts.append([Observation(DOMINANCE, NOW, NOW, 0.5)])
    opened.facts.append([*caps("bitcoin", 365, step=3.0), *caps("ethereum", 365), *caps("solana", 365)])
    assert "dominance" not in bound(opened, fear_greed_at)(NOW).parts
    # One with holes and one that came later are no part of a share that is told for a year.
    opened.facts.append([*caps("cardano", 365, holes=range(100, 110)), *caps("tron", 30)])
    assert "dominance" not in bound(opened, fear_greed_at)(NOW).parts
    opened.facts.append(caps("dogecoin", 365))
    shares = dominance_of(365)
    found = bound(opened, fear_greed_at)(NOW).parts["dominance"]
    monthly = shares[30:] - shares[:-30]
    assert found == pytest.approx(100.0 - 100.0 * share_below(monthly[-1], monthly[:-1], 59))
    assert "dominance" not in bound(opened, fear_greed_at)(NOW - DAY_MS).parts
    book = bound(opened, FearGreedWriter)()
    assert book.write() > 0
    assert opened.facts.latest([part_series("dominance")])[part_series("dominance")].value == pytest.approx(
        found, abs=1e-4
    )


def test_a_part_that_becomes_known_within_the_hour_is_not_waited_for_until_the_next(tmp_path):
    clock = StandingClock(NOW)
    opened = house(tmp_path / "home", clock=clock)
    book = bound(opened, FearGreedWriter)()
    assert book.write() > 90
    assert not opened.facts.latest([part_series("dominance")])
    clock.now += 6 * MINUTE_MS
    assert book.write() == 0
    opened.facts.append(
        [one for name in ("bitcoin", "ethereum", "solana", "dogecoin") for one in caps(name, 365)]
    )
    clock.now += MINUTE_MS
    assert book.write() == 0
    clock.now += 5 * MINUTE_MS
    assert book.write() == 4
    assert opened.facts.latest([part_series("dominance")])[part_series("dominance")].ts_event == clock.now
    clock.now += 6 * MINUTE_MS
    assert book.write() == 0


def dominance_of(days):
    place = np.arange(days) ** 1.5
    leader, other = 1_000.0 + 3.0 * place, 1_000.0 + place
    return leader / (leader + 3 * other)


def test_the_share_of_the_whole_market_counts_once_it_was_read_long_enough(tmp_path):
    opened = house(tmp_path / "home", clock=StandingClock(NOW))
    opened.facts.append(
        [one for name in ("bitcoin", "ethereum", "solana", "dogecoin") for one in caps(name, 365)]
    )
    days = [NOW - at * DAY_MS for at in range(LEAST_DAYS - 1, -1, -1)]
    rows = [Observation(DOMINANCE, ts, ts, 0.5 - 0.001 * place**1.5) for place, ts in enumerate(days)]
    opened.facts.append(rows[1:])
    among = bound(opened, fear_greed_at)(NOW).parts["dominance"]
    opened.facts.append(rows[:1])
    # It fell faster and faster: nobody is afraid.
    assert bound(opened, fear_greed_at)(NOW).parts["dominance"] == 100.0 != among


@pytest.mark.parametrize(
    ("language", "whole", "signed", "weight"),
    [
        ("en", "of 0 to 100", "of −100 to 100", "weight 25%"),
        ("fr", "de 0 à 100", "de −100 à 100", "poids\xa0: 25\u00a0%"),
    ],
)
def test_each_figure_names_its_scale(built, language, whole, signed, weight):
    page = Browser(built, language=language).get("/mood").text
    tiles = {
        name: page.partition(f'id="{name}"')[2].partition('class="tile-meta"')[0]
        for name in ("own", "theirs", "sentiment")
    }
    assert {name: whole in tile for name, tile in tiles.items()} == {
        "own": True,
        "theirs": True,
        "sentiment": False,
    }
    assert signed in tiles["sentiment"]
    parts = page.partition('id="parts"')[2].partition("</ul>")[0]
    assert weight in parts


@pytest.mark.parametrize("language", ["en", "fr"])
def test_both_indices_parts_and_words_are_shown_and_nothing_of_a_stranger_is_markup(built, language):
    text = Browser(built, language=language).get("/mood?language=en").text
    assert {"own", "theirs", "sentiment", "items"} <= set(re.findall(r'class="tile[^"]*" id="(\w+)"', text))
    assert "Orbit Vault" in text
    assert "<b>coins" not in text
    assert ("not known" if language == "en" else "inconnu") in text
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


@pytest.mark.parametrize(
    ("language", "said", "usual"),
    [("en", "Fear and greed: ", "usually "), ("fr", "Peur et avidité : ", "d’habitude ")],
)
def test_the_index_is_the_first_thing_with_its_word_its_past_and_its_parts(built, language, said, usual):
    hero = Browser(built, language=language).get("/mood").text.partition('class="card hero')[2]
    hero = hero.partition('class="filter-bar"')[0].replace("\u00a0", " ")
    assert said in hero
    assert 'class="plot' in hero
    assert hero.count("range-strip") >= 2
    assert usual in hero
    assert 'id="history-rows"' in hero
    assert "/chart/mood" in hero


def test_every_day_of_the_index_is_a_row_and_a_part_of_the_picture(built):
    browser = Browser(built)
    rows = browser.call("mood.history", days=30).json()["rows"]
    assert len(rows) == 30
    assert [row["ts"] for row in rows] == sorted({row["ts"] for row in rows})
    assert rows[-1]["index"] == browser.call("mood.read").json()["own"]["figure"]["value"]
    assert browser.get("/chart/mood.svg").status_code == 200


def test_the_usual_range_of_a_part_holds_four_of_five_of_its_days(built):
    browser = Browser(built)
    days = browser.call("mood.history", days=90).json()["rows"]
    for part in browser.call("mood.parts").json()["rows"]:
        assert part["part"] != "news" or part["low"] is None, "it is known for a day only"
        values = [day[part["part"]] for day in days if day[part["part"]] is not None]
        if part["low"] is None:
            assert len(values) < 20
            continue
        inside = sum(part["low"] <= value <= part["high"] for value in values)
        assert 0.7 <= inside / len(values) <= 0.9


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (0, "extreme fear"),
        (24, "extreme fear"),
        (25, "fear"),
        (45, "neutral"),
        (55, "greed"),
        (75, "extreme greed"),
    ],
)
def test_each_level_has_its_word(value, word):
    class Context:
        def text(self, english):
            return english

    assert level_text(Context(), value) == word


def test_words_are_of_one_language_and_name_no_outlet(tmp_path):
    opened = house(tmp_path / "home", clock=StandingClock(NOW), with_bars=False)
    said = [
        ("decrypt", "en", "Zorblat bridge drained, Decrypt says"),
        ("jdn", "fr", "Le pont Quilleron vidé en mars"),
    ]
    for source, language, title in said:
        for at in range(4):
            sight = Sighting(
                source, f"{at}", f"https://a.example/{source}/{at}", f"{title} {'abcd'[at] * 4}",
                language=language, ts_published=NOW - HOUR_MS,
            )  # fmt: skip
            opened.items.take(SourceFetch(source, NOW - HOUR_MS, (sight,)))
    browser = Browser(opened)
    words = {
        language: " ".join(
            row["word"] for row in browser.call("mood.words", language=language).json()["rows"]
        )
        for language in ("en", "fr")
    }
    assert "Zorblat" in words["en"]
    assert "Quilleron" not in words["en"]
    assert "Quilleron" in words["fr"]
    assert "Zorblat" not in words["fr"]
    assert "Decrypt" not in words["en"]
    assert "mars" not in words["fr"].split()
    for language, own, other in (("en", "Zorblat", "Quilleron"), ("fr", "Quilleron", "Zorblat")):
        page = Browser(opened, language=language).get("/mood").text.partition('id="words"')[2]
        assert own in page
        assert other not in page.partition('id="discovered"')[0]
        switched = Browser(opened, language=language).get(
            f"/mood?language={'fr' if language == 'en' else 'en'}"
        )
        assert other in switched.text.partition('id="words"')[2]
