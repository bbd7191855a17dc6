"""Trading accounts as their log tells them: money, positions, closed trades, days, orders, refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import Field

from vigie.data.stores import DataStores
from vigie.domain.ids import parse_instrument
from vigie.domain.order import TradeMode, TradeRun, TradingState
from vigie.domain.person import Caller
from vigie.domain.time import iso
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.health import HomeHealth
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.languages import Language
from vigie.services.operation import NoInput, OperationInput, OperationResult, Origin, Table, operation
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
from vigie.services.trading.accounts.account_status import find_run, is_alive, is_traded, silent_s
from vigie.services.trading.accounts.entry_pauses import describe_pauses
from vigie.services.trading.accounts.missing_others import find_missing_others
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.journal.model_gap import ModelGapStores, model_gap
from vigie.services.trading.limits.active_limits import find_account_limits, find_all_limits
from vigie.services.trading.log.account_view import AccountLogs, AccountView, open_account_view
from vigie.trading.catalogue import PLAN

NewestT = TypeVar("NewestT")


class AccountInput(OperationInput):
    """One of the caller's own accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")


class CurveInput(AccountInput):
    """One account, and in which language it is said why its equity is flat."""

    language: Language = Field("en", description="Of the remarks.")


class ReplayProgress(OperationResult):
    """How far the past of an account is replayed."""

    start: int = Field(description="Epoch ms of the market.")
    reached: int
    end: int


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
    missing_others: dict[str, int | None] = Field(
        default={}, description="Bars to compare with that are missing, each with when the last one ended."
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
    slots: int = Field(description="Active strategies, those for a person's plans left out.")
    trades: int
    refusals: int
    decision_hash: str
    replay: ReplayProgress | None = Field(
        description="How far its past is decided, afterwards on stored bars; null where it is traded."
    )


class RecentRowsInput(AccountInput):
    """The newest rows of one of the caller's own accounts."""

    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows; 0 gives all.")


class AccountState(OperationResult):
    """Whether an account may enter, only leave, or do nothing."""

    account: str
    mode: TradeMode
    state: TradingState


@operation("trading.accounts")
def list_accounts(
    caller: Caller, params: NoInput, accounts: UserStore, trades: TradeBook
) -> Table[AccountRow]:
    """List the caller's trading accounts."""
    runs = trades.accounts(owner_of(accounts, caller))
    rows = [
        AccountRow(
            account=account_run.account,
            mode=account_run.mode,
            venue=account_run.venue,
            ts=account_run.ts,
            is_replayed=account_run.is_replayed,
            state=trades.state(account_run.account),
        )
        for account_run in runs
    ]
    return table_of(AccountRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("trading.account", example={"account": "main"})
def read_account(
    caller: Caller,
    params: AccountInput,
    logs: AccountLogs,
    data: DataStores,
    quotes: QuoteStore,
    accounts: UserStore,
    clock: Clock,
    home_health: HomeHealth,
) -> AccountSummary:
    """Show the money of an account at present prices, and how far its log goes."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        marks = figures.marks_of(quotes, run)
        open_rows = figures.open_rows(view, marks)
        account_log = view.account
        now = clock.market_now()
        amounts = figures.compute_totals(view, open_rows, now)
        account_limits = find_account_limits(
            account_log.record if account_log is not None else None, ts=view.ts or 0, now=now
        )
        return AccountSummary(
            account=run.account,
            run=run.id,
            mode=run.mode,
            venue=run.venue,
            currency=_account_currency(view),
            state=logs.trades.state(run.account),
            barred_by=list(account_limits),
            barred_until=account_limits,
            limits_until=find_all_limits(view, now),
            is_traded=is_traded(logs.trades, home_health, run.account),
            is_alive=is_alive(home_health, run.account),
            silent_s=silent_s(quotes, clock, run.venue, {series.instrument for series in view.plan.series}),
            missing_others=find_missing_others(data.bars, logs.results, view.plan, view.ts),
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
            slots=sum(planned_slot.slot.strategy != PLAN for planned_slot in view.plan.slots),
            trades=len(account_log.trades) if account_log is not None else 0,
            refusals=len(view.refusals),
            decision_hash=account_log.decision_hash if account_log is not None else "",
            replay=_replay_progress(run, view),
        )


def _replay_progress(run: TradeRun, view: AccountView) -> ReplayProgress | None:
    if not run.is_replayed:
        return None
    return ReplayProgress(start=run.ts, reached=max(view.ts, run.ts), end=view.plan.until)


@operation("trading.state", example={"account": "main"})
def read_state(caller: Caller, params: AccountInput, accounts: UserStore, trades: TradeBook) -> AccountState:
    """Say whether an account may enter, only leave, or do nothing."""
    run = find_run(trades, params.account, owner_of(accounts, caller))
    return AccountState(account=run.account, mode=run.mode, state=trades.state(run.account))


@operation("trading.positions", example={"account": "main"})
def list_positions(
    caller: Caller,
    params: AccountInput,
    logs: AccountLogs,
    quotes: QuoteStore,
    accounts: UserStore,
    audit: AuditLog,
) -> Table[PositionRow]:
    """List what an account holds at present prices, with the levels that protect it."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(quotes, run))
        return _account_table(run, PositionRow, figures.rows_with_venue_stops(audit, run, view, open_rows))


@operation("trading.closed_trades", example={"account": "main"})
def list_closed_trades(
    caller: Caller,
    params: RecentRowsInput,
    logs: AccountLogs,
    data: DataStores,
    facts: FactStore,
    accounts: UserStore,
) -> Table[ClosedTradeRow]:
    """List the trades of an account that ended, the newest first."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        rows = figures.closed_rows(view)
        first = max(0, len(rows) - params.limit) if params.limit else 0
        stores = ModelGapStores(data.bars, facts)
        trades = [
            {**row, "backtest_gap": model_gap(stores, view, number)}
            for number, row in enumerate(rows[first:], first)
        ]
        return _account_table(run, ClosedTradeRow, trades[::-1], total=len(rows))


@operation("trading.daily_stats", example={"account": "main"})
def list_daily_results(
    caller: Caller, params: RecentRowsInput, logs: AccountLogs, accounts: UserStore
) -> Table[DayResultRow]:
    """List results by day (UTC) on which trades were closed, the newest first."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        rows = figures.day_rows(figures.closed_rows(view), float(run.capital))
        return _account_table(run, DayResultRow, _newest_rows(rows[::-1], params), total=len(rows))


@operation("trading.strategies", example={"account": "main"})
def list_strategies(
    caller: Caller, params: AccountInput, logs: AccountLogs, quotes: QuoteStore, accounts: UserStore
) -> Table[StrategyResultRow]:
    """List what each strategy of an account made, closed and open."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(quotes, run))
        return _account_table(
            run, StrategyResultRow, figures.strategy_rows(figures.closed_rows(view), open_rows)
        )


@operation("trading.slots", example={"account": "main"})
def list_slots(
    caller: Caller, params: AccountInput, logs: AccountLogs, accounts: UserStore
) -> Table[AccountSlotRow]:
    """List every slot of an account, whether it may enter, and what it made."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        rows = figures.slot_rows(view, load_overrides(accounts, run), figures.closed_rows(view))
        return _account_table(run, AccountSlotRow, rows)


@operation("trading.limits", example={"account": "main"})
def list_limits(
    caller: Caller,
    params: AccountInput,
    logs: AccountLogs,
    quotes: QuoteStore,
    accounts: UserStore,
    clock: Clock,
) -> Table[LimitRow]:
    """List the risk limits of an account and how much of each is used."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        open_rows = figures.open_rows(view, figures.marks_of(quotes, run))
        rows = figures.limit_rows(view, load_overrides(accounts, run), open_rows, clock.market_now())
        return _account_table(run, LimitRow, rows)


@operation("trading.curve", example={"account": "main"})
def list_curve(
    caller: Caller, params: CurveInput, logs: AccountLogs, accounts: UserStore
) -> Table[AccountPointRow]:
    """List the equity of an account over time, oldest first, that of its replayed past before it."""
    with _open_account(logs, accounts, caller, params) as (run, view):
        points = [(run.is_replayed, *point) for point in view.curve]
        remarks = describe_pauses(view.refusals, params.language)
    for past in logs.trades.runs_of(run.owner):
        if past.is_replayed and past.account == run.account and past.id != run.id:
            with open_account_view(logs, past) as view:
                points = [*((True, *point) for point in view.curve if point[0] <= run.ts), *points]
                remarks = [*describe_pauses(view.refusals, params.language), *remarks]
    rows = [{"ts": ts, "equity": equity, "is_replayed": is_replayed} for is_replayed, ts, equity in points]
    return _account_table(run, AccountPointRow, rows).model_copy(update={"remarks": remarks})


@operation("trading.orders", example={"account": "main"})
def list_orders(
    caller: Caller, params: RecentRowsInput, accounts: UserStore, trades: TradeBook
) -> Table[OrderRow]:
    """List what an account meant to do and what became of it, the newest first."""
    run = find_run(trades, params.account, owner_of(accounts, caller))
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
        for order in trades.intents(run.id)
    ]
    return _account_table(run, OrderRow, _newest_rows(rows[::-1], params), total=len(rows))


@operation("trading.refusals", example={"account": "main"})
def list_refusals(
    caller: Caller, params: RecentRowsInput, logs: AccountLogs, accounts: UserStore
) -> Table[EntryRefusalRow]:
    """List the entries of an account that were refused, with limit and value, the newest first."""
    with _open_account(logs, accounts, caller, params) as (run, view):
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
    logs: AccountLogs, accounts: UserStore, caller: Caller, params: AccountInput
) -> Iterator[tuple[TradeRun, AccountView]]:
    run = find_run(logs.trades, params.account, owner_of(accounts, caller))
    with open_account_view(logs, run) as view:
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
