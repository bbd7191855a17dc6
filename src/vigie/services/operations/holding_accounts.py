"""Trading accounts of this home beside what a person owns: included, read anew at each look, left out again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from vigie.domain.order import TradeRun
from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.person import Caller
from vigie.intelligence.holdings.amounts import ZERO, exactly
from vigie.ports.tradebook import TradeBook
from vigie.services.holdings.account_money import AccountMoney, MoneyKind, account_money, runs_of_account
from vigie.services.holdings.holding_account_rows import (
    HoldingAccountEventRow,
    HoldingAccountRow,
    IncludeAccountResult,
)
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.operation import NoInput, OperationInput, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.rows import table_of
from vigie.services.trading.accounts.account_rows import SOURCE
from vigie.services.trading.accounts.account_status import find_run


class IncludeAccountInput(OperationInput):
    """One of the caller's own trading accounts."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    on: bool = Field(True, description="Whether it is listed beside your holdings.")


class HoldingAccountInput(OperationInput):
    """One of the caller's own trading accounts that is included."""

    account: str = Field("main", min_length=1, max_length=60, description="Name of the account.")
    limit: int = Field(0, ge=0, le=10_000, description="Maximum number of rows, the newest; 0 gives all.")


@operation("holdings.accounts", example={})
def list_holding_accounts(
    caller: Caller, params: NoInput, sources: HoldingSources, trades: TradeBook
) -> Table[HoldingAccountRow]:
    """List your trading accounts of this home with their money; perpetuals are no holdings, nothing here is taxed."""
    owner = owner_of(sources.accounts, caller)
    included = sources.holdings.included(owner)
    rows = [
        _row(run, account_money(trades, runs_of_account(trades, owner, run.account)))
        if run.account in included
        else _row(run, None)
        for run in trades.accounts(owner)
    ]
    return table_of(HoldingAccountRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@exactly
def _row(run: TradeRun, money: Sequence[AccountMoney] | None) -> HoldingAccountRow:
    def total(kind: MoneyKind) -> str | None:
        if money is None:
            return None
        return _text(sum((booking.amount for booking in money if booking.kind == kind), ZERO))

    return HoldingAccountRow(
        account=run.account,
        mode=run.mode,
        venue=run.venue,
        is_included=money is not None,
        is_real=run.mode == "live",
        currency=", ".join(sorted({booking.currency for booking in money or ()})),
        results=total("result"),
        fees=total("fee"),
        fundings=total("funding"),
        change=None if money is None else _text(sum((booking.amount for booking in money), ZERO)),
        events=len(money or ()),
        ts_last=money[-1].ts if money else None,
    )


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


@operation("holdings.account_events", example={"account": "main"})
def list_account_events(
    caller: Caller, params: HoldingAccountInput, sources: HoldingSources, trades: TradeBook
) -> Table[HoldingAccountEventRow]:
    """List what an included account earned and paid, the newest first: results, fees, funding; none is taxed."""
    owner = owner_of(sources.accounts, caller)
    refuse_secrets((params.account,))
    run = find_run(trades, params.account, owner)
    is_included = run.account in sources.holdings.included(owner)
    money = account_money(trades, runs_of_account(trades, owner, run.account)) if is_included else []
    rows = [
        HoldingAccountEventRow(
            place=run.account,
            mode=run.mode,
            ts=booking.ts,
            kind=booking.kind,
            instrument=booking.instrument,
            amount=_text(booking.amount),
            currency=booking.currency,
            id=booking.id,
        )
        for booking in money[::-1]
    ]
    shown = rows[: params.limit] if params.limit else rows
    return table_of(HoldingAccountEventRow, shown, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("holdings.include_account", scope="write", example={"account": "main"})
def include_account(
    caller: Caller, params: IncludeAccountInput, sources: HoldingSources, trades: TradeBook
) -> IncludeAccountResult:
    """Let a trading account stand beside what you own, or no longer; nothing is copied, so nothing doubles."""
    owner = owner_of(sources.accounts, caller)
    refuse_secrets((params.account,))
    run = find_run(trades, params.account, owner)
    kept = sources.holdings.included(owner).get(run.account, "")
    if params.on == bool(kept):
        return IncludeAccountResult(account=run.account, is_included=params.on)
    if params.on:
        sources.holdings.include(owner, run.account)
    else:
        sources.holdings.undo(owner, kept)
    sources.audit.append("holdings.account", actor=caller.user, subject=caller.user, text={})
    return IncludeAccountResult(account=run.account, is_included=params.on)
