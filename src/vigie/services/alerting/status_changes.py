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
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemQuery, ItemStore
from vigie.services.news.publishers import load_publishers, publisher_of

TURNS: Final = ("confirmed", "disputed", "corrected")
_IN_A_STORY: Final = 50


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
    story = _finding_body(findings, "story").get("story")
    signs = _finding_body(findings, "reliability").get("signs") or ()
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


def _finding_body(findings: Mapping[str, ItemFinding], step: str) -> Mapping[str, Any]:
    finding = findings.get(step)
    return {} if finding is None else finding.body
