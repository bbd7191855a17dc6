"""Stories about a plan's asset that matter: confirmed ones, and those that many publishers have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.asset import watched_ids
from vigie.domain.ids import parse_instrument
from vigie.domain.time import DAY_MS
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.news.publishers import load_publishers
from vigie.services.news.story_loading import former_ids, load_stories
from vigie.services.news.story_summary import (
    StoryItem,
    n_publishers,
    official_weight,
    pick_headline,
    story_status,
)

# Publishers that make a story important; a regulator or primary source counts as two more, as in `stories.top`.
IMPORTANT: Final = 4
# What is older is no news of an open plan.
PAST_MS: Final = DAY_MS
_MOST: Final = 100
_STEPS: Final = ("language", "duplicate", "entities", "reliability")


@dataclass(frozen=True, slots=True)
class PlanStory:
    """A story that is told of a plan.

    Attributes
    ----------
    names : tuple of str
        Its id, then those of stories that ended in it.
    status : str
        How far it can be believed.
    publishers : int
        Who tell it in words of their own.
    ts_known : int
        When its newest item was first seen, epoch milliseconds of the market.
    """

    names: tuple[str, ...]
    title: str
    language: str
    status: str
    publishers: int
    ts_known: int


@dataclass(frozen=True, slots=True)
class StorySources:
    """What stories are read from."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory


def stories_since(sources: StorySources, instrument: str, since: int, now: int) -> list[PlanStory]:
    """Return the stories about an instrument's asset that came to matter after a moment, the oldest first.

    Parameters
    ----------
    since, now : int
        Epoch milliseconds of the market; what mattered before `since` is left out.

    Returns
    -------
    list of PlanStory
        Empty also where the ticker may mean several coins.
    """
    found = []
    for asset in watched_ids(parse_instrument(instrument).base):
        after = max(since, now - PAST_MS)
        tallies = sources.items.count_tags("story", tags={"asset": asset}, after_ms=after, limit=_MOST)
        names = [tally.value for tally in tallies]
        publishers = load_publishers(sources.bookmarks, sources.directory)
        stories = load_stories(sources.items, names, publishers, steps=_STEPS)
        former = former_ids(sources.items, list(stories))
        for story, items in stories.items():
            # Nobody was there to be told of a past that was generated.
            seen = [item for item in items if not item.item.is_generated]
            if matters(seen) and not matters([one for one in seen if one.item.ts_first_seen < since]):
                found.append(_plan_story((story, *former.get(story, ())), seen))
    return sorted(found, key=lambda one: (one.ts_known, one.names))


def matters(items: Sequence[StoryItem]) -> bool:
    """Tell whether a story is confirmed, or important by how many publishers have it."""
    if not items:
        return False
    tiers = {item.publisher.tier for item in items}
    return story_status(items) == "confirmed" or n_publishers(items) + official_weight(tiers) >= IMPORTANT


def _plan_story(names: tuple[str, ...], items: Sequence[StoryItem]) -> PlanStory:
    head = pick_headline(items, "")
    return PlanStory(
        names, head.item.content.title, head.language, story_status(items), n_publishers(items),
        max(item.item.ts_first_seen for item in items),
    )  # fmt: skip
