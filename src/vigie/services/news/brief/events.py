"""Items of one event together, whatever story each was put into: stories that were joined late are one.

An item is put into a story when it is read, and a story is called by its first item. Where that item was read again
and is part of another story now, or where an item is a copy of one of another story, both tell of one event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vigie.ports.items import StoredRevision
from vigie.services.news.news_rows import finding_body
from vigie.services.news.story_summary import StoryItem


def story_of(revision: StoredRevision) -> str:
    """Return the story that an item was put into; nothing where it was put into none."""
    return str(finding_body(revision.findings, "story").get("story") or "")


def group_by_event(
    items: Sequence[StoryItem], current_stories: Mapping[str, str] | None = None
) -> list[list[StoryItem]]:
    """Return items by event, each exactly once; events and their items in the order of the items.

    Parameters
    ----------
    items : sequence of StoryItem
        In any order.
    current_stories : mapping of str to str
        Of items that these lead to and that are not among them: the story that each is part of now.
    """
    parents: dict[str, str] = {}
    for item in items:
        for related in related_items(item.known):
            _join(parents, item.item.id, related)
    for head, story in (current_stories or {}).items():
        if story:
            _join(parents, head, story)
    by_root: dict[str, dict[str, StoryItem]] = {}
    for item in items:
        by_root.setdefault(_root(parents, item.item.id), {})[item.item.id] = item
    return [list(group.values()) for group in by_root.values()]


def related_items(revision: StoredRevision) -> list[str]:
    """Return the items that an item tells of one event with: the first of its story, and what it is a copy of."""
    return [
        name
        for name in (story_of(revision), str(finding_body(revision.findings, "duplicate").get("of") or ""))
        if name
    ]


def stories_of(event: Sequence[StoryItem]) -> list[str]:
    """Return the stories that the items of an event were put into, each once."""
    return [name for name in dict.fromkeys(story_of(item.known) for item in event) if name]


def _root(parents: dict[str, str], name: str) -> str:
    while (parent := parents.get(name, name)) != name:
        name = parent
    return name


def _join(parents: dict[str, str], item: str, related: str) -> None:
    first, second = sorted((_root(parents, item), _root(parents, related)))
    parents[second] = first
