"""The evidence of an item of news as one file that can be checked without this home."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.documents import Document, DocumentStore
from vigie.ports.home import IsSimulated
from vigie.ports.items import ItemStore, StoredRevision
from vigie.ports.registers import RegisterStore
from vigie.services.news.evidence_bundle import EvidenceNotes, build_bundle, refuse_raw_letter
from vigie.services.news.publishers import load_publishers, publisher_of
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.news import ItemInput
from vigie.services.operations.news_outcomes import AppealsInput, ItemOutcomeInput, list_appeals, read_outcome

# A register seldom changes more in one look.
_MOST_CHANGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class BundleSources:
    """What the facts of an evidence bundle come from."""

    items: ItemStore
    bookmarks: SourceBookmarks
    directory: ConnectorDirectory
    registers: RegisterStore
    accounts: UserStore
    audit: AuditLog
    is_simulated: IsSimulated


class BundleResult(OperationResult):
    """A zip: `content` in base64, `digest` the SHA-256 of its bytes."""

    item: str
    name: str
    size: int
    digest: str
    content: str


@operation("news.bundle", example={"item": "0123456789abcdef0123"})
def read_bundle(
    caller: Caller, params: ItemInput, sources: BundleSources, documents: DocumentStore
) -> BundleResult:
    """Read the evidence of an item as one zip: raw answers, hashes, headers, times, revisions, findings."""
    revisions = sources.items.get(params.item)
    if not revisions:
        raise NotFound(
            "no_news_item", "there is no news item {item!r}; `news.list` lists them", item=params.item
        )

    def raw(document: str) -> Document | None:
        stored = documents.get(document)
        if stored is not None:
            refuse_raw_letter(stored, caller)
        return stored

    content = build_bundle(revisions, _bundle_facts(sources, caller, revisions), raw)
    return BundleResult(
        item=params.item,
        name=f"vigie-evidence-{params.item}.zip",
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=b64encode(content).decode(),
    )


def _bundle_facts(
    sources: BundleSources, caller: Caller, revisions: Sequence[StoredRevision]
) -> EvidenceNotes:
    source = revisions[0].item.content.source
    publisher = publisher_of(load_publishers(sources.bookmarks, sources.directory), source)
    licences = {note.id: note.licence for note in sources.directory.news()}
    since = read_outcome(
        caller,
        ItemOutcomeInput(item=revisions[0].item.id),
        sources.bookmarks,
        sources.items,
        sources.is_simulated,
        sources.directory,
    )
    return EvidenceNotes(
        source={
            "id": source, "title": publisher.title, "tier": publisher.tier, "owner": publisher.owner,
            "licence": licences.get(source, ""),
        },
        since=since.model_dump(exclude={"as_of", "item"}),
        registers=_register_changes(sources.registers, revisions[0]),
        notes=_item_notes(sources.accounts, sources.audit, caller, revisions[0].item.id),
        is_simulated=sources.is_simulated,
    )  # fmt: skip


def _item_notes(accounts: UserStore, audit: AuditLog, caller: Caller, item: str) -> list[dict[str, Any]]:
    """Return what people noted about the item; their names stay in the home."""
    appeals = list_appeals(caller, AppealsInput(source="", item=item), accounts, audit).rows
    return [{name: row[name] for name in ("ts", "kind", "text")} for row in appeals]


def _register_changes(registers: RegisterStore, first: StoredRevision) -> list[dict[str, Any]]:
    """Return what became different in a register when the item was seen, of whom it names."""
    content, ts = first.item.content, first.item.ts_seen
    if content.source not in {state.register for state in registers.states()}:
        return []
    return [
        {
            "kind": change.kind,
            "ts_seen": change.ts_seen,
            "before": asdict(change.before) if change.before else None,
            "after": asdict(change.after) if change.after else None,
        }
        for change in registers.changes(content.source, after_ms=ts, limit=_MOST_CHANGES)
        if change.ts_seen == ts and change.entry.name in content.title
    ]
