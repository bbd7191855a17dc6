"""Headlines of the shared archive as items, and steps that read them in the order of their publication."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from benchmarks.commands import shared_folder
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.intelligence.news.reading.merged_stories import merge_in_window, story_joins
from vigie.intelligence.news.step import AnalysedItem, Context, Publisher, ReadingStep

PUBLISHER = Publisher("archive", "Archive", "media")


@dataclass
class Window:
    """What was seen so far, oldest first; items come in the order of their time.

    What lies further back than anybody ever looked is let go, as by the reader of stored items.
    """

    seen: list[AnalysedItem] = field(default_factory=list)
    span_ms: int = 0

    def before(self, item: NewsItem, span_ms: int) -> Sequence[AnalysedItem]:
        """Return what was seen in so long before an item."""
        self.span_ms = max(self.span_ms, span_ms)
        gone = self._first(item.ts_seen - self.span_ms)
        if gone:
            del self.seen[:gone]
        return self.seen[self._first(item.ts_seen - span_ms) :]

    def add(self, item: NewsItem, found: Mapping[str, ItemFinding]) -> None:
        """Take in an item that was read; stories that end with it are of the kept one from then on."""
        if story_joins(found):
            self.seen[:] = merge_in_window(self.seen, item.id, found)
        self.seen.append(AnalysedItem(item, found))

    def _first(self, ts_seen: int) -> int:
        return bisect_left(self.seen, ts_seen, key=lambda seen: seen.item.ts_seen)


def headlines() -> pl.DataFrame:
    """Return date, title and text of the archive, every title once, by date."""
    frame = pl.read_parquet(shared_folder() / "data" / "news" / "archive_headlines.parquet")
    whole = frame.filter(pl.col("title").is_not_null() & pl.col("date").is_not_null())
    return whole.sort("date", "title").unique(subset=["title"], keep="first", maintain_order=True)


def item(key: str, title: str, text: str, ts: int, url: str = "") -> NewsItem:
    """Return an item that was seen when it was published."""
    return NewsItem(key, 1, Sighting("archive", key, url, title, text, ts_published=ts), ts, ts)


def originals(frame: pl.DataFrame) -> list[NewsItem]:
    """Return the items of some headlines."""
    rows = frame.select(pl.col("date").dt.epoch("ms"), "title", pl.col("text").fill_null("")).iter_rows()
    return [item(f"o{at}", title, text, ts) for at, (ts, title, text) in enumerate(rows)]


def read(
    steps: Sequence[ReadingStep], items: Iterable[NewsItem]
) -> Iterator[tuple[NewsItem, Mapping[str, ItemFinding]]]:
    """Yield every item with what the steps find in it."""
    window = Window()
    for one in items:
        found: dict[str, ItemFinding] = {}
        for step in steps:
            found[step.name] = step.read(one, Context(PUBLISHER, window, found))
        window.add(one, found)
        yield one, found
