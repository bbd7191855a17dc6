"""What reading an item gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.step import Publisher


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item with what was found in it.

    Attributes
    ----------
    findings : mapping
        By step.
    ts_seen, ts_processed : int
        When it was stored and read, in real time: the item's own times are the market's.
    """

    item: NewsItem
    publisher: Publisher
    findings: Mapping[str, ItemFinding]
    ts_seen: int
    ts_processed: int
