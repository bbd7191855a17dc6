"""What a rule would have told of what is stored: its dry run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.alert import Happening, Rule
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.judging import misses
from vigie.ports.items import Known, Wanted
from vigie.services.alerting.reading import ReadItem, happening_of
from vigie.services.house import House
from vigie.services.news.publishers import publisher_of, publishers

DAYS: Final = 90
# Items that are looked at; a home that holds more says so.
MOST: Final = 5_000
_PAGE: Final = 500
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have told.

    Attributes
    ----------
    count : int
        Alerts: each event once.
    looked_at : int
        Items that were asked.
    is_whole : bool
        Whether that was everything of the time.
    examples : sequence of Happening
        The newest of them.
    """

    count: int
    looked_at: int
    is_whole: bool
    examples: Sequence[Happening]


def past(house: House) -> tuple[list[Happening], bool]:
    """Return what happened in the last 90 days, newest first, and whether that is all of it."""
    found: list[Happening] = []
    looked = 0
    known_publishers = publishers(house)
    for known in _items(house):
        looked += 1
        publisher = publisher_of(known_publishers, known.item.said.source)
        stored, read = known.ts_wall, known.ts_read or known.ts_wall
        told = happening_of(ReadItem(known.item, publisher, known.found, stored, read))
        if told is not None:
            found.append(told)
    return found, looked < MOST


def _items(house: House) -> Iterator[Known]:
    now = house.clock.market_now()
    ask = Wanted(is_relevant=True, after_ms=now - DAYS * DAY_MS, limit=_PAGE)
    left = MOST
    while left > 0 and (page := house.items.wanted(ask)):
        yield from page[:left]
        left -= len(page)
        last = page[-1].item
        ask = replace(ask, cursor=(last.ts, last.id))


def dry_run(rule: Rule, happenings: Sequence[Happening], *, is_whole: bool) -> DryRun:
    """Return what a rule would have told of what happened; on or not, muted or not, whatever its budget."""
    told: dict[str, Happening] = {}
    for one in happenings:
        if not misses(rule, one):
            told.setdefault(one.key, one)
    return DryRun(len(told), len(happenings), is_whole, list(told.values())[:EXAMPLES])
