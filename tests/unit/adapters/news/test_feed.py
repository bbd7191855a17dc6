"""Asking a feed: only what changed, redirects inside its site, what was kept read again."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.clocks import JumpingClock
from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.sources.news.feed import NewsFeed, reread_document
from vigie.adapters.sources.news.listing import SHIPPED, feeds
from vigie.domain.errors import ConnectorError, DataError, TransientError
from vigie.ports.documents import Document

ENTRY = next(one for one in feeds(SHIPPED) if one.id == "fca")
BODY = (
    b'<rss version="2.0"><channel><title>t</title><item><title>Bank \x96 warned</title>'
    b"<link>https://www.fca.org.uk/a</link><pubDate>Thursday, September 10, 2026 - 15:04</pubDate>"
    b"</item></channel></rss>"
)


class Documents:
    """Keeps documents in a list."""

    def __init__(self) -> None:
        self.kept: list[Document] = []

    def put(self, kind: str, key: str, ts_known: int, body: Any) -> Document:
        self.kept.append(Document(f"d{len(self.kept)}", kind, key, ts_known, dict(body)))
        return self.kept[-1]


class Site:
    """Answers with what is prepared, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, bytes, dict[str, str]]) -> None:
        self.left = list(answers)
        self.asked: list[httpx.Request] = []
        self.documents = Documents()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status, body, headers = self.left.pop(0)
        return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)

    def feed(self) -> NewsFeed:
        documents: Any = self.documents
        fetcher = Fetcher(JumpingClock(), documents=documents, transport=httpx.MockTransport(self))
        return NewsFeed(ENTRY, fetcher, ENTRY.url)


def pull(feed: NewsFeed, bookmark: str = "") -> Any:
    return asyncio.run(feed.pull(bookmark))


def test_an_answer_is_shown_with_its_document_and_the_time_of_its_place():
    site = Site((200, BODY, {"etag": '"a"', "cache-control": "public, max-age=300"}))
    shown = pull(site.feed()).shown
    (one,) = shown.sightings
    assert (one.source, one.title, one.document) == ("fca", "Bank \u2013 warned", "d0")
    assert (one.precision, one.language, shown.max_age_s) == ("minute", "en", 300)
    assert one.ts_published == 1_789_049_040_000  # 14:04 UTC: summer in London
    assert site.documents.kept[0].kind == "fca/feed"


def test_a_new_process_asks_only_for_what_changed():
    first = Site((200, BODY, {"etag": '"a"', "last-modified": "Fri, 01 May 2026 10:00:00 GMT"}))
    bookmark = pull(first.feed()).bookmark
    site = Site((304, b"", {}))
    batch = pull(site.feed(), bookmark)
    assert (batch.shown, batch.bookmark) == (None, bookmark)
    assert site.asked[0].headers["if-none-match"] == '"a"'
    assert site.asked[0].headers["if-modified-since"] == "Fri, 01 May 2026 10:00:00 GMT"


def test_the_same_answer_again_shows_nothing_new():
    site = Site((200, BODY, {}), (200, BODY, {}))
    feed = site.feed()
    assert pull(feed, pull(feed).bookmark).shown is None


def test_what_was_not_stored_is_shown_again_though_the_host_says_that_nothing_changed():
    site = Site((200, BODY, {"etag": '"a"'}), (304, b"", {"etag": '"a"'}))
    feed = site.feed()
    pull(feed)  # its bookmark is lost: storing failed
    assert len(pull(feed, "").shown.sightings) == 1


@pytest.mark.parametrize("bookmark", ["", "{", "[]", "7", '{"reader": "0", "etag": "x"}'])
def test_a_bookmark_of_another_kind_means_from_the_beginning(bookmark):
    site = Site((200, BODY, {}))
    assert pull(site.feed(), bookmark).shown is not None
    assert "if-none-match" not in site.asked[0].headers


def test_a_redirect_inside_the_site_is_followed():
    site = Site((301, b"", {"location": "https://feeds.fca.org.uk/new.xml"}), (200, BODY, {}))
    assert len(pull(site.feed()).shown.sightings) == 1
    assert site.asked[1].url.host == "feeds.fca.org.uk"


@pytest.mark.parametrize(
    "there",
    [
        "http://127.0.0.1/x", "http://169.254.169.254/latest", "https://evil.example/x", "https://notfca.org.uk/x",
        "http://other.fca.org.uk/x", "file:///etc/passwd", "",
    ],
)  # fmt: skip
def test_a_redirect_that_leads_elsewhere_is_not(there):
    site = Site(*[(302, b"", {"location": there})] * 4)
    with pytest.raises((ConnectorError, DataError), match=r"which is not fca|redirects more"):
        pull(site.feed())


@pytest.mark.parametrize("body", [b"", b"<html><body>Access denied</body></html>", b"{}", b"null"])
def test_an_answer_that_is_no_feed_is_an_error(body):
    with pytest.raises(TransientError, match=r"which is not a (JSON F|f)eed"):
        pull(Site((200, body, {})).feed())


def test_a_feed_of_a_hundred_megabytes_is_not_read_to_its_end():
    site = Site((200, b"<rss>" + b" " * (ENTRY.max_bytes + 1), {}))
    with pytest.raises(DataError, match="the answer of www\\.fca\\.org\\.uk is longer than"):
        pull(site.feed())


def test_a_kept_answer_can_be_read_again_byte_by_byte():
    site = Site((200, BODY, {}))
    before = pull(site.feed()).shown
    kept = site.documents.kept[0]
    again = reread_document(ENTRY, kept, ts_known=kept.ts_known)
    assert again.sightings == before.sightings
