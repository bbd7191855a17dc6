"""Who was asked since a story began and has nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import BaseModel

from vigie.domain.item import TIERS
from vigie.intelligence.news.step import Publisher
from vigie.services.house import House
from vigie.services.news.telling import Told

_TELL_NOTHING: Final = frozenset({"calendar", "register"})


class SilentGroup(BaseModel):
    """Publishers of one kind and language that were asked since the story began and had nothing of it."""

    tier: str
    language: str
    publishers: list[str]


def silent_of(
    house: House, items: Sequence[Told], known: Mapping[str, Publisher]
) -> tuple[list[SilentGroup], int]:
    """Return who was asked since the story began and had nothing, and how many were not asked since."""
    had = {one.publisher.id for one in items}
    # Neither tells of events: nobody misses a story in a calendar.
    may = {note.id for note in house.directory.news() if note.kind not in _TELL_NOTHING}
    asked = {one.source for one in house.items.states() if one.ts_fetched >= items[0].ts}
    silent: dict[tuple[int, str], list[str]] = {}
    for one in known.values():
        if one.id in (asked & may) - had:
            silent.setdefault((TIERS.index(one.tier), one.language), []).append(one.title)
    groups = [
        SilentGroup(tier=TIERS[tier], language=language, publishers=sorted(titles))
        for (tier, language), titles in sorted(silent.items())
    ]
    return groups, len(may - asked - had)
