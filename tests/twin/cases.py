"""Reads our own cases, the tables in tests/data/cases/*.csv, and compares results with them."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path

from tests.twin.records import REFUSALS, TwinResult, TwinSlot

FOLDER = Path(__file__).resolve().parent.parent / "data" / "cases"
SIDES = {"long": 1, "short": -1, "both": 0}
MONEY = 1e-7

# Where a case says nothing: no costs, steps of 1, so that a person can compute the trades in the head.
SETTINGS = {
    "capital": 10_000.0,
    "risk_fraction": 0.02,
    "leverage": 5.0,
    "stop_atr": 2.0,
    "target_atr": 3.0,
    "taker": 0.0,
    "maker": 0.0,
    "slippage_bps": 0.0,
    "target_execution": "trigger",
    "max_bars": 0,
}
VERSION = {
    "tick": "1",
    "lot": "1",
    "min_qty": 1.0,
    "max_qty": math.inf,
    "min_notional": 0.0,
    "maintenance_rate": 0.005,
    "significant_figures": 0,
    "leverage_cap": 5.0,
    "valid_from": 0,
}
# Every protection that can be off is off; the daily loss needs more readings than any case has.
PROTECTIONS = {
    "stop_guard_instrument_stops": 0,
    "stop_guard_account_stops": 0,
    "stop_guard_window_hours": 24,
    "stop_guard_lock_hours": 24,
    "window_drawdown_fraction": 0.0,
    "window_drawdown_days": 30,
    "low_profit_trades": 0,
    "low_profit_days": 30,
    "low_profit_lock_days": 7,
    "cooldown_bars": 0,
    "cooldown_stop_bars": 0,
    "loss_streak_trades": 0,
    "halve_after_losses": 0,
    "restore_after_wins": 2,
    "slot_drawdown_fraction": 0.0,
    "global_drawdown_fraction": 0.0,
    "daily_loss_fraction": 0.04,
    "daily_loss_readings": 1000,
    "account_drawdown_fraction": 0.0,
    "drawdown_unlock_days": 30,
    "max_positions": 5,
    "instrument_exposure_fraction": 0.0,
    "correlated_exposure_fraction": 0.0,
    "correlation_limit": 0.8,
    "correlation_days": 90,
    "margin_fraction": 0.0,
    "asset_loss_risks": 0.0,
    "funding_cost_limit": 0.0,
}
SLOT_KEYS = ("instrument", "timeframe_min", "detail_min", "first")


@dataclass
class Case:
    """Bars in, trades out."""

    name: str
    mode: str
    rules: list[str]
    why: str
    slots: list[TwinSlot] = field(default_factory=list)
    settings: dict = field(default_factory=dict)
    protections: dict | None = None
    trades: list[dict] = field(default_factory=list)
    refusals: list[dict] = field(default_factory=list)


def milliseconds(text: str) -> int:
    """Read ``day hh:mm`` or ``day hh:mm:ss``, counted from the epoch."""
    day, clock = text.split()
    parts = [int(part) for part in clock.split(":")]
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)
    return (int(day) * 86_400 + seconds) * 1000


def rows_of(name: str) -> dict[str, list[dict[str, str]]]:
    """Read a table; rows by case, in order."""
    found: dict[str, list[dict[str, str]]] = {}
    with (FOLDER / name).open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            found.setdefault(row["case"], []).append(row)
    return found


def typed(value: str, default: object) -> object:
    """Read a value by the type of its default."""
    return type(default)(value)


def slot_of(rows: list[dict], settings: list[dict], funding: list[dict], detail: list[dict]) -> TwinSlot:
    """Put one slot of a case together."""
    plain = {row["key"]: row["value"] for row in settings if row["key"] in SLOT_KEYS}
    versions = {"": dict(VERSION)}
    for row in settings:
        if row["key"] in SLOT_KEYS:
            continue
        if row["from"] not in versions:
            versions[row["from"]] = {**versions[""], "valid_from": milliseconds(row["from"])}
        versions[row["from"]][row["key"]] = typed(row["value"], VERSION[row["key"]])

    def signals(name: str) -> list[bool]:
        return [name in row["signals"].split() for row in rows]

    def numbers(name: str) -> list[float]:
        return [float(row[name]) for row in rows]

    finer = [
        (milliseconds(row["time"]), *(float(row[key]) for key in ("open", "high", "low", "close")))
        for row in detail
    ]
    return TwinSlot(
        instrument=plain.get("instrument", "a"),
        timeframe_ms=int(plain.get("timeframe_min", "60")) * 60_000,
        ts=[milliseconds(row["time"]) for row in rows],
        open=numbers("open"),
        high=numbers("high"),
        low=numbers("low"),
        close=numbers("close"),
        long_entry=signals("long"),
        short_entry=signals("short"),
        long_exit=signals("exit_long"),
        short_exit=signals("exit_short"),
        stop_unit=numbers("stop_unit"),
        target_unit=numbers("target_unit"),
        funding=[(milliseconds(row["time"]), float(row["rate"])) for row in funding],
        mark={milliseconds(row["time"]): float(row["mark"]) for row in funding if row["mark"]},
        versions=list(versions.values()),
        first=int(plain.get("first", "0")),
        detail=finer or None,
        detail_ms=int(plain.get("detail_min", "0")) * 60_000,
    )


def own_cases() -> list[Case]:
    """Read our own tables."""
    settings, bars = rows_of("settings.csv"), rows_of("bars.csv")
    funding, detail = rows_of("funding.csv"), rows_of("detail.csv")
    trades, refusals = rows_of("trades.csv"), rows_of("refusals.csv")
    cases = []
    for name, (row,) in rows_of("cases.csv").items():
        case = Case(name=name, mode=row["mode"], rules=row["rules"].split(), why=row["why"])
        case.settings = dict(SETTINGS)
        case.protections = dict(PROTECTIONS) if case.mode == "portfolio" else None
        for line in settings.get(name, []):
            if line["slot"] == "":
                table = case.settings if line["key"] in SETTINGS else case.protections
                table[line["key"]] = typed(line["value"], table[line["key"]])
        for slot in sorted({line["slot"] for line in bars[name]}, key=int):
            of_slot = [
                [line for line in table.get(name, []) if line["slot"] == slot]
                for table in (bars, settings, funding, detail)
            ]
            case.slots.append(slot_of(*of_slot))
        case.trades, case.refusals = trades.get(name, []), refusals.get(name, [])
        cases.append(case)
    return cases


def differences(case: Case, result: TwinResult) -> list[str]:
    """Compare a result with what the tables of a case expect; say what differs."""
    found = []
    if len(result.trades) != len(case.trades):
        found.append(f"{len(result.trades)} trades instead of {len(case.trades)}")
    if len(result.refusals) != len(case.refusals):
        found.append(f"{len(result.refusals)} refusals instead of {len(case.refusals)}")
    for number, (row, trade) in enumerate(zip(case.trades, result.trades, strict=False)):
        exact = {
            "slot": int(row["slot"]),
            "side": SIDES[row["side"]],
            "lots": int(row["lots"]),
            "entry_ts": milliseconds(row["entry_time"]),
            "entry": float(row["entry"]),
            "exit_ts": milliseconds(row["exit_time"]),
            "exit": float(row["exit"]),
            "stop": float(row["stop"]),
            "target": float(row["target"]),
            "reason": row["reason"],
            "bars_held": int(row["bars_held"]),
        }
        found += [f"trade {number} {k}: {trade[k]} instead of {v}" for k, v in exact.items() if trade[k] != v]
        for key in ("fees", "funding", "pnl", "return_pct", "equity", "mae_pct", "mfe_pct"):
            if not abs(trade[key] - float(row[key])) < MONEY:
                found.append(f"trade {number} {key}: {trade[key]} instead of {row[key]}")
    for number, (row, refusal) in enumerate(zip(case.refusals, result.refusals, strict=False)):
        expected = (milliseconds(row["time"]), int(row["slot"]), SIDES[row["side"]], row["code"])
        got = (*refusal[:3], REFUSALS[refusal[3]])
        if got != expected:
            found.append(f"refusal {number}: {got} instead of {expected}")
        for key, value in zip(("limit", "value"), refusal[4:], strict=True):
            if not abs(value - float(row[key])) < MONEY:
                found.append(f"refusal {number} {key}: {value} instead of {row[key]}")
    return found
