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

from vigie.adapters.net.fetch import FetchedResponse, Fetcher
from vigie.adapters.net.stored_body import decode_body
from vigie.adapters.sources.news.edgar import search_url
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.page_dates import PageDates
from vigie.adapters.sources.news.parsing import ParsedSource
from vigie.adapters.sources.news.readers import READERS
from vigie.adapters.sources.news.source_response import SourceResponse, no_former_rows
from vigie.domain.errors import ConnectorError, DataError, TransientError, VigieError
from vigie.domain.fact import Measure
from vigie.domain.register import RegisterEntry
from vigie.ports.documents import Document
from vigie.ports.own_feeds import public_address
from vigie.ports.source import Batch
from vigie.ports.source_fetches import SourceFetch

_MAX_REDIRECTS: Final = 3
_MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")
# News of the same answer of the same feed are read anew where reading changed.
_READER_VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """One source, asked on a schedule; fulfils `vigie.ports.source.Source`.

    Attributes
    ----------
    address : str
        Where it is asked: its own, or the simulated world's.
    map_url : callable
        Gives where an address is asked instead: in the simulated world, another.
    rows : callable
        Gives the rows of a register as last stored.
    key : str
        Of the source, where it takes one.
    """

    entry: FeedEntry
    fetcher: Fetcher
    address: str
    map_url: Callable[[str], str] = str
    rows: Callable[[str], Sequence[RegisterEntry]] = no_former_rows
    key: str = field(default="", repr=False)

    def measures(self) -> Sequence[Measure]:
        """Return nothing: news are no series."""
        return ()

    def budget_left(self) -> float | None:
        """Return how many requests its host would get now."""
        return self.fetcher.budget_left(self.address)

    async def pull(self, bookmark: str) -> Batch:
        """Ask for what changed since the bookmark; an answer that is no feed is an error, never an empty one."""
        state = _current_state(bookmark)
        pages = PageDates.from_memory(state.pop("pages", ""))
        is_waiting = bool(pages.waiting)
        await pages.fetch_next(
            lambda url: self._get(self.map_url(url), {}, keep=False), self.entry.zone, self.entry.day_order
        )
        # What has a date now is read once more, also where the list itself did not change.
        response = await self._get(self._request_url(), {} if is_waiting else state)
        digest = _digest(response.body)
        if response.is_unchanged and not is_waiting and (not response.body or digest == state.get("digest")):
            return Batch(bookmark=bookmark)
        if digest == state.get("digest") and not is_waiting:
            return Batch(bookmark=_make_bookmark(response, digest, memory=state.get("memory", "")))
        try:
            parsed = await asyncio.to_thread(self._parse, response, state.get("memory", ""))
        except VigieError:
            raise
        except Exception as fault:  # a parser of strangers' text may fail in any way: told, and tried again
            raise TransientError(
                "cannot_read", "{title} cannot be read: {fault!r}", title=self.entry.title, fault=fault
            ) from fault
        if self.entry.has_page_dates:
            parsed = replace(parsed, sightings=pages.apply(parsed.sightings, self.entry.domain))
        pages_memory = pages.to_memory() if pages.known or pages.waiting else ""
        return Batch(
            shown=self._source_fetch(response, parsed),
            documents=[] if parsed.dates is None else [("dates", parsed.dates)],
            bookmark=_make_bookmark(response, digest, memory=parsed.memory, pages=pages_memory),
        )

    def _request_url(self) -> str:
        if self.entry.kind != "edgar":
            return self.address
        return search_url(self.address, self.entry.reads, self.fetcher.clock.market_now())

    async def _get(self, url: str, state: dict[str, str], *, keep: bool = True) -> FetchedResponse:
        pairs = (("If-None-Match", state.get("etag")), ("If-Modified-Since", state.get("modified")))
        headers = {name: value for name, value in pairs if value}
        if self.key and self.entry.key_header:
            headers[self.entry.key_header] = self.key
        for _ in range(_MAX_REDIRECTS):
            response = await self.fetcher.get(
                url,
                headers=headers,
                keep_as=f"{self.entry.id}/feed" if keep else "",
                keep_exact=True,
                max_bytes=self.entry.max_bytes,
                may_redirect=True,
            )
            if not response.is_redirect:
                return response
            url = self._redirect_url(url, response.headers.get("location", ""))
        raise ConnectorError(
            "redirects_more_times",
            "{url} redirects more than {most_hops} times",
            url=self.entry.title,
            most_hops=_MAX_REDIRECTS,
        )

    def _redirect_url(self, url: str, location: str) -> str:
        """Return where it sends us, if that is its own site: a feed leads nobody into somebody's network."""
        domain = self.entry.domain
        try:
            target = urljoin(url, location)
            host, origin = (urlsplit(target).hostname or "").lower(), urlsplit(target)[:2]
        except ValueError:
            # What is no address.
            target, host, origin = location, "", ("", "")
        is_same = origin == urlsplit(url)[:2]
        if not is_same and not (
            target.startswith("https://") and (host == domain or host.endswith(f".{domain}"))
        ):
            raise DataError(
                "redirects_which",
                "{title} redirects to {target!r}, which is not {domain}",
                title=self.entry.title,
                target=public_address(target)[:80],
                domain=domain,
            )
        return target

    def _parse(self, response: FetchedResponse, memory: str) -> ParsedSource:
        entry = self.entry
        content_type = response.headers.get("content-type", "")
        return READERS[entry.kind](
            SourceResponse(
                entry, response.body, response.ts_known, content_type, response.document, memory, self.rows
            )
        )

    def _source_fetch(self, response: FetchedResponse, parsed: ParsedSource) -> SourceFetch:
        max_age = _MAX_AGE.search(response.headers.get("cache-control", ""))
        return SourceFetch(
            self.entry.id,
            response.ts_known,
            parsed.sightings,
            parsed.refused,
            # Half an answer is not all that a source shows.
            is_whole=self.entry.is_whole and not parsed.refused and not parsed.left_out,
            max_age_s=int(max_age[1]) if max_age else None,
            register=parsed.snapshot,
            left_out=parsed.left_out,
        )


def reread_document(
    entry: FeedEntry,
    document: Document,
    *,
    ts_known: int,
    bookmark: str = "",
    rows: Callable[[str], Sequence[RegisterEntry]] = no_former_rows,
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
    unused: Any = None
    feed = NewsFeed(entry, unused, entry.url, rows=rows)
    headers = document.body.get("headers") or {}
    response = FetchedResponse(entry.url, 200, ts_known, headers, decode_body(document), document=document.id)
    try:
        parsed = feed._parse(response, "")
        if entry.has_page_dates:
            pages = PageDates.from_memory(_current_state(bookmark).get("pages", ""))
            parsed = replace(parsed, sightings=pages.apply(parsed.sightings, entry.domain))
    except VigieError:
        raise
    except Exception as fault:  # a parser of strangers' text may fail in any way
        raise TransientError(
            "cannot_read", "{title} cannot be read: {fault!r}", title=entry.title, fault=fault
        ) from fault
    return replace(feed._source_fetch(response, parsed), is_whole=False)


def is_last_read(document: Document, bookmark: str) -> bool:
    """Return whether a kept answer is the one that was read last, as the bookmark of its source has it."""
    return _load_bookmark(bookmark).get("digest") == _digest(decode_body(document))


def _current_state(bookmark: str) -> dict[str, str]:
    state = _load_bookmark(bookmark)
    return {key: str(value) for key, value in state.items()} if state.get("reader") == _READER_VERSION else {}


def _load_bookmark(bookmark: str) -> dict[str, Any]:
    """Return what a bookmark holds, whichever reader wrote it; nothing where it is none."""
    try:
        state = json.loads(bookmark or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def _make_bookmark(response: FetchedResponse, digest: str, *, memory: str = "", pages: str = "") -> str:
    fields = {
        "etag": response.headers.get("etag", ""),
        "modified": response.headers.get("last-modified", ""),
        "digest": digest,
        "reader": _READER_VERSION,
        "memory": memory,
        "pages": pages,
    }
    return json.dumps({key: value for key, value in fields.items() if value})


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
