"""A few columns of the newest revisions of items, for lists that rank and count many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, String, and_, bindparam, select
from sqlalchemy.orm import aliased

from vigie.adapters.stores.sql.items import searching
from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
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
_N_COLUMNS: Final = len(_COLUMNS)


def glance_at(connection: Connection, item_query: ItemQuery, *, is_sqlite: bool) -> list[ItemGlance]:
    """Return what lists go by of items that are asked for, in the order of lists."""
    query = searching.list_query(item_query, is_sqlite=is_sqlite)
    # What is searched for by words is written anew each time.
    write = _write_list.__wrapped__ if item_query.phrases else _write_list
    rows = connection.execute(write(query, item_query.steps), searching.list_values(item_query)).all()
    return [_to_glance(row, item_query.steps) for row in rows]


@lru_cache(maxsize=128)
def _write_list(query: searching.ListQuery, steps: tuple[str, ...]) -> searching.ListQuery:
    return _with_bodies(query.with_only_columns(*_COLUMNS).join(ItemRevisionRow, _IS_NEWEST), steps)


@lru_cache(maxsize=32)
def _write_by_id(steps: tuple[str, ...]) -> searching.ListQuery:
    newest = select(*_COLUMNS).join(ItemRevisionRow, _IS_NEWEST)
    return _with_bodies(newest.where(ItemRow.id.in_(_ITEMS)), steps)


def _with_bodies(query: Any, steps: Sequence[str]) -> searching.ListQuery:
    """Return a query with what steps found in columns of its rows: rows of their own would be several for each item."""
    for step in steps:
        finding = aliased(ItemFindingRow)
        is_of_step = and_(
            finding.item == ItemRow.id,
            finding.revision == ItemRow.revision,
            finding.step == step,
            finding.error == "",
        )
        query = query.outerjoin(finding, is_of_step).add_columns(finding.body)
    glanced: searching.ListQuery = query
    return glanced


def glance_at_tagged(
    connection: Connection, items_by_value: Mapping[str, Sequence[str]], steps: tuple[str, ...]
) -> dict[str, list[ItemGlance]]:
    """Return what lists go by of items, by the values whose items they are."""
    names = list(dict.fromkeys(name for items in items_by_value.values() for name in items))
    glances = {
        row[0]: _to_glance(row, steps)
        for start in range(0, len(names), _PAGE_IDS)
        for row in connection.execute(_write_by_id(steps), {"items": names[start : start + _PAGE_IDS]}).all()
    }
    return {value: [glances[name] for name in items] for value, items in items_by_value.items()}


def _to_glance(row: Sequence[object], steps: Sequence[str]) -> ItemGlance:
    bodies = zip(steps, row[_N_COLUMNS:], strict=True)
    # The database gives the words of `Precision` back that were stored.
    return ItemGlance._make((*row[:_N_COLUMNS], {step: body for step, body in bodies if body is not None}))
