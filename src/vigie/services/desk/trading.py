"""Trading accounts as their log tells them: money, positions, closed trades, days, orders, refusals."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from pydantic import Field

from vigie.domain import codes
from vigie.domain.order import TradeMode, TradeRun, TradingState
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.standing import positions, run_of, standing
from vigie.services.trading.trading import folded

SOURCE: Final = "Vigie trading"
_SIDES: Final = {1: "long", -1: "short"}


class AccountAsk(Ask):
    """One of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")


class Account(Answer):
    """Money of an account, and where it trades; amounts are in its quote currency."""

    account: str
    run: str
    mode: TradeMode
    venue: str
    state: TradingState
    begun: str
    last_event: str | None
    capital: float
    cash: float
    equity: float
    trades: int
    refusals: int
    decision_hash: str


class State(Answer):
    """Whether an account may enter, only leave, or do nothing."""

    account: str
    mode: TradeMode
    state: TradingState


def _column(name: str, title: str, unit: str = "", definition: str = "") -> Column:
    return Column(name=name, title=title, unit=unit, definition=definition, source=SOURCE)


SLOT: Final = [
    _column("slot", "Slot"),
    _column("instrument", "Instrument"),
    _column("timeframe", "Timeframe"),
    _column("strategy", "Strategy"),
    _column("side", "Side"),
]
POSITIONS: Final = [
    *SLOT,
    _column("qty", "Quantity", "base units"),
    _column("entry", "Entry", "quote"),
    _column("entry_ts", "Entered", "ms"),
    _column("stop", "Stop", "quote"),
    _column("target", "Target", "quote"),
    _column("liquidation", "Liquidation", "quote"),
]
TRADES: Final = [
    *SLOT,
    _column("qty", "Quantity", "base units"),
    _column("entry", "Entry", "quote"),
    _column("entry_ts", "Entered", "ms"),
    _column("exit", "Exit", "quote"),
    _column("exit_ts", "Left", "ms"),
    _column("fees", "Fees", "quote"),
    _column("funding", "Funding", "quote"),
    _column("pnl", "Result", "quote", "After fees and funding."),
    _column("return_pct", "Return", "%"),
    _column("reason", "Reason"),
]
DAYS: Final = [
    _column("ts", "Day", "ms", "Midnight UTC at which it began."),
    _column("trades", "Trades", "count"),
    _column("wins", "Won", "count"),
    _column("pnl", "Result", "quote", "Of the trades that were closed on it."),
    _column("cash", "Cash", "quote", "Capital and the results up to its end."),
    _column("drawdown", "Drawdown", "quote", "Below the highest cash before."),
]
ORDERS: Final = [
    _column("id", "Id"),
    _column("slot", "Slot"),
    _column("leg", "Leg"),
    _column("side", "Side"),
    _column("qty", "Quantity", "base units"),
    _column("filled", "Filled", "base units"),
    _column("state", "State"),
    _column("reason", "Reason"),
    _column("ts", "Written", "ms"),
    _column("attempt", "Attempt", "count"),
]
REFUSALS: Final = [
    _column("ts", "Time", "ms"),
    _column("slot", "Slot"),
    _column("side", "Side"),
    _column("code", "Refused with"),
    _column("limit", "Limit"),
    _column("value", "Was"),
]
ACCOUNTS: Final = [
    _column("account", "Account"),
    _column("mode", "Mode"),
    _column("venue", "Venue"),
    _column("state", "State"),
    _column("ts", "Begun", "ms"),
]


@operation("trading.accounts")
def list_accounts(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's trading accounts."""
    runs = house.trades.accounts(owner_of(house, caller))
    rows = [
        {
            "account": one.account, "mode": one.mode, "venue": one.venue, "ts": one.ts,
            "state": house.trades.state(one.account),
        }
        for one in runs
    ]  # fmt: skip
    return Table(columns=ACCOUNTS, rows=rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("trading.account", example={"account": "main"})
def show_account(house: House, caller: Caller, ask: AccountAsk) -> Account:
    """Show the money of an account and how far its log goes."""
    found = standing(house, ask.account, owner_of(house, caller))
    return Account(**{name: found[name] for name in Account.model_fields if name in found})


@operation("trading.state", example={"account": "main"})
def show_state(house: House, caller: Caller, ask: AccountAsk) -> State:
    """Say whether an account may enter, only leave, or do nothing."""
    run = run_of(house, ask.account, owner_of(house, caller))
    return State(account=run.account, mode=run.mode, state=house.trades.state(run.account))


@operation("trading.positions", example={"account": "main"})
def list_positions(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List what an account holds, with the levels that protect it."""
    run, chronicle = _told(house, caller, ask)
    return _table(run, POSITIONS, positions(chronicle))


@operation("trading.closed_trades", example={"account": "main"})
def list_closed_trades(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List the trades of an account that ended, the newest first."""
    run, chronicle = _told(house, caller, ask)
    return _table(run, TRADES, _trades(chronicle)[::-1])


@operation("trading.daily_stats", example={"account": "main"})
def list_days(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List results by day (UTC) on which trades were closed, the newest first."""
    run, chronicle = _told(house, caller, ask)
    return _table(run, DAYS, _days(chronicle, float(run.capital))[::-1])


@operation("trading.orders", example={"account": "main"})
def list_orders(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List what an account meant to do and what became of it, the newest first."""
    run = run_of(house, ask.account, owner_of(house, caller))
    rows = [
        {
            "id": one.intent.id, "slot": one.intent.slot, "leg": one.intent.leg,
            "side": "buy" if one.intent.side > 0 else "sell", "qty": f"{one.intent.qty:f}",
            "filled": f"{one.move.filled:f}", "state": one.move.state,
            "reason": one.move.reason or one.intent.reason, "ts": one.intent.ts, "attempt": one.intent.attempt,
        }
        for one in house.trades.intents(run.id)
    ]  # fmt: skip
    return _table(run, ORDERS, rows[::-1])


@operation("trading.refusals", example={"account": "main"})
def list_refusals(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List the entries of an account that were refused, with limit and value, the newest first."""
    run, chronicle = _told(house, caller, ask)
    names = [column.name for column in REFUSALS]
    rows = [{name: getattr(one, name) for name in names} for one in chronicle.refusals]
    return _table(run, REFUSALS, rows[::-1])


def _told(house: House, caller: Caller, ask: AccountAsk) -> tuple[TradeRun, Chronicle]:
    run = run_of(house, ask.account, owner_of(house, caller))
    return run, folded(house, run)


def _table(run: TradeRun, columns: list[Column], rows: list[dict[str, Any]]) -> Table:
    origins = [Origin(source=f"{SOURCE}, {run.mode} on {run.venue}")]
    return Table(columns=columns, rows=rows, origins=origins, total=len(rows))


def _trades(chronicle: Chronicle) -> list[dict[str, Any]]:
    account = chronicle.account
    if account is None:
        return []
    rows = []
    for trade in account.trades:
        number = int(trade["slot"])
        id_, ts = account.slots[number].id, int(trade["entry_ts"])
        numbers = ("entry", "exit", "fees", "funding", "pnl", "return_pct")
        rows.append(
            {
                "slot": str(id_), "instrument": id_.instrument, "timeframe": id_.timeframe,
                "strategy": id_.strategy, "side": _SIDES[int(trade["side"])],
                "qty": f"{account.qty(number, ts, int(trade['lots'])):f}", "entry_ts": ts,
                "exit_ts": int(trade["exit_ts"]), "reason": codes.CODES[int(trade["reason"])],
                **{name: float(trade[name]) for name in numbers},
            }
        )  # fmt: skip
    return rows


def _days(chronicle: Chronicle, capital: float) -> list[dict[str, Any]]:
    trades = sorted(_trades(chronicle), key=lambda row: int(row["exit_ts"]))
    cash = peak = capital
    rows = []
    for day, group in groupby(trades, key=lambda row: int(row["exit_ts"]) // DAY_MS):
        results = [float(row["pnl"]) for row in group]
        cash += sum(results)
        peak = max(peak, cash)
        wins = sum(one > 0 for one in results)
        told = {"ts": day * DAY_MS, "trades": len(results), "wins": wins, "pnl": sum(results)}
        rows.append({**told, "cash": cash, "drawdown": peak - cash})
    return rows
