"""All items of a story, wherever it is told of: lists, pages and letters count the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.intelligence.news.step import Publisher
from vigie.ports.items import ItemStore
from vigie.services.news.story_ids import current_ids
from vigie.services.news.story_summary import StoryItem, story_items

MOST_ITEMS: Final = 300


def load_story(
    items: ItemStore, story: str, publishers: Mapping[str, Publisher], *, before_ms: int | None = None
) -> list[StoryItem]:
    """Return the items of a story in their order, as they are known now; nothing where there is no such story.

    Parameters
    ----------
    before_ms : int or None
        Only what was out by then, exclusive.
    """
    return load_stories(items, [story], publishers, before_ms=before_ms).get(story, [])


def load_stories(
    items: ItemStore,
    stories: Sequence[str],
    publishers: Mapping[str, Publisher],
    *,
    before_ms: int | None = None,
    steps: tuple[str, ...] = (),
) -> dict[str, list[StoryItem]]:
    """Return the items of several stories in the order asked for, read at once; one that there is not is left out.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along; empty for those of all.
    """
    items_by_story = items.list_tagged("story", stories, before_ms=before_ms, limit=MOST_ITEMS, steps=steps)
    missing = [story for story in stories if story not in items_by_story]
    moved_ids = {story: name for story, name in current_ids(items, missing).items() if name != story}
    if moved_ids:
        names = list(dict.fromkeys(moved_ids.values()))
        more = items.list_tagged("story", names, before_ms=before_ms, limit=MOST_ITEMS, steps=steps)
        items_by_story = {
            **items_by_story,
            **{story: more[name] for story, name in moved_ids.items() if name in more},
        }
    return {
        story: story_items(items_by_story[story], publishers) for story in stories if story in items_by_story
    }
