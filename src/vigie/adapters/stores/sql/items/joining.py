"""Stories that end in another one: their items are of the kept one from then on, and what ended is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemTagRow, StoryJoinRow
from vigie.domain.story import STEP, body_before, joined_body
from vigie.ports.items import ItemReading, StoryJoin

_PAGE: Final = 400
Change = Callable[[Mapping[str, Any]], dict[str, Any] | None]


def put(connection: Connection, reading: ItemReading) -> None:
    """End the stories that end with a reading, in the place of those that the same revision ended before."""
    mine = StoryJoinRow.item == reading.item.id, StoryJoinRow.revision == reading.item.revision
    for kept in connection.scalars(select(StoryJoinRow.kept).where(*mine).distinct()).all():
        _lead_back(connection, _move(connection, kept, lambda body: body_before(body, reading.item.id)))
    connection.execute(delete(StoryJoinRow).where(*mine))
    for one in reading.joins:
        _move(connection, one.story, _to(one))
        # A story that ended before in this one is of the kept one, too.
        followed = update(StoryJoinRow).where(StoryJoinRow.kept == one.story)
        connection.execute(followed.values(kept=one.kept))
        connection.execute(delete(StoryJoinRow).where(StoryJoinRow.story.in_((one.story, one.kept))))
        connection.execute(
            insert(StoryJoinRow).values(
                story=one.story, kept=one.kept, item=one.item, revision=one.revision, ts=one.ts, by=one.by,
                signs=list(one.signs),
            )
        )  # fmt: skip


def _to(one: StoryJoin) -> Change:
    return lambda body: joined_body(body, one.kept, one.item) if body.get("story") == one.story else None


def _lead_back(connection: Connection, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Let stories that ended earlier in one that goes on again lead to it: what is found of their items names them."""
    led = {(one["story"], one["by"], body["story"]) for body in bodies for one in body.get("was", ())}
    for story, by, kept in sorted(led):
        ended = update(StoryJoinRow).where(StoryJoinRow.story == story, StoryJoinRow.item == by)
        connection.execute(ended.values(kept=kept))


def _move(connection: Connection, story: str, change: Change) -> list[Mapping[str, Any]]:
    """Change what is found of the items of a story, and return that; one of which nothing changes stays."""
    made: list[Mapping[str, Any]] = []
    tagged = ItemTagRow.kind == STEP, ItemTagRow.value == story
    items = connection.scalars(select(ItemTagRow.item).where(*tagged)).all()
    for start in range(0, len(items), _PAGE):
        read = select(ItemFindingRow.item, ItemFindingRow.revision, ItemFindingRow.body).where(
            ItemFindingRow.item.in_(items[start : start + _PAGE]), ItemFindingRow.step == STEP
        )
        for item, revision, body in connection.execute(read).all():
            changed = change(body)
            if changed is not None:
                _put(connection, item, revision, changed)
                tag = update(ItemTagRow).where(*tagged, ItemTagRow.item == item)
                connection.execute(tag.values(value=changed["story"]))
                made.append(changed)
    return made


def _put(connection: Connection, item: str, revision: int, body: Mapping[str, Any]) -> None:
    change = update(ItemFindingRow).where(
        ItemFindingRow.item == item, ItemFindingRow.revision == revision, ItemFindingRow.step == STEP
    )
    connection.execute(change.values(body=dict(body)))


def joins_of(connection: Connection, stories: Sequence[str]) -> list[StoryJoin]:
    """Return the joins in which one of these ended or was kept, oldest first."""
    found: dict[str, StoryJoin] = {}
    for start in range(0, len(stories), _PAGE):
        some = stories[start : start + _PAGE]
        query = select(StoryJoinRow.__table__).where(
            or_(StoryJoinRow.story.in_(some), StoryJoinRow.kept.in_(some))
        )
        for row in connection.execute(query):
            found[row.story] = StoryJoin(
                row.story, row.kept, row.item, row.revision, row.ts, row.by, tuple(row.signs)
            )
    return sorted(found.values(), key=lambda one: (one.ts, one.story))
