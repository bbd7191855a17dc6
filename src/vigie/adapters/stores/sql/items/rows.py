"""Rows of the tables of items as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, select

from vigie.adapters.stores.sql.items.tables import ItemFindingRow, ItemRevisionRow, ItemRow
from vigie.domain.item import ItemFinding, NewsItem, Sighting
from vigie.ports.items import StoredRevision

_PAGE_IDS: Final = 400
_FINDINGS_QUERY: Final = select(
    ItemFindingRow.item, ItemFindingRow.revision, ItemFindingRow.step, ItemFindingRow.version,
    ItemFindingRow.body, ItemFindingRow.why, ItemFindingRow.error, ItemFindingRow.took_us,
)  # fmt: skip
REVISIONS_WITH_ITEM: Final[Select[Any]] = select(
    ItemRevisionRow.__table__, ItemRow.source, ItemRow.key, ItemRow.ts_first_seen, ItemRow.is_generated
).join(ItemRow, ItemRow.id == ItemRevisionRow.item)


class _RevisionFindings(NamedTuple):
    findings: dict[str, ItemFinding]
    errors: dict[str, str]
    took_us: dict[str, int]


def to_revision(row: Row[Any], recorded: _RevisionFindings | None = None) -> StoredRevision:
    """Return a revision, with its findings where they were read."""
    sighting = Sighting(
        source=row.source, key=row.key, url=row.url, title=row.title, text=row.text, author=row.author,
        language=row.language, ts_published=row.ts_published, precision=row.precision, document=row.document,
    )  # fmt: skip
    item = NewsItem(
        row.item, row.revision, sighting, row.ts_seen, row.ts_first_seen, row.is_withdrawn, row.is_generated
    )
    findings, errors, took_us = recorded if recorded is not None else _RevisionFindings({}, {}, {})
    return StoredRevision(row.number, item, row.ts_wall, row.ts_read, row.reading, findings, errors, took_us)


def with_findings(
    connection: Connection, rows: Sequence[Row[Any]], steps: Sequence[str] = ()
) -> list[StoredRevision]:
    """Return revisions with what was found in them, by some steps or by all."""
    findings_by_revision = {(row.item, row.revision): _RevisionFindings({}, {}, {}) for row in rows}
    item_ids = list(dict.fromkeys(row.item for row in rows))
    for start in range(0, len(item_ids), _PAGE_IDS):
        query = _FINDINGS_QUERY.where(ItemFindingRow.item.in_(item_ids[start : start + _PAGE_IDS]))
        # Of all that a page reads these are the most rows: taken apart once, each.
        for item, revision, step, version, body, why, error, took_us in connection.execute(
            query.where(ItemFindingRow.step.in_(steps)) if steps else query
        ):
            revision_findings = findings_by_revision.get((item, revision))
            if revision_findings is None:
                continue
            revision_findings.took_us[step] = took_us
            if error:
                revision_findings.errors[step] = error
            else:
                revision_findings.findings[step] = ItemFinding(step, version, body, why)
    return [to_revision(row, findings_by_revision[row.item, row.revision]) for row in rows]
