"""Articles of the simulated newsroom are read in the demonstration: their addresses open nowhere else."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import feedparser
import httpx
import pytest

from tests.houses import Browser, house
from tests.mails import demonstration, send
from vigie.adapters.world_newsstand import WorldNewsstand
from vigie_sandbox.world.newsroom.outlets import BY_HOST

HOSTILE = """<html lang="fr"><head><title>t</title></head><body><p>Site</p><h1>One <i>two</i></h1>
<script>alert(1)</script><p onclick="x()">Said. <a href="javascript:alert(2)">press</a>
<a href="https://other.example/a">on</a></p></body></html>"""


class Stand:
    """A newsstand with one page."""

    def __init__(self, html):
        self.html = html

    def article(self, host, path):
        return self.html if path == "/there" else None


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with demonstration(tmp_path_factory.mktemp("home")) as (built, world):
        yield built, world


def address_of(url):
    return f"/demo/article?{httpx.QueryParams({'url': url})}"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_article_of_an_outlet_is_read_with_its_title_and_its_text(demo, language):
    built, _ = demo
    outlet = next(one for one in BY_HOST.values() if one.form == "rss" and one.language == "en")
    feed = feedparser.parse(built.newsstand.article(outlet.host, outlet.path))
    entry = feed.entries[0]
    shown = Browser(built, language=language).get(address_of(entry.link)).text
    assert re.search(rf'<h1 lang="en">{re.escape(entry.title)}</h1>', unescape(shown))
    assert outlet.host in shown
    body = shown.partition('id="text"')[2]
    assert entry.title not in unescape(body)
    assert len(re.findall(r"<p>[^<]{40,}</p>", body)) >= 2


def test_what_a_page_holds_is_never_markup_of_ours(demo):
    built = replace(demo[0], newsstand=Stand(HOSTILE))
    shown = Browser(built).get(address_of("https://news.example/there")).text
    assert '<h1 lang="fr">One two</h1>' in shown
    main = shown.partition("<main")[2].partition("</main>")[0]
    assert not re.search(r"<script|onclick|javascript:|alert\(1\)", main)
    assert 'href="/demo/article?url=https%3A%2F%2Fother.example%2Fa"' in main


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "http://a.example/", "https://a.example:80/", "https://u@a.example/", "file:///etc/passwd",
     "https://127.0.0.1/", "https://a.example/?q=1", "https://a.example.evil.com/", "https://a.example/ b"],
)  # fmt: skip
def test_nothing_else_is_ever_asked_for(demo, url):
    class Asked:
        def article(self, host, path):
            raise AssertionError(f"asked for {host}{path}")

    answer = Browser(replace(demo[0], newsstand=Asked())).get(address_of(url))
    assert answer.status_code == 404


def test_what_was_withdrawn_or_never_stood_there_is_said(demo):
    shown = Browser(demo[0]).get(address_of("https://chainpost.example/../control/x-0000"))
    assert "Article not found" in shown.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "No article selected"), ("fr", "Aucun article choisi")]
)
def test_the_page_by_itself_says_what_opens_here(demo, language, words):
    answer = Browser(demo[0], language=language).get("/demo/article")
    assert answer.status_code == 200
    assert words in answer.text


def test_a_home_that_is_no_demonstration_has_no_articles(tmp_path):
    shown = Browser(house(tmp_path, with_bars=False)).get(address_of("https://chainpost.example/there")).text
    assert "Not a demo" in shown


def test_a_world_that_has_gone_is_named(demo):
    gone = replace(demo[0], newsstand=WorldNewsstand("http://127.0.0.1:9"))
    assert (
        "the simulated market does not answer"
        in Browser(gone).get(address_of("https://a.example/there")).text
    )


@pytest.mark.parametrize("simulated", [True, False])
def test_links_of_mails_lead_to_articles_in_a_demonstration_only(demo, simulated):
    built, world = demo
    send(world, "A story", "Read https://chainpost.example/news/1 or https://vigie.dev/x")
    browser = Browser(replace(built, is_simulated=simulated))
    shown = browser.get(f"/demo/mail/{world.mailbox.received_count}").text
    links = re.findall(r'<a href="([^"]+)" rel="noopener noreferrer nofollow">', shown)
    assert links[1] == "https://vigie.dev/x"
    found = parse_qs(urlsplit(links[0]).query).get("url", links[:1])
    assert found == ["https://chainpost.example/news/1"]
    assert links[0].startswith("/demo/article") is simulated
