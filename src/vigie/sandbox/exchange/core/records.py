"""The records of all accounts as they are now, and what of them is still to be remembered and told.

A change is made here, then `take` hands over what is to be remembered and told; the exchange does both, in that order,
once for the whole change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from vigie.sandbox.exchange.core.account import Account, position_key
from vigie.sandbox.exchange.core.moves import Move
from vigie.sandbox.exchange.core.rows import from_row, to_row
from vigie.sandbox.exchange.core.words import (
    STOPPED,
    ZERO,
    Body,
    Contract,
    EventKind,
    Order,
    Plan,
    Position,
    Refused,
)

Told = tuple[EventKind, str, int, Body]
FIRST_ID: Final = 1_000_000_000_000_000_000
_NEVER: Final = 2**62


class Records:
    """Accounts and contracts, with everything that was ordered, traded and billed."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = {one.symbol: one for one in contracts}
        self.accounts: dict[str, Account] = {}
        self.halts: dict[str, list[tuple[int, int]]] = {}
        self.number = 0
        self._rows: dict[tuple[str, str], Any] = {}
        self._told: list[Told] = []

    # -- remembering -----------------------------------------------------------------------------------------------

    def take(self) -> tuple[dict[tuple[str, str], Any], list[Told]]:
        """Return what has changed since the last call: rows to remember and records to tell."""
        rows, told = self._rows, self._told
        self._rows, self._told = {}, []
        return rows, told

    @property
    def told(self) -> Sequence[Told]:
        """What has happened within the change that is being made."""
        return self._told

    def rows(self) -> Iterator[tuple[tuple[str, str], Any]]:
        """Yield everything as rows."""
        for contract in self.contracts.values():
            yield ("contract", contract.symbol), to_row(contract)
        for symbol, halts in self.halts.items():
            yield ("halt", symbol), halts
        for account in self.accounts.values():
            yield ("account", account.name), account.settings()
            for table, key, record in account.records():
                yield (table, key), to_row(record)

    def restore(self, rows: dict[tuple[str, str], Any]) -> None:
        """Read what was remembered."""
        for (table, key), row in rows.items():
            if table == "account":
                self.accounts.setdefault(key, Account(key)).take_settings(row)
        for (table, key), row in rows.items():
            if table == "halt":
                self.halts[key] = [(start, end) for start, end in row]
            elif table not in ("account", "house"):
                self._restore_record(table, from_row(table, row))
        for account in self.accounts.values():
            _note_moves(account)

    def _restore_record(self, table: str, record: Any) -> None:
        if table == "contract":
            self.contracts[record.symbol] = record
            return
        account = self.accounts[record.account]
        keep: dict[str, Callable[[Any], object]] = {
            "order": account.keep_order,
            "plan": account.keep_plan,
            "position": account.keep_position,
            "trade": account.trades.append,
            "bill": account.bills.append,
            "move": account.moves.append,
            "closed": account.closed.append,
        }
        keep[table](record)

    def _note(self, kind: EventKind, key: str, record: Any, ts: int) -> None:
        self._rows[kind, key] = to_row(record)
        self._told.append((kind, "" if kind == "contract" else record.account, ts, record))

    def note_settings(self, account: Account) -> None:
        """Remember cash and modes of an account."""
        self._rows["account", account.name] = account.settings()

    def next_number(self) -> int:
        """Return the next number."""
        self.number += 1
        return self.number

    def account(self, name: str) -> Account:
        """Return an account."""
        try:
            return self.accounts[name]
        except KeyError:
            raise Refused("unknown_account", f"there is no account {name!r}") from None

    def contract(self, symbol: str) -> Contract:
        """Return a contract."""
        try:
            return self.contracts[symbol]
        except KeyError:
            raise Refused("unknown_symbol", f"there is no contract {symbol!r}") from None

    def keep_contract(self, contract: Contract, ts: int) -> None:
        """Take a contract's rules as they are now, and note since when and until when nobody trades it."""
        is_stopped, halts = contract.status in STOPPED, self.halts.get(contract.symbol, [])
        if is_stopped != (self.contracts[contract.symbol].status in STOPPED):
            halts = (
                [*halts, (ts, _NEVER)] if is_stopped else [*halts[:-1], *((one[0], ts) for one in halts[-1:])]
            )
            self.halts[contract.symbol] = self._rows["halt", contract.symbol] = halts
        self.contracts[contract.symbol] = contract
        self._note("contract", contract.symbol, contract, ts)

    # -- orders and plans ------------------------------------------------------------------------------------------

    def keep_order(self, order: Order) -> Order:
        """Take an order as it is now."""
        self.accounts[order.account].keep_order(order)
        self._note("order", order.id, order, order.ts_updated)
        return order

    def keep_plan(self, plan: Plan) -> Plan:
        """Take a plan as it is now."""
        self.accounts[plan.account].keep_plan(plan)
        self._note("plan", plan.id, plan, plan.ts_updated)
        return plan

    def keep_position(self, position: Position) -> Position:
        """Take a position as it is now; one without quantity has ended and takes its levels along."""
        account = self.accounts[position.account]
        levels = account.levels_of(position)
        account.keep_position(position)
        self._note("position", position_key(position), position, position.ts_updated)
        if position.qty:
            return position
        self._rows["position", position_key(position)] = None
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
        return self.keep_order(Order(id=made_id(number), number=number, **values))

    def new_plan(self, **values: Any) -> Plan:
        """Accept a plan and give it its number."""
        number = self.next_number()
        return self.keep_plan(Plan(id=made_id(number), number=number, **values))

    def cancel(self, order: Order, ts: int, reason: str) -> Order:
        """End an order that is not filled."""
        return self.keep_order(replace(order, state="cancelled", reason=reason, ts_updated=ts))

    def end_plan(self, plan: Plan, ts: int, reason: str) -> Plan:
        """End a plan that has not fired."""
        return self.keep_plan(replace(plan, state="cancelled", reason=reason, ts_updated=ts))


def made_id(number: int) -> str:
    """Return the id of a number, as long as the real exchange's."""
    return str(FIRST_ID + number)


def _note_moves(account: Account) -> None:
    """Give an account the movements of its bills, where it was remembered before there were any."""
    known = {one.bill_id for one in account.moves}
    lost = [one for one in account.bills if one.kind in ("deposit", "withdrawal") and one.id not in known]
    account.moves += [
        Move(
            one.id, one.number, one.account, "deposit" if one.amount > 0 else "withdrawal", "trading",
            one.amount, ZERO, ZERO, one.ts, bill_id=one.id,
        )
        for one in lost
    ]  # fmt: skip
    account.moves.sort(key=lambda one: one.number)
