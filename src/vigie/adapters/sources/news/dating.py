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

from vigie.adapters.net.fetch import Fetched
from vigie.adapters.sources.news.dates import read_date
from vigie.adapters.sources.news.day_order import DayOrder
from vigie.adapters.sources.news.decoding import text_of
from vigie.adapters.sources.news.tree import Node, pick, tree_of
from vigie.domain.errors import VigieError
from vigie.domain.item import Precision, Sighting

AT_ONCE: Final = 3
_MOST: Final = 200
# Elements of a kind that are looked at for a date: an article states its own among the first.
_MOST_PLACES: Final = 50
# In the order of trust: what a page says of itself first, any time on it last.
_PLACES: Final = (
    ("meta[property=article:published_time]", "content"),
    ("meta[name=date]", "content"),
    ("meta[itemprop=datePublished]", "content"),
    ("time[datetime]", "datetime"),
)
_LINKED: Final = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')

Dated = tuple[int, Precision]


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

    known: dict[str, Dated | None] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, memory: str) -> PageDates:
        """Return what a former look kept."""
        if not memory:
            return cls()
        held: dict[str, Any] = json.loads(memory)
        known = {url: (int(one[0]), one[1]) if one else None for url, one in held["known"].items()}
        return cls(known, list(held["waiting"]))

    def memory(self) -> str:
        """Return it to be kept."""
        kept = dict(list(self.known.items())[-_MOST:])
        return json.dumps({"known": kept, "waiting": self.waiting[:_MOST]})

    async def ask(self, read: Callable[[str], Awaitable[Fetched]], zone: str, order: DayOrder = "") -> None:
        """Ask the next few pages; one that does not answer is not asked again."""
        for url in self.waiting[:AT_ONCE]:
            try:
                answer = await read(url)
                # Aside: a page takes its time to read, and others are waiting.
                self.known[url] = await asyncio.to_thread(_date_in, answer, zone, order)
            except VigieError:
                # The article is known without it: when it was first seen stands for its date.
                self.known[url] = None
        del self.waiting[:AT_ONCE]

    def apply(self, sightings: Iterable[Sighting], domain: str) -> tuple[Sighting, ...]:
        """Return sightings with the dates that are known; those of its own domain without one wait for theirs."""
        found = []
        for one in sightings:
            if one.ts_published is None and one.url:
                dated = self.known.get(one.url)
                if dated is not None:
                    one = replace(one, ts_published=dated[0], precision=dated[1])
                elif _is_of(one.url, domain) and one.url not in (*self.known, *self.waiting):
                    self.waiting.append(one.url)
            found.append(one)
        return tuple(found)


def _is_of(url: str, domain: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return host == domain or host.endswith(f".{domain}")


def _date_in(answer: Fetched, zone: str, order: DayOrder) -> Dated | None:
    return date_on(text_of(answer.body, answer.headers.get("content-type", "")), zone, order)


def date_on(page: str, zone: str, order: DayOrder = "") -> Dated | None:
    """Return when an article says that it was published, None where it does not."""
    root: Node = tree_of(page)
    for selector, name in _PLACES:
        for node in islice(pick(root, selector), _MOST_PLACES):
            if (read := read_date(node.attributes.get(name, ""), zone, order)) is not None:
                return read
    linked = _LINKED.search(page)
    return read_date(linked[1], zone, order) if linked else None
