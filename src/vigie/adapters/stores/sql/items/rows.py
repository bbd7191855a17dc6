"""Rows of the tables of items as records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
from vigie.domain.item import Finding, Item, Sighting
from vigie.ports.items import Known

_PAGE: Final = 400
WITH_ITEM: Final[Select[Any]] = select(
    ItemRevisionRow.__table__, ItemRow.source, ItemRow.key, ItemRow.ts_first_seen
).join(ItemRow, ItemRow.id == ItemRevisionRow.item)


def known_of(row: Row[Any]) -> Known:
    """Return a revision without its findings."""
    said = Sighting(
        source=row.source, key=row.key, url=row.url, title=row.title, text=row.text, author=row.author,
        language=row.language, ts_published=row.ts_published, precision=row.precision, document=row.document,
    )  # fmt: skip
    item = Item(row.item, row.revision, said, row.ts_seen, row.ts_first_seen, row.is_withdrawn)
    return Known(row.number, item, row.ts_wall, row.ts_read, row.reading)


def with_findings(connection: Connection, rows: Sequence[Row[Any]], steps: Sequence[str] = ()) -> list[Known]:
    """Return revisions with what was found in them, by some steps or by all."""
    found: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
    names = list(dict.fromkeys(row.item for row in rows))
    for start in range(0, len(names), _PAGE):
        query = select(ItemFindingRow.__table__).where(ItemFindingRow.item.in_(names[start : start + _PAGE]))
        for one in connection.execute(query.where(ItemFindingRow.step.in_(steps)) if steps else query):
            found[(one.item, one.revision)].append(one)
    return [_whole(known_of(row), found[(row.item, row.revision)]) for row in rows]


def _whole(known: Known, found: Sequence[Row[Any]]) -> Known:
    good = {one.step: Finding(one.step, one.version, one.body, one.why) for one in found if not one.error}
    return Known(
        known.number,
        known.item,
        known.ts_wall,
        known.ts_read,
        known.reading,
        found=good,
        errors={one.step: one.error for one in found if one.error},
        took_us={one.step: one.took_us for one in found},
    )
