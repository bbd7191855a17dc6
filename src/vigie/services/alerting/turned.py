"""What an item makes of earlier ones of its story: confirmed, disputed or corrected now, which is told as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.domain.alert import AlertEvent
from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.item_outcomes import item_outcomes
from vigie.intelligence.news.step import AnalysedItem, Publisher
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.items import ItemQuery
from vigie.services.house import House
from vigie.services.news.publishers import load_publishers, publisher_of

TURNS: Final = ("confirmed", "disputed", "corrected")
_IN_A_STORY: Final = 50


@dataclass(frozen=True, slots=True)
class Turned:
    """An earlier item whose status is another by a later one.

    Attributes
    ----------
    found : mapping
        By step, as it was read then.
    ts_seen, ts_processed : int
        When the item itself was stored and read, on the wall.
    status : str
        What it is now.
    """

    item: NewsItem
    publisher: Publisher
    found: Mapping[str, ItemFinding]
    ts_seen: int
    ts_processed: int
    status: str


def turned_by(
    house: House, item: NewsItem, publisher: Publisher, found: Mapping[str, ItemFinding]
) -> Iterable[Turned]:
    """Return the earlier items of its story that an item confirms, disputes or corrects.

    Only an item of a first-hand source confirms, and only one that denies something takes back: of all others
    nothing is asked.
    """
    story = _body(found, "story").get("story")
    signs = _body(found, "reliability").get("signs") or ()
    denies = any(sign.get("code") == "denies" for sign in signs)
    if not story or not (publisher.tier in FIRST_HAND or denies):
        return []
    known = house.items.query(ItemQuery(tags={"story": str(story)}, limit=_IN_A_STORY))
    others = {one.item.id: one for one in known if one.item.id != item.id}
    # As it was read now: a later revision of it may be stored already.
    held = [AnalysedItem(item, found), *(AnalysedItem(one.item, one.findings) for one in others.values())]
    names = load_publishers(house)
    return [
        Turned(
            this.item, publisher_of(names, this.item.said.source), this.findings, this.ts_wall,
            this.ts_read or this.ts_wall, one.became,
        )
        for one in item_outcomes(held)
        if one.by == item.id and one.became in TURNS and one.became != one.then
        if (this := others.get(one.item)) is not None and this.item.ts_first_seen <= item.ts_first_seen
    ]  # fmt: skip


def told_as_turned(earlier: AlertEvent, status: str, by: AlertEvent) -> AlertEvent:
    """Return an earlier happening with its new status, and what made it so; its times are those of the later one."""
    return replace(
        earlier,
        status=status,
        ts=by.ts,
        ts_seen=by.ts_seen,
        ts_processed=by.ts_processed,
        facts={
            **earlier.facts,
            "by_title": by.title,
            "by_url": by.url,
            "by_publisher": by.facts.get("publisher", by.source),
        },
    )


def _body(found: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    one = found.get(step)
    return {} if one is None else one.body
