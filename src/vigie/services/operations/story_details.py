"""Which stories ended in a story, and which publishers were asked since it began and have nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel, Field

from vigie.domain.item import TIERS
from vigie.intelligence.news.step import Publisher
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.news.story_summary import StoryItem

_SILENT_KINDS: Final = frozenset({"calendar", "register"})


class JoinedStory(BaseModel):
    """A story that ended in this one: `ts` is when, `by` the item that showed it, `signs` what speaks for it."""

    story: str
    title: str
    language: str
    publisher: str
    items: int
    ts: int
    by: str
    by_title: str
    by_language: str
    by_publisher: str
    signs: list[str] = Field(
        [], description="names, words, amounts, happening, time, prices; what tells most first."
    )


def joined_stories(
    item_store: ItemStore, story: str, items: Sequence[StoryItem], publishers_by_id: Mapping[str, Publisher]
) -> list[JoinedStory]:
    """Return the stories that ended in a story, oldest first.

    Parameters
    ----------
    items : sequence of StoryItem
        Of the story as it is now.
    """
    by_id = {entry.item.id: entry for entry in items}
    joined = []
    for entry in item_store.joins_of([story]):
        if entry.kept != story:
            continue
        former_items = [candidate for candidate in items if entry.story in _former_stories(candidate)]
        first, deciding_item = (former_items[0] if former_items else None), by_id.get(entry.item)
        joined.append(
            JoinedStory(
                story=entry.story, title=first.item.content.title if first else "",
                language=first.language if first else "",
                publisher=first.publisher.title if first else "", items=len(former_items), ts=entry.ts, by=entry.item,
                by_title=deciding_item.item.content.title if deciding_item else "",
                by_language=deciding_item.language if deciding_item else "",
                by_publisher=deciding_item.publisher.title if deciding_item else "", signs=list(entry.signs),
            )
        )  # fmt: skip
    return joined


def _former_stories(item: StoryItem) -> frozenset[str]:
    finding = item.known.findings.get("story")
    return (
        frozenset(str(former["story"]) for former in finding.body.get("was", ())) if finding else frozenset()
    )


class SilentGroup(BaseModel):
    """Publishers of one kind and language that were asked since the story began and had nothing of it."""

    tier: str
    language: str
    publishers: list[str]


def silent_publishers(
    item_store: ItemStore,
    directory: ConnectorDirectory,
    items: Sequence[StoryItem],
    publishers_by_id: Mapping[str, Publisher],
) -> tuple[list[SilentGroup], int]:
    """Return who was asked since the story began and had nothing, and how many were not asked since."""
    covered_ids = {entry.publisher.id for entry in items}
    # Neither tells of events: nobody misses a story in a calendar.
    possible_ids = {note.id for note in directory.news() if note.kind not in _SILENT_KINDS}
    asked_ids = {entry.source for entry in item_store.states() if entry.ts_fetched >= items[0].ts}
    silent: dict[tuple[int, str], list[str]] = {}
    for entry in publishers_by_id.values():
        if entry.id in (asked_ids & possible_ids) - covered_ids:
            silent.setdefault((TIERS.index(entry.tier), entry.language), []).append(entry.title)
    groups = [
        SilentGroup(tier=TIERS[tier], language=language, publishers=sorted(titles))
        for (tier, language), titles in sorted(silent.items())
    ]
    return groups, len(possible_ids - asked_ids - covered_ids)
