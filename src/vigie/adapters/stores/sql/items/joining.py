"""Stories that end in another one: their items are of the kept one from then on, and what ended is remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, or_, select, update

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemTagRow, StoryJoinRow
from vigie.domain.story import STEP, body_before, joined_body
from vigie.ports.item_readings import ItemReading, StoryJoin

_PAGE: Final = 400
BodyChange = Callable[[Mapping[str, Any]], dict[str, Any] | None]


def put_joins(connection: Connection, reading: ItemReading) -> None:
    """End the stories that end with a reading, in the place of those that the same revision ended before."""
    own_joins = StoryJoinRow.item == reading.item.id, StoryJoinRow.revision == reading.item.revision
    for kept_story in connection.scalars(select(StoryJoinRow.kept).where(*own_joins).distinct()).all():
        _redirect_earlier(
            connection,
            _change_bodies(connection, kept_story, lambda body: body_before(body, reading.item.id)),
        )
    connection.execute(delete(StoryJoinRow).where(*own_joins))
    for join in reading.joins:
        _change_bodies(connection, join.story, _move_to_kept(join))
        # A story that ended before in this one is of the kept one, too.
        earlier_joins = update(StoryJoinRow).where(StoryJoinRow.kept == join.story)
        connection.execute(earlier_joins.values(kept=join.kept))
        connection.execute(delete(StoryJoinRow).where(StoryJoinRow.story.in_((join.story, join.kept))))
        connection.execute(
            insert(StoryJoinRow).values(
                story=join.story, kept=join.kept, item=join.item, revision=join.revision, ts=join.ts, by=join.by,
                signs=list(join.signs),
            )
        )  # fmt: skip


def _move_to_kept(join: StoryJoin) -> BodyChange:
    return lambda body: joined_body(body, join.kept, join.item) if body.get("story") == join.story else None


def _redirect_earlier(connection: Connection, bodies: Sequence[Mapping[str, Any]]) -> None:
    """Let stories that ended earlier in one that goes on again lead to it: what is found of their items names them."""
    redirects = {
        (former["story"], former["by"], body["story"]) for body in bodies for former in body.get("was", ())
    }
    for story, by, kept_story in sorted(redirects):
        ended_joins = update(StoryJoinRow).where(StoryJoinRow.story == story, StoryJoinRow.item == by)
        connection.execute(ended_joins.values(kept=kept_story))


def _change_bodies(connection: Connection, story: str, change: BodyChange) -> list[Mapping[str, Any]]:
    """Change what is found of the items of a story, and return that; one of which nothing changes stays."""
    changed_bodies: list[Mapping[str, Any]] = []
    is_tagged = ItemTagRow.kind == STEP, ItemTagRow.value == story
    items = connection.scalars(select(ItemTagRow.item).where(*is_tagged)).all()
    for start in range(0, len(items), _PAGE):
        query = select(ItemFindingRow.item, ItemFindingRow.revision, ItemFindingRow.body).where(
            ItemFindingRow.item.in_(items[start : start + _PAGE]), ItemFindingRow.step == STEP
        )
        for item, revision, body in connection.execute(query).all():
            changed = change(body)
            if changed is not None:
                _write_body(connection, item, revision, changed)
                tag = update(ItemTagRow).where(*is_tagged, ItemTagRow.item == item)
                connection.execute(tag.values(value=changed["story"]))
                changed_bodies.append(changed)
    return changed_bodies


def _write_body(connection: Connection, item: str, revision: int, body: Mapping[str, Any]) -> None:
    change = update(ItemFindingRow).where(
        ItemFindingRow.item == item, ItemFindingRow.revision == revision, ItemFindingRow.step == STEP
    )
    connection.execute(change.values(body=dict(body)))


def find_joins(connection: Connection, stories: Sequence[str]) -> list[StoryJoin]:
    """Return the joins in which one of these ended or was kept, oldest first."""
    joins: dict[str, StoryJoin] = {}
    for start in range(0, len(stories), _PAGE):
        page = stories[start : start + _PAGE]
        query = select(StoryJoinRow.__table__).where(
            or_(StoryJoinRow.story.in_(page), StoryJoinRow.kept.in_(page))
        )
        for row in connection.execute(query):
            joins[row.story] = StoryJoin(
                row.story, row.kept, row.item, row.revision, row.ts, row.by, tuple(row.signs)
            )
    return sorted(joins.values(), key=lambda join: (join.ts, join.story))
