"""All items of a story, wherever it is told of: lists, pages and letters count the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.intelligence.news.step import Publisher
from vigie.services.house import House
from vigie.services.news.story_ids import kept_as
from vigie.services.news.telling import Told, told

MOST_ITEMS: Final = 300


def whole(
    house: House, story: str, publishers: Mapping[str, Publisher], *, before_ms: int | None = None
) -> list[Told]:
    """Return the items of a story in their order, as they are known now; nothing where there is no such story.

    Parameters
    ----------
    before_ms : int or None
        Only what was out by then, exclusive.
    """
    return wholes(house, [story], publishers, before_ms=before_ms).get(story, [])


def wholes(
    house: House,
    stories: Sequence[str],
    publishers: Mapping[str, Publisher],
    *,
    before_ms: int | None = None,
    steps: tuple[str, ...] = (),
) -> dict[str, list[Told]]:
    """Return the items of several stories in the order asked for, read at once; one that there is not is left out.

    Parameters
    ----------
    steps : tuple of str
        Whose findings come along; empty for those of all.
    """
    found = house.items.list_tagged("story", stories, before_ms=before_ms, limit=MOST_ITEMS, steps=steps)
    gone = [story for story in stories if story not in found]
    kept = {story: name for story, name in kept_as(house, gone).items() if name != story}
    if kept:
        names = list(dict.fromkeys(kept.values()))
        more = house.items.list_tagged("story", names, before_ms=before_ms, limit=MOST_ITEMS, steps=steps)
        found = {**found, **{story: more[name] for story, name in kept.items() if name in more}}
    return {story: told(found[story], publishers) for story in stories if story in found}
