"""The page of news: items with filters and search, one item with its reasons, its raw answer, nothing yet."""

import html
import re
from dataclasses import replace

import pytest

from tests.houses import Browser, house
from vigie.domain.item import Sighting
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.news.analysis.item_reader import ItemReader

NOW = 1_767_225_600_000
SAID = (
    Sighting("sec_press", "a", "https://www.sec.gov/a", "SEC charges <b>Bitcoin</b> fund & its owner", "They say so.",
             ts_published=NOW - 60_000, precision="minute"),
    Sighting("journalducoin", "b", "https://journalducoin.com/b", "Le régulateur approuve un ETF Ethereum",
             "Une première en Europe.", language="fr", ts_published=NOW - 3_600_000, precision="second"),
    Sighting("sec_press", "c", "", "SEC names new director of accounting", "Staff news."),
)  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    opened = house(tmp_path_factory.mktemp("home"), with_bars=False)
    document = opened.documents.put(
        "sec_press/feed", "https://www.sec.gov/x", NOW, {"headers": {}, "body": "<rss><x/>"}
    )
    for said in SAID:
        kept = Sighting(**{**{name: getattr(said, name) for name in said.__slots__}, "document": document.id})
        opened.items.take(SourceFetch(said.source, NOW, (kept,)))
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
    return opened


@pytest.fixture(scope="module")
def ids(built):
    from vigie.ports.item_queries import ItemQuery

    return {one.item.content.key: one.item.id for one in built.items.query(ItemQuery())}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_empty_page_says_what_brings_news(tmp_path, language):
    answer = Browser(house(tmp_path, with_bars=False), language=language).get("/news")
    assert answer.status_code == 200
    assert "vigie news fetch" in answer.text


def test_items_show_source_times_and_why_and_no_markup_of_theirs(built, ids):
    text = Browser(built, language="en").get("/news").text
    assert "SEC charges &lt;b&gt;Bitcoin&lt;/b&gt; fund &amp; its owner" in text
    assert 'href="https://www.sec.gov/a" rel="noopener noreferrer nofollow"' in text
    assert "Regulator" in text
    assert f'href="/news/{ids["a"]}"' in text
    assert "Journal du Coin" in text


def test_what_is_not_about_crypto_is_hidden_and_one_click_away(built):
    browser = Browser(built, language="en")
    assert "new director of accounting" not in browser.get("/news").text
    shown = browser.get("/news?everything=1").text
    assert "new director of accounting" in shown
    assert "Not about crypto" in shown


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("tier=regulator", "a"), ("language=fr", "b"), ("asset=ethereum", "b"), ("q=approuver", "b"),
        ("q=charged", "a"),
        ("source=journalducoin", "b"), ("tier=media&q=bitcoin", ""), ("tier=nobody", "ab"), ("topic=elections", ""),
        ("period=24h", ""),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(built, ids, query, keys):
    text = Browser(built, language="en").get(f"/news?{query}").text
    assert {key for key, name in ids.items() if f'href="/news/{name}"' in text} == set(keys)


@pytest.mark.parametrize(
    ("query", "keys"),
    [("", "ba"), ("tier=regulator&cursor=9999999999999.x", "a"), ("asset=ethereum", "b"), ("q=approuver", "b"),
     ("everything=1", "bac"), ("first_hand=1&everything=1", "ac")],
)  # fmt: skip
def test_the_list_has_files_of_what_it_shows(built, ids, query, keys):
    browser = Browser(built, language="en")
    page = browser.get(f"/news?{query}").text
    files = dict.fromkeys(re.findall(r'href="(/api/v1/news/[^"]*)" download', page))
    assert [link.partition("?")[0].rpartition(".")[2] for link in files] == ["csv", "json", "xlsx", "parquet"]
    answers = [browser.get(html.unescape(link)) for link in files]
    assert [answer.status_code for answer in answers] == [200] * 4
    rows = answers[1].json()["rows"]
    assert {row["id"] for row in rows} == {ids[key] for key in keys}
    assert [line.split(",")[0] for line in answers[0].text.splitlines()[1 : len(rows) + 1]] == [
        row["id"] for row in rows
    ]
    # A short quote and never the article, with the terms of each source: what every file of news gives.
    assert {column["name"] for column in answers[1].json()["columns"]} >= {"title", "url", "quote"}
    assert not {"text", "body"} & set(rows[0])
    assert all(
        licence in answers[0].text for licence in (one["licence"] for one in answers[1].json()["origins"])
    )
    assert "Information, not investment advice." in answers[0].text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_narrowed_list_leads_to_a_rule_that_tells_of_such_news(built, language):
    browser = Browser(built, language=language)
    words = {"en": "Create an alert", "fr": "Créer une alerte"}[language]
    assert words not in browser.get("/news").text
    page = browser.get("/news?tier=regulator&asset=bitcoin&q=token+%22the+house%22&everything=1").text
    link = html.unescape(re.search(rf'href="(/alerts\?[^"]*)"[^>]*>{words}', page)[1])
    form = html.unescape(browser.get(link).text.partition('id="rule"')[2].partition("</form>")[0])
    assert '<option value="regulator" selected' in form
    assert re.search(r'name="assets"[^>]*value="bitcoin"', form)
    assert 'value="token "the house""' in form


def test_what_a_link_brings_for_a_rule_is_text(built):
    form = Browser(built).get("/alerts?kind=item&words=%3Cb%3E&tiers=nobody&topics=%22").text
    assert "<b>" not in form
    assert "&lt;b&gt;" in form


@pytest.mark.parametrize(
    "query", ["q=%21%21", "cursor=x", "q=%22", "tier=%00", "asset=%3Cscript%3E", "entity=%00%5B", "asset=%00"]
)
def test_what_cannot_be_asked_is_said_and_breaks_nothing(built, query):
    answer = Browser(built, language="en").get(f"/news?{query}")
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text.replace("<script src", "")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Analysis and reasons"), ("fr", "Analyse et raisons")]
)
def test_an_item_says_what_each_step_found_and_where_it_comes_from(built, ids, language, words):
    text = Browser(built, language=language).get(f"/news/{ids['a']}").text
    assert words in text
    assert "coin:bitcoin" in text
    assert f"/news/{ids['a']}/evidence?revision=1" in text


def test_the_raw_answer_is_shown_as_text(built, ids):
    text = Browser(built, language="en").get(f"/news/{ids['a']}/evidence?revision=1").text
    assert "&lt;rss&gt;&lt;x/&gt;" in text


@pytest.mark.parametrize(
    "path", ["/news/nothing", "/news/0123456789abcdef0123", "/news/0123456789abcdef0123/evidence"]
)
def test_what_is_not_there_is_not_found(built, path):
    assert Browser(built, language="en").get(path).status_code == 404


def test_what_was_read_is_kept_and_taken_back_and_what_is_kept_is_listed(built, ids):
    browser = Browser(built, language="en")
    assert browser.get("/news").text.count(">Unread<") == 2
    text = browser.post("/news/mark", {"read": ids["a"], "query": "tier=regulator&done=read"}).text
    assert (text.count(">Unread<"), "Marked as read." in text) == (0, True)
    assert browser.get("/news").text.count(">Unread<") == 1
    browser.post("/news/mark", {"undo": "1"})
    assert browser.get("/news").text.count(">Unread<") == 2
    browser.post("/news/mark", {"until": str(NOW)})
    assert browser.get("/news").text.count(">Unread<") == 0
    assert "Your list is empty" in browser.get("/news/kept").text
    browser.post("/news/mark", {"keep": ids["b"]})
    assert f'href="/news/{ids["b"]}"' in browser.get("/news/kept").text
    browser.post("/news/mark", {"unkeep": ids["b"], "list": "kept"})
    assert browser.call("news.kept").json()["rows"] == []


def test_filters_are_kept_under_a_name_and_removed(built):
    browser = Browser(built, language="fr")
    text = browser.post("/news/search", {"name": "ETF européens", "query": "q=etf&tier=media&done=read"}).text
    assert 'href="/news?q=etf&amp;tier=media"' in text
    assert browser.order("news.save_search", name="x", query="javascript:<b>").status_code in (400, 422)
    told = browser.post("/news/search", {"remove": "ETF européens", "query": "tier=media"}).text
    assert browser.call("news.searches").json()["rows"] == []
    undo = told.partition("data-undo")[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(name|was|query)" value="([^"]*)"', undo))
    browser.post("/news/search", {name: html.unescape(value) for name, value in fields.items()})
    rows = browser.call("news.searches").json()["rows"]
    assert rows == [{"name": "ETF européens", "query": "q=etf&tier=media"}]
    browser.order("news.remove_search", name="ETF européens")


@pytest.mark.parametrize(
    ("query", "keys"), [("first_hand=1", "a"), ("status=confirmed", "a"), ("entity=org:sec", "a")]
)
def test_the_list_is_narrowed_by_whom_to_believe_and_who_is_named(built, ids, query, keys):
    text = Browser(built, language="en").get(f"/news?{query}").text
    assert {key for key, name in ids.items() if f'href="/news/{name}"' in text} == set(keys)


def test_a_citation_has_its_source_and_time_and_reasons_are_french_on_the_french_page(built, ids):
    text = Browser(built, language="en").get("/news").text
    assert (
        "SEC press releases, " in text.partition("data-copy=")[2].partition(">")[0]
        or "Journal du Coin" in text
    )
    shown = Browser(built, language="fr").get(f"/news/{ids['a']}").text
    assert "cite une crypto (Bitcoin)" in shown
    assert 'lang="fr"' in shown


def test_an_item_is_cited_on_its_own_page_and_a_copy_is_named_as_one_in_french(built, ids):
    text = Browser(built, language="en").get(f"/news/{ids['b']}").text
    cited = text.partition('data-copy="')[2].partition('"')[0]
    assert "Le régulateur approuve un ETF Ethereum" in cited
    assert cited.endswith("https://journalducoin.com/b")
    again = Sighting("sec_press", "e", SAID[0].url, SAID[0].title, SAID[0].text)
    built.items.take(SourceFetch("sec_press", NOW + 1, (again,)))
    reader = ItemReader(built, tell=dispatch_read_items)
    while reader.read_some():
        pass
    shown = Browser(built, language="fr").get("/news?everything=1").text
    assert "Doublon" in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "(simulated: none of this happened)"), ("fr", "(simulé\u00a0: rien de cela n’a eu lieu)")],
)
def test_a_citation_of_a_simulated_item_says_so_wherever_it_is_pasted(built, ids, language, words):
    simulated = Browser(replace(built, is_simulated=True), language=language)
    for path in ("/news", f"/news/{ids['b']}"):
        cited = [part.partition('"')[0] for part in simulated.get(path).text.split('data-copy="')[1:]]
        assert cited
        assert all(text.endswith(words) for text in cited)
        assert words not in Browser(built, language=language).get(path).text
    rows = simulated.get("/api/v1/news/list.csv").text
    assert "simulated data" in rows


def test_what_changed_on_a_page_is_shown_as_a_difference(built):
    text = "- Meeting in <May>.\n+ Meeting in June about Bitcoin."
    said = Sighting("sec_task_force", "d", "https://www.sec.gov/t", "Task force: Meeting in June", text)
    (known,) = built.items.take(SourceFetch("sec_task_force", NOW, (said,)))
    shown = Browser(built).get(f"/news/{known.item.id}").text
    assert '<del lang="en">Meeting in &lt;May&gt;.</del>' in shown
    assert '<ins lang="en">Meeting in June about Bitcoin.</ins>' in shown
