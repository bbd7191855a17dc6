"""Who was asked since a story began and has nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from vigie.domain.item import TIERS
from vigie.intelligence.news.step import Publisher
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.news.story_summary import StoryItem

_SILENT_KINDS: Final = frozenset({"calendar", "register"})


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
