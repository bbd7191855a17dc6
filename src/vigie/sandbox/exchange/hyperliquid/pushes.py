"""What streams tell of accounts: order updates, fills, funding, and the account as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.sandbox.exchange.core.moves import Move
from vigie.sandbox.exchange.core.words import Bill, Event, Order, Plan, Trade
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid import shapes
from vigie.sandbox.exchange.hyperliquid.ledger import Ledger

USER: Final = (
    "orderUpdates", "userFills", "userFundings", "userEvents", "clearinghouseState", "webData2", "openOrders",
    "notification", "userNonFundingLedgerUpdates",
)  # fmt: skip
# The channel under which a subscription's news come, where it is not its own name.
CHANNELS: Final = {"userEvents": "user"}
_MOVES: Final = "userNonFundingLedgerUpdates"
_WHOLE: Final = ("clearinghouseState", "webData2", "openOrders")


@dataclass(frozen=True, slots=True)
class Push:
    """News of an account for those who subscribed to a kind of them."""

    account: str
    kind: str
    data: Any


class Pushes:
    """Makes news of what has happened.

    Parameters
    ----------
    desk : Desk
        Whose exchange it happened at.
    ledger : Ledger
        Writes the rows.
    """

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._users = {account: user for user, account in desk.owners.items()}

    def of(self, events: Iterable[Event]) -> list[Push]:
        """Return the news of some events, in their order; an account is told once, as it ends up."""
        found: list[Push] = []
        changed: dict[str, None] = {}
        for event in events:
            if not event.account:
                continue
            changed[event.account] = None
            if isinstance(event.body, Order | Plan):
                found.append(Push(event.account, "orderUpdates", [self._update(event.account, event.body)]))
            elif isinstance(event.body, Trade):
                found += self._fill(event.account, event.body)
            elif isinstance(event.body, Move):
                rows = [shapes.move_row(event.body, self._users[event.account])]
                told = {"user": self._users[event.account], "nonFundingLedgerUpdates": rows}
                found.append(Push(event.account, _MOVES, told))
            elif isinstance(event.body, Bill) and event.body.kind == "funding":
                found += self._funding(event.account, event.body)
        for account in changed:
            found += [Push(account, kind, self.now(account, kind)) for kind in _WHOLE]
        return found

    def now(self, account: str, kind: str) -> Any:
        """Return what a subscription is told at once; None where it starts in silence."""
        user = self._users[account]
        if kind == "userFills":
            rows = [row for _, row in self._ledger.fills(account, user)]
            return {"isSnapshot": True, "user": user, "fills": rows[-2_000:]}
        if kind == "userFundings":
            bills = self._desk.exchange.bills(account, "funding")
            return {"isSnapshot": True, "user": user, "fundings": [self._paid(one) for one in bills]}
        if kind == _MOVES:
            rows = [shapes.move_row(one, user) for one in self._desk.exchange.moves(account)]
            return {"isSnapshot": True, "user": user, "nonFundingLedgerUpdates": rows}
        if kind == "clearinghouseState":
            return {"dex": "", "user": user, "clearinghouseState": self._ledger.state(account)}
        if kind == "openOrders":
            return {"dex": "", "user": user, "orders": self._ledger.waiting(account)}
        if kind == "webData2":
            return {
                "user": user,
                "clearinghouseState": self._ledger.state(account),
                "openOrders": self._ledger.waiting(account),
                "serverTime": self._desk.told_ms(),
            }
        return None

    def _update(self, account: str, body: Order | Plan) -> dict[str, Any]:
        one = body
        if isinstance(body, Order) and body.cause != "order":
            # A level's order goes on under the level's own id.
            plans: Sequence[Plan] = self._desk.exchange.plan_history(account, body.symbol)
            one = next((plan for plan in plans if plan.order_id == body.id), body)
        told = self._ledger.status(account, one)
        return {**told, "order": shapes.short_row(told["order"])}

    def _fill(self, account: str, trade: Trade) -> list[Push]:
        if self._desk.hidden(trade.order_id):
            return []
        user = self._users[account]
        row = self._ledger.fill(account, user, trade, self._ledger.before(account, trade))
        return [
            Push(account, "userFills", {"user": user, "fills": [row]}),
            Push(account, "userEvents", {"fills": [row]}),
        ]

    def _funding(self, account: str, bill: Bill) -> list[Push]:
        row = self._paid(bill)
        return [
            Push(account, "userFundings", {"user": self._users[account], "fundings": [row]}),
            Push(account, "userEvents", {"funding": row}),
        ]

    def _paid(self, bill: Bill) -> dict[str, Any]:
        row = shapes.funding_row(bill, self._ledger.base(bill.symbol))
        delta = {name: value for name, value in row["delta"].items() if name != "type"}
        return {"time": row["time"], **delta}
