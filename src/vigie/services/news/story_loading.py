"""All items of a story, and under which id it goes on that ended in another one.

Lists, pages and letters count the same items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from vigie.intelligence.news.step import Publisher
from vigie.ports.item_glances import ItemGlance
from vigie.ports.items import ItemStore
from vigie.services.news.story_summary import StoryItem, story_items

MOST_ITEMS: Final = 300


def current_ids(items: ItemStore, stories: Sequence[str]) -> dict[str, str]:
    """Return under which id each story goes on: another one's where it ended in that, else its own."""
    ended = {join.story: join.kept for join in items.joins_of(stories)} if stories else {}
    return {story: ended.get(story, story) for story in stories}


def former_ids(items: ItemStore, stories: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the stories that ended in each of these: what was said of them was said of it."""
    former: dict[str, list[str]] = {}
    for join in items.joins_of(stories) if stories else ():
        former.setdefault(join.kept, []).append(join.story)
    return {story: former.get(story, []) for story in stories}


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
    least: int = 1,
    has_text: bool = True,
) -> dict[str, list[StoryItem]]:
    """Return the items of several stories in the order asked for, read at once; one that there is not is left out.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along; empty for those of all.
    least : int
        Stories with fewer items are left out.
    has_text : bool
        Whether the texts of items are read.
    """
    list_items = partial(
        items.list_tagged,
        "story",
        before_ms=before_ms,
        limit=MOST_ITEMS,
        steps=steps,
        least=least,
        has_text=has_text,
    )
    items_by_story = _with_moved(items, stories, list_items)
    return {story: story_items(entries, publishers) for story, entries in items_by_story.items()}


def glance_stories(
    items: ItemStore, stories: Sequence[str], *, steps: tuple[str, ...] = (), least: int = 1
) -> dict[str, list[ItemGlance]]:
    """Return what the items of several stories are ranked by, in the orders of `load_stories`.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along.
    least : int
        Stories with fewer items are left out.
    """
    list_items = partial(items.glance_tagged, "story", limit=MOST_ITEMS, steps=steps, least=least)
    items_by_story = _with_moved(items, stories, list_items)
    return {
        story: sorted(entries, key=lambda entry: (entry.ts_out, entry.ts_first_seen, entry.item))
        for story, entries in items_by_story.items()
    }


_Entry = TypeVar("_Entry")


def _with_moved(
    items: ItemStore,
    stories: Sequence[str],
    list_items: Callable[[Sequence[str]], Mapping[str, Sequence[_Entry]]],
) -> dict[str, Sequence[_Entry]]:
    """Return the items of each story that has some, in the order asked for; of an ended one those of the kept one."""
    items_by_story = dict(list_items(stories))
    missing = [story for story in stories if story not in items_by_story]
    moved_ids = {story: name for story, name in current_ids(items, missing).items() if name != story}
    if moved_ids:
        more = list_items(list(dict.fromkeys(moved_ids.values())))
        items_by_story |= {story: more[name] for story, name in moved_ids.items() if name in more}
    return {story: items_by_story[story] for story in stories if items_by_story.get(story)}
