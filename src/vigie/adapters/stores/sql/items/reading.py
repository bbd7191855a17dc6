"""What waits to be read, and what steps found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from vigie.adapters.stores.sql.items.rows import REVISIONS_WITH_ITEM, to_revision
from vigie.adapters.stores.sql.items.tables import (
    ItemFindingRow,
    ItemRevisionRow,
    ItemRow,
    ItemTagRow,
    ItemWordsRow,
)
from vigie.ports.item_readings import ItemReading
from vigie.ports.items import StoredRevision


def find_unread(connection: Connection, steps: str, limit: int) -> Sequence[Row[Any]]:
    """Return revisions that these steps did not read, never read ones first, each group oldest first."""
    first = (
        REVISIONS_WITH_ITEM.where(ItemRevisionRow.reading == "").order_by(ItemRevisionRow.number).limit(limit)
    )
    rows = list(connection.execute(first))
    if len(rows) < limit:
        # Of the others the newest revisions only: what is shown of an item is read anew, its past stays as it was.
        stale = REVISIONS_WITH_ITEM.where(
            ItemRevisionRow.reading.not_in(("", steps)), ItemRevisionRow.revision == ItemRow.revision
        )
        rows += connection.execute(stale.order_by(ItemRevisionRow.number).limit(limit - len(rows)))
    return rows


def read_after(connection: Connection, number: int, limit: int) -> list[StoredRevision]:
    """Return revisions after a number in their order, up to the first that was not read."""
    query = (
        REVISIONS_WITH_ITEM.where(ItemRevisionRow.number > number)
        .order_by(ItemRevisionRow.number)
        .limit(limit)
    )
    return [to_revision(row) for row in takewhile(lambda row: row.reading != "", connection.execute(query))]


def put_findings(connection: Connection, reading: ItemReading) -> None:
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
                    "item": item, "revision": revision, "step": finding.step, "version": finding.version,
                    "body": dict(finding.body), "why": finding.why, "error": error, "took_us": took_us,
                }
                for finding, error, took_us in reading.findings
            ],
        )  # fmt: skip
    newest = connection.scalar(select(ItemRow.revision).where(ItemRow.id == item))
    if newest == revision:
        _update_listing(connection, reading)


def _update_listing(connection: Connection, reading: ItemReading) -> None:
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
    stored_words = connection.scalar(select(ItemWordsRow.words).where(ItemWordsRow.item == item))
    if stored_words is None:
        connection.execute(insert(ItemWordsRow).values(item=item, words=reading.words))
    elif stored_words != reading.words:
        connection.execute(update(ItemWordsRow).where(ItemWordsRow.item == item).values(words=reading.words))
