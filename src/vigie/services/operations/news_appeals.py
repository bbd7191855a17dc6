"""Objections to what is said of a source or an item, and answers to them: kept in the audit, no score moves by them."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.news.publishers import load_publishers
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.watchlists import TEXT
from vigie.services.rows import Row, shown, table_of

KIND: Final = "news.appeal"
MOST: Final = 500
# Of one person; the chain is never shortened.
_MOST_OWN: Final = 100


class AppealInput(OperationInput):
    """What is said about a source's score, or about the flag of an item: one of the two."""

    source: str = Field("", max_length=60, description="Id of a source of news.")
    item: str = Field("", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")
    kind: Literal["objection", "answer"] = Field(
        "objection", description="To the score or flag, or to an objection."
    )
    text: str = Field(
        min_length=3, max_length=1_000, pattern=TEXT, description="In a few words, with what proves it."
    )


class AppealsInput(OperationInput):
    """About what; empty for all."""

    source: str = Field(
        default="", max_length=60, description="Id of a source: its own and those about its items."
    )
    item: str = Field(default="", pattern=r"^([0-9a-f]{20})?$", description="Id of an item.")


class Appeal(OperationResult):
    """What was noted."""

    seq: int
    ts: int
    source: str
    item: str
    kind: str
    text: str


class AppealRow(Row):
    """One objection to a score or a flag, or one reply."""

    ts: int = shown("When")
    by: str = shown("Who", definition="Empty if the account was deleted.")
    kind: str = shown("What", definition="Objection or reply.")
    source: str = shown("Source")
    item: str = shown(
        "Item", definition="Id of the news item; empty if the note is about the source's score."
    )
    text: str = shown("Note")


@operation(
    "news.appeal", scope="write", example={"source": "sec_press", "text": "It was confirmed in print."}
)
def note_appeal(
    caller: Caller,
    params: AppealInput,
    bookmarks: SourceBookmarks,
    audit: AuditLog,
    items: ItemStore,
    directory: ConnectorDirectory,
) -> Appeal:
    """Note an objection or an answer to a source's score or an item's flag, shown beside it; nothing else changes."""
    if bool(params.source) == bool(params.item):
        raise UsageError("give_either_source_item", "give either source or item")
    if sum(appeal.actor == caller.user for appeal in _appeal_events(audit)) >= _MOST_OWN:
        raise UsageError("most_notes", "you can have at most {most_own} notes", most_own=_MOST_OWN)
    text = {
        "source": params.source or _source_of(items, params.item),
        "item": params.item,
        "kind": params.kind,
        "text": params.text,
    }
    if text["source"] not in load_publishers(bookmarks, directory):
        raise NotFound(
            "no_news_source",
            "there is no news source {source!r}; see the Sources page",
            source=text["source"],
        )
    event = audit.append(KIND, actor=caller.user, subject=params.item or params.source, text=text)
    return Appeal(seq=event.seq, ts=event.ts, **_appeal_values(event))


@operation("news.appeals", example={})
def list_appeals(
    caller: Caller, params: AppealsInput, accounts: UserStore, audit: AuditLog
) -> Table[AppealRow]:
    """List objections and answers to scores of sources and flags of items, newest first, with who noted them."""
    rows = [
        AppealRow(ts=appeal.ts, by=_author_name(accounts, appeal.actor), **_appeal_values(appeal))
        for appeal in _appeal_events(audit)
        # The text of who left is gone, the record that something was said stays in the chain.
        if appeal.text is not None
        and params.source in ("", appeal.text["source"])
        and params.item in ("", appeal.text["item"])
    ]
    return table_of(AppealRow, rows, origins=[Origin(source="audit")])


def _appeal_events(audit: AuditLog) -> list[AuditEvent]:
    return list(audit.before(audit.newest() + 1, limit=MOST, kinds=(KIND,)))


def _appeal_values(event: AuditEvent) -> dict[str, Any]:
    text = event.text or {}
    return {name: str(text.get(name, "")) for name in ("kind", "source", "item", "text")}


def _source_of(items: ItemStore, item: str) -> str:
    revisions = items.get(item)
    if not revisions:
        raise NotFound("no_news_item", "there is no news item {item!r}; `news.list` lists them", item=item)
    return revisions[-1].item.content.source


def _author_name(accounts: UserStore, actor: str) -> str:
    user = accounts.user(actor)
    return user.name if user else "owner" if actor == "owner" else ""
