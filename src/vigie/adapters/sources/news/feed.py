"""Asking one feed: only for what changed, within its limits, redirects inside its own site."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from vigie.adapters.net.fetch import Fetched, Fetcher
from vigie.adapters.net.keeping import kept_bytes
from vigie.adapters.sources.news.answers import Answer, no_rows
from vigie.adapters.sources.news.dating import PageDates
from vigie.adapters.sources.news.edgar import asked_for
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.parsing import Parsed
from vigie.adapters.sources.news.reading import READERS
from vigie.domain.errors import ConnectorError, DataError, TransientError, VigieError
from vigie.domain.fact import Measure
from vigie.domain.register import RegisterEntry
from vigie.ports.documents import Document
from vigie.ports.items import SourceFetch
from vigie.ports.own_feeds import public_address
from vigie.ports.source import Batch

_MOST_HOPS: Final = 3
_MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")
# News of the same answer of the same feed are read anew where reading changed.
_READER: Final = "1"


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """One source, asked on a schedule; fulfils `vigie.ports.source.Source`.

    Attributes
    ----------
    address : str
        Where it is asked: its own, or the simulated world's.
    moved : callable
        Gives where an address is asked instead: in the simulated world, another.
    rows : callable
        Gives the rows of a register as last stored.
    key : str
        Of the source, where it takes one.
    """

    entry: FeedEntry
    fetcher: Fetcher
    address: str
    moved: Callable[[str], str] = str
    rows: Callable[[str], Sequence[RegisterEntry]] = no_rows
    key: str = field(default="", repr=False)

    def measures(self) -> Sequence[Measure]:
        """Return nothing: news are no series."""
        return ()

    def budget_left(self) -> float | None:
        """Return how many requests its host would get now."""
        return self.fetcher.budget_left(self.address)

    async def pull(self, bookmark: str) -> Batch:
        """Ask for what changed since the bookmark; an answer that is no feed is an error, never an empty one."""
        known = _known(bookmark)
        pages = PageDates.of(known.pop("pages", ""))
        waits = bool(pages.waiting)
        await pages.ask(
            lambda url: self._get(self.moved(url), {}, keep=False), self.entry.zone, self.entry.day_order
        )
        # What has a date now is read once more, also where the list itself did not change.
        answer = await self._get(self._asked(), {} if waits else known)
        digest = _digest(answer.body)
        if answer.is_unchanged and not waits and (not answer.body or digest == known.get("digest")):
            return Batch(bookmark=bookmark)
        if digest == known.get("digest") and not waits:
            return Batch(bookmark=_bookmark(answer, digest, memory=known.get("memory", "")))
        try:
            parsed = await asyncio.to_thread(self._parsed, answer, known.get("memory", ""))
        except VigieError:
            raise
        except Exception as fault:  # a parser of strangers' text may fail in any way: told, and tried again
            raise TransientError(f"{self.entry.title} cannot be read: {fault!r}") from fault
        if self.entry.has_page_dates:
            parsed = replace(parsed, sightings=pages.apply(parsed.sightings, self.entry.domain))
        kept = pages.memory() if pages.known or pages.waiting else ""
        return Batch(
            shown=self._shown(answer, parsed),
            documents=[] if parsed.dates is None else [("dates", parsed.dates)],
            bookmark=_bookmark(answer, digest, memory=parsed.memory, pages=kept),
        )

    def _asked(self) -> str:
        if self.entry.kind != "edgar":
            return self.address
        return asked_for(self.address, self.entry.reads, self.fetcher.clock.market_now())

    async def _get(self, url: str, known: dict[str, str], *, keep: bool = True) -> Fetched:
        pairs = (("If-None-Match", known.get("etag")), ("If-Modified-Since", known.get("modified")))
        headers = {name: value for name, value in pairs if value}
        if self.key and self.entry.key_header:
            headers[self.entry.key_header] = self.key
        for _ in range(_MOST_HOPS):
            answer = await self.fetcher.get(
                url,
                headers=headers,
                keep_as=f"{self.entry.id}/feed" if keep else "",
                keep_exact=True,
                max_bytes=self.entry.max_bytes,
                may_redirect=True,
            )
            if not answer.is_redirect:
                return answer
            url = self._moved(url, answer.headers.get("location", ""))
        raise ConnectorError(f"{self.entry.title} redirects more than {_MOST_HOPS} times")

    def _moved(self, url: str, location: str) -> str:
        """Return where it sends us, if that is its own site: a feed leads nobody into somebody's network."""
        domain = self.entry.domain
        try:
            there = urljoin(url, location)
            host, place = (urlsplit(there).hostname or "").lower(), urlsplit(there)[:2]
        except ValueError:
            # What is no address.
            there, host, place = location, "", ("", "")
        is_same = place == urlsplit(url)[:2]
        if not is_same and not (
            there.startswith("https://") and (host == domain or host.endswith(f".{domain}"))
        ):
            raise DataError(
                f"{self.entry.title} sends us to {public_address(there)[:80]!r}, which is not {domain}"
            )
        return there

    def _parsed(self, answer: Fetched, memory: str) -> Parsed:
        entry = self.entry
        media = answer.headers.get("content-type", "")
        return READERS[entry.kind](
            Answer(entry, answer.body, answer.ts_known, media, answer.document, memory, self.rows)
        )

    def _shown(self, answer: Fetched, parsed: Parsed) -> SourceFetch:
        age = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        return SourceFetch(
            self.entry.id,
            answer.ts_known,
            parsed.sightings,
            parsed.refused,
            # Half an answer is not all that a source shows.
            is_whole=self.entry.is_whole and not parsed.refused and not parsed.left_out,
            max_age_s=int(age[1]) if age else None,
            register=parsed.look,
            left_out=parsed.left_out,
        )


def read_again(
    entry: FeedEntry,
    document: Document,
    *,
    ts_known: int,
    bookmark: str = "",
    rows: Callable[[str], Sequence[RegisterEntry]] = no_rows,
) -> SourceFetch:
    """Read a kept answer once more, as this program reads it now.

    Parameters
    ----------
    ts_known : int
        When what it shows becomes known.
    bookmark : str
        Of the source: with the dates that the pages of its articles stated.
    rows : callable
        As of `NewsFeed`.

    Raises
    ------
    TransientError, DataError
        If it cannot be read.
    """
    nobody: Any = None
    feed = NewsFeed(entry, nobody, entry.url, rows=rows)
    heads = document.body.get("headers") or {}
    answer = Fetched(entry.url, 200, ts_known, heads, kept_bytes(document), document=document.id)
    try:
        parsed = feed._parsed(answer, "")
        if entry.has_page_dates:
            pages = PageDates.of(_known(bookmark).get("pages", ""))
            parsed = replace(parsed, sightings=pages.apply(parsed.sightings, entry.domain))
    except VigieError:
        raise
    except Exception as fault:  # a parser of strangers' text may fail in any way
        raise TransientError(f"{entry.title} cannot be read: {fault!r}") from fault
    return replace(feed._shown(answer, parsed), is_whole=False)


def is_last_read(document: Document, bookmark: str) -> bool:
    """Return whether a kept answer is the one that was read last, as the bookmark of its source has it."""
    return _written(bookmark).get("digest") == _digest(kept_bytes(document))


def _known(bookmark: str) -> dict[str, str]:
    found = _written(bookmark)
    return {key: str(value) for key, value in found.items()} if found.get("reader") == _READER else {}


def _written(bookmark: str) -> dict[str, Any]:
    """Return what a bookmark holds, whichever reader wrote it; nothing where it is none."""
    try:
        found = json.loads(bookmark or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _bookmark(answer: Fetched, digest: str, *, memory: str = "", pages: str = "") -> str:
    fields = {
        "etag": answer.headers.get("etag", ""),
        "modified": answer.headers.get("last-modified", ""),
        "digest": digest,
        "reader": _READER,
        "memory": memory,
        "pages": pages,
    }
    return json.dumps({key: value for key, value in fields.items() if value})


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
