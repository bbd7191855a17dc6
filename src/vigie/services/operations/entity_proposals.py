"""Names that are proposed as entities: what proposes them, one click that accepts or rejects, and the way back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Final, Literal

from pydantic import BaseModel, Field

from vigie.domain.accents import fold_text
from vigie.domain.entity import Amendment
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.names import NameStore
from vigie.services.news.entities.naming import entries_of
from vigie.services.news.entities.proposals import ProposalSources, find_proposals
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.operations.entity_names import AmendmentResult, NameText, save_amendment

_MAX_SLUG: Final = 70
_PLAIN: Final = re.compile(r"[^a-z0-9]+")


class ProposalQuote(BaseModel):
    """A sentence that a proposed name stands in."""

    item: str
    sentence: str
    publisher: str
    language: str
    ts: int


class ProposedName(BaseModel):
    """A name that no list has, with who told it."""

    name: str
    publishers: int
    items: int
    ts_first: int
    ts_last: int
    quotes: list[ProposalQuote]


class RejectedName(BaseModel):
    """A name that is not proposed any more."""

    amendment: str
    name: str
    ts: int


class ProposalsResult(OperationResult):
    """Names that at least three publishers told, and those that somebody rejected."""

    proposals: list[ProposedName]
    rejected: list[RejectedName]


class AcceptNameInput(OperationInput):
    """A proposed name, and what it names."""

    name: str = NameText
    kind: Literal["coin", "org", "person", "law"] = Field("org", description="What it names.")


class RejectNameInput(OperationInput):
    """A proposed name."""

    name: str = NameText


@operation("entities.proposals")
def list_proposals(caller: Caller, params: NoInput, sources: ProposalSources) -> ProposalsResult:
    """List capitalised names that no list has and three publishers told in thirty days, with their sentences."""
    rejected = _rejected_names(sources.names)
    return ProposalsResult(
        proposals=[
            ProposedName(
                name=entry.name, publishers=entry.publishers, items=entry.items, ts_first=entry.ts_first,
                ts_last=entry.ts_last,
                quotes=[
                    ProposalQuote(
                        item=quote.item, sentence=quote.sentence, publisher=quote.publisher,
                        language=quote.language, ts=quote.ts,
                    )
                    for quote in entry.quotes
                ],
            )
            for entry in find_proposals(sources, [entry.text for entry in rejected])
        ],
        rejected=[RejectedName(amendment=entry.id, name=entry.text, ts=entry.ts) for entry in reversed(rejected)],
    )  # fmt: skip


@operation("entities.accept", scope="admin", example={"name": "Safello", "kind": "org"})
def accept_name(caller: Caller, params: AcceptNameInput, sources: ProposalSources) -> AmendmentResult:
    """Make a proposed name an entity; items are read anew by it."""
    name = _check_proposed(sources, params.name)
    entity = new_entity_id(params.kind, name, entries_of(sources.catalog, sources.names))
    return save_amendment(sources.names, Amendment("", "alias", entity, name, "", caller.user))


@operation("entities.reject", scope="admin", example={"name": "Safello"})
def reject_name(caller: Caller, params: RejectNameInput, sources: ProposalSources) -> AmendmentResult:
    """Propose a name no more; `entities.undo` takes that back."""
    return save_amendment(
        sources.names, Amendment("", "reject", "", _check_proposed(sources, params.name), "", caller.user)
    )


def new_entity_id(kind: str, name: str, taken_ids: Collection[str]) -> str:
    """Return an id for a name that nobody known has."""
    plain = _PLAIN.sub("-", fold_text(name)).strip("-")[:_MAX_SLUG].strip("-")
    # Of a name in other letters, such as Cyrillic ones, nothing is left.
    slug = plain or f"x{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    candidate, number = f"{kind}:{slug}", 1
    while candidate in taken_ids:
        number += 1
        candidate = f"{kind}:{slug}-{number}"
    return candidate


def _rejected_names(names: NameStore) -> list[Amendment]:
    return [amendment for amendment in names.amendments() if amendment.kind == "reject"]


def _check_proposed(sources: ProposalSources, name: str) -> str:
    clean_name = " ".join(name.split())
    if any(
        entry.name == clean_name
        for entry in find_proposals(sources, [entry.text for entry in _rejected_names(sources.names)])
    ):
        return clean_name
    raise NotFound(
        "not_proposed",
        "{clean_name!r} is not proposed; `entities.alias` adds any name",
        clean_name=clean_name,
    )
