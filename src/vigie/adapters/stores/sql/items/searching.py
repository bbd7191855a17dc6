"""Lists of items by filters and by words; both databases find the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
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
from vigie.ports.item_queries import ItemQuery, TagCount
from vigie.ports.items import Arrival

ListQuery: TypeAlias = Select[Any]
Phrases = tuple[tuple[tuple[str, ...], ...], ...]
_SEARCH_INDEX = table("item_words_found", column("rowid"))


class _ListShape(NamedTuple):
    """What is asked of a list, without the values: each shape has one statement, written once."""

    has_sources: bool
    has_language: bool
    is_relevant: bool
    has_after: bool
    has_before: bool
    has_cursor: bool
    kinds: tuple[str, ...]


def list_query(item_query: ItemQuery, *, is_sqlite: bool) -> ListQuery:
    """Return the query for the ids of a list, in its order; `list_values` are its values."""
    return _with_words(_write_list(_shape_of(item_query)), item_query, is_sqlite)


def count_query(item_query: ItemQuery, *, is_sqlite: bool) -> ListQuery:
    """Return the query for how many items are asked for, whatever the limit of a list; with the same values."""
    return _with_words(_write_count(_shape_of(item_query)), item_query, is_sqlite)


def list_values(item_query: ItemQuery) -> dict[str, object]:
    """Return the values of the query for a list, by their names in it."""
    cursor = item_query.cursor
    values: dict[str, object] = {
        "sources": item_query.sources,
        "language": item_query.language or None,
        "after": item_query.after_ms,
        "before": item_query.before_ms,
        "cursor_ts": None if cursor is None else cursor[0],
        "cursor_id": None if cursor is None else cursor[1],
        "most": item_query.limit,
        **{f"tag_{kind}": value for kind, value in item_query.tags.items()},
    }
    return {key: value for key, value in values.items() if value is not None}


def _shape_of(item_query: ItemQuery) -> _ListShape:
    return _ListShape(
        item_query.sources is not None,
        bool(item_query.language),
        item_query.is_relevant,
        item_query.after_ms is not None,
        item_query.before_ms is not None,
        item_query.cursor is not None,
        tuple(item_query.tags),
    )


@lru_cache(maxsize=128)
def _write_list(shape: _ListShape) -> ListQuery:
    query = _filter_items(select(ItemRow.id), shape)
    return query.order_by(ItemRow.ts.desc(), ItemRow.id).limit(bindparam("most"))


@lru_cache(maxsize=128)
def _write_count(shape: _ListShape) -> ListQuery:
    return _filter_items(select(func.count()).select_from(ItemRow), shape)


def _filter_items(query: ListQuery, shape: _ListShape) -> ListQuery:
    if shape.has_sources:
        query = query.where(ItemRow.source.in_(bindparam("sources", expanding=True)))
    if shape.has_language:
        query = query.where(ItemRow.language == bindparam("language"))
    if shape.is_relevant:
        query = query.where(or_(ItemRow.is_relevant.is_(None), ItemRow.is_relevant.is_(True)))
    if shape.has_after:
        query = query.where(ItemRow.ts >= bindparam("after"))
    if shape.has_before:
        query = query.where(ItemRow.ts < bindparam("before"))
    if shape.has_cursor:
        ts, name = bindparam("cursor_ts", type_=BigInteger()), bindparam("cursor_id", type_=String())
        query = query.where(or_(ItemRow.ts < ts, and_(ItemRow.ts == ts, ItemRow.id > name)))
    for kind in shape.kinds:
        query = query.where(ItemRow.id.in_(_tagged_items(kind)))
    return query


def _with_words(query: ListQuery, item_query: ItemQuery, is_sqlite: bool) -> ListQuery:
    if not item_query.phrases:
        return query
    return query.where(ItemRow.id.in_(_items_with_words(item_query.phrases, is_sqlite=is_sqlite)))


_TAGGED: Final = (
    select(ItemTagRow.value, ItemRow.id)
    .join(ItemRow, ItemRow.id == ItemTagRow.item)
    .where(ItemTagRow.kind == bindparam("kind"), ItemTagRow.value.in_(bindparam("values", expanding=True)))
    .order_by(ItemRow.ts.desc(), ItemRow.id)
)
_TAGGED_BEFORE: Final = _TAGGED.where(ItemRow.ts < bindparam("before"))


def list_tagged_ids(
    connection: Connection, kind: str, values: Sequence[str], before_ms: int | None
) -> Sequence[Row[str, str]]:
    """Return each value of a kind with the id of an item that has it, in the order of lists."""
    asked: dict[str, object] = {"kind": kind, "values": list(values)}
    if before_ms is None:
        return connection.execute(_TAGGED, asked).all()
    return connection.execute(_TAGGED_BEFORE, asked | {"before": before_ms}).all()


def count_tags(
    connection: Connection, kind: str, tags: Mapping[str, str], after_ms: int | None, limit: int
) -> list[TagCount]:
    """Return the values of a kind that most items have."""
    asked: dict[str, object] = {f"tag_{name}": value for name, value in tags.items()}
    asked |= {"kind": kind, "most": limit} | ({} if after_ms is None else {"after": after_ms})
    query = _write_tag_counts(tuple(tags), has_after=after_ms is not None)
    rows = connection.execute(query, asked).all()
    return [TagCount(row.value, row.items, row.first, row.last) for row in rows]


@lru_cache(maxsize=64)
def _write_tag_counts(kinds: tuple[str, ...], *, has_after: bool) -> ListQuery:
    count = func.count().label("items")
    first, last = func.min(ItemTagRow.ts).label("first"), func.max(ItemTagRow.ts).label("last")
    query: Any = (
        select(ItemTagRow.value, count, first, last)
        .join(ItemRow, ItemRow.id == ItemTagRow.item)
        .where(
            ItemTagRow.kind == bindparam("kind"),
            or_(ItemRow.is_relevant.is_(None), ItemRow.is_relevant.is_(True)),
        )
        .group_by(ItemTagRow.value)
    )
    if has_after:
        query = query.where(ItemTagRow.ts >= bindparam("after"))
    for kind in kinds:
        query = query.where(ItemTagRow.item.in_(_tagged_items(kind)))
    ordered: ListQuery = query.order_by(count.desc(), last.desc(), ItemTagRow.value)
    return ordered.limit(bindparam("most"))


def _tagged_items(kind: str) -> ListQuery:
    return select(ItemTagRow.item).where(
        ItemTagRow.kind == kind, ItemTagRow.value == bindparam(f"tag_{kind}")
    )


def _items_with_words(phrases: Phrases, *, is_sqlite: bool) -> ListQuery:
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
