"""What happens when an item was read: something that rules may be about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vigie.domain.alert import CORRECTIONS, AlertEvent
from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.step import Publisher
from vigie.services.alerting.telling import on_happenings
from vigie.services.alerting.turned import told_as_turned, turned_by
from vigie.services.house import House
from vigie.services.news.warnings import WarningFinder, warning_finder

WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item with what was found in it.

    Attributes
    ----------
    found : mapping
        By step.
    ts_seen, ts_processed : int
        When it was stored and read, in real time: the item's own times are the market's.
    """

    item: NewsItem
    publisher: Publisher
    found: Mapping[str, ItemFinding]
    ts_seen: int
    ts_processed: int


def on_read(house: House, items: Iterable[ReadItem]) -> int:
    """Tell whom it concerns of items that were read; return how many alerts that makes. Once more changes nothing."""
    # A simulated market may run ahead of the wall: what took a minute of it took less here.
    speed = house.clock.market_speed()
    happenings: list[AlertEvent] = []
    for one in items:
        # Nobody was there to be told of a past that was generated.
        told = None if one.item.is_generated else happening_of(one, speed)
        if told is not None:
            happenings += [told, *_turned(house, one, told)]
    return on_happenings(house, with_warned(house, happenings))


def with_warned(house: House, happenings: Sequence[AlertEvent]) -> list[AlertEvent]:
    """Return what was read with whether it names a firm that a register warns of, where a rule asks for it."""
    if not any(rule.when.get("warned") for rule in house.alerts.rules_of("item")):
        return list(happenings)
    return told_if_warned(warning_finder(house), happenings)


def told_if_warned(watch: WarningFinder, happenings: Iterable[AlertEvent]) -> list[AlertEvent]:
    """Return happenings, those that name a firm on a list of warnings with the firms."""
    found = []
    for one in happenings:
        named = watch.find(one.title, str(one.facts.get("text", "")), one.url, source=one.source)
        facts = {"warned": "yes", "warned_of": sorted({each.entry.name for each in named})} if named else {}
        found.append(replace(one, facts={**one.facts, **facts}))
    return found


def _turned(house: House, later: ReadItem, told: AlertEvent) -> Iterator[AlertEvent]:
    """Yield the earlier items of its story that an item confirms, disputes or corrects, with their new status."""
    for one in turned_by(house, later.item, later.publisher, later.found):
        earlier = happening_of(ReadItem(one.item, one.publisher, one.found, one.ts_seen, one.ts_processed))
        if earlier is not None:
            is_taken_back = earlier.key == told.key and {one.status, told.status} <= set(CORRECTIONS)
            # What is told already under the same key is not told by another word.
            yield told_as_turned(earlier, told.status if is_taken_back else one.status, told)


def happening_of(read: ReadItem, speed: float = 1.0) -> AlertEvent | None:
    """Return what an item is to rules; None for what is not about crypto.

    The key is the story's id, so that several items of one event are told once; a later release of a regulator has its
    own. The status is the item's reliability.
    """
    item, found = read.item, read.found
    if _body(found, "relevance").get("is_relevant") is False:
        return None
    copied = _body(found, "duplicate").get("of")
    told_in, place = (_body(found, "story").get(name) for name in ("story", "place"))
    story = str(told_in or copied or item.id)
    if read.publisher.tier == "regulator" and place == "follows" and not copied:
        # Releases are worded alike: another one that is no copy is told, also where it was taken for the same event.
        story = f"{story}/{item.id}"
    status = WITHDRAWN if item.is_withdrawn else str(_body(found, "reliability").get("status") or "")
    stated = item.said.ts_published
    # Only where a source states the time of day it says how long it took to be seen.
    is_timed = (
        stated is not None and item.said.precision in ("second", "minute") and stated <= item.ts_first_seen
    )
    return AlertEvent(
        kind="item",
        key=story,
        title=item.said.title,
        ts=read.ts_seen - round((item.ts_first_seen - stated) / speed)
        if is_timed and stated is not None
        else None,
        ts_seen=read.ts_seen,
        ts_processed=read.ts_processed,
        status=status,
        url=item.said.url,
        source=item.said.source,
        facts=_facts(read, stated),
    )


def _facts(read: ReadItem, stated: int | None) -> dict[str, Any]:
    item, found, publisher = read.item, read.found, read.publisher
    entities, topics = _body(found, "entities"), _body(found, "topics")
    weights = topics.get("topics") or {}
    names = {name for name, share in weights.items() if share >= 0.5}
    return {
        "item": item.id,
        "text": item.said.text,
        "tier": publisher.tier,
        "publisher": publisher.title,
        "language": str(_body(found, "language").get("language") or item.said.language),
        "assets": sorted(entities.get("assets") or ()),
        "entities": sorted({str(one["id"]) for one in entities.get("found") or ()}),
        "topics": sorted(names | ({"regulation"} if topics.get("is_regulation") else set())),
        "sentiment": str(_body(found, "sentiment").get("label") or ""),
        "ts_published": stated,
        # A look back goes by the market's time.
        "ts_market": item.ts,
        "ts_first_seen": item.ts_first_seen,
        "age_ms": 0 if stated is None else max(0, item.ts_first_seen - stated),
        "precision": item.said.precision,
    }


def _body(found: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    one = found.get(step)
    return {} if one is None else one.body
