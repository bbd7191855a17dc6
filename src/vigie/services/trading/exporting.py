"""An account in three files, one JSON object a line: what was sent, what was recorded, how it stood at each instant.

``orders_sent.jsonl`` is every intent with its end and the audit record that was written before it was sent;
``events.jsonl`` every record of the audit chain about its trading, with the hashes that bind it;
``health_beats.jsonl`` the account at each instant of its log: who has no beat did not live then.
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
from vigie.ports.audit import AuditEvent
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.happening_words import INTENT
from vigie.services.trading.happenings import named_account, records
from vigie.services.trading.plan import kept_plan

ORDERS, EVENTS, BEATS = "orders_sent.jsonl", "events.jsonl", "health_beats.jsonl"


def export(house: House, run: TradeRun, folder: Path) -> dict[str, int]:
    """Write the three files into a folder, all or none, and return how many lines each has."""
    events = list(records(house, run))
    written = {one.subject: one for one in events if one.kind == INTENT}
    found = {
        ORDERS: list(_orders(house, run, written)),
        EVENTS: [{**asdict(one), "account": named_account(one)} for one in events],
        BEATS: list(_beats(house, run)),
    }
    files = {name: "".join(_line(row) for row in rows).encode() for name, rows in found.items()}
    house.results.write(folder, files)
    return {name: len(rows) for name, rows in found.items()}


def _orders(house: House, run: TradeRun, written: Mapping[str, AuditEvent]) -> Iterator[dict[str, Any]]:
    for one in house.trades.intents(run.id):
        record = written.get(one.intent.id)
        yield {
            **asdict(one.intent),
            "state": one.move.state,
            "state_ts": one.move.ts,
            "order_id": one.move.order_id,
            "filled": one.move.filled,
            "state_reason": one.move.reason,
            "audit_seq": None if record is None else record.seq,
            "audit_hash": None if record is None else record.hash,
        }


def _beats(house: House, run: TradeRun) -> Iterator[dict[str, Any]]:
    chronicle = Chronicle(kept_plan(house, run.id))
    beat: dict[str, Any] = {}
    for step in house.trades.steps(run.id):
        chronicle.take(step)
        account = chronicle.account
        if account is None:
            continue
        if beat and beat["ts"] != step.ts:
            yield beat
        held = sum(account.slot(number)["side"] != 0 for number, _ in enumerate(account.slots))
        beat = {
            "ts": step.ts,
            "at": iso(step.ts),
            "step": step.number,
            "cash": account.cash,
            "equity": account.equity,
            "positions": int(held),
            "trades": len(account.trades),
            "refusals": len(chronicle.refusals),
            "decision_hash": account.decision_hash,
        }
    if beat:
        yield beat


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, default=_plain, separators=(",", ":"), ensure_ascii=False) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{value!r} has no place in a file of lines")
