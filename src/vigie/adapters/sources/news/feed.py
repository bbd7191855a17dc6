"""Asking one feed: only for what changed, within its limits, redirects inside its own site."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from vigie.adapters.net.fetch import Fetched, Fetcher
from vigie.adapters.sources.news.listing import FeedEntry
from vigie.adapters.sources.news.parsing import Feeder, parse
from vigie.domain.errors import ConnectorError, TransientError, VigieError
from vigie.domain.fact import Measure
from vigie.ports.items import Shown
from vigie.ports.source import Batch

_MOST_HOPS: Final = 3
_MAX_AGE: Final = re.compile(r"max-age=(\d{1,9})")
# News of the same answer of the same feed are read anew where reading changed.
_READER: Final = "1"


@dataclass(frozen=True, slots=True)
class NewsFeed:
    """One feed, asked on a schedule; fulfils `vigie.ports.source.Source`.

    Attributes
    ----------
    address : str
        Where it is asked: its own, or the simulated world's.
    """

    entry: FeedEntry
    fetcher: Fetcher
    address: str

    def measures(self) -> Sequence[Measure]:
        """Return nothing: news are no series."""
        return ()

    def budget_left(self) -> float | None:
        """Return how many requests its host would get now."""
        return self.fetcher.budget_left(self.address)

    async def pull(self, bookmark: str) -> Batch:
        """Ask for what changed since the bookmark; an answer that is no feed is an error, never an empty one."""
        known = _known(bookmark)
        answer = await self._get(self.address, known)
        digest = _digest(answer.body)
        if answer.is_unchanged and (not answer.body or digest == known.get("digest")):
            return Batch(bookmark=bookmark)
        if digest == known.get("digest"):
            return Batch(bookmark=_bookmark(answer, digest))
        try:
            shown = await asyncio.to_thread(self._read, answer)
        except VigieError:
            raise
        except Exception as fault:  # a parser of strangers' text may fail in any way: told, and tried again
            raise TransientError(f"{self.entry.title} cannot be read: {fault!r}") from fault
        return Batch(shown=shown, bookmark=_bookmark(answer, digest))

    async def _get(self, url: str, known: dict[str, str]) -> Fetched:
        pairs = (("If-None-Match", known.get("etag")), ("If-Modified-Since", known.get("modified")))
        headers = {name: value for name, value in pairs if value}
        for _ in range(_MOST_HOPS):
            answer = await self.fetcher.get(
                url,
                headers=headers,
                keep_as=f"{self.entry.id}/feed",
                max_bytes=self.entry.max_bytes,
                may_redirect=True,
            )
            if not answer.is_redirect:
                return answer
            url = self._moved(url, answer.headers.get("location", ""))
        raise ConnectorError(f"{self.entry.title} redirects more than {_MOST_HOPS} times")

    def _moved(self, url: str, location: str) -> str:
        """Return where it sends us, if that is its own site: a feed leads nobody into somebody's network."""
        there = urljoin(url, location)
        host, domain = (urlsplit(there).hostname or "").lower(), self.entry.domain
        is_same = urlsplit(there)[:2] == urlsplit(url)[:2]
        if not is_same and not (
            there.startswith("https://") and (host == domain or host.endswith(f".{domain}"))
        ):
            raise ConnectorError(f"{self.entry.title} sends us to {there[:80]!r}, which is not {domain}")
        return there

    def _read(self, answer: Fetched) -> Shown:
        entry = self.entry
        feeder = Feeder(entry.id, entry.url, entry.language, entry.zone)
        parsed = parse(
            feeder,
            answer.body,
            media=answer.headers.get("content-type", ""),
            document=answer.document,
            max_bytes=entry.max_bytes,
        )
        age = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        return Shown(
            entry.id,
            answer.ts_known,
            parsed.sightings,
            parsed.refused,
            # Half an answer is not all that a source shows.
            is_whole=entry.is_whole and not parsed.refused,
            max_age_s=int(age[1]) if age else None,
        )


def read_again(entry: FeedEntry, document: dict[str, Any], *, ts_known: int, name: str) -> Shown:
    """Read a kept answer once more, as this program reads it now.

    Parameters
    ----------
    document : dict
        The body of the raw document.
    name : str
        Its id.
    """
    from base64 import b64decode

    held = document["body"]
    text = held if isinstance(held, str) else json.dumps(held)
    body = b64decode(document["base64"]) if "base64" in document else text.encode()
    answer = Fetched(entry.url, 200, ts_known, document.get("headers", {}), body, document=name)
    nobody: Any = None
    return replace(NewsFeed(entry, nobody, entry.url)._read(answer), is_whole=False)


def _known(bookmark: str) -> dict[str, str]:
    try:
        found = json.loads(bookmark or "{}")
    except ValueError:
        return {}
    is_ours = isinstance(found, dict) and found.get("reader") == _READER
    return {key: str(value) for key, value in found.items()} if is_ours else {}


def _bookmark(answer: Fetched, digest: str) -> str:
    fields = {
        "etag": answer.headers.get("etag", ""),
        "modified": answer.headers.get("last-modified", ""),
        "digest": digest,
        "reader": _READER,
    }
    return json.dumps({key: value for key, value in fields.items() if value})


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
