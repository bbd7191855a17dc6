"""Which stories ended in a story: under which headline they stood, with which item, and what spoke for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from vigie.intelligence.news.step import Publisher
from vigie.services.house import House
from vigie.services.news.telling import Told


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


def joined_of(
    house: House, story: str, items: Sequence[Told], known: Mapping[str, Publisher]
) -> list[JoinedStory]:
    """Return the stories that ended in a story, oldest first.

    Parameters
    ----------
    items : sequence of Told
        Of the story as it is now.
    """
    by_id = {one.item.id: one for one in items}
    found = []
    for one in house.items.joins_of([story]):
        if one.kept != story:
            continue
        theirs = [told for told in items if one.story in _was(told)]
        first, by = (theirs[0] if theirs else None), by_id.get(one.item)
        found.append(
            JoinedStory(
                story=one.story, title=first.item.said.title if first else "", language=first.language if first else "",
                publisher=first.publisher.title if first else "", items=len(theirs), ts=one.ts, by=one.item,
                by_title=by.item.said.title if by else "", by_language=by.language if by else "",
                by_publisher=by.publisher.title if by else "", signs=list(one.signs),
            )
        )  # fmt: skip
    return found


def _was(told: Told) -> frozenset[str]:
    finding = told.known.findings.get("story")
    return frozenset(str(one["story"]) for one in finding.body.get("was", ())) if finding else frozenset()
