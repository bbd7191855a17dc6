"""Pages of sources of news: what its publisher is, who is behind it, its language, terms, budget and schedule."""

import pytest

from tests.houses import Browser, house
from vigie.adapters.connectors import notes_with_own
from vigie.adapters.sources.news.own_feeds import entry_of
from vigie.ports.own_feeds import OwnFeed
from vigie.ports.quotes import SourceHealth
from vigie.ports.source_fetches import SourceFetch
from vigie.views.web.language import texts


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"), with_bars=False)


def test_every_source_of_news_says_who_is_behind_it(built):
    rows = Browser(built).call("sources.list", brings="news", limit=500).json()["rows"]
    assert {row["source"] for row in rows} == {note.id for note in built.directory.news()}
    for row in rows:
        assert row["publisher"] in ("regulator", "primary", "media", "aggregator", "social")
        for name in ("owner", "language", "terms", "licence", "per_minute", "every_s", "verified"):
            assert row[name], (row["id"], name)
    figures = Browser(built).call("sources.list", brings="figures", limit=500).json()["rows"]
    assert {row["publisher"] for row in figures} == {None}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Regulator", "AMF", "French", "Requests per minute", "never verified")),
        ("fr", ("Régulateur", "AMF", "Français", "Requêtes par minute", "jamais vérifiée")),
    ],
)
def test_the_page_of_a_source_has_all_of_it(built, language, words):
    page = Browser(built, language=language).get("/sources/amf_news").text
    terms = page.partition('id="terms"')[2].partition("</section>")[0]
    for word in words:
        assert word in terms, word
    assert "1 min" in page


@pytest.mark.parametrize(("language", "word"), [("en", "Aggregator"), ("fr", "Agrégateur")])
def test_the_list_of_news_says_what_each_publisher_is(built, language, word):
    page = Browser(built, language=language).get("/sources?part=news").text
    row = page.partition('href="/sources/cryptorank"')[2].partition("</tr>")[0]
    assert word in row


@pytest.mark.parametrize("is_simulated", [False, True])
def test_what_is_said_of_what_a_source_allows_and_holds_has_its_french(tmp_path, is_simulated):
    notes = notes_with_own(tmp_path, is_simulated=is_simulated)
    said = {
        part for note in notes for part in (note.terms, note.licence, note.verified, note.depth, note.feed)
    }
    own = entry_of(OwnFeed("office", "An office", "https://office.example/feed"))
    assert {*said, own.terms, own.verified} - {"", *texts("fr")} == set()


def test_what_a_licence_wants_said_word_for_word_is_marked_as_english(built):
    page = Browser(built, language="fr").get("/sources/coingecko").text
    terms = page.partition('id="terms"')[2].partition("</section>")[0]
    assert '<span lang="en">Data provided by CoinGecko</span>' in terms
    assert "mention de la source" in terms
    assert terms.count('lang="en"') == 1


def test_older_entries_that_were_left_out_are_told(tmp_path):
    built = house(tmp_path / "home", with_bars=False)
    built.items.take(SourceFetch("amf_news", 1_000, left_out=120))
    built.quotes.put_health([SourceHealth("amf_news/feed", "live", ts_success=1, ts_attempt=1)])
    browser = Browser(built)
    (row,) = browser.call("sources.list", source="amf_news", limit=5).json()["rows"]
    assert row["left_out"] == 120
    assert [one["left_out"] for one in browser.call("health.read").json()["sources"]] == [120]
    for path in ("/sources?part=news", "/sources/amf_news", "/health"):
        assert "120 older entries skipped" in browser.get(path).text, path
    french = Browser(built, language="fr").get("/health").text
    assert "120 entrées plus anciennes ignorées" in french
    built.items.take(SourceFetch("amf_news", 2_000))
    assert "left out" not in browser.get("/health").text
