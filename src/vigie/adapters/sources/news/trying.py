"""An address that somebody wants to add, asked once as the collector would: a feed, a page for readers, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from urllib.parse import urlsplit

from vigie.adapters.net.fetch import Fetched, Fetcher
from vigie.adapters.net.guard import public_transport
from vigie.adapters.sources.news.cleaning import address, plain
from vigie.adapters.sources.news.decoding import text_of
from vigie.adapters.sources.news.feed import NewsFeed
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.own_feeds import asked_at, entry_of
from vigie.adapters.sources.news.tree import tree_of
from vigie.domain.errors import UsageError, VigieError
from vigie.ports.clock import PatientClock
from vigie.ports.own_feeds import FeedLink, FeedTrial, OwnFeed

# What is read as a feed; other kinds say by rules where things stand, which only who writes them can judge.
_FEEDS: Final = ("feed", "youtube", "reddit", "mastodon", "bluesky")
_MEDIA: Final = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_PAGE: Final = (b"<!doctype html", b"<html")
_MOST_LINKS: Final = 10
_LONGEST_TITLE: Final = 80
# Names that no name server knows; in a simulated home they are its newsroom's.
_INVENTED: Final = ".example"
# Somebody waits for it before a form.
_PATIENCE_S: Final = 8.0


@dataclass(slots=True)
class _Hearing:
    """A fetcher that keeps nothing but what it read last."""

    fetcher: Fetcher
    last: Fetched | None = None

    async def get(self, url: str, **options: Any) -> Fetched:
        self.last = await self.fetcher.get(url, **{**options, "keep_as": ""})
        return self.last


@dataclass(frozen=True, slots=True)
class FeedTrials:
    """Asks an address once; public hosts only, as for everything that people give.

    Attributes
    ----------
    room : str or None
        The newsroom of a simulated home, which asks nobody else; empty where it is not known, None in other homes.
    transport : callable
        Makes what reaches hosts.
    """

    clock: PatientClock
    contact: str = ""
    room: str | None = None
    transport: Callable[[], Any] = public_transport

    def __call__(self, feed: OwnFeed) -> FeedTrial:
        """Ask for a feed that is not kept yet.

        Raises
        ------
        UsageError
            If its address may not be asked: it leads inside, or is none.
        """
        if feed.kind not in _FEEDS:
            return FeedTrial("untried")
        url = asked_at(feed.kind, feed.url)
        host = urlsplit(url).hostname or ""
        entry = entry_of(replace(feed, id="tried", title=feed.title or host, url=url))
        if self.room is None:
            if host.endswith(_INVENTED):
                return FeedTrial("silent", f"{host} could not be found: no name server knows it")
            fetcher = Fetcher(self.clock, self.contact, transport=self.transport())
            return _answered(_tried(entry, fetcher, str))
        if not self.room or not host.endswith(_INVENTED):
            return FeedTrial("untried")
        return _answered(_tried(entry, Fetcher(self.clock), self._moved))

    def _moved(self, url: str) -> str:
        return f"{self.room}/{url.partition('://')[2]}"


def _answered(work: Coroutine[Any, Any, FeedTrial]) -> FeedTrial:
    # `asyncio.run` would wait for threads, also for one that looks up a name, which nobody can end.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


async def _tried(entry: FeedEntry, fetcher: Fetcher, moved: Callable[[str], str]) -> FeedTrial:
    heard = _Hearing(fetcher)
    source = NewsFeed(entry, cast(Fetcher, heard), moved(entry.url), moved)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            batch = await source.pull("")
    except UsageError:
        raise
    except TimeoutError:
        return FeedTrial("silent", f"{urlsplit(entry.url).hostname} did not answer in time")
    except VigieError as fault:
        answer = heard.last
        if answer is not None and _is_page(answer):
            return FeedTrial("page", str(fault), links=_named(answer, entry.url))
        return FeedTrial("silent", str(fault))
    finally:
        await fetcher.close()
    return FeedTrial("feed", items=len(batch.shown.sightings) if batch.shown else 0)


def _is_page(answer: Fetched) -> bool:
    begins = answer.body.lstrip()[:20].lower().startswith(_PAGE)
    return begins or "html" in answer.headers.get("content-type", "").lower()


def _named(answer: Fetched, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page names for programs; those that may not be asked are left out."""
    found: dict[str, FeedLink] = {}
    for node in tree_of(text_of(answer.body, answer.headers.get("content-type", ""))).walk():
        said = node.attributes
        is_feed = (
            "alternate" in said.get("rel", "").lower().split() and said.get("type", "").lower() in _MEDIA
        )
        if node.tag != "link" or not is_feed:
            continue
        try:
            there = asked_at("feed", address(said.get("href", ""), url))
        except (ValueError, UsageError):
            continue
        found.setdefault(there, FeedLink(plain(said.get("title", ""), _LONGEST_TITLE), there))
        if len(found) >= _MOST_LINKS:
            break
    return tuple(found.values())
