"""Lists of items by filters and by words; both databases find the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
)

from vigie.adapters.stores.sql.items.tables import ItemRevisionRow, ItemRow, ItemTagRow, ItemWordsRow
from vigie.ports.items import Arrival, ItemQuery

Phrases = tuple[tuple[tuple[str, ...], ...], ...]
_FOUND = table("item_words_found", column("rowid"))


def query_of(ask: ItemQuery, *, is_sqlite: bool) -> Select[Any]:
    """Return the query for the ids of a list, in its order."""
    return _asked(select(ItemRow.id), ask, is_sqlite).order_by(ItemRow.ts.desc(), ItemRow.id).limit(ask.limit)


def hits_of(ask: ItemQuery, *, is_sqlite: bool) -> Select[Any]:
    """Return the query for how many items are asked for, whatever the limit of a list."""
    return _asked(select(func.count()).select_from(ItemRow), ask, is_sqlite)


def _asked(query: Select[Any], ask: ItemQuery, is_sqlite: bool) -> Select[Any]:
    if ask.sources is not None:
        query = query.where(ItemRow.source.in_(ask.sources))
    if ask.language:
        query = query.where(ItemRow.language == ask.language)
    if ask.is_relevant:
        query = query.where(or_(ItemRow.is_relevant.is_(None), ItemRow.is_relevant.is_(True)))
    if ask.after_ms is not None:
        query = query.where(ItemRow.ts >= ask.after_ms)
    if ask.before_ms is not None:
        query = query.where(ItemRow.ts < ask.before_ms)
    if ask.cursor is not None:
        ts, name = ask.cursor
        query = query.where(or_(ItemRow.ts < ts, and_(ItemRow.ts == ts, ItemRow.id > name)))
    for kind, value in ask.tags.items():
        query = query.where(ItemRow.id.in_(_tagged(kind, value)))
    if ask.phrases:
        query = query.where(ItemRow.id.in_(_with_words(ask.phrases, is_sqlite=is_sqlite)))
    return query


def tagged_of(kind: str, values: Sequence[str], before_ms: int | None) -> Select[str, str]:
    """Return the query for the ids of items by the values of a kind that they have, in the order of lists."""
    query = (
        select(ItemTagRow.value, ItemRow.id)
        .join(ItemRow, ItemRow.id == ItemTagRow.item)
        .where(ItemTagRow.kind == kind, ItemTagRow.value.in_(values))
        .order_by(ItemRow.ts.desc(), ItemRow.id)
    )
    return query if before_ms is None else query.where(ItemRow.ts < before_ms)


def tally_of(kind: str, tags: Mapping[str, str], after_ms: int | None, limit: int) -> Select[Any]:
    """Return the query for the values of a kind that most items have."""
    count = func.count().label("items")
    query: Any = (
        select(
            ItemTagRow.value,
            count,
            func.min(ItemTagRow.ts).label("first"),
            func.max(ItemTagRow.ts).label("last"),
        )
        .join(ItemRow, ItemRow.id == ItemTagRow.item)
        .where(ItemTagRow.kind == kind, or_(ItemRow.is_relevant.is_(None), ItemRow.is_relevant.is_(True)))
        .group_by(ItemTagRow.value)
    )
    if after_ms is not None:
        query = query.where(ItemTagRow.ts >= after_ms)
    for name, value in tags.items():
        query = query.where(ItemTagRow.item.in_(_tagged(name, value)))
    found: Select[Any] = query.order_by(count.desc(), func.max(ItemTagRow.ts).desc(), ItemTagRow.value).limit(
        limit
    )
    return found


def _tagged(kind: str, value: str) -> Select[Any]:
    return select(ItemTagRow.item).where(ItemTagRow.kind == kind, ItemTagRow.value == value)


def _with_words(phrases: Phrases, *, is_sqlite: bool) -> Select[Any]:
    if is_sqlite:
        words = _joined(phrases, '"{}"', " ", " AND ", " OR ")
        rows = select(_FOUND.c.rowid).where(text("item_words_found MATCH :words").bindparams(words=words))
        return select(ItemWordsRow.item).where(ItemWordsRow.id.in_(rows))
    words = _joined(phrases, "{}", " <-> ", " & ", " | ")
    # A column that PostgreSQL alone has: cut when it is stored, or a common word would be cut at every search.
    simple: Any = text("'simple'")
    held: Any = literal_column("item_words.item_words_found")
    hits = select(ItemWordsRow.item).where(held.op("@@")(func.to_tsquery(simple, literal(words))))
    # Found by the index first: walking items by time instead, the planner misjudges how far it has to go.
    return select(hits.cte("hits").prefix_with("MATERIALIZED").c.item)


def _joined(phrases: Phrases, whole: str, next_to: str, both: str, either: str) -> str:
    def phrase(stems: tuple[str, ...]) -> str:
        return "(" + whole.format(next_to.join(stems)) + ")"

    return either.join("(" + both.join(phrase(one) for one in group) + ")" for group in phrases)


def arrivals(connection: Connection, after_ms: int, limit: int) -> list[Arrival]:
    """Return when items were published and first seen; a stated day alone is no time of day."""
    newest = ItemRevisionRow.revision == ItemRow.revision
    query = (
        select(ItemRow.source, ItemRow.ts_first_seen, ItemRevisionRow.ts_published, ItemRevisionRow.precision,
               ItemRevisionRow.url)
        .join(ItemRevisionRow, ItemRevisionRow.item == ItemRow.id)
        .where(newest, ItemRow.ts_first_seen >= after_ms, ItemRow.is_generated.is_(False))
        .order_by(ItemRow.ts_first_seen.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        Arrival(
            row.source,
            row.ts_first_seen,
            row.ts_published if row.precision in ("second", "minute") else None,
            bool(row.url),
        )
        for row in connection.execute(query)
    ]


def named_after(connection: Connection, number: int | None) -> tuple[int, list[str]]:
    """Return up to which number revisions were read, and the assets that those read after a number name."""
    column_of, unread = ItemRevisionRow.number, ItemRevisionRow.reading == ""
    if number is None:
        newest = select(column_of).where(~unread).order_by(column_of.desc()).limit(1)
        return connection.scalar(newest) or 0, []
    # What waits is read in its order: nothing after the first of these was.
    waits = connection.scalar(select(func.min(column_of)).where(unread, column_of > number))
    last = connection.scalar(select(func.max(column_of))) or 0
    upto = last if waits is None else waits - 1
    if upto <= number:
        return number, []
    query = (
        select(ItemTagRow.value)
        .join(ItemRevisionRow, ItemRevisionRow.item == ItemTagRow.item)
        .where(ItemTagRow.kind == "asset", column_of > number, column_of <= upto)
        .distinct()
        .order_by(ItemTagRow.value)
    )
    return upto, list(connection.scalars(query))
