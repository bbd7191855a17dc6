"""Under which id a story goes on that ended in another one, and which ended in one."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.services.house import House


def kept_as(house: House, stories: Sequence[str]) -> dict[str, str]:
    """Return under which id each story goes on: another one's where it ended in that, else its own."""
    ended = {one.story: one.kept for one in house.items.joins_of(stories)} if stories else {}
    return {story: ended.get(story, story) for story in stories}


def known_as(house: House, stories: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the stories that ended in each of these: what was said of them was said of it."""
    found: dict[str, list[str]] = {}
    for one in house.items.joins_of(stories) if stories else ():
        found.setdefault(one.kept, []).append(one.story)
    return {story: found.get(story, []) for story in stories}
