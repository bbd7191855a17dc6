"""A few columns of the newest revisions of items, for lists that rank and count many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, String, and_, bindparam, select

from vigie.adapters.stores.sql.items import searching
from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
from vigie.domain.item import FindingBody
from vigie.ports.item_glances import ItemGlance
from vigie.ports.item_queries import ItemQuery

# Ids of one query: SQLite takes some thousands.
_PAGE_IDS: Final = 800
_ITEMS: Final = bindparam("items", type_=String(), expanding=True)
_IS_NEWEST: Final = and_(ItemRevisionRow.item == ItemRow.id, ItemRevisionRow.revision == ItemRow.revision)
_COLUMNS: Final = (
    ItemRow.id, ItemRow.source, ItemRow.revision, ItemRow.ts, ItemRow.ts_first_seen,
    ItemRevisionRow.ts_seen, ItemRevisionRow.precision, ItemRow.is_withdrawn,
)  # fmt: skip
# Written once each, as those of whole revisions are.
_BY_ID: Final = select(*_COLUMNS).join(ItemRevisionRow, _IS_NEWEST).where(ItemRow.id.in_(_ITEMS))
_BODIES: Final = (
    select(ItemFindingRow.item, ItemFindingRow.step, ItemFindingRow.body)
    .join(ItemRow, and_(ItemRow.id == ItemFindingRow.item, ItemRow.revision == ItemFindingRow.revision))
    .where(
        ItemFindingRow.item.in_(_ITEMS),
        ItemFindingRow.step.in_(bindparam("steps", type_=String(), expanding=True)),
        ItemFindingRow.error == "",
    )
)

_GlanceRow: TypeAlias = Sequence[Any]


def glance_at(connection: Connection, item_query: ItemQuery, *, is_sqlite: bool) -> list[ItemGlance]:
    """Return what lists go by of items that are asked for, in the order of lists."""
    query = searching.list_query(item_query, is_sqlite=is_sqlite)
    # What is searched for by words is written anew each time.
    glanced = _write_glance.__wrapped__(query) if item_query.phrases else _write_glance(query)
    rows = connection.execute(glanced, searching.list_values(item_query)).all()
    return _glances(connection, rows, item_query.steps)


@lru_cache(maxsize=128)
def _write_glance(query: Any) -> searching.ListQuery:
    glanced: searching.ListQuery = query.with_only_columns(*_COLUMNS).join(ItemRevisionRow, _IS_NEWEST)
    return glanced


def glance_at_tagged(
    connection: Connection, items_by_value: Mapping[str, Sequence[str]], steps: Sequence[str]
) -> dict[str, list[ItemGlance]]:
    """Return what lists go by of items, by the values whose items they are."""
    names = list(dict.fromkeys(name for items in items_by_value.values() for name in items))
    rows = [
        row
        for start in range(0, len(names), _PAGE_IDS)
        for row in connection.execute(_BY_ID, {"items": names[start : start + _PAGE_IDS]}).all()
    ]
    glances = {glance.item: glance for glance in _glances(connection, rows, steps)}
    return {value: [glances[name] for name in items] for value, items in items_by_value.items()}


def _glances(connection: Connection, rows: Sequence[_GlanceRow], steps: Sequence[str]) -> list[ItemGlance]:
    bodies: dict[str, dict[str, FindingBody]] = {row[0]: {} for row in rows}
    names = list(bodies) if steps else []
    for start in range(0, len(names), _PAGE_IDS):
        page = {"items": names[start : start + _PAGE_IDS], "steps": list(steps)}
        for item, step, body in connection.execute(_BODIES, page).all():
            bodies[item][step] = body
    # The database gives the words of `Precision` back that were stored.
    return [ItemGlance._make((*row, bodies[row[0]])) for row in rows]
