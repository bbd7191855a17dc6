"""An address that somebody wants to add, asked once as the collector would: a feed, a page for readers, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from urllib.parse import urlsplit

from vigie.adapters.net.fetch import FetchedResponse, Fetcher
from vigie.adapters.net.guard import public_transport
from vigie.adapters.sources.news.cleaning import plain_text, resolve_public_url
from vigie.adapters.sources.news.decoding import decode_text
from vigie.adapters.sources.news.feed import NewsFeed
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.own_feeds import entry_of, feed_url
from vigie.adapters.sources.news.tree import parse_html
from vigie.domain.errors import UsageError, VigieError
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.own_feeds import FeedLink, FeedTrial, OwnFeed

# What is read as a feed; other kinds say by rules where things stand, which only who writes them can judge.
_FEED_KINDS: Final = ("feed", "youtube", "reddit", "mastodon", "bluesky")
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_PAGE_STARTS: Final = (b"<!doctype html", b"<html")
_MAX_LINKS: Final = 10
_MAX_TITLE_LENGTH: Final = 80
# Names that no name server knows; in a simulated home they are its newsroom's.
_DEMO_SUFFIX: Final = ".example"
# Somebody waits for it before a form.
_TIMEOUT_S: Final = 8.0


@dataclass(slots=True)
class _RecordingFetcher:
    """A fetcher that keeps nothing but what it read last."""

    fetcher: Fetcher
    last: FetchedResponse | None = None

    async def get(self, url: str, **options: Any) -> FetchedResponse:
        self.last = await self.fetcher.get(url, **{**options, "keep_as": ""})
        return self.last


@dataclass(frozen=True, slots=True)
class FeedTrials:
    """Asks an address once; public hosts only, as for everything that people give.

    Attributes
    ----------
    newsroom_url : str or None
        The newsroom of a simulated home, which asks nobody else; empty where it is not known, None in other homes.
    transport : callable
        Makes what reaches hosts.
    """

    clock: PatientClock
    contact: str = ""
    newsroom_url: str | None = None
    transport: Callable[[], Any] = public_transport

    def __call__(self, feed: OwnFeed) -> FeedTrial:
        """Ask for a feed that is not kept yet.

        Raises
        ------
        UsageError
            If its address may not be asked: it leads inside, or is none.
        """
        if feed.kind not in _FEED_KINDS:
            return FeedTrial("untried")
        url = feed_url(feed.kind, feed.url)
        host = urlsplit(url).hostname or ""
        entry = entry_of(replace(feed, id="tried", title=feed.title or host, url=url))
        if self.newsroom_url is None:
            if host.endswith(_DEMO_SUFFIX):
                return FeedTrial(
                    "silent",
                    Refusal(
                        "could_not_found", "{host} could not be found: no DNS server knows it", host=host
                    ),
                )
            fetcher = Fetcher(self.clock, self.contact, transport=self.transport())
            return _run_coroutine(_try_feed(entry, fetcher, str))
        if not self.newsroom_url or not host.endswith(_DEMO_SUFFIX):
            return FeedTrial("untried")
        return _run_coroutine(_try_feed(entry, Fetcher(self.clock), self._newsroom_address))

    def _newsroom_address(self, url: str) -> str:
        return f"{self.newsroom_url}/{url.partition('://')[2]}"


def _run_coroutine(work: Coroutine[Any, Any, FeedTrial]) -> FeedTrial:
    # `asyncio.run` would wait for threads, also for one that looks up a name, which nobody can end.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def _try_feed(entry: FeedEntry, fetcher: Fetcher, map_url: Callable[[str], str]) -> FeedTrial:
    recorder = _RecordingFetcher(fetcher)
    source = NewsFeed(entry, cast(Fetcher, recorder), map_url(entry.url), map_url)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            batch = await source.pull("")
    except UsageError:
        raise
    except TimeoutError:
        return FeedTrial(
            "silent",
            Refusal("did_not_answer_time", "{url} did not answer in time", url=urlsplit(entry.url).hostname),
        )
    except VigieError as fault:
        response = recorder.last
        if response is not None and _is_page(response):
            return FeedTrial("page", str(fault), links=_linked_feeds(response, entry.url))
        return FeedTrial("silent", str(fault))
    finally:
        await fetcher.close()
    return FeedTrial("feed", items=len(batch.shown.sightings) if batch.shown else 0)


def _is_page(response: FetchedResponse) -> bool:
    is_html_start = response.body.lstrip()[:20].lower().startswith(_PAGE_STARTS)
    return is_html_start or "html" in response.headers.get("content-type", "").lower()


def _linked_feeds(response: FetchedResponse, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names for programs; those that may not be asked are left out."""
    links: dict[str, FeedLink] = {}
    for node in parse_html(decode_text(response.body, response.headers.get("content-type", ""))).walk():
        attributes = node.attributes
        is_feed = (
            "alternate" in attributes.get("rel", "").lower().split()
            and attributes.get("type", "").lower() in _FEED_TYPES
        )
        if node.tag != "link" or not is_feed:
            continue
        try:
            link = feed_url("feed", resolve_public_url(attributes.get("href", ""), url))
        except (ValueError, UsageError):
            continue
        links.setdefault(link, FeedLink(plain_text(attributes.get("title", ""), _MAX_TITLE_LENGTH), link))
        if len(links) >= _MAX_LINKS:
            break
    return tuple(links.values())
