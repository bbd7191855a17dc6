"""What a step of reading is: a pure function from an item, and what earlier steps found, to one finding.

A step is a file in `vigie.intelligence.news.steps` with a function ``make()`` that returns it; the folder is the
registry. Steps run in the order of their needs; the same item, findings and window always give the same finding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vigie.domain.item import ItemFinding, NewsItem, SourceTier


@dataclass(frozen=True, slots=True)
class Publisher:
    """What is known of a source without reading what it publishes.

    Attributes
    ----------
    owner : str
        Who is behind it: two sources of one owner confirm nothing.
    domain : str
        Where its articles are.
    """

    id: str
    title: str
    tier: SourceTier
    owner: str = ""
    language: str = ""
    domain: str = ""


# Told from others by being this one: comparing all that was found takes longer than finding it did.
@dataclass(frozen=True, slots=True, eq=False)
class AnalysedItem:
    """An item that was read before, with what was found in it."""

    item: NewsItem
    findings: Mapping[str, ItemFinding]


class ItemWindow(Protocol):
    """Items of the last days, as they were known when an item was seen: never a later one."""

    def before(self, item: NewsItem, span_ms: int) -> Sequence[AnalysedItem]:
        """Return what was seen in so long before an item, oldest first; the item itself is not among them."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may look at beside the item.

    Attributes
    ----------
    findings : mapping
        Of this item, by step.
    """

    publisher: Publisher
    window: ItemWindow
    findings: Mapping[str, ItemFinding] = field(default_factory=dict)


class ReadingStep(Protocol):
    """One step.

    Attributes
    ----------
    name : str
        ``language``; the name of its file.
    version : int
        Rises where the same item may give another finding.
    needs : tuple of str
        Steps whose findings it reads.
    """

    name: str
    version: int
    needs: tuple[str, ...]

    def read(self, item: NewsItem, context: Context) -> ItemFinding:
        """Return what it finds."""
        ...
