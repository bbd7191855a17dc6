"""What pages and programs read of an account: positions at present prices, days, strategies, limits; plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.audit import AuditLog
from vigie.services.rows import AnyRow
from vigie.services.trading.accounts.account_status import MarkPrice as MarkPrice
from vigie.services.trading.accounts.account_status import distance, distances, list_positions, move_to
from vigie.services.trading.accounts.account_status import marks_of as marks_of
from vigie.services.trading.gateway.overrides import TradingOverrides
from vigie.services.trading.log.account_view import AccountView
from vigie.services.trading.log.event_log import SIDES

Row = dict[str, Any]
_NUMBERS: Final = (
    "entry", "exit", "stop", "target", "fees", "funding", "slippage", "gross", "pnl", "return_pct",
    "planned_risk", "mae_pct", "mfe_pct",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """Amounts of an account at present prices, in its quote currency."""

    cash: float
    equity: float
    open_pnl: float
    day_pnl: float
    day_fraction: float
    result_fraction: float


def find_figures_ts(view: AccountView, rows: Sequence[Row], marks: Mapping[str, MarkPrice]) -> int | None:
    """Return the moment of an account's figures: of the newest price they are made of, else of its last event."""
    times = [marks[row["instrument"]].ts for row in rows if row["mark"] is not None]
    return max([view.ts, *times]) or None


def open_rows(view: AccountView, marks: Mapping[str, MarkPrice]) -> list[Row]:
    """Return what an account holds, valued at present prices where they are known."""
    rows = list_positions(view)
    for row in rows:
        mark_price, entry, qty = marks.get(row["instrument"]), row["entry"], float(row["qty"])
        mark = None if mark_price is None else mark_price.price
        pnl = None if mark is None else (mark - entry) * qty * (1 if row["side"] == "long" else -1)
        row |= {
            "mark": mark,
            "notional": None if mark is None else mark * qty,
            "pnl": pnl,
            "pnl_fraction": None if pnl is None else pnl / (entry * qty),
            **distances(view.plan, row, mark_price),
        }
    return rows


def rows_with_venue_stops(
    audit: AuditLog, run: TradeRun, view: AccountView, rows: Sequence[Row]
) -> list[Row]:
    """Return positions with their stops where they stand at the venue, and how far the price is from there."""
    if rows:
        view.stops.update(audit, run)
    return [
        row
        | {
            "stop_distance": distance(row["side"], row["mark"], float(row["stop"])),
            "stop_move": move_to(row["mark"], float(row["stop"])),
        }
        for row in view.stops.apply_to(rows)
    ]


def compute_totals(view: AccountView, rows: Sequence[Row], now: int) -> AccountTotals:
    """Return an account's money; a position without a present price counts as its last bar's close left it."""
    account = view.account
    if account is None:
        capital = view.plan.capital
        return AccountTotals(capital, capital, 0.0, 0.0, 0.0, 0.0)
    is_priced = all(row["pnl"] is not None for row in rows)
    open_pnl = sum(row["pnl"] for row in rows) if is_priced else account.equity - account.cash
    equity = account.cash + open_pnl
    record = account.record
    day_open = float(record["day_open"]) if int(record["day"]) == now // DAY_MS else account.equity
    day_fraction = equity / day_open - 1.0 if day_open > 0.0 else 0.0
    result_fraction = equity / view.plan.capital - 1.0
    return AccountTotals(account.cash, equity, open_pnl, equity - day_open, day_fraction, result_fraction)


def trade_id(run: str, slot: str, entry_ts: int) -> str:
    """Return the name of a trade: a slot of a run enters once at a time."""
    return "t" + hashlib.sha256(f"{run}/{slot}/{entry_ts}".encode()).hexdigest()[:15]


def count_closed(view: AccountView) -> int:
    """Return how many trades ended."""
    return 0 if view.account is None else len(view.account.trades)


def closed_rows(view: AccountView, part: slice = slice(None)) -> list[Row]:
    """Return the trades that ended, or a part of them, in booking order."""
    account = view.account
    if account is None:
        return []
    rows = []
    for trade in account.trades[part]:
        number = int(trade["slot"])
        id_, ts = account.slots[number].id, int(trade["entry_ts"])
        row: Row = {name: float(trade[name]) for name in _NUMBERS}
        row |= _clip_excursions(row, SIDES[int(trade["side"])])
        risk = row["planned_risk"]
        row |= {
            "id": trade_id(view.run, str(id_), ts), "slot": str(id_), "instrument": id_.instrument,
            "timeframe": id_.timeframe, "strategy": id_.strategy, "side": SIDES[int(trade["side"])],
            "qty": f"{account.qty(number, ts, int(trade['lots'])):f}", "entry_ts": ts,
            "exit_ts": int(trade["exit_ts"]), "took_ms": int(trade["exit_ts"]) - ts,
            "decision_ts": int(trade["decision_ts"]), "bars_held": int(trade["bars_held"]),
            "reason": codes.CODES[int(trade["reason"])],
            "return_fraction": row["return_pct"] / 100.0, "r": row["pnl"] / risk if risk > 0.0 else None,
        }  # fmt: skip
        rows.append(row)
    return rows


def _clip_excursions(row: Row, side: str) -> Row:
    """Return how far a trade went while it was held.

    The fill model counts the whole range of its last bar, also what came after the exit. A position ends at the first
    touch of a level: it never saw a price beyond its levels, unless it was left there.
    """
    sign = 1.0 if side == "long" else -1.0
    moves = {
        name: 100.0 * sign * (row[name] - row["entry"]) / row["entry"] for name in ("stop", "target", "exit")
    }
    worst, best = min(moves["stop"], moves["exit"], 0.0), max(moves["target"], moves["exit"], 0.0)
    return {"mae_pct": max(row["mae_pct"], worst), "mfe_pct": min(row["mfe_pct"], best)}


def day_rows(trades: Iterable[Row], capital: float) -> list[Row]:
    """Return results by the day (UTC) on which trades were closed, in time order."""
    ordered = sorted(trades, key=lambda row: int(row["exit_ts"]))
    cash = peak = capital
    rows = []
    for day, group in groupby(ordered, key=lambda row: int(row["exit_ts"]) // DAY_MS):
        totals = summarise_trades(list(group))
        cash += totals["pnl"]
        peak = max(peak, cash)
        rows.append({"ts": day * DAY_MS, **totals, "cash": cash, "drawdown": peak - cash})
    return rows


def summarise_trades(trades: Sequence[AnyRow]) -> Row:
    """Return count, wins, result and what is made of them."""
    results = [float(row["pnl"]) for row in trades]
    won, lost = (
        sum(result for result in results if result > 0.0),
        -sum(result for result in results if result < 0.0),
    )
    wins = sum(result > 0.0 for result in results)
    risks = [row["r"] for row in trades if row["r"] is not None]
    return {
        "trades": len(results),
        "wins": wins,
        "win_rate": wins / len(results) if results else None,
        "pnl": sum(results),
        "profit_factor": won / lost if lost > 0.0 else None,
        "mean_r": sum(risks) / len(risks) if risks else None,
    }


def strategy_rows(trades: Sequence[Row], open_positions: Sequence[Row]) -> list[Row]:
    """Return results by strategy, what is open beside what is closed."""
    names = sorted({row["strategy"] for row in (*trades, *open_positions)})
    return [
        {
            "strategy": name,
            **summarise_trades([row for row in trades if row["strategy"] == name]),
            "open": sum(row["strategy"] == name for row in open_positions),
            "open_pnl": sum(row["pnl"] or 0.0 for row in open_positions if row["strategy"] == name),
        }
        for name in names
    ]


def slot_rows(view: AccountView, overrides: TradingOverrides, trades: Sequence[Row]) -> list[Row]:
    """Return every slot of an account: whether it may enter, what it holds, what it made."""
    sides = {row["slot"]: row["side"] for row in list_positions(view)}
    return [
        {
            "slot": name, "instrument": plan_slot.slot.instrument, "timeframe": plan_slot.slot.timeframe,
            "strategy": plan_slot.slot.strategy, "is_on": name not in overrides.disabled_slots,
            "side": sides.get(name, ""),
            **{key: value for key, value in totals.items() if key in ("trades", "pnl")},
        }
        for plan_slot in view.plan.slots
        for name in [str(plan_slot.slot)]
        for totals in [summarise_trades([row for row in trades if row["slot"] == name])]
    ]  # fmt: skip


def limit_rows(view: AccountView, overrides: TradingOverrides, rows: Sequence[Row], now: int) -> list[Row]:
    """Return the limits of an account and how much of each is used; a limit that is off is left out."""
    plan = view.plan.protections or Protections()
    totals = compute_totals(view, rows, now)
    record = view.account.record if view.account is not None else None
    # Tightened ones count in place of the plan's.
    day = overrides.daily_loss_fraction or plan.daily_loss_fraction
    most = overrides.max_positions or plan.max_positions
    leverage = view.plan.slots[0].sizing.leverage
    notionals = _notional_by_instrument(rows)
    limits = [
        _limit("daily_loss", "fraction", day, max(0.0, -totals.day_fraction)),
        _limit(
            "account_drawdown", "fraction", plan.account_drawdown_fraction,
            _drawdown_from(record, "halt_peak", totals),
        ),
        _limit(
            "global_drawdown", "fraction", plan.global_drawdown_fraction,
            _drawdown_from(record, "global_peak", totals),
        ),
        _limit("window_drawdown", "fraction", plan.window_drawdown_fraction, _window_drawdown(view, plan, totals, now)),
        _limit("max_positions", "count", float(most), float(len(rows))),
        _limit(
            "instrument_exposure", "fraction", plan.instrument_exposure_fraction,
            max(notionals.values(), default=0.0) / (totals.equity * leverage) if totals.equity > 0.0 else 0.0,
        ),
        _limit(
            "margin", "fraction", plan.margin_fraction,
            sum(notionals.values()) / leverage / totals.equity if totals.equity > 0.0 else 0.0,
        ),
        _limit(
            "loss_streak", "count", float(plan.loss_streak_trades),
            float(record["streak"]) if record is not None else 0.0,
        ),
        _limit("stops_of_account", "count", float(plan.stop_guard_account_stops), _count_stops(view, plan, now)),
    ]  # fmt: skip
    return [row for row in limits if row["limit"] > 0.0]


def _limit(name: str, unit: str, limit: float, used: float) -> Row:
    return {
        "name": name,
        "unit": unit,
        "limit": limit,
        "used": used,
        "share": used / limit if limit else None,
    }


def _drawdown_from(record: Any, peak: str, totals: AccountTotals) -> float:
    highest = float(record[peak]) if record is not None else totals.equity
    return max(0.0, 1.0 - totals.equity / highest) if highest > 0.0 else 0.0


def _window_drawdown(view: AccountView, plan: Protections, totals: AccountTotals, now: int) -> float:
    first = now // DAY_MS - plan.window_drawdown_days
    account = view.account
    # As the kernel judges it, which remembers the highest of each day, also of a run before on the same money.
    days = () if account is None else account.limits.peaks
    base = totals.equity if account is None else account.equity
    highest = max((peak * base for day, peak in days if day > first), default=totals.equity)
    return max(0.0, 1.0 - totals.equity / highest) if highest > 0.0 else 0.0


def _notional_by_instrument(rows: Sequence[Row]) -> dict[str, float]:
    notionals: dict[str, float] = {}
    for row in rows:
        notional = row["notional"] if row["notional"] is not None else row["entry"] * float(row["qty"])
        notionals[row["instrument"]] = notionals.get(row["instrument"], 0.0) + notional
    return notionals


def _count_stops(view: AccountView, plan: Protections, now: int) -> float:
    since = now - plan.stop_guard_window_hours * HOUR_MS
    return 0.0 if view.account is None else float(view.account.limits.count_stops(since))
