"""An account in three files, one JSON object a line: what was sent, what was recorded, how it stood at each instant.

``orders_sent.jsonl`` is every intent with its end and the audit record that was written before it was sent;
``events.jsonl`` every record of the audit chain about its trading, with the hashes that bind it;
``health_beats.jsonl`` the account at each instant of its log: who has no beat did not live then. Each line says
whether it `is_replayed`: decided afterwards, on stored bars.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from vigie.domain.order import TradeRun
from vigie.domain.time import iso
from vigie.ports.audit import AuditEvent, AuditLog
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.trading_event_texts import INTENT
from vigie.services.trading.log.trading_events import iterate_records, named_account

ORDERS, EVENTS, BEATS = "orders_sent.jsonl", "events.jsonl", "health_beats.jsonl"


def export(
    results: ResultsHome, audit: AuditLog, trades: TradeBook, run: TradeRun, folder: Path
) -> dict[str, int]:
    """Write the three files into a folder, all or none, and return how many lines each has."""
    events = list(iterate_records(audit, trades, run))
    intent_events = {event.subject: event for event in events if event.kind == INTENT}
    rows_by_file = {
        ORDERS: list(_orders(trades, run, intent_events)),
        EVENTS: [{**asdict(event), "account": named_account(event)} for event in events],
        BEATS: list(_beats(results, trades, run)),
    }
    mark = {"is_replayed": run.is_replayed}
    files = {
        name: "".join(_json_line(row | mark) for row in rows).encode() for name, rows in rows_by_file.items()
    }
    results.write(folder, files)
    return {name: len(rows) for name, rows in rows_by_file.items()}


def _orders(
    trades: TradeBook, run: TradeRun, intent_events: Mapping[str, AuditEvent]
) -> Iterator[dict[str, Any]]:
    for item in trades.intents(run.id):
        record = intent_events.get(item.intent.id)
        yield {
            **asdict(item.intent),
            "state": item.move.state,
            "state_ts": item.move.ts,
            "order_id": item.move.order_id,
            "filled": item.move.filled,
            "state_reason": item.move.reason,
            "audit_seq": None if record is None else record.seq,
            "audit_hash": None if record is None else record.hash,
        }


def _beats(results: ResultsHome, trades: TradeBook, run: TradeRun) -> Iterator[dict[str, Any]]:
    event_log = EventLog(load_plan(results, run.id))
    beat: dict[str, Any] = {}
    for step in trades.steps(run.id):
        event_log.apply(step)
        account = event_log.account
        if account is None:
            continue
        if beat and beat["ts"] != step.ts:
            yield beat
        position_count = sum(account.slot(number)["side"] != 0 for number, _ in enumerate(account.slots))
        beat = {
            "ts": step.ts,
            "at": iso(step.ts),
            "step": step.number,
            "cash": account.cash,
            "equity": account.equity,
            "positions": int(position_count),
            "trades": len(account.trades),
            "refusals": len(event_log.refusals),
            "decision_hash": account.decision_hash,
        }
    if beat:
        yield beat


def _json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=_encode_json, separators=(",", ":"), ensure_ascii=False) + "\n"


def _encode_json(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{value!r} has no place in a file of lines")
