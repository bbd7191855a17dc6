"""Items made up for tests, and the window of what was seen before them."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from vigie.domain.item import NewsItem, Sighting
from vigie.domain.time import HOUR_MS, parse_time
from vigie.intelligence.news.facts.comparison import all_findings
from vigie.intelligence.news.facts.outcome import FactDifference
from vigie.intelligence.news.facts.statement import NewsStatement, parse_statement
from vigie.intelligence.news.reading.merged_stories import merge_in_window
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher

START = parse_time("2026-03-02T08:00:00Z")
PUBLISHER = Publisher("wire", "The Wire", "media", "Wire House", "en", "wire.example")


@dataclass
class Past:
    """A window over a list that grows: what was seen at most so long before an item."""

    seen: list[AnalysedItem] = field(default_factory=list)

    def before(self, item, span_ms):
        return [
            one
            for one in self.seen
            if 0 <= item.ts_seen - one.item.ts_seen <= span_ms and one.item.id != item.id
        ]


def item(title, text="", *, hours=0.0, url="", source="wire", key="", language="", revision=1):
    """Return an item that was seen so many hours after the start."""
    ts = START + round(hours * HOUR_MS)
    key = key or sha256(f"{title}{hours}{source}".encode()).hexdigest()[:8]
    said = Sighting(source, key, url, title, text, language=language, ts_published=ts)
    return NewsItem(f"{source}-{key}", revision, said, ts, ts)


def read(steps, items, publisher=PUBLISHER, past=None):
    """Read items one after the other with steps in their order; return what was found, an entry for each item."""
    past = Past() if past is None else past
    everything = []
    for one in items:
        found = {}
        for step in steps:
            found[step.name] = step.read(one, Context(publisher, past, dict(found)))
        past.seen[:] = [*merge_in_window(past.seen, one.id, found), AnalysedItem(one, found)]
        everything.append(found)
    return everything


def differences_found(
    copy: NewsStatement, release: NewsStatement, told: tuple[str, ...] = ()
) -> list[FactDifference]:
    """Return what the rules find, sure or not."""
    every = all_findings(parse_statement(copy), parse_statement(release), (copy.day, release.day), told)
    return [one for held in every for one in held.differences]
