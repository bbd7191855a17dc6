"""Under which id a story goes on that ended in another one, and which ended in one."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.ports.items import ItemStore


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
