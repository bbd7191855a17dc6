"""What streams tell of accounts: order updates, fills, funding, and the account as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import Bill, ExchangeEvent, ExchangeTrade, Order, PlanOrder
from vigie_sandbox.exchange.core.moves import Move
from vigie_sandbox.exchange.hyperliquid import shapes
from vigie_sandbox.exchange.hyperliquid.account_rows import AccountRows
from vigie_sandbox.exchange.venue_context import VenueContext

USER_SUBSCRIPTIONS: Final = (
    "orderUpdates", "userFills", "userFundings", "userEvents", "clearinghouseState", "webData2", "openOrders",
    "notification", "userNonFundingLedgerUpdates",
)  # fmt: skip
# The channel under which a subscription's news come, where it is not its own name.
CHANNELS: Final = {"userEvents": "user"}
_LEDGER_UPDATES: Final = "userNonFundingLedgerUpdates"
_STATE_KINDS: Final = ("clearinghouseState", "webData2", "openOrders")


@dataclass(frozen=True, slots=True)
class HyperliquidPush:
    """News of an account for those who subscribed to a kind of them."""

    account: str
    kind: str
    data: Any


class HyperliquidPushWriter:
    """Makes news of what has happened.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it happened at.
    account_rows : AccountRows
        Writes the rows.
    """

    def __init__(self, context: VenueContext, account_rows: AccountRows) -> None:
        self._context = context
        self._account_rows = account_rows
        self._user_by_account = {account: user for user, account in context.accounts_by_key.items()}

    def make_pushes(self, events: Iterable[ExchangeEvent]) -> list[HyperliquidPush]:
        """Return the news of some events, in their order; an account is told once, as it ends up."""
        pushes: list[HyperliquidPush] = []
        changed: dict[str, None] = {}
        for event in events:
            if not event.account:
                continue
            changed[event.account] = None
            if isinstance(event.body, Order | PlanOrder):
                pushes.append(
                    HyperliquidPush(
                        event.account, "orderUpdates", [self._make_order_update(event.account, event.body)]
                    )
                )
            elif isinstance(event.body, ExchangeTrade):
                pushes += self._make_fill_pushes(event.account, event.body)
            elif isinstance(event.body, Move):
                rows = [shapes.make_move_row(event.body, self._user_by_account[event.account])]
                data = {"user": self._user_by_account[event.account], "nonFundingLedgerUpdates": rows}
                pushes.append(HyperliquidPush(event.account, _LEDGER_UPDATES, data))
            elif isinstance(event.body, Bill) and event.body.kind == "funding":
                pushes += self._make_funding_pushes(event.account, event.body)
        for account in changed:
            pushes += [
                HyperliquidPush(account, kind, self.make_snapshot(account, kind)) for kind in _STATE_KINDS
            ]
        return pushes

    def make_snapshot(self, account: str, kind: str) -> Any:
        """Return what a subscription is told at once; None where it starts in silence."""
        user = self._user_by_account[account]
        if kind == "userFills":
            rows = [row for _, row in self._account_rows.iterate_fills(account, user)]
            return {"isSnapshot": True, "user": user, "fills": rows[-2_000:]}
        if kind == "userFundings":
            bills = self._context.exchange.bills(account, "funding")
            return {
                "isSnapshot": True,
                "user": user,
                "fundings": [self._make_funding_row(record) for record in bills],
            }
        if kind == _LEDGER_UPDATES:
            rows = [shapes.make_move_row(record, user) for record in self._context.exchange.moves(account)]
            return {"isSnapshot": True, "user": user, "nonFundingLedgerUpdates": rows}
        if kind == "clearinghouseState":
            return {"dex": "", "user": user, "clearinghouseState": self._account_rows.make_state(account)}
        if kind == "openOrders":
            return {"dex": "", "user": user, "orders": self._account_rows.list_waiting(account)}
        if kind == "webData2":
            return {
                "user": user,
                "clearinghouseState": self._account_rows.make_state(account),
                "openOrders": self._account_rows.list_waiting(account),
                "serverTime": self._context.venue_ms(),
            }
        return None

    def _make_order_update(self, account: str, body: Order | PlanOrder) -> dict[str, Any]:
        record = body
        if isinstance(body, Order) and body.cause != "order":
            # A level's order goes on under the level's own id.
            plans: Sequence[PlanOrder] = self._context.exchange.plan_history(account, body.symbol)
            record = next((plan for plan in plans if plan.order_id == body.id), body)
        status = self._account_rows.make_status(account, record)
        return {**status, "order": shapes.shorten_row(status["order"])}

    def _make_fill_pushes(self, account: str, trade: ExchangeTrade) -> list[HyperliquidPush]:
        if self._context.is_hidden(trade.order_id):
            return []
        user = self._user_by_account[account]
        row = self._account_rows.make_fill(
            account, user, trade, self._account_rows.position_before(account, trade)
        )
        return [
            HyperliquidPush(account, "userFills", {"user": user, "fills": [row]}),
            HyperliquidPush(account, "userEvents", {"fills": [row]}),
        ]

    def _make_funding_pushes(self, account: str, bill: Bill) -> list[HyperliquidPush]:
        row = self._make_funding_row(bill)
        return [
            HyperliquidPush(
                account, "userFundings", {"user": self._user_by_account[account], "fundings": [row]}
            ),
            HyperliquidPush(account, "userEvents", {"funding": row}),
        ]

    def _make_funding_row(self, bill: Bill) -> dict[str, Any]:
        row = shapes.make_funding_row(bill, self._account_rows.get_base(bill.symbol))
        delta = {name: value for name, value in row["delta"].items() if name != "type"}
        return {"time": row["time"], **delta}
