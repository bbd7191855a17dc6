"""What is asked of an account: anybody may ask of any address; one that is nobody's has nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ZERO
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.hyperliquid import shapes
from vigie_sandbox.exchange.hyperliquid.account_rows import AccountRows
from vigie_sandbox.exchange.hyperliquid.errors import BadRequest
from vigie_sandbox.exchange.hyperliquid.limits import FREE_ACTIONS, HyperliquidWeights
from vigie_sandbox.exchange.hyperliquid.market import HyperliquidMarketInfo, InfoRequest, read_integer
from vigie_sandbox.exchange.hyperliquid.shapes import format_price
from vigie_sandbox.exchange.hyperliquid.signing import UNIFIED, WalletKeyRing
from vigie_sandbox.exchange.venue_context import VenueContext

MAX_FILLS: Final = 2_000
_MAX_FUNDINGS: Final = 500
_MAX_ORDERS: Final = 2_000


class HyperliquidUserInfo:
    """Answers about accounts.

    Parameters
    ----------
    context : VenueContext
        Whose exchange is asked.
    key_ring : WalletKeyRing
        Whose addresses they are.
    market_info : HyperliquidMarketInfo
        The contracts.
    weights : HyperliquidWeights
        How often accounts have acted.
    """

    def __init__(
        self,
        context: VenueContext,
        key_ring: WalletKeyRing,
        market_info: HyperliquidMarketInfo,
        weights: HyperliquidWeights,
    ) -> None:
        self._context = context
        self._key_ring = key_ring
        self._market_info = market_info
        self._weights = weights
        self.account_rows = AccountRows(context)
        self.handlers: Mapping[str, Callable[[str, str | None, InfoRequest], Any]] = {
            "clearinghouseState": lambda _, account, __: self.account_rows.make_state(account),
            "spotClearinghouseState": self._make_spot_state,
            "openOrders": lambda _, account, __: [
                shapes.shorten_row(row) for row in self._list_waiting(account)
            ],
            "frontendOpenOrders": lambda _, account, __: self._list_waiting(account),
            "orderStatus": self._answer_status,
            "historicalOrders": self._list_orders,
            "userFills": lambda user, account, _: self._list_fills(user, account)[::-1][:MAX_FILLS],
            "userFillsByTime": self._list_fills_by_time,
            "userFunding": self._list_fundings,
            "userNonFundingLedgerUpdates": self._list_moves,
            "userFees": self._make_fees,
            "userRateLimit": self._make_rate_limit,
            "userRole": self._find_role,
            "extraAgents": self._list_agents,
            "userAbstraction": self._find_abstraction,
            "activeAssetData": self._make_asset_data,
            "subAccounts": lambda *_: None,
            "referral": lambda *_: {"referredBy": None, "cumVlm": "0.0"},
            "maxBuilderFee": lambda *_: 0,
        }

    def find_account(self, user: str) -> str | None:
        """Return whose an address is."""
        return self._context.accounts_by_key.get(user)

    def _list_waiting(self, account: str | None) -> list[dict[str, Any]]:
        return [] if account is None else self.account_rows.list_waiting(account)

    def _answer_status(self, _user: str, account: str | None, body: InfoRequest) -> Any:
        oid = body.get("oid")
        if isinstance(oid, bool) or not isinstance(oid, int | str):
            raise BadRequest(f"oid {oid!r}")
        record = None if account is None else self.account_rows.find_visible(account, oid)
        if record is None or account is None:
            return {"status": "unknownOid"}
        return {"status": "order", "order": self.account_rows.make_status(account, record)}

    def _list_orders(self, _user: str, account: str | None, _body: InfoRequest) -> Any:
        if account is None:
            return []
        return [
            self.account_rows.make_status(account, record)
            for record in self.account_rows.list_history(account)[:_MAX_ORDERS]
        ]

    def _list_fills(self, user: str, account: str | None) -> list[dict[str, Any]]:
        return [] if account is None else [row for _, row in self.account_rows.iterate_fills(account, user)]

    def _list_fills_by_time(self, user: str, account: str | None, body: InfoRequest) -> Any:
        start, end = read_integer(body, "startTime", 0), read_integer(body, "endTime", 2**62)
        return [fill for fill in self._list_fills(user, account) if start <= fill["time"] <= end][:MAX_FILLS]

    def _list_fundings(self, _user: str, account: str | None, body: InfoRequest) -> Any:
        start, end = read_integer(body, "startTime", 0), read_integer(body, "endTime", 2**62)
        bills = [] if account is None else self._context.exchange.bills(account, "funding")
        return [
            shapes.make_funding_row(bill, self.account_rows.get_base(bill.symbol))
            for bill in bills
            if start <= bill.ts <= end
        ][:_MAX_FUNDINGS]

    def _list_moves(self, user: str, account: str | None, body: InfoRequest) -> Any:
        start, end = read_integer(body, "startTime", 0), read_integer(body, "endTime", 2**62)
        moves = [] if account is None else self._context.exchange.moves(account)
        return [shapes.make_move_row(move, user) for move in moves if start <= move.ts <= end][:_MAX_FUNDINGS]

    def _make_spot_state(self, _user: str, account: str | None, _body: InfoRequest) -> Any:
        balance = ZERO if account is None else self._context.exchange.get_main_balance(account)
        row = {
            "coin": shapes.COIN,
            "token": 0,
            "hold": "0.0",
            "total": format_price(balance),
            "entryNtl": "0.0",
        }
        return {"balances": [row] if balance else []}

    def _make_fees(self, *_: object) -> Any:
        first = self._context.exchange.contracts()[0]
        return {
            "dailyUserVlm": [],
            "userCrossRate": format_decimal(first.taker),
            "userAddRate": format_decimal(first.maker),
            "activeReferralDiscount": "0.0",
            "feeSchedule": {
                "cross": format_decimal(first.taker),
                "add": format_decimal(first.maker),
                "referralDiscount": "0.0",
            },
        }

    def _make_rate_limit(self, user: str, account: str | None, _body: InfoRequest) -> Any:
        trades = [] if account is None else self._context.exchange.trades(account)
        traded = sum(trade.qty * trade.price for trade in trades)
        return {
            "cumVlm": f"{traded:f}",
            "nRequestsUsed": self._weights.get_used_actions(user),
            "nRequestsCap": FREE_ACTIONS + int(traded),
        }

    def _find_role(self, user: str, account: str | None, _body: InfoRequest) -> Any:
        agent_account = self._key_ring.find_account_of_agent(user)
        if agent_account is not None:
            return {"role": "agent", "data": {"user": agent_account.key}}
        return {"role": "user" if account is not None else "missing"}

    def _list_agents(self, user: str, _account: str | None, _body: InfoRequest) -> Any:
        return [
            {"address": agent, "name": "agent", "validUntil": 2**42}
            for agent in self._key_ring.list_agents(user.lower())
        ]

    def _find_abstraction(self, user: str, _account: str | None, _body: InfoRequest) -> Any:
        key = self._key_ring.get(user.lower())
        return "unifiedAccount" if key is not None and key.defect == UNIFIED else "disabled"

    def _make_asset_data(self, user: str, account: str | None, body: InfoRequest) -> Any:
        contract, exchange = self._market_info.require_contract(body), self._context.exchange
        if account is None:
            leverage: dict[str, Any] = {"type": "cross", "value": min(20, int(contract.max_leverage))}
        else:
            is_isolated = exchange.margin_mode(account, contract.symbol) == "isolated"
            value = int(exchange.leverage(account, contract.symbol))
            leverage = {"type": "isolated" if is_isolated else "cross", "value": value}
        ticker = self._context.display.get_ticker(contract)
        return {
            "user": user,
            "coin": contract.base,
            "leverage": leverage,
            "maxTradeSzs": ["0.0", "0.0"],
            "availableToTrade": ["0.0", "0.0"],
            "markPx": None if ticker is None else format_price(ticker.mark),
        }
