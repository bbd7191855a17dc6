"""Whether what somebody published is borne out by those who say the same of their own doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from vigie.domain.item import NewsItem
from vigie.intelligence.news.facts.comparison import compared
from vigie.intelligence.news.facts.outcome import FactComparison
from vigie.intelligence.news.facts.statement import statement_of

_ORDER: Final = ("agrees", "differs", "unproven")


class Release(NamedTuple):
    """What somebody published of their own doing, with what they are called."""

    item: NewsItem
    called: tuple[str, ...]


class BorneOut(NamedTuple):
    """How an item stands to the release that speaks for it most.

    Attributes
    ----------
    comparison : FactComparison
        One that agrees where any does; else one that differs, else one that leaves something open.
    """

    comparison: FactComparison
    release: NewsItem


def borne_out(item: NewsItem, releases: Iterable[Release], called: tuple[str, ...] = ()) -> BorneOut | None:
    """Return how an item stands to the releases of its story; None without any.

    Parameters
    ----------
    called : tuple of str
        What the publisher of the item is called: whoever names itself names nobody else.
    """
    said = statement_of(item)
    found = [
        BorneOut(compared(said, statement_of(one.item), (*called, *one.called)), one.item)
        for one in releases
        if one.item.id != item.id
    ]
    return min(found, key=lambda one: _ORDER.index(one.comparison.outcome), default=None)
