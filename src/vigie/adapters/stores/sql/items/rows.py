"""Rows of the tables of items as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, Select, String, bindparam, literal, select

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.ports.items import StoredRevision

# Ids of one query: SQLite takes some thousands, and a page of a source has hundreds.
_PAGE_IDS: Final = 400
_ITEMS: Final = bindparam("items", type_=String(), expanding=True)
# Written once each: to write a query anew for every reading takes several times as long as the database does.
_FINDINGS_QUERY: Final = select(
    ItemFindingRow.item, ItemFindingRow.revision, ItemFindingRow.step, ItemFindingRow.version,
    ItemFindingRow.body, ItemFindingRow.why, ItemFindingRow.error, ItemFindingRow.took_us,
).where(ItemFindingRow.item.in_(_ITEMS))  # fmt: skip
_STEPS_QUERY: Final = _FINDINGS_QUERY.where(ItemFindingRow.step.in_(bindparam("steps", expanding=True)))
REVISIONS_WITH_ITEM: Final[Select[Any]] = select(
    ItemRevisionRow.__table__, ItemRow.source, ItemRow.key, ItemRow.ts_first_seen, ItemRow.is_generated
).join(ItemRow, ItemRow.id == ItemRevisionRow.item)
# The same without texts, which are most of what is read.
TITLES_WITH_ITEM: Final = REVISIONS_WITH_ITEM.with_only_columns(
    *(
        literal("").label("text") if column.name == "text" else column
        for column in REVISIONS_WITH_ITEM.selected_columns
    )
)
# By whether texts are read.
_HISTORY_QUERIES: Final = {
    has_text: revisions.where(ItemRow.id.in_(_ITEMS)).order_by(ItemRow.id, ItemRevisionRow.revision)
    for has_text, revisions in ((True, REVISIONS_WITH_ITEM), (False, TITLES_WITH_ITEM))
}
_NEWEST_QUERIES: Final = {
    has_text: revisions.where(ItemRow.id.in_(_ITEMS), ItemRevisionRow.revision == ItemRow.revision)
    for has_text, revisions in ((True, REVISIONS_WITH_ITEM), (False, TITLES_WITH_ITEM))
}


RevisionRow: TypeAlias = Row[Any]


class _RevisionFindings(NamedTuple):
    findings: dict[str, ItemFinding]
    errors: dict[str, str]
    took_us: dict[str, int]


def to_revision(row: RevisionRow, recorded: _RevisionFindings | None = None) -> StoredRevision:
    """Return a revision, with its findings where they were read."""
    # A page has hundreds of these: one look at the row, not one for each column.
    (
        number, name, revision, url, title, text, author, language, ts_published, precision, document, ts_seen,
        ts_wall, is_withdrawn, reading, ts_read, source, key, ts_first_seen, is_generated,
    ) = tuple(row)  # fmt: skip
    sighting = Sighting(
        source=source, key=key, url=url, title=title, text=text, author=author, language=language,
        ts_published=ts_published, precision=precision, document=document,
    )  # fmt: skip
    item = NewsItem(name, revision, sighting, ts_seen, ts_first_seen, is_withdrawn, is_generated)
    findings, errors, took_us = recorded if recorded is not None else _RevisionFindings({}, {}, {})
    return StoredRevision(number, item, ts_wall, ts_read, reading, findings, errors, took_us)


def history_rows(connection: Connection, items: Sequence[str], *, has_text: bool = True) -> list[RevisionRow]:
    """Return every revision of items, those of each oldest first."""
    return _rows_of(connection, _HISTORY_QUERIES[has_text], items)


def newest_rows(
    connection: Connection, items: Sequence[str], *, has_text: bool = True
) -> dict[str, RevisionRow]:
    """Return the newest revision of items by the item; one that there is not is not there."""
    return {row.item: row for row in _rows_of(connection, _NEWEST_QUERIES[has_text], items)}


def _rows_of(connection: Connection, query: Select[Any], items: Sequence[str]) -> list[RevisionRow]:
    return [
        row
        for start in range(0, len(items), _PAGE_IDS)
        for row in connection.execute(query, {"items": items[start : start + _PAGE_IDS]}).all()
    ]


def with_findings(
    connection: Connection, rows: Sequence[RevisionRow], steps: Sequence[str] = ()
) -> list[StoredRevision]:
    """Return revisions with what was found in them, by some steps or by all."""
    names = [(row.item, row.revision) for row in rows]
    findings_by_revision = {name: _RevisionFindings({}, {}, {}) for name in names}
    item_ids = list(dict.fromkeys(item for item, _ in names))
    for start in range(0, len(item_ids), _PAGE_IDS):
        page: dict[str, Sequence[str]] = {"items": item_ids[start : start + _PAGE_IDS]}
        # Of all that a page reads these are the most rows: fetched at once, taken apart once, each.
        found = (
            connection.execute(_STEPS_QUERY, page | {"steps": list(steps)})
            if steps
            else connection.execute(_FINDINGS_QUERY, page)
        ).all()
        for item, revision, step, version, body, why, error, took_us in found:
            revision_findings = findings_by_revision.get((item, revision))
            if revision_findings is None:
                continue
            revision_findings.took_us[step] = took_us
            if error:
                revision_findings.errors[step] = error
            else:
                revision_findings.findings[step] = ItemFinding(step, version, body, why)
    return [to_revision(row, findings_by_revision[name]) for row, name in zip(rows, names, strict=True)]
