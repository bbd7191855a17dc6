"""Whether what somebody published is borne out by those who say the same of their own doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from vigie.domain.item import NewsItem
from vigie.intelligence.news.facts.comparison import compare_statements
from vigie.intelligence.news.facts.outcome import FactComparison
from vigie.intelligence.news.facts.statement import statement_of

_ORDER: Final = ("agrees", "differs", "unproven")


class Release(NamedTuple):
    """What somebody published of their own doing, with what they are called."""

    item: NewsItem
    publisher_names: tuple[str, ...]


class ReleaseCheck(NamedTuple):
    """How an item stands to the release that speaks for it most.

    Attributes
    ----------
    comparison : FactComparison
        One that agrees where any does; else one that differs, else one that leaves something open.
    """

    comparison: FactComparison
    release: NewsItem


def check_against_releases(
    item: NewsItem, releases: Iterable[Release], publisher_names: tuple[str, ...] = ()
) -> ReleaseCheck | None:
    """Return how an item stands to the releases of its story; None without any.

    Parameters
    ----------
    publisher_names : tuple of str
        What the publisher of the item is called: whoever names itself names nobody else.
    """
    statement = statement_of(item)
    checks = [
        ReleaseCheck(
            compare_statements(
                statement, statement_of(release.item), (*publisher_names, *release.publisher_names)
            ),
            release.item,
        )
        for release in releases
        if release.item.id != item.id
    ]
    return min(checks, key=lambda release: _ORDER.index(release.comparison.outcome), default=None)
