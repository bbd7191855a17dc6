"""What happens when an item was read: something that rules may be about.

It may change the status of earlier ones of its story: confirmed, disputed or corrected now, which is told as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.domain.alert import CORRECTIONS, AlertEvent
from vigie.domain.item import ItemFinding, NewsItem
from vigie.intelligence.news.item_outcomes import item_outcomes
from vigie.intelligence.news.step import AnalysedItem, Publisher
from vigie.intelligence.news.steps.reliability import FIRST_HAND
from vigie.ports.alerts import AlertStore
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import ItemStore
from vigie.services.alerting.dispatch import AlertDispatch, dispatch_events
from vigie.services.news.analysis.item_reader import ReadItem
from vigie.services.news.entities.warnings import WarningFinder, WarningSources, warning_finder
from vigie.services.news.news_rows import finding_body
from vigie.services.news.publishers import load_publishers, publisher_of

TURNS: Final = ("confirmed", "disputed", "corrected")
_IN_A_STORY: Final = 50
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An earlier item whose status is another by a later one.

    Attributes
    ----------
    findings : mapping
        By step, as it was read then.
    ts_seen, ts_processed : int
        When the item itself was stored and read, on the wall.
    status : str
        What it is now.
    """

    item: NewsItem
    publisher: Publisher
    findings: Mapping[str, ItemFinding]
    ts_seen: int
    ts_processed: int
    status: str


def find_status_changes(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    directory: ConnectorDirectory,
    item: NewsItem,
    publisher: Publisher,
    findings: Mapping[str, ItemFinding],
) -> Iterable[StatusChange]:
    """Return the earlier items of its story that an item confirms, disputes or corrects.

    Only an item of a first-hand source confirms, and only one that denies something takes back: of all others
    nothing is asked.
    """
    story = finding_body(findings, "story").get("story")
    signs = finding_body(findings, "reliability").get("signs") or ()
    denies = any(sign.get("code") == "denies" for sign in signs)
    if not story or not (publisher.tier in FIRST_HAND or denies):
        return []
    revisions = items.query(ItemQuery(tags={"story": str(story)}, limit=_IN_A_STORY))
    other_items = {entry.item.id: entry for entry in revisions if entry.item.id != item.id}
    # As it was read now: a later revision of it may be stored already.
    analysed = [
        AnalysedItem(item, findings),
        *(AnalysedItem(entry.item, entry.findings) for entry in other_items.values()),
    ]
    names = load_publishers(bookmarks, directory)
    return [
        StatusChange(
            earlier.item, publisher_of(names, earlier.item.content.source), earlier.findings, earlier.ts_wall,
            earlier.ts_read or earlier.ts_wall, entry.became,
        )
        for entry in item_outcomes(analysed)
        if entry.by == item.id and entry.became in TURNS and entry.became != entry.then
        if (earlier := other_items.get(entry.item)) is not None and earlier.item.ts_first_seen <= item.ts_first_seen
    ]  # fmt: skip


def with_new_status(earlier: AlertEvent, status: str, by: AlertEvent) -> AlertEvent:
    """Return an earlier event with its new status, and what made it so; its times are those of the later one."""
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


@dataclass(frozen=True, slots=True)
class ItemEventSources:
    """What alerts on read items are made from."""

    dispatch: AlertDispatch
    warning_sources: WarningSources
    bookmarks: SourceBookmarks
    items: ItemStore
    directory: ConnectorDirectory
    clock: Clock


def dispatch_read_items(sources: ItemEventSources, items: Iterable[ReadItem]) -> int:
    """Tell whom it concerns of items that were read; return how many alerts that makes. Once more changes nothing."""
    # A simulated market may run ahead of the wall: what took a minute of it took less here.
    speed = sources.clock.market_speed()
    events: list[AlertEvent] = []
    for read_item in items:
        # Nobody was there to be told of a past that was generated.
        event = None if read_item.item.is_generated else event_of_item(read_item, speed)
        if event is not None:
            events += [
                event,
                *_status_change_events(sources.bookmarks, sources.items, sources.directory, read_item, event),
            ]
    return dispatch_events(
        sources.dispatch,
        sources.clock,
        add_warnings(sources.warning_sources, sources.dispatch.alerts, events),
    )


def add_warnings(
    warning_sources: WarningSources, alerts: AlertStore, events: Sequence[AlertEvent]
) -> list[AlertEvent]:
    """Return what was read with whether it names a firm that a register warns of, where a rule asks for it."""
    if not any(rule.when.get("warned") for rule in alerts.rules_of("item")):
        return list(events)
    return mark_warned(warning_finder(warning_sources), events)


def mark_warned(finder: WarningFinder, events: Iterable[AlertEvent]) -> list[AlertEvent]:
    """Return events, those that name a firm on a list of warnings with the firms."""
    result = []
    for event in events:
        named = finder.find(event.title, str(event.facts.get("text", "")), event.url, source=event.source)
        facts = {"warned": "yes", "warned_of": sorted({match.entry.name for match in named})} if named else {}
        result.append(replace(event, facts={**event.facts, **facts}))
    return result


def _status_change_events(
    bookmarks: SourceBookmarks,
    items: ItemStore,
    directory: ConnectorDirectory,
    later: ReadItem,
    event: AlertEvent,
) -> Iterator[AlertEvent]:
    """Yield the earlier items of its story that an item confirms, disputes or corrects, with their new status."""
    for change in find_status_changes(
        bookmarks, items, directory, later.item, later.publisher, later.findings
    ):
        earlier = event_of_item(
            ReadItem(change.item, change.publisher, change.findings, change.ts_seen, change.ts_processed)
        )
        if earlier is not None:
            is_taken_back = earlier.key == event.key and {change.status, event.status} <= set(CORRECTIONS)
            # What is told already under the same key is not told by another word.
            yield with_new_status(earlier, event.status if is_taken_back else change.status, event)


def event_of_item(read_item: ReadItem, speed: float = 1.0) -> AlertEvent | None:
    """Return what an item is to rules; None for what is not about crypto.

    The key is the story's id, so that several items of one event are told once; a later release of a regulator has its
    own. The status is the item's reliability.
    """
    item, findings = read_item.item, read_item.findings
    if finding_body(findings, "relevance").get("is_relevant") is False:
        return None
    copied = finding_body(findings, "duplicate").get("of")
    own_story, place = (finding_body(findings, "story").get(name) for name in ("story", "place"))
    story = str(own_story or copied or item.id)
    if read_item.publisher.tier == "regulator" and place == "follows" and not copied:
        # Releases are worded alike: another one that is no copy is told, also where it was taken for the same event.
        story = f"{story}/{item.id}"
    status = (
        WITHDRAWN if item.is_withdrawn else str(finding_body(findings, "reliability").get("status") or "")
    )
    stated = item.content.ts_published
    # Only where a source states the time of day it says how long it took to be seen.
    is_timed = (
        stated is not None and item.content.precision in ("second", "minute") and stated <= item.ts_first_seen
    )
    return AlertEvent(
        kind="item",
        key=story,
        title=item.content.title,
        ts=read_item.ts_seen - round((item.ts_first_seen - stated) / speed)
        if is_timed and stated is not None
        else None,
        ts_seen=read_item.ts_seen,
        ts_processed=read_item.ts_processed,
        status=status,
        url=item.content.url,
        source=item.content.source,
        facts=_facts(read_item, stated),
    )


def _facts(read_item: ReadItem, stated: int | None) -> dict[str, Any]:
    item, findings, publisher = read_item.item, read_item.findings, read_item.publisher
    entities, topics = finding_body(findings, "entities"), finding_body(findings, "topics")
    weights = topics.get("topics") or {}
    names = {name for name, share in weights.items() if share >= 0.5}
    return {
        "item": item.id,
        "text": item.content.text,
        "tier": publisher.tier,
        "publisher": publisher.title,
        "language": str(finding_body(findings, "language").get("language") or item.content.language),
        "assets": sorted(entities.get("assets") or ()),
        "entities": sorted({str(entity["id"]) for entity in entities.get("found") or ()}),
        "topics": sorted(names | ({"regulation"} if topics.get("is_regulation") else set())),
        "sentiment": str(finding_body(findings, "sentiment").get("label") or ""),
        "ts_published": stated,
        # A look back goes by the market's time.
        "ts_market": item.ts,
        "ts_first_seen": item.ts_first_seen,
        "age_ms": 0 if stated is None else max(0, item.ts_first_seen - stated),
        "precision": item.content.precision,
    }
