"""What a rule about news would have told: of items as they are read now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.step import Publisher
from vigie.ports.items import ItemQuery, StoredRevision
from vigie.services.alerting.past.looked import DAYS, Looked
from vigie.services.alerting.reading import ReadItem, happening_of, told_if_warned
from vigie.services.house import House
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.news.warnings import warning_finder

# Items that are looked at; a home that holds more says so.
MOST: Final = 5_000
_PAGE: Final = 500
# Tags of the store of items, by the condition that asks for the same.
_TAGS: Final = (("asset", "assets"), ("entity", "entities"), ("topic", "topics"))


def of_items(house: House, when: Mapping[str, tuple[str, ...]]) -> Looked:
    """Return what happened in the news.

    Parameters
    ----------
    when : mapping
        Conditions of a rule: what the store of items can tell cannot fulfil them is not read at all.
    """
    found: list[AlertEvent] = []
    looked = 0
    known_publishers = load_publishers(house)
    for known in _items(house, _narrowed(when, known_publishers)):
        looked += 1
        publisher = publisher_of(known_publishers, known.item.said.source)
        stored, read = known.ts_wall, known.ts_read or known.ts_wall
        told = happening_of(ReadItem(known.item, publisher, known.findings, stored, read))
        if told is not None:
            found.append(told)
    if when.get("warned"):
        found = told_if_warned(warning_finder(house), found)
    return Looked(found, looked, looked < MOST)


def _narrowed(when: Mapping[str, tuple[str, ...]], known: Mapping[str, Publisher]) -> ItemQuery:
    sources = set(when["source"]) if when.get("source") else None
    # Who is listed no more counts as social, so that tier has no list of sources.
    if when.get("tier") and "social" not in when["tier"]:
        named = {name for name, one in known.items() if one.tier in when["tier"]}
        sources = named if sources is None else sources & named
    tags = {tag: when[name][0] for tag, name in _TAGS if len(when.get(name, ())) == 1}
    if tags.get("topic") == "regulation":
        # Also what no topic but the rules of regulation tell.
        del tags["topic"]
    return ItemQuery(sources=None if sources is None else tuple(sorted(sources)), tags=tags)


def _items(house: House, ask: ItemQuery) -> Iterator[StoredRevision]:
    now = house.clock.market_now()
    ask = replace(ask, is_relevant=True, after_ms=now - DAYS * DAY_MS, limit=_PAGE)
    left = MOST
    while left > 0 and (page := house.items.query(ask)):
        yield from page[:left]
        left -= len(page)
        last = page[-1].item
        ask = replace(ask, cursor=(last.ts, last.id))
