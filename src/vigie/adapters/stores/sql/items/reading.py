"""What waits to be read, and what steps found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from vigie.adapters.stores.sql.items.rows import WITH_ITEM, known_of
from vigie.adapters.stores.sql.items.tables import (
    ItemFindingRow,
    ItemRevisionRow,
    ItemRow,
    ItemTagRow,
    ItemWordsRow,
)
from vigie.ports.items import ItemReading, StoredRevision


def unread(connection: Connection, steps: str, limit: int) -> Sequence[Row[Any]]:
    """Return revisions that these steps did not read, never read ones first, each group oldest first."""
    first = WITH_ITEM.where(ItemRevisionRow.reading == "").order_by(ItemRevisionRow.number).limit(limit)
    rows = list(connection.execute(first))
    if len(rows) < limit:
        # Of the others the newest revisions only: what is shown of an item is read anew, its past stays as it was.
        stale = WITH_ITEM.where(
            ItemRevisionRow.reading.not_in(("", steps)), ItemRevisionRow.revision == ItemRow.revision
        )
        rows += connection.execute(stale.order_by(ItemRevisionRow.number).limit(limit - len(rows)))
    return rows


def read_after(connection: Connection, number: int, limit: int) -> list[StoredRevision]:
    """Return revisions after a number in their order, up to the first that was not read."""
    query = WITH_ITEM.where(ItemRevisionRow.number > number).order_by(ItemRevisionRow.number).limit(limit)
    return [known_of(row) for row in takewhile(lambda row: row.reading != "", connection.execute(query))]


def put(connection: Connection, reading: ItemReading) -> None:
    """Put what was found in a revision in the place of what was found before."""
    item, revision = reading.item.id, reading.item.revision
    connection.execute(
        delete(ItemFindingRow).where(ItemFindingRow.item == item, ItemFindingRow.revision == revision)
    )
    if reading.findings:
        connection.execute(
            insert(ItemFindingRow),
            [
                {
                    "item": item, "revision": revision, "step": one.step, "version": one.version,
                    "body": dict(one.body), "why": one.why, "error": error, "took_us": took_us,
                }
                for one, error, took_us in reading.findings
            ],
        )  # fmt: skip
    newest = connection.scalar(select(ItemRow.revision).where(ItemRow.id == item))
    if newest == revision:
        _put_shown(connection, reading)


def _put_shown(connection: Connection, reading: ItemReading) -> None:
    """Put what lists go by; only what the newest revision says counts for them."""
    item = reading.item.id
    connection.execute(
        update(ItemRow)
        .where(ItemRow.id == item)
        .values(language=reading.language, is_relevant=reading.is_relevant)
    )
    connection.execute(delete(ItemTagRow).where(ItemTagRow.item == item))
    tags = [
        {"kind": kind, "value": value, "item": item, "ts": reading.item.ts}
        for kind, values in reading.tags.items()
        for value in dict.fromkeys(values)
    ]
    if tags:
        connection.execute(insert(ItemTagRow), tags)
    held = connection.scalar(select(ItemWordsRow.words).where(ItemWordsRow.item == item))
    if held is None:
        connection.execute(insert(ItemWordsRow).values(item=item, words=reading.words))
    elif held != reading.words:
        connection.execute(update(ItemWordsRow).where(ItemWordsRow.item == item).values(words=reading.words))
