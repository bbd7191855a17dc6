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
from vigie.services.desk.entity_names import Amended, NameText, amend
from vigie.services.house import House
from vigie.services.news.naming import entries_of
from vigie.services.news.proposals import proposals
from vigie.services.operation import Answer, Ask, Nothing, operation

_SLUG: Final = 70
_PLAIN: Final = re.compile(r"[^a-z0-9]+")


class QuoteShown(BaseModel):
    """A sentence that a proposed name stands in."""

    item: str
    sentence: str
    publisher: str
    language: str
    ts: int


class ProposalShown(BaseModel):
    """A name that no list has, with who told it."""

    name: str
    publishers: int
    items: int
    ts_first: int
    ts_last: int
    quotes: list[QuoteShown]


class RejectedName(BaseModel):
    """A name that is not proposed any more."""

    amendment: str
    name: str
    ts: int


class Proposals(Answer):
    """Names that at least three publishers told, and those that somebody rejected."""

    proposals: list[ProposalShown]
    rejected: list[RejectedName]


class AcceptAsk(Ask):
    """A proposed name, and what it names."""

    name: str = NameText
    kind: Literal["coin", "org", "person", "law"] = Field("org", description="What it names.")


class RejectAsk(Ask):
    """A proposed name."""

    name: str = NameText


@operation("entities.proposals")
def list_proposals(house: House, caller: Caller, ask: Nothing) -> Proposals:
    """List capitalised names that no list has and three publishers told in thirty days, with their sentences."""
    rejected = _rejected(house)
    return Proposals(
        proposals=[
            ProposalShown(
                name=one.name, publishers=one.publishers, items=one.items, ts_first=one.ts_first,
                ts_last=one.ts_last,
                quotes=[
                    QuoteShown(
                        item=quote.item, sentence=quote.sentence, publisher=quote.publisher,
                        language=quote.language, ts=quote.ts,
                    )
                    for quote in one.quotes
                ],
            )
            for one in proposals(house, [one.text for one in rejected])
        ],
        rejected=[RejectedName(amendment=one.id, name=one.text, ts=one.ts) for one in reversed(rejected)],
    )  # fmt: skip


@operation("entities.accept", scope="admin", example={"name": "Safello", "kind": "org"})
def accept(house: House, caller: Caller, ask: AcceptAsk) -> Amended:
    """Make a proposed name an entity; items are read anew by it."""
    name = _proposed(house, ask.name)
    entity = entity_id(ask.kind, name, entries_of(house))
    return amend(house, Amendment("", "alias", entity, name, "", caller.user))


@operation("entities.reject", scope="admin", example={"name": "Safello"})
def reject(house: House, caller: Caller, ask: RejectAsk) -> Amended:
    """Propose a name no more; `entities.undo` takes that back."""
    return amend(house, Amendment("", "reject", "", _proposed(house, ask.name), "", caller.user))


def entity_id(kind: str, name: str, known: Collection[str]) -> str:
    """Return an id for a name that nobody known has."""
    plain = _PLAIN.sub("-", fold_text(name)).strip("-")[:_SLUG].strip("-")
    # Of a name in other letters, such as Cyrillic ones, nothing is left.
    slug = plain or f"x{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    found, number = f"{kind}:{slug}", 1
    while found in known:
        number += 1
        found = f"{kind}:{slug}-{number}"
    return found


def _rejected(house: House) -> list[Amendment]:
    return [one for one in house.names.amendments() if one.kind == "reject"]


def _proposed(house: House, name: str) -> str:
    wanted = " ".join(name.split())
    if any(one.name == wanted for one in proposals(house, [one.text for one in _rejected(house)])):
        return wanted
    raise NotFound(f"{wanted!r} is not proposed; `entities.alias` adds any name")
