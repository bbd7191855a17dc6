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
from vigie.ports.item_queries import ItemQuery
from vigie.ports.items import Arrival

Phrases = tuple[tuple[tuple[str, ...], ...], ...]
_SEARCH_INDEX = table("item_words_found", column("rowid"))


def list_query(item_query: ItemQuery, *, is_sqlite: bool) -> Select[Any]:
    """Return the query for the ids of a list, in its order."""
    return (
        _filter_items(select(ItemRow.id), item_query, is_sqlite)
        .order_by(ItemRow.ts.desc(), ItemRow.id)
        .limit(item_query.limit)
    )


def count_query(item_query: ItemQuery, *, is_sqlite: bool) -> Select[Any]:
    """Return the query for how many items are asked for, whatever the limit of a list."""
    return _filter_items(select(func.count()).select_from(ItemRow), item_query, is_sqlite)


def _filter_items(query: Select[Any], item_query: ItemQuery, is_sqlite: bool) -> Select[Any]:
    if item_query.sources is not None:
        query = query.where(ItemRow.source.in_(item_query.sources))
    if item_query.language:
        query = query.where(ItemRow.language == item_query.language)
    if item_query.is_relevant:
        query = query.where(or_(ItemRow.is_relevant.is_(None), ItemRow.is_relevant.is_(True)))
    if item_query.after_ms is not None:
        query = query.where(ItemRow.ts >= item_query.after_ms)
    if item_query.before_ms is not None:
        query = query.where(ItemRow.ts < item_query.before_ms)
    if item_query.cursor is not None:
        ts, name = item_query.cursor
        query = query.where(or_(ItemRow.ts < ts, and_(ItemRow.ts == ts, ItemRow.id > name)))
    for kind, value in item_query.tags.items():
        query = query.where(ItemRow.id.in_(_tagged_items(kind, value)))
    if item_query.phrases:
        query = query.where(ItemRow.id.in_(_items_with_words(item_query.phrases, is_sqlite=is_sqlite)))
    return query


def tagged_query(kind: str, values: Sequence[str], before_ms: int | None) -> Select[str, str]:
    """Return the query for the ids of items by the values of a kind that they have, in the order of lists."""
    query = (
        select(ItemTagRow.value, ItemRow.id)
        .join(ItemRow, ItemRow.id == ItemTagRow.item)
        .where(ItemTagRow.kind == kind, ItemTagRow.value.in_(values))
        .order_by(ItemRow.ts.desc(), ItemRow.id)
    )
    return query if before_ms is None else query.where(ItemRow.ts < before_ms)


def tag_counts_query(kind: str, tags: Mapping[str, str], after_ms: int | None, limit: int) -> Select[Any]:
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
        query = query.where(ItemTagRow.item.in_(_tagged_items(name, value)))
    ordered: Select[Any] = query.order_by(
        count.desc(), func.max(ItemTagRow.ts).desc(), ItemTagRow.value
    ).limit(limit)
    return ordered


def _tagged_items(kind: str, value: str) -> Select[Any]:
    return select(ItemTagRow.item).where(ItemTagRow.kind == kind, ItemTagRow.value == value)


def _items_with_words(phrases: Phrases, *, is_sqlite: bool) -> Select[Any]:
    if is_sqlite:
        words = _format_match(phrases, '"{}"', " ", " AND ", " OR ")
        rows = select(_SEARCH_INDEX.c.rowid).where(
            text("item_words_found MATCH :words").bindparams(words=words)
        )
        return select(ItemWordsRow.item).where(ItemWordsRow.id.in_(rows))
    words = _format_match(phrases, "{}", " <-> ", " & ", " | ")
    # A column that PostgreSQL alone has: cut when it is stored, or a common word would be cut at every search.
    simple: Any = text("'simple'")
    word_vector: Any = literal_column("item_words.item_words_found")
    hits = select(ItemWordsRow.item).where(word_vector.op("@@")(func.to_tsquery(simple, literal(words))))
    # Found by the index first: walking items by time instead, the planner misjudges how far it has to go.
    return select(hits.cte("hits").prefix_with("MATERIALIZED").c.item)


def _format_match(
    phrases: Phrases, phrase_format: str, next_operator: str, and_operator: str, or_operator: str
) -> str:
    def phrase(stems: tuple[str, ...]) -> str:
        return "(" + phrase_format.format(next_operator.join(stems)) + ")"

    return or_operator.join(
        "(" + and_operator.join(phrase(words) for words in group) + ")" for group in phrases
    )


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
    number_column, unread = ItemRevisionRow.number, ItemRevisionRow.reading == ""
    if number is None:
        newest = select(number_column).where(~unread).order_by(number_column.desc()).limit(1)
        return connection.scalar(newest) or 0, []
    # What waits is read in its order: nothing after the first of these was.
    first_unread = connection.scalar(select(func.min(number_column)).where(unread, number_column > number))
    last = connection.scalar(select(func.max(number_column))) or 0
    last_read = last if first_unread is None else first_unread - 1
    if last_read <= number:
        return number, []
    query = (
        select(ItemTagRow.value)
        .join(ItemRevisionRow, ItemRevisionRow.item == ItemTagRow.item)
        .where(ItemTagRow.kind == "asset", number_column > number, number_column <= last_read)
        .distinct()
        .order_by(ItemTagRow.value)
    )
    return last_read, list(connection.scalars(query))
