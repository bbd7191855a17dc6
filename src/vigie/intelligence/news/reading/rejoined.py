"""Stories that turn out to be one: the item that shows it names them; their items are of the kept story since.

Body of the finding of such an item: ``joins``, one entry a story that ended, with ``story``, its id, ``by``, the item
of it that speaks most for it, and ``signs``, what speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vigie.domain.item import ItemFinding
from vigie.domain.story import STEP, body_before, joined_body
from vigie.intelligence.news.reading.named import story
from vigie.intelligence.news.step import Seen


def joins(found: Mapping[str, ItemFinding]) -> Sequence[Mapping[str, Any]]:
    """Return the stories that end with an item, each with what speaks for it."""
    finding = found.get(STEP)
    return () if finding is None else finding.body.get("joins", ())


def stories(found: Mapping[str, ItemFinding]) -> frozenset[str]:
    """Return the story of an item and those that end with it; nothing where it was never put into one."""
    name = story(found)
    return frozenset((name, *(str(one["story"]) for one in joins(found)))) if name else frozenset()


def carried(window: Sequence[Seen], item: str, found: Mapping[str, ItemFinding]) -> list[Seen]:
    """Return a window as it is after an item was read: what was in a story that ended is in the kept one."""
    ended = {str(one["story"]) for one in joins(found)}
    if not ended:
        return list(window)
    kept = story(found)
    return [
        _with(seen, joined_body(seen.found[STEP].body, kept, item)) if story(seen.found) in ended else seen
        for seen in window
    ]


def as_before(window: Sequence[Seen], item: str) -> list[Seen]:
    """Return a window as it was before an item ended stories of it: for who reads that item again."""
    return [seen if (body := _before(seen, item)) is None else _with(seen, body) for seen in window]


def _before(seen: Seen, item: str) -> dict[str, Any] | None:
    finding = seen.found.get(STEP)
    return None if finding is None else body_before(finding.body, item)


def _with(seen: Seen, body: Mapping[str, Any]) -> Seen:
    before = seen.found[STEP]
    return Seen(seen.item, {**seen.found, STEP: ItemFinding(before.step, before.version, body, before.why)})
