"""Rows of the tables of items as records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, Select, literal, select

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
# The same without texts, which are most of what is read.
TITLES_WITH_ITEM: Final = REVISIONS_WITH_ITEM.with_only_columns(
    *(
        literal("").label("text") if column.name == "text" else column
        for column in REVISIONS_WITH_ITEM.selected_columns
    )
)


class _RevisionFindings(NamedTuple):
    findings: dict[str, ItemFinding]
    errors: dict[str, str]
    took_us: dict[str, int]


def to_revision(row: Row[Any], recorded: _RevisionFindings | None = None) -> StoredRevision:
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


def with_findings(
    connection: Connection, rows: Sequence[Row[Any]], steps: Sequence[str] = ()
) -> list[StoredRevision]:
    """Return revisions with what was found in them, by some steps or by all."""
    findings_by_revision = {(row.item, row.revision): _RevisionFindings({}, {}, {}) for row in rows}
    item_ids = list(dict.fromkeys(row.item for row in rows))
    for start in range(0, len(item_ids), _PAGE_IDS):
        query = _FINDINGS_QUERY.where(ItemFindingRow.item.in_(item_ids[start : start + _PAGE_IDS]))
        # Of all that a page reads these are the most rows: fetched at once, taken apart once, each.
        found = connection.execute(query.where(ItemFindingRow.step.in_(steps)) if steps else query).all()
        for item, revision, step, version, body, why, error, took_us in found:
            revision_findings = findings_by_revision.get((item, revision))
            if revision_findings is None:
                continue
            revision_findings.took_us[step] = took_us
            if error:
                revision_findings.errors[step] = error
            else:
                revision_findings.findings[step] = ItemFinding(step, version, body, why)
    return [to_revision(row, findings_by_revision[row.item, row.revision]) for row in rows]
