"""Prices, funding and the books of a fill: fill model rules 5, 7, 8, 9, 12 and 13."""

from __future__ import annotations

from tests.twin.grid import DOWN, UP, point, price_of, quantity_of, round_price
from tests.twin.records import LIQUIDATION, MINUTE, REASONS, Account, Position, TwinSlot, quote


def slipped(price: float, side_of_order: int, settings: dict, version: dict) -> float:
    """Rules 4 and 5: slippage and the rounding to the tick are both against us: up for a buy (+1)."""
    slip = settings["slippage_bps"] / 1e4
    moved = price * (1 + side_of_order * slip)
    return price_of(round_price(moved, version, UP if side_of_order > 0 else DOWN), version)


def liquidation_price(entry: float, side: int, leverage: float, version: dict) -> float:
    """Rule 9."""
    return entry * (1 - side * (1 / leverage - version["maintenance_rate"]))


def beyond(price: float, level: float, side: int) -> bool:
    """Whether a price is at or beyond a level that lies against a position of this side."""
    return price <= level if side > 0 else price >= level


def smallest_quantity(price: float, version: dict) -> float:
    """The minimum quantity that an order at this price needs."""
    return max(version["min_qty"], version["min_notional"] / price, point(1, version["lot"]))


def below_minimum(lots: int, price: float, version: dict) -> bool:
    """Rule 3: below the minimum quantity, below the minimum notional, or zero."""
    quantity = quantity_of(lots, version)
    return lots <= 0 or quantity < version["min_qty"] or quantity * price < version["min_notional"]


def floored_funding(slot: TwinSlot) -> list[tuple[int, float]]:
    """Rule 8: settlement times are floored to the minute."""
    return [(time // MINUTE * MINUTE, rate) for time, rate in slot.funding]


def settle(account: Account, number: int, time: int, rate: float, fallback: float) -> None:
    """Rule 8: book one settlement of an open position, on the mark, else on the open of the bar."""
    position = account.positions[number]
    mark = account.slots[number].mark.get(time, fallback)
    position.funding += account.book(number, -position.side * position.qty * mark * rate)


def widen(position: Position, low: float, high: float) -> None:
    """Rule 13: MAE <= 0 <= MFE in per cent of the entry price."""
    for price in (low, high):
        moved = 100 * position.side * (price - position.entry) / position.entry
        position.mae_pct = min(position.mae_pct, moved)
        position.mfe_pct = max(position.mfe_pct, moved)


def close_position(
    account: Account, number: int, index: int, *, price: float, reason: int, time: int, fee_rate: float
) -> dict:
    """Rules 7, 9, 12 and 13: book the result and the exit fee, write the trade, tell its protections."""
    slot, position = account.slots[number], account.positions[number]
    if reason == LIQUIDATION:
        gross = account.book(number, -position.qty * position.entry / account.settings["leverage"])
        fee = 0
    else:
        gross = account.book(number, position.side * (price - position.entry) * position.qty)
        fee = -account.book(number, -position.qty * price * fee_rate)
    pnl = quote(gross - position.entry_fee - fee + position.funding)
    trade = {
        "slot": number,
        "side": position.side,
        "lots": position.lots,
        "qty": position.qty,
        "entry_ts": position.entry_ts,
        "entry": position.entry,
        "exit_ts": time,
        "exit": price,
        "stop_ticks": position.stop_ticks,
        "target_ticks": position.target_ticks,
        "stop": position.stop,
        "target": position.target,
        "fees": quote(position.entry_fee + fee),
        "funding": quote(position.funding),
        "pnl": pnl,
        "return_pct": 100 * pnl / position.decision_equity,
        "equity": quote(account.cash),
        "reason": REASONS[reason],
        "bars_held": index - position.entry_index + 1,
        "mae_pct": position.mae_pct,
        "mfe_pct": position.mfe_pct,
    }
    account.result.trades.append(trade)
    levels = (position.stop_ticks, position.target_ticks)
    account.event(slot.ts[index], number, position.side, position.lots, levels, reason)
    account.positions[number] = None
    return trade
