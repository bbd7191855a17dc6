"""The newest items that name an entity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.domain.time import DAY_MS
from vigie.ports.clock import Clock
from vigie.ports.item_glances import ItemGlance, ItemGlances
from vigie.ports.item_queries import ItemQuery

# Read for sentiment, sources and timeline; the counts go over all.
MAX_ITEMS: Final = 400
DAYS: Final = 30
STORY_STEP: Final = "story"


def glance_recent_items(
    items: ItemGlances, clock: Clock, entity: str, steps: tuple[str, ...]
) -> Sequence[ItemGlance]:
    """Return the newest items of thirty days that name an entity, what is known to be irrelevant left out.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along.
    """
    query = ItemQuery(
        tags={"entity": entity},
        is_relevant=True,
        after_ms=clock.market_now() - DAYS * DAY_MS,
        limit=MAX_ITEMS,
        steps=steps,
    )
    return items.glance(query)


def newest_stories(items: Sequence[ItemGlance], most: int) -> dict[str, list[str]]:
    """Return the ids of the items of the stories whose first one was out last; an item without one is its own."""
    by_story: dict[str, list[ItemGlance]] = {}
    for item in items:
        body = item.bodies.get(STORY_STEP)
        by_story.setdefault(item.item if body is None else str(body.get("story")), []).append(item)
    first_out = {story: min(glance.ts_out for glance in glances) for story, glances in by_story.items()}
    newest = sorted(first_out, key=lambda story: (-first_out[story], story))[:most]
    return {story: [glance.item for glance in by_story[story]] for story in newest}
