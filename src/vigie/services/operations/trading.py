"""Trading accounts as their log tells them: money, positions, closed trades, days, orders, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import Field

from vigie.domain.ids import parse_instrument
from vigie.domain.order import TradeMode, TradeRun, TradingState
from vigie.domain.person import Caller
from vigie.domain.time import iso
from vigie.services.app_context import AppContext
from vigie.services.operation import (
    NoInput,
    OperationInput,
    OperationResult,
    Origin,
    Table,
    operation,
)
from vigie.services.people.ownership import owner_of
from vigie.services.rows import RowT, table_of
from vigie.services.trading.accounts import figures
from vigie.services.trading.accounts.account_rows import (
    SOURCE,
    AccountPointRow,
    AccountRow,
    AccountSlotRow,
    ClosedTradeRow,
    DayResultRow,
    EntryRefusalRow,
    LimitRow,
    OrderRow,
    PositionRow,
    StrategyResultRow,
)
from vigie.services.trading.accounts.account_status import find_run
from vigie.services.trading.accounts.alive import is_alive, is_traded, silent_s
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.journal.model_gap import ModelGapStores, model_gap
from vigie.services.trading.limits.active_limits import find_active_limits
from vigie.services.trading.limits.lifting import find_limits_in_force
from vigie.services.trading.log.account_view import AccountView, open_account_view

NewestT = TypeVar("NewestT")


class AccountInput(OperationInput):
    """One of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")


class AccountSummary(OperationResult):
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


class RecentRowsInput(AccountInput):
    """The newest rows of one of the caller's own accounts."""

    limit: int = Field(0, ge=0, le=10_000, description="At most so many rows; 0 gives all.")


class AccountState(OperationResult):
    """Whether an account may enter, only leave, or do nothing."""

    account: str
    mode: TradeMode
    state: TradingState


@operation("trading.accounts")
def list_accounts(app_context: AppContext, caller: Caller, params: NoInput) -> Table[AccountRow]:
    """List the caller's trading accounts."""
    runs = app_context.trades.accounts(owner_of(app_context, caller))
    rows = [
        AccountRow(
            account=account_run.account,
            mode=account_run.mode,
            venue=account_run.venue,
            ts=account_run.ts,
            state=app_context.trades.state(account_run.account),
        )
        for account_run in runs
    ]
    return table_of(AccountRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("trading.account", example={"account": "main"})
def read_account(app_context: AppContext, caller: Caller, params: AccountInput) -> AccountSummary:
    """Show the money of an account at present prices, and how far its log goes."""
    with _open_account(app_context, caller, params) as (run, view):
        marks = figures.marks_of(app_context, run)
        open_rows = figures.open_rows(view, marks)
        account_log = view.account
        now = app_context.clock.market_now()
        amounts = figures.compute_totals(view, open_rows, now)
        active_limits = find_active_limits(
            account_log.record if account_log is not None else None, ts=view.ts or 0, now=now
        )
        return AccountSummary(
            account=run.account,
            run=run.id,
            mode=run.mode,
            venue=run.venue,
            currency=_account_currency(view),
            state=app_context.trades.state(run.account),
            barred_by=list(active_limits),
            barred_until=active_limits,
            limits_until=find_limits_in_force(view, now),
            is_traded=is_traded(app_context, run.account),
            is_alive=is_alive(app_context, run.account),
            silent_s=silent_s(
                app_context, run.venue, {planned_slot.slot.instrument for planned_slot in view.plan.slots}
            ),
            begun=iso(run.ts),
            last_event=iso(view.ts) if view.ts else None,
            event_ts=figures.find_figures_ts(view, open_rows, marks),
            capital=float(run.capital),
            cash=amounts.cash,
            equity=amounts.equity,
            open_pnl=amounts.open_pnl,
            day_pnl=amounts.day_pnl,
            day_fraction=amounts.day_fraction,
            result_fraction=amounts.result_fraction,
            positions=len(open_rows),
            slots=len(view.plan.slots),
            trades=len(account_log.trades) if account_log is not None else 0,
            refusals=len(view.refusals),
            decision_hash=account_log.decision_hash if account_log is not None else "",
        )


@operation("trading.state", example={"account": "main"})
def read_state(app_context: AppContext, caller: Caller, params: AccountInput) -> AccountState:
    """Say whether an account may enter, only leave, or do nothing."""
    run = find_run(app_context, params.account, owner_of(app_context, caller))
    return AccountState(account=run.account, mode=run.mode, state=app_context.trades.state(run.account))


@operation("trading.positions", example={"account": "main"})
def list_positions(app_context: AppContext, caller: Caller, params: AccountInput) -> Table[PositionRow]:
    """List what an account holds at present prices, with the levels that protect it."""
    with _open_account(app_context, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(app_context, run))
        return _account_table(
            run, PositionRow, figures.rows_with_venue_stops(app_context, run, view, open_rows)
        )


@operation("trading.closed_trades", example={"account": "main"})
def list_closed_trades(
    app_context: AppContext, caller: Caller, params: RecentRowsInput
) -> Table[ClosedTradeRow]:
    """List the trades of an account that ended, the newest first."""
    with _open_account(app_context, caller, params) as (run, view):
        rows = figures.closed_rows(view)
        first = max(0, len(rows) - params.limit) if params.limit else 0
        stores = ModelGapStores(app_context.data.bars, app_context.facts)
        trades = [
            {**row, "backtest_gap": model_gap(stores, view, number)}
            for number, row in enumerate(rows[first:], first)
        ]
        return _account_table(run, ClosedTradeRow, trades[::-1], total=len(rows))


@operation("trading.daily_stats", example={"account": "main"})
def list_daily_results(
    app_context: AppContext, caller: Caller, params: RecentRowsInput
) -> Table[DayResultRow]:
    """List results by day (UTC) on which trades were closed, the newest first."""
    with _open_account(app_context, caller, params) as (run, view):
        rows = figures.day_rows(figures.closed_rows(view), float(run.capital))
        return _account_table(run, DayResultRow, _newest_rows(rows[::-1], params), total=len(rows))


@operation("trading.strategies", example={"account": "main"})
def list_strategies(
    app_context: AppContext, caller: Caller, params: AccountInput
) -> Table[StrategyResultRow]:
    """List what each strategy of an account made, closed and open."""
    with _open_account(app_context, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(app_context, run))
        return _account_table(
            run, StrategyResultRow, figures.strategy_rows(figures.closed_rows(view), open_rows)
        )


@operation("trading.slots", example={"account": "main"})
def list_slots(app_context: AppContext, caller: Caller, params: AccountInput) -> Table[AccountSlotRow]:
    """List every slot of an account, whether it may enter, and what it made."""
    with _open_account(app_context, caller, params) as (run, view):
        rows = figures.slot_rows(view, load_overrides(app_context, run), figures.closed_rows(view))
        return _account_table(run, AccountSlotRow, rows)


@operation("trading.limits", example={"account": "main"})
def list_limits(app_context: AppContext, caller: Caller, params: AccountInput) -> Table[LimitRow]:
    """List the risk limits of an account and how much of each is used."""
    with _open_account(app_context, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(app_context, run))
        rows = figures.limit_rows(
            view, load_overrides(app_context, run), open_rows, app_context.clock.market_now()
        )
        return _account_table(run, LimitRow, rows)


@operation("trading.curve", example={"account": "main"})
def list_curve(app_context: AppContext, caller: Caller, params: AccountInput) -> Table[AccountPointRow]:
    """List the equity of an account over time, oldest first."""
    with _open_account(app_context, caller, params) as (run, view):
        return _account_table(
            run, AccountPointRow, [{"ts": ts, "equity": equity} for ts, equity in view.curve]
        )


@operation("trading.orders", example={"account": "main"})
def list_orders(app_context: AppContext, caller: Caller, params: RecentRowsInput) -> Table[OrderRow]:
    """List what an account meant to do and what became of it, the newest first."""
    run = find_run(app_context, params.account, owner_of(app_context, caller))
    rows = [
        OrderRow(
            id=order.intent.id,
            slot=order.intent.slot,
            leg=order.intent.leg,
            side="buy" if order.intent.side > 0 else "sell",
            qty=f"{order.intent.qty:f}",
            filled=f"{order.move.filled:f}",
            state=order.move.state,
            reason=order.move.reason or order.intent.reason,
            ts=order.intent.ts,
            ts_moved=order.move.ts,
            attempt=order.intent.attempt,
        )
        for order in app_context.trades.intents(run.id)
    ]
    return _account_table(run, OrderRow, _newest_rows(rows[::-1], params), total=len(rows))


@operation("trading.refusals", example={"account": "main"})
def list_refusals(app_context: AppContext, caller: Caller, params: RecentRowsInput) -> Table[EntryRefusalRow]:
    """List the entries of an account that were refused, with limit and value, the newest first."""
    with _open_account(app_context, caller, params) as (run, view):
        rows = [
            EntryRefusalRow(
                ts=refusal.ts,
                slot=refusal.slot,
                side=refusal.side,
                code=refusal.code,
                limit=refusal.limit,
                value=refusal.value,
            )
            for refusal in view.refusals
        ]
        return _account_table(run, EntryRefusalRow, _newest_rows(rows[::-1], params), total=len(rows))


@contextmanager
def _open_account(
    app_context: AppContext, caller: Caller, params: AccountInput
) -> Iterator[tuple[TradeRun, AccountView]]:
    run = find_run(app_context, params.account, owner_of(app_context, caller))
    with open_account_view(app_context, run) as view:
        yield run, view


def _newest_rows(rows: Sequence[NewestT], params: RecentRowsInput) -> Sequence[NewestT]:
    return rows[: params.limit] if params.limit else rows


def _account_table(
    run: TradeRun, kind: type[RowT], rows: Sequence[RowT | dict[str, Any]], *, total: int | None = None
) -> Table[RowT]:
    origins = [Origin(source=f"{SOURCE}, {run.mode} on {run.venue}")]
    typed_rows = [kind.from_values(row) if isinstance(row, dict) else row for row in rows]
    return table_of(kind, typed_rows, origins=origins, total=len(rows) if total is None else total)


def _account_currency(view: AccountView) -> str:
    """Return what amounts are counted in: the quote of what is traded."""
    return parse_instrument(view.plan.slots[0].slot.instrument).quote
