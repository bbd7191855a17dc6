"""Dates that only the page of an article states: asked for once, a look after the article was first seen."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from vigie.adapters.net.fetch import FetchedResponse
from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.day_order import DayOrder
from vigie.adapters.sources.news.decoding import decode_text
from vigie.adapters.sources.news.tree import Node, parse_html, select_nodes
from vigie.domain.errors import VigieError
from vigie.domain.item import Precision, Sighting

PAGES_PER_LOOK: Final = 3
_MAX_KEPT: Final = 200
# Elements of a kind that are looked at for a date: an article states its own among the first.
_MAX_ELEMENTS: Final = 50
# In the order of trust: what a page says of itself first, any time on it last.
_DATE_ELEMENTS: Final = (
    ("meta[property=article:published_time]", "content"),
    ("meta[name=date]", "content"),
    ("meta[itemprop=datePublished]", "content"),
    ("time[datetime]", "datetime"),
)
_JSON_LD_DATE: Final = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')

StatedDate = tuple[int, Precision]


@dataclass(slots=True)
class PageDates:
    """Dates found so far, and articles whose page is still to be asked.

    Attributes
    ----------
    known : dict
        By address; None where the page states no date either.
    waiting : list of str
        Addresses.
    """

    known: dict[str, StatedDate | None] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @classmethod
    def from_memory(cls, memory: str) -> PageDates:
        """Return what a former look kept."""
        if not memory:
            return cls()
        values: dict[str, Any] = json.loads(memory)
        known = {
            url: (int(stated[0]), stated[1]) if stated else None for url, stated in values["known"].items()
        }
        return cls(known, list(values["waiting"]))

    def to_memory(self) -> str:
        """Return it to be kept."""
        newest = dict(list(self.known.items())[-_MAX_KEPT:])
        return json.dumps({"known": newest, "waiting": self.waiting[:_MAX_KEPT]})

    async def fetch_next(
        self, fetch: Callable[[str], Awaitable[FetchedResponse]], zone: str, order: DayOrder = ""
    ) -> None:
        """Ask the next few pages; one that does not answer is not asked again."""
        for url in self.waiting[:PAGES_PER_LOOK]:
            try:
                response = await fetch(url)
                # Aside: a page takes its time to read, and others are waiting.
                self.known[url] = await asyncio.to_thread(_find_date, response, zone, order)
            except VigieError:
                # The article is known without it: when it was first seen stands for its date.
                self.known[url] = None
        del self.waiting[:PAGES_PER_LOOK]

    def apply(self, sightings: Iterable[Sighting], domain: str) -> tuple[Sighting, ...]:
        """Return sightings with the dates that are known; those of its own domain without one wait for theirs."""
        dated_sightings = []
        for sighting in sightings:
            if sighting.ts_published is None and sighting.url:
                dated = self.known.get(sighting.url)
                if dated is not None:
                    sighting = replace(sighting, ts_published=dated[0], precision=dated[1])
                elif _is_on_domain(sighting.url, domain) and sighting.url not in (*self.known, *self.waiting):
                    self.waiting.append(sighting.url)
            dated_sightings.append(sighting)
        return tuple(dated_sightings)


def _is_on_domain(url: str, domain: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return host == domain or host.endswith(f".{domain}")


def _find_date(response: FetchedResponse, zone: str, order: DayOrder) -> StatedDate | None:
    return find_page_date(decode_text(response.body, response.headers.get("content-type", "")), zone, order)


def find_page_date(page: str, zone: str, order: DayOrder = "") -> StatedDate | None:
    """Return when an article says that it was published, None where it does not."""
    root: Node = parse_html(page)
    for selector, name in _DATE_ELEMENTS:
        for node in islice(select_nodes(root, selector), _MAX_ELEMENTS):
            if (stated := parse_date(node.attributes.get(name, ""), zone, order)) is not None:
                return stated
    match = _JSON_LD_DATE.search(page)
    return parse_date(match[1], zone, order) if match else None
