"""The evidence of an item of news as one file that can be checked without this home."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.documents import Document
from vigie.ports.items import StoredRevision
from vigie.services.desk.news import ItemAsk
from vigie.services.desk.news_appeals import AppealsAsk, list_appeals
from vigie.services.desk.news_standing import StandingAsk, read_standing
from vigie.services.house import House
from vigie.services.news.bundle import Told, bundle
from vigie.services.news.publishers import publisher_of, publishers
from vigie.services.news.raw import refuse_strangers
from vigie.services.operation import Answer, operation

# A register seldom changes more in one look.
_MOST_CHANGES: Final = 10_000


class BundleAnswer(Answer):
    """A zip: `content` in base64, `digest` the SHA-256 of its bytes."""

    item: str
    name: str
    size: int
    digest: str
    content: str


@operation("news.bundle", example={"item": "0123456789abcdef0123"})
def read_bundle(house: House, caller: Caller, ask: ItemAsk) -> BundleAnswer:
    """Read the evidence of an item as one zip: raw answers, hashes, headers, times, revisions, findings."""
    every = house.items.get(ask.item)
    if not every:
        raise NotFound(f"there is no item {ask.item!r}; `news.list` names them")

    def raw(document: str) -> Document | None:
        held = house.documents.get(document)
        if held is not None:
            refuse_strangers(held, caller)
        return held

    content = bundle(every, _told(house, caller, every), raw)
    return BundleAnswer(
        item=ask.item,
        name=f"vigie-evidence-{ask.item}.zip",
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=b64encode(content).decode(),
    )


def _told(house: House, caller: Caller, every: Sequence[StoredRevision]) -> Told:
    source = every[0].item.said.source
    one = publisher_of(publishers(house), source)
    licences = {note.id: note.licence for note in house.directory.news()}
    since = read_standing(house, caller, StandingAsk(item=every[0].item.id))
    return Told(
        source={
            "id": source, "title": one.title, "tier": one.tier, "owner": one.owner,
            "licence": licences.get(source, ""),
        },
        since=since.model_dump(exclude={"as_of", "item"}),
        registers=_changes(house, every[0]),
        notes=_notes(house, caller, every[0].item.id),
        is_simulated=house.is_simulated,
    )  # fmt: skip


def _notes(house: House, caller: Caller, item: str) -> list[dict[str, Any]]:
    """Return what people noted about the item; their names stay in the home."""
    found = list_appeals(house, caller, AppealsAsk(source="", item=item)).rows
    return [{name: row[name] for name in ("ts", "kind", "text")} for row in found]


def _changes(house: House, first: StoredRevision) -> list[dict[str, Any]]:
    """Return what became different in a register when the item was seen, of whom it names."""
    said, ts = first.item.said, first.item.ts_seen
    if said.source not in {state.register for state in house.registers.states()}:
        return []
    return [
        {
            "kind": one.kind,
            "ts_seen": one.ts_seen,
            "before": asdict(one.before) if one.before else None,
            "after": asdict(one.after) if one.after else None,
        }
        for one in house.registers.changes(said.source, after_ms=ts, limit=_MOST_CHANGES)
        if one.ts_seen == ts and one.entry.name in said.title
    ]
