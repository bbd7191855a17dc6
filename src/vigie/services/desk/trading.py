"""Trading accounts as their log tells them: money, positions, closed trades, days, orders, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from vigie.domain.ids import parse_instrument
from vigie.domain.order import TradeMode, TradeRun, TradingState
from vigie.domain.person import Caller
from vigie.domain.time import iso
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.trading import figures
from vigie.services.trading.alive import is_alive, is_traded, silent_s
from vigie.services.trading.barring import barred_until
from vigie.services.trading.columns import (
    ACCOUNTS,
    CURVE,
    DAYS,
    LIMITS,
    ORDERS,
    POSITIONS,
    REFUSALS,
    SLOTS,
    SOURCE,
    STRATEGIES,
    TRADES,
)
from vigie.services.trading.lifting import held_limits
from vigie.services.trading.model_gap import Stores, model_gap
from vigie.services.trading.standing import run_of
from vigie.services.trading.story import Story, story_of
from vigie.services.trading.wishes import wishes_of


class AccountAsk(Ask):
    """One of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")


class Account(Answer):
    """Money of an account, and where it trades; amounts are in its quote currency."""

    account: str
    run: str
    mode: TradeMode
    venue: str
    currency: str
    state: TradingState
    barred_by: list[str] = Field(
        default=[],
        description="Limits because of which it enters nothing now, though it may; see `trading.limits`.",
    )
    barred_until: dict[str, int] = Field(
        default={}, description="By each of these limits when it ends: epoch ms of the market."
    )
    limits_until: dict[str, int] = Field(
        default={},
        description="Limits of loss that refuse entries now, those of single slots and instruments too, each with "
        "when it ends: epoch ms of the market. `trading.lift` ends them early.",
    )
    is_traded: bool = Field(
        description="Whether a process holds the right to trade it now and gives signs of life."
    )
    is_alive: bool = Field(
        description="Whether its process gives signs of life; without the right to trade it cannot write."
    )
    silent_s: float | None = Field(
        description="For how many seconds no price of its instruments was heard; null where none ever was."
    )
    begun: str
    last_event: str | None
    event_ts: int | None = Field(
        description="Epoch ms of the market: of the newest price in these figures; null before the first event."
    )
    capital: float
    cash: float
    equity: float = Field(description="Cash and open positions at present prices.")
    open_pnl: float
    day_pnl: float = Field(description="Since 00:00 UTC.")
    day_fraction: float
    result_fraction: float = Field(description="Since the account began, of its capital.")
    positions: int
    slots: int
    trades: int
    refusals: int
    decision_hash: str


class RecentAsk(AccountAsk):
    """The newest rows of one of the caller's own accounts."""

    limit: int = Field(0, ge=0, le=10_000, description="At most so many rows; 0 gives all.")


class State(Answer):
    """Whether an account may enter, only leave, or do nothing."""

    account: str
    mode: TradeMode
    state: TradingState


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
    """Show the money of an account at present prices, and how far its log goes."""
    with _told(house, caller, ask) as (run, story):
        marks = figures.marks_of(house, run)
        held = figures.open_rows(story, marks)
        there = story.account
        now = house.clock.market_now()
        told = figures.money(story, held, now)
        barred = barred_until(there.record if there is not None else None, ts=story.ts or 0, now=now)
        return Account(
            account=run.account,
            run=run.id,
            mode=run.mode,
            venue=run.venue,
            currency=_currency(story),
            state=house.trades.state(run.account),
            barred_by=list(barred),
            barred_until=barred,
            limits_until=held_limits(story, now),
            is_traded=is_traded(house, run.account),
            is_alive=is_alive(house, run.account),
            silent_s=silent_s(house, run.venue, {one.slot.instrument for one in story.plan.slots}),
            begun=iso(run.ts),
            last_event=iso(story.ts) if story.ts else None,
            event_ts=figures.told_ts(story, held, marks),
            capital=float(run.capital),
            cash=told.cash,
            equity=told.equity,
            open_pnl=told.open_pnl,
            day_pnl=told.day_pnl,
            day_fraction=told.day_fraction,
            result_fraction=told.result_fraction,
            positions=len(held),
            slots=len(story.plan.slots),
            trades=len(there.trades) if there is not None else 0,
            refusals=len(story.refusals),
            decision_hash=there.decision_hash if there is not None else "",
        )


@operation("trading.state", example={"account": "main"})
def show_state(house: House, caller: Caller, ask: AccountAsk) -> State:
    """Say whether an account may enter, only leave, or do nothing."""
    run = run_of(house, ask.account, owner_of(house, caller))
    return State(account=run.account, mode=run.mode, state=house.trades.state(run.account))


@operation("trading.positions", example={"account": "main"})
def list_positions(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List what an account holds at present prices, with the levels that protect it."""
    with _told(house, caller, ask) as (run, story):
        held = figures.open_rows(story, figures.marks_of(house, run))
        return _table(run, POSITIONS, figures.standing_rows(house, run, story, held))


@operation("trading.closed_trades", example={"account": "main"})
def list_closed_trades(house: House, caller: Caller, ask: RecentAsk) -> Table:
    """List the trades of an account that ended, the newest first."""
    with _told(house, caller, ask) as (run, story):
        rows = figures.closed_rows(story)
        first = max(0, len(rows) - ask.limit) if ask.limit else 0
        stores = Stores(house.data.bars, house.facts)
        shown = [
            {**row, "backtest_gap": model_gap(stores, story, number)}
            for number, row in enumerate(rows[first:], first)
        ]
        names = [column.name for column in TRADES]
        kept = [{name: row[name] for name in names} for row in shown]
        return _table(run, TRADES, kept[::-1], total=len(rows))


@operation("trading.daily_stats", example={"account": "main"})
def list_days(house: House, caller: Caller, ask: RecentAsk) -> Table:
    """List results by day (UTC) on which trades were closed, the newest first."""
    with _told(house, caller, ask) as (run, story):
        rows = figures.day_rows(figures.closed_rows(story), float(run.capital))
        return _table(run, DAYS, _first(rows[::-1], ask), total=len(rows))


@operation("trading.strategies", example={"account": "main"})
def list_strategies(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List what each strategy of an account made, closed and open."""
    with _told(house, caller, ask) as (run, story):
        held = figures.open_rows(story, figures.marks_of(house, run))
        return _table(run, STRATEGIES, figures.strategy_rows(figures.closed_rows(story), held))


@operation("trading.slots", example={"account": "main"})
def list_slots(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List every slot of an account, whether it may enter, and what it made."""
    with _told(house, caller, ask) as (run, story):
        rows = figures.slot_rows(story, wishes_of(house, run), figures.closed_rows(story))
        return _table(run, SLOTS, rows)


@operation("trading.limits", example={"account": "main"})
def list_limits(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List the risk limits of an account and how much of each is used."""
    with _told(house, caller, ask) as (run, story):
        held = figures.open_rows(story, figures.marks_of(house, run))
        rows = figures.limit_rows(story, wishes_of(house, run), held, house.clock.market_now())
        return _table(run, LIMITS, rows)


@operation("trading.curve", example={"account": "main"})
def list_curve(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List the equity of an account over time, oldest first."""
    with _told(house, caller, ask) as (run, story):
        return _table(run, CURVE, [{"ts": ts, "equity": equity} for ts, equity in story.curve])


@operation("trading.orders", example={"account": "main"})
def list_orders(house: House, caller: Caller, ask: RecentAsk) -> Table:
    """List what an account meant to do and what became of it, the newest first."""
    run = run_of(house, ask.account, owner_of(house, caller))
    rows = [
        {
            "id": one.intent.id, "slot": one.intent.slot, "leg": one.intent.leg,
            "side": "buy" if one.intent.side > 0 else "sell", "qty": f"{one.intent.qty:f}",
            "filled": f"{one.move.filled:f}", "state": one.move.state,
            "reason": one.move.reason or one.intent.reason, "ts": one.intent.ts, "ts_moved": one.move.ts,
            "attempt": one.intent.attempt,
        }
        for one in house.trades.intents(run.id)
    ]  # fmt: skip
    return _table(run, ORDERS, _first(rows[::-1], ask), total=len(rows))


@operation("trading.refusals", example={"account": "main"})
def list_refusals(house: House, caller: Caller, ask: RecentAsk) -> Table:
    """List the entries of an account that were refused, with limit and value, the newest first."""
    with _told(house, caller, ask) as (run, story):
        names = [column.name for column in REFUSALS]
        rows = [{name: getattr(one, name) for name in names} for one in story.refusals]
        return _table(run, REFUSALS, _first(rows[::-1], ask), total=len(rows))


@contextmanager
def _told(house: House, caller: Caller, ask: AccountAsk) -> Iterator[tuple[TradeRun, Story]]:
    run = run_of(house, ask.account, owner_of(house, caller))
    with story_of(house, run) as story:
        yield run, story


def _first(rows: list[dict[str, Any]], ask: RecentAsk) -> list[dict[str, Any]]:
    return rows[: ask.limit] if ask.limit else rows


def _table(
    run: TradeRun, shown: list[Column], rows: list[dict[str, Any]], *, total: int | None = None
) -> Table:
    origins = [Origin(source=f"{SOURCE}, {run.mode} on {run.venue}")]
    return Table(columns=shown, rows=rows, origins=origins, total=len(rows) if total is None else total)


def _currency(story: Story) -> str:
    """Return what amounts are counted in: the quote of what is traded."""
    return parse_instrument(story.plan.slots[0].slot.instrument).quote
