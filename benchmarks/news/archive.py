"""Headlines of the shared archive as items, and steps that read them in the order of their publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from benchmarks.commands import shared_folder
from vigie.domain.item import Finding, Item, Sighting
from vigie.intelligence.news.step import Context, Publisher, Seen, Step

PUBLISHER = Publisher("archive", "Archive", "media")


@dataclass
class Window:
    """What was seen so far, oldest first; items come in the order of their time."""

    seen: list[Seen] = field(default_factory=list)
    first: int = 0

    def before(self, item: Item, span_ms: int) -> Sequence[Seen]:
        """Return what was seen in so long before an item."""
        while self.first < len(self.seen) and self.seen[self.first].item.ts_seen < item.ts_seen - span_ms:
            self.first += 1
        return self.seen[self.first :]


def headlines() -> pl.DataFrame:
    """Return date, title and text of the archive, every title once, by date."""
    frame = pl.read_parquet(shared_folder() / "data" / "news" / "archive_headlines.parquet")
    whole = frame.filter(pl.col("title").is_not_null() & pl.col("date").is_not_null())
    return whole.sort("date", "title").unique(subset=["title"], keep="first", maintain_order=True)


def item(key: str, title: str, text: str, ts: int, url: str = "") -> Item:
    """Return an item that was seen when it was published."""
    return Item(key, 1, Sighting("archive", key, url, title, text, ts_published=ts), ts, ts)


def originals(frame: pl.DataFrame) -> list[Item]:
    """Return the items of some headlines."""
    rows = frame.select(pl.col("date").dt.epoch("ms"), "title", pl.col("text").fill_null("")).iter_rows()
    return [item(f"o{at}", title, text, ts) for at, (ts, title, text) in enumerate(rows)]


def read(steps: Sequence[Step], items: Iterable[Item]) -> Iterator[tuple[Item, Mapping[str, Finding]]]:
    """Yield every item with what the steps find in it."""
    window = Window()
    for one in items:
        found: dict[str, Finding] = {}
        for step in steps:
            found[step.name] = step.read(one, Context(PUBLISHER, window, found))
        window.seen.append(Seen(one, found))
        yield one, found
