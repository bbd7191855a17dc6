"""What is asked of an account: anybody may ask of any address; one that is nobody's has nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import ZERO
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid import shapes
from vigie.sandbox.exchange.hyperliquid.errors import BadRequest
from vigie.sandbox.exchange.hyperliquid.ledger import Ledger
from vigie.sandbox.exchange.hyperliquid.limits import FIRST_ACTIONS, Weights
from vigie.sandbox.exchange.hyperliquid.market import Body, MarketAnswers, whole
from vigie.sandbox.exchange.hyperliquid.shapes import px
from vigie.sandbox.exchange.hyperliquid.signing import UNIFIED, Wallets

MOST_FILLS: Final = 2_000
_MOST_FUNDINGS: Final = 500
_MOST_ORDERS: Final = 2_000


class UserAnswers:
    """Answers about accounts.

    Parameters
    ----------
    desk : Desk
        Whose exchange is asked.
    ring : Wallets
        Whose addresses they are.
    market : MarketAnswers
        The contracts.
    weights : Weights
        How often accounts have acted.
    """

    def __init__(self, desk: Desk, ring: Wallets, market: MarketAnswers, weights: Weights) -> None:
        self._desk = desk
        self._ring = ring
        self._market = market
        self._weights = weights
        self.ledger = Ledger(desk)
        self.table: Mapping[str, Callable[[str, str | None, Body], Any]] = {
            "clearinghouseState": lambda _, account, __: self.ledger.state(account),
            "spotClearinghouseState": self._spot,
            "openOrders": lambda _, account, __: [shapes.short_row(one) for one in self._waiting(account)],
            "frontendOpenOrders": lambda _, account, __: self._waiting(account),
            "orderStatus": self._status,
            "historicalOrders": self._orders,
            "userFills": lambda user, account, _: self._fills(user, account)[::-1][:MOST_FILLS],
            "userFillsByTime": self._fills_by_time,
            "userFunding": self._funding,
            "userNonFundingLedgerUpdates": self._transfers,
            "userFees": self._fees,
            "userRateLimit": self._used,
            "userRole": self._role,
            "extraAgents": self._agents,
            "userAbstraction": self._abstraction,
            "activeAssetData": self._setting,
            "subAccounts": lambda *_: None,
            "referral": lambda *_: {"referredBy": None, "cumVlm": "0.0"},
            "maxBuilderFee": lambda *_: 0,
        }

    def account(self, user: str) -> str | None:
        """Return whose an address is."""
        return self._desk.owners.get(user)

    def _waiting(self, account: str | None) -> list[dict[str, Any]]:
        return [] if account is None else self.ledger.waiting(account)

    def _status(self, _user: str, account: str | None, body: Body) -> Any:
        oid = body.get("oid")
        if isinstance(oid, bool) or not isinstance(oid, int | str):
            raise BadRequest(f"oid {oid!r}")
        one = None if account is None else self.ledger.seen(account, oid)
        if one is None or account is None:
            return {"status": "unknownOid"}
        return {"status": "order", "order": self.ledger.status(account, one)}

    def _orders(self, _user: str, account: str | None, _body: Body) -> Any:
        if account is None:
            return []
        return [self.ledger.status(account, one) for one in self.ledger.history(account)[:_MOST_ORDERS]]

    def _fills(self, user: str, account: str | None) -> list[dict[str, Any]]:
        return [] if account is None else [row for _, row in self.ledger.fills(account, user)]

    def _fills_by_time(self, user: str, account: str | None, body: Body) -> Any:
        start, end = whole(body, "startTime", 0), whole(body, "endTime", 2**62)
        return [one for one in self._fills(user, account) if start <= one["time"] <= end][:MOST_FILLS]

    def _funding(self, _user: str, account: str | None, body: Body) -> Any:
        start, end = whole(body, "startTime", 0), whole(body, "endTime", 2**62)
        bills = [] if account is None else self._desk.exchange.bills(account, "funding")
        return [
            shapes.funding_row(one, self.ledger.base(one.symbol)) for one in bills if start <= one.ts <= end
        ][:_MOST_FUNDINGS]

    def _transfers(self, user: str, account: str | None, body: Body) -> Any:
        start, end = whole(body, "startTime", 0), whole(body, "endTime", 2**62)
        moves = [] if account is None else self._desk.exchange.moves(account)
        return [shapes.move_row(one, user) for one in moves if start <= one.ts <= end][:_MOST_FUNDINGS]

    def _spot(self, _user: str, account: str | None, _body: Body) -> Any:
        held = ZERO if account is None else self._desk.exchange.main(account)
        row = {"coin": shapes.COIN, "token": 0, "hold": "0.0", "total": px(held), "entryNtl": "0.0"}
        return {"balances": [row] if held else []}

    def _fees(self, *_: object) -> Any:
        first = self._desk.exchange.contracts()[0]
        return {
            "dailyUserVlm": [],
            "userCrossRate": plain(first.taker),
            "userAddRate": plain(first.maker),
            "activeReferralDiscount": "0.0",
            "feeSchedule": {
                "cross": plain(first.taker),
                "add": plain(first.maker),
                "referralDiscount": "0.0",
            },
        }

    def _used(self, user: str, account: str | None, _body: Body) -> Any:
        trades = [] if account is None else self._desk.exchange.trades(account)
        traded = sum(one.qty * one.price for one in trades)
        return {
            "cumVlm": f"{traded:f}",
            "nRequestsUsed": self._weights.used(user),
            "nRequestsCap": FIRST_ACTIONS + int(traded),
        }

    def _role(self, user: str, account: str | None, _body: Body) -> Any:
        of = self._ring.agent_of(user)
        if of is not None:
            return {"role": "agent", "data": {"user": of.key}}
        return {"role": "user" if account is not None else "missing"}

    def _agents(self, user: str, _account: str | None, _body: Body) -> Any:
        return [
            {"address": one, "name": "agent", "validUntil": 2**42} for one in self._ring.agents(user.lower())
        ]

    def _abstraction(self, user: str, _account: str | None, _body: Body) -> Any:
        key = self._ring.get(user.lower())
        return "unifiedAccount" if key is not None and key.ill == UNIFIED else "disabled"

    def _setting(self, user: str, account: str | None, body: Body) -> Any:
        contract, exchange = self._market.contract(body), self._desk.exchange
        if account is None:
            leverage: dict[str, Any] = {"type": "cross", "value": min(20, int(contract.max_leverage))}
        else:
            isolated = exchange.margin_mode(account, contract.symbol) == "isolated"
            value = int(exchange.leverage(account, contract.symbol))
            leverage = {"type": "isolated" if isolated else "cross", "value": value}
        shown = self._desk.display.of(contract)
        return {
            "user": user,
            "coin": contract.base,
            "leverage": leverage,
            "maxTradeSzs": ["0.0", "0.0"],
            "availableToTrade": ["0.0", "0.0"],
            "markPx": None if shown is None else px(shown.mark),
        }
