"""Objections to what is said of a source or an item, and answers to them: kept in the audit, no score moves by them."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.ports.audit import AuditEvent
from vigie.services.desk.watchlists import TEXT
from vigie.services.house import House
from vigie.services.news.publishers import publishers
from vigie.services.operation import Answer, Ask, Column, Origin, Table, operation

KIND: Final = "news.appeal"
MOST: Final = 500
# Of one person; the chain is never shortened.
_MOST_OWN: Final = 100


class AppealAsk(Ask):
    """What is said about a source's score, or about the flag of an item: one of the two."""

    source: str = Field("", max_length=60, description="Id of a source of news.")
    item: str = Field("", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")
    kind: Literal["objection", "answer"] = Field(
        "objection", description="To the score or flag, or to an objection."
    )
    text: str = Field(
        min_length=3, max_length=1_000, pattern=TEXT, description="In a few words, with what proves it."
    )


class AppealsAsk(Ask):
    """About what; empty for all."""

    source: str = Field(
        default="", max_length=60, description="Id of a source: its own and those about its items."
    )
    item: str = Field(default="", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")


class Appeal(Answer):
    """What was noted."""

    seq: int
    ts: int
    source: str
    item: str
    kind: str
    text: str


_COLUMNS: Final = [
    Column(name="ts", title="When"),
    Column(name="by", title="Who", definition="Empty where the account is no more."),
    Column(name="kind", title="What", definition="An objection, or an answer."),
    Column(name="source", title="Source"),
    Column(name="item", title="Item", definition="Id of the item; empty where the source's score is meant."),
    Column(name="text", title="Note"),
]


@operation(
    "news.appeal", scope="write", example={"source": "sec_press", "text": "It was confirmed in print."}
)
def note_appeal(house: House, caller: Caller, ask: AppealAsk) -> Appeal:
    """Note an objection or an answer to a source's score or an item's flag, shown beside it; nothing else changes."""
    if bool(ask.source) == bool(ask.item):
        raise UsageError("say source or item, one of them")
    if sum(one.actor == caller.user for one in _noted(house)) >= _MOST_OWN:
        raise UsageError(f"notes of one person must be at most {_MOST_OWN}")
    text = {
        "source": ask.source or _source_of(house, ask.item),
        "item": ask.item,
        "kind": ask.kind,
        "text": ask.text,
    }
    if text["source"] not in publishers(house):
        raise NotFound(f"there is no source of news {text['source']!r}; the page Sources names them")
    event = house.audit.append(KIND, actor=caller.user, subject=ask.item or ask.source, text=text)
    return Appeal(seq=event.seq, ts=event.ts, **_said(event))


@operation("news.appeals", example={})
def list_appeals(house: House, caller: Caller, ask: AppealsAsk) -> Table:
    """List objections and answers to scores of sources and flags of items, newest first, with who noted them."""
    rows = [
        {"ts": one.ts, "by": _name(house, one.actor), **_said(one)}
        for one in _noted(house)
        # The text of who left is gone, the record that something was said stays in the chain.
        if one.text is not None
        and ask.source in ("", one.text["source"])
        and ask.item in ("", one.text["item"])
    ]
    return Table(columns=list(_COLUMNS), rows=rows, origins=[Origin(source="audit")])


def _noted(house: House) -> list[AuditEvent]:
    return list(house.audit.before(house.audit.newest() + 1, limit=MOST, kinds=(KIND,)))


def _said(event: AuditEvent) -> dict[str, Any]:
    text = event.text or {}
    return {name: str(text.get(name, "")) for name in ("kind", "source", "item", "text")}


def _source_of(house: House, item: str) -> str:
    every = house.items.get(item)
    if not every:
        raise NotFound(f"there is no item {item!r}; `news.list` names them")
    return every[-1].item.said.source


def _name(house: House, actor: str) -> str:
    user = house.accounts.user(actor)
    return user.name if user else "owner" if actor == "owner" else ""
