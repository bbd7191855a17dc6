"""Pages of stories and entities: what they say of items that were read, in both languages; names mended by hand."""

import re
from dataclasses import replace

import pytest

from tests.houses import VENUE, Browser
from tests.newsrooms import EVENT, TELLERS, read_all, told_house
from vigie.domain.item import Sighting, item_id
from vigie.domain.time import HOUR_MS
from vigie.ports.item_queries import ItemQuery
from vigie.ports.source_fetches import SourceFetch
from vigie.services.operations import stories


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return told_house(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def ask(built):
    made = {language: Browser(built, language=language) for language in ("en", "fr")}
    return made.__getitem__


@pytest.fixture(scope="module")
def story(built):
    first = item_id("sec_press", "e")
    held = built.items.query(ItemQuery(tags={"story": first}))
    assert {one.item.content.source for one in held} == {source for source, *_ in TELLERS}, (
        "one event, one story"
    )
    return first


def test_a_story_says_who_was_first_and_quotes_letter_for_letter(ask, built, story):
    answer = ask("en").call("stories.read", story=story, language="en").json()
    assert (answer["first"]["publisher"], answer["publishers"], answer["languages"]) == (
        "SEC press releases", 4, ["en", "fr"],
    )  # fmt: skip
    assert [row["publishers"] for row in answer["spread"]] == [1, 2, 3, 4]
    assert 1 <= len(answer["summary"]) <= 3
    for one in answer["summary"]:
        said = built.items.get(one["item"])[-1].item.content
        assert getattr(said, one["where"])[one["start"] : one["end"]] == one["text"]
        assert one["language"] == "en"
    french = ask("en").call("stories.read", story=story, language="fr").json()
    # The only French item tells another amount than the release: nothing of it speaks for the story.
    assert {one["language"] for one in french["summary"]} == {"en"}


def test_what_contradicts_stands_side_by_side(ask, built, story):
    found = ask("en").call("stories.read", story=story).json()["contradictions"]
    assert {one["kind"] for one in found} == {"denial", "amount"}
    amount = next(one for one in found if one["kind"] == "amount")
    told = {(one["publisher"], one["words"]) for one in (amount["one"], amount["other"])}
    assert {words for _, words in told} == {"2.1 billion dollars", "1,4 milliard de dollars"}
    assert "SEC" in amount["one"]["publisher"]


@pytest.mark.parametrize(
    ("language", "reports", "states"),
    [("en", "Contradiction reported by", "Contradicted by"), ("fr", "Démenti rapporté par", "Contredit par")],
)
def test_a_denial_comes_first_and_a_paper_that_reports_it_is_not_who_denies(
    ask, story, monkeypatch, language, reports, states
):
    def first() -> str:
        page = ask(language).get(f"/story/{story}").text.partition('id="contradictions"')[2]
        return page.partition("</section>")[0]

    assert ask(language).call("stories.read", story=story).json()["contradictions"][0]["kind"] == "denial"
    assert reports in first()
    assert states not in first()
    monkeypatch.setattr("vigie.views.web.pages.story.page.FIRST_HAND", ("regulator", "primary", "media"))
    assert states in first()


@pytest.mark.parametrize(("language", "label"), [("en", "Amounts differ"), ("fr", "Les montants diffèrent")])
def test_a_fact_that_differs_from_the_release_is_shown_in_the_words_of_each(
    ask, built, story, language, label
):
    page = ask(language).get(f"/story/{story}").text.partition('id="contradictions"')[2]
    shown = re.sub(r"[\u00a0\u202f]", " ", page.partition('id="spread')[0])
    assert label in shown
    assert "2.1 billion dollars" in shown
    assert "1,4 milliard de dollars" in shown


def test_who_is_silent_is_who_was_asked_since(ask, built, story):
    answer = ask("en").call("stories.read", story=story).json()
    assert [(one["tier"], one["publishers"]) for one in answer["silent"]] == [("media", ["The Block"])]
    assert answer["unasked"] > 5


def test_prices_are_the_closes_before_and_after(ask, built, story):
    (row,) = [
        row
        for row in ask("en").call("stories.prices", story=story).json()["rows"]
        if row["asset"] == "ethereum"
    ]
    bars = built.bar_reader.of_asset("ethereum", "1h")
    closes = dict(zip((bars.ts + HOUR_MS).tolist(), bars.close.tolist(), strict=True))
    assert row["price"] == pytest.approx(closes[EVENT])
    assert row["after_1d"] == pytest.approx(closes[EVENT + 24 * HOUR_MS] / closes[EVENT] - 1)
    assert row["before_1h"] == pytest.approx(closes[EVENT] / closes[EVENT - HOUR_MS] - 1)
    assert row["place"].startswith(VENUE)


@pytest.mark.parametrize(("language", "words"), [("en", "Not covered by"), ("fr", "Pas repris par")])
def test_the_page_of_a_story_has_all_of_it(ask, built, story, language, words):
    text = ask(language).get(f"/story/{story}").text
    assert words in text
    assert "<svg" in text
    assert 'id="prices-table"' in text
    assert "/entity/org:sec" in text
    assert "/studio?add=chart&amp;assets=" in text
    assert ask("en").get("/story/00000000000000000000").status_code == 404


def test_what_became_of_items_has_a_column_where_something_became_of_one(ask, story, monkeypatch):
    def table():
        page = ask("en").get(f"/story/{story}").text
        return page.partition('id="spread-table"')[2].partition("</table>")[0]

    rows = ask("en").call("stories.spread", story=story).json()["rows"]
    assert any(row["became"] for row in rows)
    assert "Later status" in table()
    monkeypatch.setattr(stories, "outcomes_of", lambda _: [])
    assert "Title" in table()
    assert "Later status" not in table()


def test_assets_of_a_story_and_of_items_are_called_by_their_names(ask, built, story):
    told = Browser(built, language="en").get(f"/story/{story}").text
    assert '<a href="/asset/ethereum">Ethereum</a>' in told
    listed = Browser(built, language="en").get("/news").text
    assert '<a href="/news?asset=ethereum">Ethereum</a>' in listed
    assert ">ethereum</a>" not in told + listed
    # A coin is named once: by the page of its market, not by that of its mentions besides.
    named = told.partition('id="named"')[2].partition("</section>")[0]
    assert named.count(">Ethereum</a>") == 1


def test_an_entity_has_mentions_relations_and_a_timeline(ask, built, story):
    browser = ask("en")
    answer = browser.call("entities.read", entity="org:sec").json()
    assert (answer["items"], answer["items_7d"], answer["items_24h"]) == (4, 4, 0)
    assert answer["timeline"][0]["story"] == story
    named = browser.call("entities.relations", entity="org:sec").json()["rows"]
    assert named[0]["items"] == 4
    assert {"coin:ethereum", "org:grayscale"} <= {row["entity"] for row in named}
    moods = browser.call("entities.sentiment", entity="org:sec").json()["rows"]
    assert len(moods) == 30
    assert sum(row["items"] for row in moods) == 4
    assert browser.call("entities.read", entity="org:nobody-at-all").status_code == 404


@pytest.mark.parametrize(
    ("language", "since"), [("en", "since 12 Jun 2025"), ("fr", "depuis le 12 juin 2025")]
)
def test_the_page_of_an_entity_has_all_of_it(ask, built, story, language, since):
    text = ask(language).get("/entity/org:grayscale").text

    def part(name: str) -> str:
        found = re.search(rf'<section[^>]*id="{name}".*?</section>', text, re.DOTALL)
        assert found, name
        return found[0]

    assert f"/story/{story}" in part("timeline")
    assert '"/entity/org:sec"' in part("relations")
    assert '"/asset/ethereum"' in part("prices")
    register = part("licences")
    for said in ("ESMA register of crypto-asset service providers", "9695000000000000GR11", "AMF", since):
        assert said in register
    assert "source=journalducoin" in part("sources")
    assert "GBTC" in part("names")
    assert 'id="mood-table"' in text
    assert "<svg" in text


@pytest.mark.parametrize(("language", "country"), [("en", "United States"), ("fr", "États-Unis")])
def test_countries_are_called_as_the_visitor_calls_them(ask, story, language, country):
    browser = ask(language)
    item = item_id("journalducoin", "e")
    for path in (
        f"/story/{story}",
        f"/news/{item}",
        "/entity/org:sec",
        "/entity/country:us",
        "/news?entity=country:us",
    ):
        shown = browser.get(path).text.partition("<main")[2]
        assert f">{country}<" in shown, path
    rule = {"tiers": "regulator", "entities": "country:us", "pace": "at_once", "channels": ["inbox"]}
    assert country in browser.post("/alerts", rule).text
    for one in browser.call("alerts.rules").json()["rules"]:
        browser.order("alerts.set", rule=one["rule"], becomes="delete")


def test_an_entity_is_followed_in_a_watchlist_and_left_again(ask, built):
    browser = ask("en")
    text = browser.post("/entity/follow", {"entity": "org:grayscale", "to": "follow"}).text
    assert "You now follow it in your watchlist." in text
    rows = browser.call("entities.followed").json()["rows"]
    assert [row["entity"] for row in rows] == ["org:grayscale"]
    assert "Grayscale" in browser.get(f"/watchlists/{rows[0]['watchlist']}").text
    gone = browser.order("watchlists.delete", watchlist=rows[0]["watchlist"]).json()
    back = {name: gone[name] for name in ("watchlist", "name", "assets", "entities", "position")}
    assert browser.order("watchlists.restore", **back).json()["entities"] == ["org:grayscale"]
    browser.post("/entity/follow", {"entity": "org:grayscale", "to": "unfollow"})
    assert browser.call("entities.followed").json()["rows"] == []


def entities_of(built):
    found = built.items.query(ItemQuery(limit=9))
    return {one["id"] for known in found for one in known.findings["entities"].body["found"]}


def test_names_that_are_mended_are_read_by_and_taken_back(ask, built):
    browser = ask("en")
    assert "org:grayscale" in entities_of(built)
    shown = browser.post(
        "/entity/amend", {"entity": "org:grayscale", "what": "split", "text": "Grayscale", "into": "org:grey"}
    ).text
    read_all(built)
    assert "org:grayscale" not in entities_of(built)
    assert "org:grey" in entities_of(built)
    browser.post("/entity/amend", {"entity": "org:grey", "what": "merge", "into": "org:sec"})
    read_all(built)
    assert "org:grey" not in entities_of(built)
    assert str(browser.get("/entity/org:grey").url).endswith("/entity/org:sec?merged=org%3Agrey")
    amendment = re.search(r'name="amendment" value="(n[0-9a-f]{16})"', shown)[1]
    for one in built.names.amendments():
        browser.order("entities.undo", amendment=one.id)
    assert amendment
    read_all(built)
    assert "org:grayscale" in entities_of(built)


@pytest.mark.parametrize(
    ("what", "text", "into", "says"),
    [("alias", "!!", "", "must contain a word"), ("merge", "", "org:sec", "are already the same entity"),
     ("split", "Nobody", "org:x", "is not a name of"), ("merge", "", "org:not-there", "404")],
)  # fmt: skip
def test_what_cannot_be_said_of_names_is_refused(ask, built, what, text, into, says):
    answer = ask("en").post("/entity/amend", {"entity": "org:sec", "what": what, "text": text, "into": into})
    assert answer.status_code in (400, 404)
    assert says in answer.text or str(answer.status_code) == says
    assert not built.names.amendments()


def test_regulation_says_who_is_licensed_where_and_what_changed(ask, built):
    rows = ask("en").call("regulation.changes").json()["rows"]
    assert [(row["kind"], row["name"]) for row in rows] == [("added", "Grayscale Europe SA")]
    german = ask("en").call("regulation.licences", country="de").json()["rows"]
    assert [row["name"] for row in german] == ["Grayscale Europe SA"]
    assert [row["name"] for row in ask("en").call("regulation.licences", q="tout").json()["rows"]] == [
        "Tout Crypto SAS"
    ]
    counts = ask("en").call("regulation.countries").json()["rows"]
    assert [(row["country"], row["at_home"], row["serving"]) for row in counts] == [
        ("FR", 2, 2),
        ("DE", 0, 1),
    ]
    licences = ask("en").call("entities.read", entity="org:grayscale").json()["licences"]
    assert [one["lei"] for one in licences] == ["9695000000000000GR11"]


@pytest.mark.parametrize(("language", "words"), [("en", "Calendar"), ("fr", "Calendrier")])
def test_the_page_of_regulation_has_lane_changes_dates_and_licences(ask, built, language, words):
    text = ask(language).get("/news/regulation?country=FR").text
    assert words in text
    assert all(
        f'id="{name}"' in text for name in ("lane", "changes-table", "calendar-table", "licences-table")
    )
    assert "SEC approves spot Ether ETF" in text
    assert ask(language).get("/news/regulation?cursor=abc&country=%3C").status_code == 200


def test_today_and_the_asset_have_the_stories(ask, built, story):
    assert f"/story/{story}" in ask("en").get("/asset/ethereum").text
    built.clock.now -= 36 * HOUR_MS
    try:
        text = ask("fr").get("/").text
    finally:
        built.clock.now += 36 * HOUR_MS
    assert f"/story/{story}" in text
    assert 'id="regulation"' in text


def test_every_known_date_has_a_day_a_place_and_both_languages():
    from vigie.intelligence.news.known_dates import load_known_dates

    assert len(load_known_dates()) > 10
    for one in load_known_dates():
        assert one.en != one.fr
        assert one.address.startswith("https://")
        assert one.ts % (24 * HOUR_MS) == 0


@pytest.mark.parametrize("query", ["asset=ethereum", "entity=org:grayscale"])
def test_beside_a_narrowed_list_stand_who_it_is_about_and_the_price_over_three_spans(ask, built, query):
    drawn = set()
    for span in ("24h", "1w", "1m"):
        page = ask("en").get(f"/news?{query}&range={span}").text
        beside = page.partition('id="beside"')[2]
        assert "4 news items" in beside
        assert "Price of Ethereum" in beside
        assert re.findall(r'href="/news\?[^"]*range=(\w+)', beside)[:3] == ["24h", "1w", "1m"]
        drawn.add(re.search(r"<svg.*?</svg>", beside.partition("beside-chart")[2] or beside, re.DOTALL)[0])
    assert len(drawn) == 3
    assert 'id="beside"' not in ask("en").get("/news").text


def test_reading_at_the_source_leads_to_the_demonstrations_own_page_of_an_invented_one(tmp_path):
    made = told_house(tmp_path)
    url = "https://coinmirror.example/a"
    said = Sighting(
        "decrypt", "x", url, "A Bitcoin fund opens in Sarnelle", "So.", ts_published=EVENT, precision="minute"
    )
    made.items.take(SourceFetch("decrypt", EVENT + HOUR_MS, (said,)))
    read_all(made)
    item = item_id("decrypt", "x")
    for is_simulated, address in (
        (True, "/demo/article?url=https%3A%2F%2Fcoinmirror.example%2Fa"),
        (False, url),
    ):
        page = Browser(replace(made, is_simulated=is_simulated)).get(f"/news/{item}").text
        assert re.search(rf'<a class="button" href="{re.escape(address)}"', page)


def test_the_key_of_the_drawing_stands_with_it_and_shows_its_lines(ask, story):
    page = ask("en").get(f"/story/{story}").text
    card = page.partition('id="spread-chart"')[2].partition("</section>")[0]
    keys = re.findall(r'<li class="chart-key"><svg.*?series-(\d).*?</svg> (\w+)', card)
    assert keys == [("1", "Publishers"), ("2", "News")]


def test_who_shares_a_name_with_a_coin_is_meant_before_it(ask, built):
    found = ask("en").call("entities.find", q="trump").json()["found"]
    assert [one["entity"] for one in found[:2]] == ["person:donald-trump", "coin:official-trump"]


@pytest.mark.parametrize(
    "query", ["entity=SEC", "entity=Securities%20and%20Exchange%20Commission", "asset=ETH"]
)
def test_a_list_is_narrowed_by_names_as_people_write_them(ask, built, query):
    page = ask("en").get(f"/news?{query}").text
    assert 'id="beside"' in page
    assert all(f'href="/news/{item_id(source, "e")}"' in page for source in ("sec_press", "coindesk"))
    name, _, typed = query.partition("=")
    typed = typed.replace("%20", " ")
    assert re.search(rf'name="{name}"[^>]*value="{typed}"', page), "what was typed stays"


@pytest.mark.parametrize("typed", ["e", "Exchange", "Securities and", "%CC%81"])
def test_a_list_is_not_narrowed_to_somebody_whose_name_is_another(ask, built, typed):
    page = ask("en").get(f"/news?entity={typed}").text
    assert not re.search(r"entities=\w+%3A", page), "no rule about somebody else"
    assert not any(f'href="/news/{item_id(source, "e")}"' in page for source in ("sec_press", "coindesk"))


@pytest.mark.parametrize(("language", "said"), [("en", "2 of 4 rows"), ("fr", "2 sur 4 lignes")])
def test_a_table_of_which_a_part_is_shown_says_so(ask, story, monkeypatch, language, said):
    def foot() -> str:
        return (
            ask(language)
            .get(f"/story/{story}")
            .text.partition('id="spread-table"')[2]
            .partition("</section>")[0]
        )

    assert said not in foot()
    monkeypatch.setattr("vigie.views.web.pages.story.page.ROWS", 2)
    assert said in re.sub(r"[\u00a0\u202f]", " ", foot())
