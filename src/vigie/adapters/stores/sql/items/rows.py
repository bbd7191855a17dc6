"""Rows of the tables of items as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.ports.items import StoredRevision

_PAGE: Final = 400
_FINDINGS: Final = select(
    ItemFindingRow.item, ItemFindingRow.revision, ItemFindingRow.step, ItemFindingRow.version,
    ItemFindingRow.body, ItemFindingRow.why, ItemFindingRow.error, ItemFindingRow.took_us,
)  # fmt: skip
WITH_ITEM: Final[Select[Any]] = select(
    ItemRevisionRow.__table__, ItemRow.source, ItemRow.key, ItemRow.ts_first_seen, ItemRow.is_generated
).join(ItemRow, ItemRow.id == ItemRevisionRow.item)


class _Found(NamedTuple):
    found: dict[str, ItemFinding]
    errors: dict[str, str]
    took_us: dict[str, int]


def known_of(row: Row[Any], read: _Found | None = None) -> StoredRevision:
    """Return a revision, with its findings where they were read."""
    said = Sighting(
        source=row.source, key=row.key, url=row.url, title=row.title, text=row.text, author=row.author,
        language=row.language, ts_published=row.ts_published, precision=row.precision, document=row.document,
    )  # fmt: skip
    item = NewsItem(
        row.item, row.revision, said, row.ts_seen, row.ts_first_seen, row.is_withdrawn, row.is_generated
    )
    found, errors, took_us = read if read is not None else _Found({}, {}, {})
    return StoredRevision(row.number, item, row.ts_wall, row.ts_read, row.reading, found, errors, took_us)


def with_findings(
    connection: Connection, rows: Sequence[Row[Any]], steps: Sequence[str] = ()
) -> list[StoredRevision]:
    """Return revisions with what was found in them, by some steps or by all."""
    found = {(row.item, row.revision): _Found({}, {}, {}) for row in rows}
    names = list(dict.fromkeys(row.item for row in rows))
    for start in range(0, len(names), _PAGE):
        query = _FINDINGS.where(ItemFindingRow.item.in_(names[start : start + _PAGE]))
        # Of all that a page reads these are the most rows: taken apart once, each.
        for item, revision, step, version, body, why, error, took_us in connection.execute(
            query.where(ItemFindingRow.step.in_(steps)) if steps else query
        ):
            held = found.get((item, revision))
            if held is None:
                continue
            held.took_us[step] = took_us
            if error:
                held.errors[step] = error
            else:
                held.found[step] = ItemFinding(step, version, body, why)
    return [known_of(row, found[row.item, row.revision]) for row in rows]
