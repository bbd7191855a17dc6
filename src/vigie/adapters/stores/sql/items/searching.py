"""Lists of items by filters and by words; both databases find the same ones."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, column, func, literal, or_, select, table, text

from vigie.adapters.stores.sql.items.tables import ItemRow, ItemTagRow, ItemWordsRow
from vigie.ports.items import Wanted

Phrases = tuple[tuple[tuple[str, ...], ...], ...]
_FOUND = table("item_words_found", column("rowid"))


def query_of(ask: Wanted, *, is_sqlite: bool) -> Select[Any]:
    """Return the query for the ids of a list, in its order."""
    query = select(ItemRow.id)
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
        tagged = select(ItemTagRow.item).where(ItemTagRow.kind == kind, ItemTagRow.value == value)
        query = query.where(ItemRow.id.in_(tagged))
    if ask.phrases:
        query = query.where(ItemRow.id.in_(_with_words(ask.phrases, is_sqlite=is_sqlite)))
    return query.order_by(ItemRow.ts.desc(), ItemRow.id).limit(ask.limit)


def _with_words(phrases: Phrases, *, is_sqlite: bool) -> Select[Any]:
    if is_sqlite:
        words = _joined(phrases, '"{}"', " ", " AND ", " OR ")
        rows = select(_FOUND.c.rowid).where(text("item_words_found MATCH :words").bindparams(words=words))
        return select(ItemWordsRow.item).where(ItemWordsRow.id.in_(rows))
    words = _joined(phrases, "{}", " <-> ", " & ", " | ")
    # The configuration is part of the statement: the index is for these very words.
    simple: Any = text("'simple'")
    held = func.to_tsvector(simple, ItemWordsRow.words)
    return select(ItemWordsRow.item).where(held.op("@@")(func.to_tsquery(simple, literal(words))))


def _joined(phrases: Phrases, whole: str, next_to: str, both: str, either: str) -> str:
    def phrase(stems: tuple[str, ...]) -> str:
        return "(" + whole.format(next_to.join(stems)) + ")"

    return either.join("(" + both.join(phrase(one) for one in group) + ")" for group in phrases)
