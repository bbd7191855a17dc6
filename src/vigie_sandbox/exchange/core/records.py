"""The records of all accounts as they are now, and what of them is still to be remembered and told.

A change is made here, then `take` hands over what is to be remembered and told; the exchange does both, in that order,
once for the whole change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie_sandbox.exchange.core.account import ExchangeAccount, make_position_key
from vigie_sandbox.exchange.core.entities import (
    HALTED_STATUSES,
    ZERO,
    Contract,
    EventBody,
    EventKind,
    ExchangeRefusal,
    Order,
    PlanOrder,
    Position,
)
from vigie_sandbox.exchange.core.moves import Move
from vigie_sandbox.exchange.core.rows import from_row, to_row

PendingEvent = tuple[EventKind, str, int, EventBody]
FIRST_ID: Final = 1_000_000_000_000_000_000
_FAR_MS: Final = 2**62


class ExchangeRecords:
    """Accounts and contracts, with everything that was ordered, traded and billed."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = {contract.symbol: contract for contract in contracts}
        self.accounts: dict[str, ExchangeAccount] = {}
        self.halts: dict[str, list[tuple[int, int]]] = {}
        self.number = 0
        self._rows: dict[tuple[str, str], Any] = {}
        self._pending_events: list[PendingEvent] = []

    # -- remembering -----------------------------------------------------------------------------------------------

    def take_changes(self) -> tuple[dict[tuple[str, str], Any], list[PendingEvent]]:
        """Return what has changed since the last call: rows to remember and records to tell."""
        rows, events = self._rows, self._pending_events
        self._rows, self._pending_events = {}, []
        return rows, events

    @property
    def pending_events(self) -> Sequence[PendingEvent]:
        """What has happened within the change that is being made."""
        return self._pending_events

    def iterate_rows(self) -> Iterator[tuple[tuple[str, str], Any]]:
        """Yield everything as rows."""
        for contract in self.contracts.values():
            yield ("contract", contract.symbol), to_row(contract)
        for symbol, halts in self.halts.items():
            yield ("halt", symbol), halts
        for account in self.accounts.values():
            yield ("account", account.name), account.settings()
            for table, key, record in account.iterate_records():
                yield (table, key), to_row(record)

    def restore(self, rows: dict[tuple[str, str], Any]) -> None:
        """Read what was remembered."""
        for (table, key), row in rows.items():
            if table == "account":
                self.accounts.setdefault(key, ExchangeAccount(key)).restore_settings(row)
        for (table, key), row in rows.items():
            if table == "halt":
                self.halts[key] = [(start, end) for start, end in row]
            elif table not in ("account", "house"):
                self._restore_record(table, from_row(table, row))
        for account in self.accounts.values():
            _add_missing_moves(account)

    def _restore_record(self, table: str, record: Any) -> None:
        if table == "contract":
            self.contracts[record.symbol] = record
            return
        account = self.accounts[record.account]
        savers: dict[str, Callable[[Any], object]] = {
            "order": account.save_order,
            "plan": account.save_plan,
            "position": account.save_position,
            "trade": account.trades.append,
            "bill": account.bills.append,
            "move": account.moves.append,
            "closed": account.closed.append,
        }
        savers[table](record)

    def _record_change(self, kind: EventKind, key: str, record: Any, ts: int) -> None:
        self._rows[kind, key] = to_row(record)
        self._pending_events.append((kind, "" if kind == "contract" else record.account, ts, record))

    def record_settings(self, account: ExchangeAccount) -> None:
        """Remember cash and modes of an account."""
        self._rows["account", account.name] = account.settings()

    def next_number(self) -> int:
        """Return the next number."""
        self.number += 1
        return self.number

    def require_account(self, name: str) -> ExchangeAccount:
        """Return an account, or refuse an unknown one."""
        try:
            return self.accounts[name]
        except KeyError:
            raise ExchangeRefusal("unknown_account", f"there is no account {name!r}") from None

    def require_contract(self, symbol: str) -> Contract:
        """Return a contract."""
        try:
            return self.contracts[symbol]
        except KeyError:
            raise ExchangeRefusal("unknown_symbol", f"there is no contract {symbol!r}") from None

    def save_contract(self, contract: Contract, ts: int) -> None:
        """Take a contract's rules as they are now, and note since when and until when nobody trades it."""
        is_stopped, halts = contract.status in HALTED_STATUSES, self.halts.get(contract.symbol, [])
        if is_stopped != (self.contracts[contract.symbol].status in HALTED_STATUSES):
            halts = (
                [*halts, (ts, _FAR_MS)]
                if is_stopped
                else [*halts[:-1], *((halt[0], ts) for halt in halts[-1:])]
            )
            self.halts[contract.symbol] = self._rows["halt", contract.symbol] = halts
        self.contracts[contract.symbol] = contract
        self._record_change("contract", contract.symbol, contract, ts)

    # -- orders and plans ------------------------------------------------------------------------------------------

    def save_order(self, order: Order) -> Order:
        """Take an order as it is now."""
        self.accounts[order.account].save_order(order)
        self._record_change("order", order.id, order, order.ts_updated)
        return order

    def save_plan(self, plan: PlanOrder) -> PlanOrder:
        """Take a plan as it is now."""
        self.accounts[plan.account].save_plan(plan)
        self._record_change("plan", plan.id, plan, plan.ts_updated)
        return plan

    def save_position(self, position: Position) -> Position:
        """Take a position as it is now; one without quantity has ended and takes its levels along."""
        account = self.accounts[position.account]
        levels = account.list_levels(position)
        account.save_position(position)
        self._record_change("position", make_position_key(position), position, position.ts_updated)
        if position.qty:
            return position
        self._rows["position", make_position_key(position)] = None
        self._rows["closed", f"{account.name}/{len(account.closed)}"] = to_row(position)
        account.closed.append(position)
        for plan in levels:
            self.end_plan(plan, position.ts_updated, "position_ended")
        for order in list(account.open_orders.values()):
            if order.reduce_only and (order.symbol, order.hold) == (position.symbol, position.hold):
                self.cancel(order, position.ts_updated, "position_ended")
        return position

    def new_order(self, **values: Any) -> Order:
        """Accept an order and give it its number; the ids of orders without a client's own are their own."""
        number = self.next_number()
        return self.save_order(Order(id=make_id(number), number=number, **values))

    def new_plan(self, **values: Any) -> PlanOrder:
        """Accept a plan and give it its number."""
        number = self.next_number()
        return self.save_plan(PlanOrder(id=make_id(number), number=number, **values))

    def cancel(self, order: Order, ts: int, reason: str) -> Order:
        """End an order that is not filled."""
        return self.save_order(replace(order, state="cancelled", reason=reason, ts_updated=ts))

    def end_plan(self, plan: PlanOrder, ts: int, reason: str) -> PlanOrder:
        """End a plan that has not fired."""
        return self.save_plan(replace(plan, state="cancelled", reason=reason, ts_updated=ts))


def make_id(number: int) -> str:
    """Return the id of a number, as long as the real exchange's."""
    return str(FIRST_ID + number)


def _add_missing_moves(account: ExchangeAccount) -> None:
    """Give an account the movements of its bills, where it was remembered before there were any."""
    bill_ids = {record.bill_id for record in account.moves}
    missing = [
        record
        for record in account.bills
        if record.kind in ("deposit", "withdrawal") and record.id not in bill_ids
    ]
    account.moves += [
        Move(
            record.id, record.number, record.account, "deposit" if record.amount > 0 else "withdrawal", "trading",
            record.amount, ZERO, ZERO, record.ts, bill_id=record.id,
        )
        for record in missing
    ]  # fmt: skip
    account.moves.sort(key=lambda record: record.number)
