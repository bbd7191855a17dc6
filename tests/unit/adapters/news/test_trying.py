"""An address that somebody wants to add, asked once: a feed, a page that names feeds, nothing, hostile ones."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from tests.clocks import JumpingClock
from vigie.adapters.net.guard import public_transport
from vigie.adapters.sources.news.feed_trials import FeedTrials
from vigie.domain.errors import UsageError
from vigie.ports.own_feeds import FeedLink, OwnFeed

URL = "https://news.office.org/start"
RSS = b"<rss version='2.0'><channel><title>T</title><item><title>One</title><link>https://news.office.org/1</link></item></channel></rss>"
PAGE = b"""<!DOCTYPE html><html><head>
<link rel="alternate" type="application/rss+xml" title="All &lt;i&gt;news&lt;/i&gt;" href="/all.xml">
<link rel="Alternate home" type="application/atom+xml" href="https://feeds.office.org/b">
<link rel="alternate" type="application/rss+xml" href="/all.xml">
<link rel="alternate" type="application/rss+xml" href="http://10.0.0.1/inner.xml">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
<link rel="alternate" type="application/rss+xml" href="https://me:word@example.org/feed">
<link rel="alternate" hreflang="fr" href="/fr"><link rel="stylesheet" href="/x.css">
</head><body><a href="/other.xml">feed</a></body></html>"""


def tried(answer, url=URL, kind="feed", room=None):
    asked = []

    def site(request):
        asked.append(str(request.url))
        return answer(request) if callable(answer) else answer

    trials = FeedTrials(JumpingClock(), newsroom_url=room, transport=lambda: httpx.MockTransport(site))
    return trials(OwnFeed("", "", url, kind)), asked


def html(body=PAGE, status=200, media="text/html"):
    return httpx.Response(status, stream=httpx.ByteStream(body), headers={"content-type": media})


def test_a_feed_is_told_with_how_much_it_shows():
    found, asked = tried(html(RSS, media="application/rss+xml"))
    assert (found.state, found.items, found.links) == ("feed", 1, ())
    assert asked == [URL]


@pytest.mark.parametrize("media", ["text/html; charset=utf-8", "text/plain"])
def test_a_page_for_readers_is_told_with_the_feeds_that_it_names_and_no_others(media):
    found, _ = tried(html(media=media))
    assert found.state == "page"
    assert found.links == (
        FeedLink("All news", "https://news.office.org/all.xml"),
        FeedLink("", "https://feeds.office.org/b"),
    )


def test_a_page_of_thousands_of_feeds_names_a_few():
    links = "".join(f"<link rel=alternate type=application/rss+xml href=/{n}.xml>" for n in range(5_000))
    found, _ = tried(html(b"<html>" + links.encode()))
    assert (found.state, len(found.links)) == ("page", 10)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404, stream=httpx.ByteStream(b"")), "answered 404"),
        (html(b'{"items": 1}', media="application/json"), "which is not a JSON Feed"),
        (html(b"", media="text/xml"), "answered nothing, which is not a feed"),
        (httpx.Response(302, headers={"location": "https://else.org/"}, stream=httpx.ByteStream(b"")), (
            "which is not"
)),
        (httpx.Response(302, headers={"location": "https://[else.org/"}, stream=httpx.ByteStream(b"")), (
            "which is not"
)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_its_reason(answer, why):
    found, _ = tried(answer)
    assert found.state == "silent"
    assert why in found.said


def test_what_cannot_be_reached_or_keeps_silent_is_told():
    def refuse(request):
        raise httpx.ConnectError("refused")

    found, _ = tried(refuse)
    assert (found.state, "could not be reached" in found.said) == ("silent", True)

    def late(request):
        raise TimeoutError

    found, _ = tried(late)
    assert (found.state, "did not answer in time" in found.said) == ("silent", True)


@pytest.mark.parametrize("where", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_refused_and_nobody_is_connected_to(where):
    async def inside(host, port):
        return [where]

    class Nobody:
        async def connect_tcp(self, *_given, **_more):
            raise AssertionError("nothing inside may be connected to")

    trials = FeedTrials(JumpingClock(), transport=lambda: public_transport(inside, Nobody()))
    with pytest.raises(UsageError, match="must lead to the public internet"):
        trials(OwnFeed("", "", URL))


def test_who_waits_before_the_form_waits_for_no_name_server(monkeypatch):
    """A thread that looks up a name cannot be ended."""
    monkeypatch.setattr("vigie.adapters.sources.news.feed_trials._TIMEOUT_S", 0.01)
    is_answered, waited = threading.Event(), []

    async def slow(host, port):
        await asyncio.to_thread(lambda: waited.append(is_answered.wait(1.0)))
        return []

    found = FeedTrials(JumpingClock(), transport=lambda: public_transport(slow))(OwnFeed("", "", URL))
    assert (found.state, "did not answer in time" in found.said) == ("silent", True)
    assert waited == []
    is_answered.set()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/feed", "file:///etc/passwd", "https://a:b@example.org/f"]
)
def test_an_address_that_may_not_be_kept_is_not_asked(url):
    with pytest.raises(UsageError):
        tried(html(), url)


def test_who_cannot_be_judged_or_found_is_not_asked():
    assert tried(html(), kind="page")[0].state == "untried"
    found, asked = tried(html(), "https://tessel.example/feed")
    assert (found.state, asked) == ("silent", [])
    # A simulated home asks nobody outside, and nobody at all whose world it does not know.
    for url, room in ((URL, "http://127.0.0.1:1/newsroom"), ("https://tessel.example/feed", "")):
        assert tried(html(), url, room=room)[0].state == "untried"
