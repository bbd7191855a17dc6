"""What happened to a trading account beside its trades: every record, what is grave and not over, and taking note."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.tradebook import TradeBook
from vigie.services.operation import OperationResult, Origin, Table, operation
from vigie.services.operations.trading import AccountInput
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of
from vigie.services.trading.accounts.account_rows import SOURCE as FIGURES
from vigie.services.trading.accounts.account_status import find_run
from vigie.services.trading.log.account_view import AccountLogs, open_account_view
from vigie.services.trading.log.trading_events import (
    TradingEvent,
    find_open_concerns,
    list_trading_events,
    record_seen,
)

SOURCE: Final = "audit"


class TradingEventRow(Row):
    """One thing that happened to an account beside its trades."""

    ts: int = shown("Time", unit="ms", source=FIGURES)
    weight: str = shown(
        "Severity",
        definition="grave (critical): act now; warning: be aware; notice: nothing to do.",
        source=FIGURES,
    )
    title: str = shown("Event", source=FIGURES)
    subject: str = shown(
        "About", definition="The account, an active strategy or an instrument.", source=FIGURES
    )
    why: str = shown("Reason", source=FIGURES)
    todo: str = shown("What to do", source=FIGURES)
    account: str = shown("Account", definition="Empty in older records.", source=FIGURES)
    kind: str = shown("Kind", source=FIGURES)
    seq: int = shown("Log entry", definition="Entry number in the audit log.", source=FIGURES)
    details: str = shown(
        "Details", definition="Details recorded with the event, as JSON; empty once erased.", source=FIGURES
    )


class TradingEventsInput(AccountInput):
    """Which records, newest first."""

    cursor: str = Field(
        "", max_length=16, pattern=r"^([1-9]\d*)?$", description="`next_cursor` of the page before."
    )
    limit: int = Field(100, ge=1, le=500)


class MarkSeenInput(AccountInput):
    """Up to which record everything was seen."""

    until: int = Field(0, ge=0, le=2**53, description="Number of the record; 0 is the newest.")


class MarkSeenResult(OperationResult):
    """Up to which record everything was seen."""

    account: str
    until: int


@operation("trading.events", example={"account": "main"})
def list_events(
    caller: Caller, params: TradingEventsInput, accounts: UserStore, audit: AuditLog, trades: TradeBook
) -> Table[TradingEventRow]:
    """List what happened to an account beside its trades, the newest first: why, how grave, what to do."""
    run = find_run(trades, params.account, owner_of(accounts, caller))
    events = list_trading_events(audit, trades, run, before=int(params.cursor or 0), limit=params.limit + 1)
    page_events = events[: params.limit]
    return _events_table(page_events, str(page_events[-1].seq) if len(events) > params.limit else None)


@operation("trading.concerns", example={"account": "main"})
def list_concerns(
    caller: Caller, params: AccountInput, logs: AccountLogs, accounts: UserStore, audit: AuditLog
) -> Table[TradingEventRow]:
    """List what is grave about an account and not over, the newest first."""
    run = find_run(logs.trades, params.account, owner_of(accounts, caller))
    with open_account_view(logs, run) as view:
        account_log = view.account
        open_slot_ids = (
            [] if account_log is None else [str(account_log.slots[number].id) for number in view.open_slots]
        )
    return _events_table(find_open_concerns(audit, logs.trades, run, open_slot_ids), None)


@operation("trading.seen", scope="trade", example={"account": "main"})
def mark_seen(
    caller: Caller, params: MarkSeenInput, accounts: UserStore, audit: AuditLog, trades: TradeBook
) -> MarkSeenResult:
    """Take note of what happened to an account: what is grave is not told again until it happens again."""
    run = find_run(trades, params.account, owner_of(accounts, caller))
    return MarkSeenResult(
        account=run.account, until=record_seen(audit, run, by=caller.user, until=params.until)
    )


def _events_table(events: Sequence[TradingEvent], cursor: str | None) -> Table[TradingEventRow]:
    rows = [
        TradingEventRow(
            ts=event.ts,
            weight=event.kind_text.weight,
            title=event.kind_text.title,
            subject=event.subject,
            why=event.why,
            todo=event.kind_text.todo,
            account=event.account,
            kind=event.kind,
            seq=event.seq,
            details=json.dumps(event.text, ensure_ascii=False) if event.text else "",
        )
        for event in events
    ]
    return table_of(TradingEventRow, rows, origins=[Origin(source=SOURCE)], next_cursor=cursor)
