"""Which stories ended in a story: under which headline they stood, with which item, and what spoke for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from vigie.intelligence.news.step import Publisher
from vigie.ports.items import ItemStore
from vigie.services.news.story_summary import StoryItem


class JoinedStory(BaseModel):
    """A story that ended in this one: `ts` is when, `by` the item that showed it, `signs` what speaks for it."""

    story: str
    title: str
    language: str
    publisher: str
    items: int
    ts: int
    by: str
    by_title: str
    by_language: str
    by_publisher: str
    signs: list[str] = Field(
        [], description="names, words, amounts, happening, time, prices; what tells most first."
    )


def joined_stories(
    item_store: ItemStore, story: str, items: Sequence[StoryItem], publishers_by_id: Mapping[str, Publisher]
) -> list[JoinedStory]:
    """Return the stories that ended in a story, oldest first.

    Parameters
    ----------
    items : sequence of StoryItem
        Of the story as it is now.
    """
    by_id = {entry.item.id: entry for entry in items}
    joined = []
    for entry in item_store.joins_of([story]):
        if entry.kept != story:
            continue
        former_items = [candidate for candidate in items if entry.story in _former_stories(candidate)]
        first, deciding_item = (former_items[0] if former_items else None), by_id.get(entry.item)
        joined.append(
            JoinedStory(
                story=entry.story, title=first.item.content.title if first else "",
                language=first.language if first else "",
                publisher=first.publisher.title if first else "", items=len(former_items), ts=entry.ts, by=entry.item,
                by_title=deciding_item.item.content.title if deciding_item else "",
                by_language=deciding_item.language if deciding_item else "",
                by_publisher=deciding_item.publisher.title if deciding_item else "", signs=list(entry.signs),
            )
        )  # fmt: skip
    return joined


def _former_stories(item: StoryItem) -> frozenset[str]:
    finding = item.known.findings.get("story")
    return (
        frozenset(str(former["story"]) for former in finding.body.get("was", ())) if finding else frozenset()
    )
