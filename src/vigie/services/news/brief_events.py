"""Items of one event together, whatever story each was put into: stories that were joined late are one.

An item is put into a story when it is read, and a story is called by its first item. Where that item was read again
and is part of another story now, or where an item is a copy of one of another story, both tell of one event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vigie.ports.items import StoredRevision
from vigie.services.news.shown import body
from vigie.services.news.telling import Told


def story_of(known: StoredRevision) -> str:
    """Return the story that an item was put into; nothing where it was put into none."""
    return str(body(known.findings, "story").get("story") or "")


def events(items: Sequence[Told], heads: Mapping[str, str] | None = None) -> list[list[Told]]:
    """Return items by event, each exactly once; events and their items in the order of the items.

    Parameters
    ----------
    items : sequence of Told
        In any order.
    heads : mapping of str to str
        Of items that these lead to and that are not among them: the story that each is part of now.
    """
    above: dict[str, str] = {}
    for one in items:
        for other in ties_of(one.known):
            _join(above, one.item.id, other)
    for head, story in (heads or {}).items():
        if story:
            _join(above, head, story)
    found: dict[str, dict[str, Told]] = {}
    for one in items:
        found.setdefault(_root(above, one.item.id), {})[one.item.id] = one
    return [list(group.values()) for group in found.values()]


def ties_of(known: StoredRevision) -> list[str]:
    """Return the items that an item tells of one event with: the first of its story, and what it is a copy of."""
    return [
        name for name in (story_of(known), str(body(known.findings, "duplicate").get("of") or "")) if name
    ]


def stories_of(event: Sequence[Told]) -> list[str]:
    """Return the stories that the items of an event were put into, each once."""
    return [name for name in dict.fromkeys(story_of(one.known) for one in event) if name]


def _root(above: dict[str, str], name: str) -> str:
    while (higher := above.get(name, name)) != name:
        name = higher
    return name


def _join(above: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_root(above, one), _root(above, other)))
    above[second] = first
