"""Pages of sources of news: what its publisher is, who is behind it, its language, terms, budget and schedule."""

import pytest

from tests.houses import Browser, house


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
        ("en", ("Regulator", "AMF", "French", "Requests a minute", "never verified")),
        ("fr", ("Régulateur", "AMF", "Français", "Requêtes par minute", "never verified")),
    ],
)
def test_the_page_of_a_source_has_all_of_it(built, language, words):
    page = Browser(built, language=language).get("/sources/amf_news").text
    terms = page.partition('id="terms"')[2].partition("</section>")[0]
    for word in words:
        assert word in terms, word
    assert "5 min" in page


@pytest.mark.parametrize(("language", "word"), [("en", "Aggregator"), ("fr", "Agrégateur")])
def test_the_list_of_news_says_what_each_publisher_is(built, language, word):
    page = Browser(built, language=language).get("/sources?part=news").text
    row = page.partition('href="/sources/cryptorank"')[2].partition("</tr>")[0]
    assert word in row
