"""What a wallet may have done: orders, cancels, changes, leverage, the switch; each signed, each nonce once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ExchangeRefusal, Order
from vigie_sandbox.exchange.hyperliquid.account_rows import AccountRows
from vigie_sandbox.exchange.hyperliquid.dead_man_switch import DeadManSwitch
from vigie_sandbox.exchange.hyperliquid.errors import (
    NEVER_PLACED,
    NO_POSITION,
    ActionRefusal,
    BadRequest,
    format_refusal,
)
from vigie_sandbox.exchange.hyperliquid.limits import HyperliquidWeights
from vigie_sandbox.exchange.hyperliquid.market import HyperliquidMarketInfo
from vigie_sandbox.exchange.hyperliquid.orders import OrderPlacer, ParsedOrder
from vigie_sandbox.exchange.hyperliquid.signing import BadSignature, WalletKeyRing
from vigie_sandbox.exchange.venue_context import VenueContext

_LIST_FIELDS: Final = {
    "order": "orders",
    "cancel": "cancels",
    "cancelByCloid": "cancels",
    "batchModify": "modifies",
}
# Only the account's own wallet signs these.
_MAIN_WALLET_ACTIONS: Final = (
    "withdraw3",
    "usdSend",
    "usdClassTransfer",
    "approveAgent",
    "approveBuilderFee",
)
# What a withdrawal costs; it is part of the amount that is asked for.
WITHDRAWAL_FEE: Final = Decimal(1)
# Margin is told in millionths of a dollar.
_MILLION: Final = 1_000_000
# Dollars to the millionth, in plain digits; more of them than there is money in the world are none.
_AMOUNT_PATTERN: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,6})?")

Action = Mapping[str, Any]


class ActionHandler:
    """Does what is asked, for the account that a signature is of.

    Parameters
    ----------
    context : VenueContext
        Whose exchange it is.
    key_ring : WalletKeyRing
        Judges signatures.
    market_info : HyperliquidMarketInfo
        The contracts.
    weights : HyperliquidWeights
        How often an account may act.

    Attributes
    ----------
    dead_man_switch : DeadManSwitch
        Cancels what waits when its time has come.
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
        self._account_rows = AccountRows(context)
        self._order_placer = OrderPlacer(context, market_info, self._account_rows)
        self.dead_man_switch = DeadManSwitch(context)
        self._handlers: Mapping[str, Callable[[str, Action, str], Any]] = {
            "order": lambda account, action, path: _make_statuses(
                "order", self._order_placer.place(account, action, path)
            ),
            "cancel": self._cancel,
            "cancelByCloid": self._cancel,
            "modify": self._modify_one,
            "batchModify": self._modify_many,
            "updateLeverage": self._set_leverage,
            "scheduleCancel": self._schedule_cancel,
            "withdraw3": self._withdraw,
            "usdSend": self._send,
            "usdClassTransfer": self._transfer,
            "updateIsolatedMargin": self._add_margin,
            "approveAgent": self._approve_agent,
            "approveBuilderFee": lambda *_: {"type": "default"},
            "setReferrer": lambda *_: {"type": "default"},
            "noop": lambda *_: {"type": "default"},
        }

    def handle(self, body: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Do what was signed and return the answer; a refusal is an answer too."""
        try:
            return {"status": "ok", "response": self._handle(body, path)}
        except ActionRefusal as refusal:
            return {"status": "err", "response": str(refusal)}
        except ExchangeRefusal as refusal:
            return {"status": "err", "response": format_refusal(refusal)}

    def _handle(self, body: Mapping[str, Any], path: str) -> Any:
        action, nonce = body.get("action"), body.get("nonce")
        if not isinstance(action, dict) or isinstance(nonce, bool) or not isinstance(nonce, int):
            raise BadRequest("action")
        handler = self._handlers.get(str(action.get("type")))
        if handler is None:
            raise BadRequest(f"action {action.get('type')!r}")
        user = self._find_user(body, str(action.get("type")))
        now = self._context.venue_ms()
        error = self._key_ring.find_typed_error(action, nonce) or self._key_ring.use_nonce(user, nonce, now)
        if error:
            raise ActionRefusal(error)
        expires_ms = body.get("expiresAfter")
        if isinstance(expires_ms, int) and now > expires_ms:
            raise ActionRefusal(f"Action expired: expiresAfter {expires_ms} is before {now}")
        account = self._context.accounts_by_key[user]
        parts = action.get(_LIST_FIELDS.get(action["type"], ""), ())
        error = self._weights.count_actions(user, max(1, len(parts)), self._sum_traded(account))
        if error:
            raise ActionRefusal(error)
        return handler(account, action, path)

    def _find_user(self, body: Mapping[str, Any], kind: str) -> str:
        """Return the address of the account that is acted for."""
        if body.get("vaultAddress") is not None:
            raise ActionRefusal(f"Vault not registered: {body['vaultAddress']}")
        try:
            signer = self._key_ring.recover_address(body)
        except BadSignature as error:
            raise BadRequest(str(error)) from None
        agent = self._key_ring.find_account_of_agent(signer)
        if agent is not None and kind not in _MAIN_WALLET_ACTIONS:
            return agent.key
        if signer not in self._context.accounts_by_key:
            if kind in _MAIN_WALLET_ACTIONS:
                raise ActionRefusal(f"Must deposit before performing actions. User: {signer}")
            raise ActionRefusal(f"User or API Wallet {signer} does not exist.")
        return signer

    # -- cancel and change ---------------------------------------------------------------------------------------

    def _cancel(self, account: str, action: Action, _path: str) -> Any:
        rows, by_cloid = action.get("cancels"), action["type"] == "cancelByCloid"
        if not isinstance(rows, list) or not rows:
            raise BadRequest("cancels")
        statuses = []
        for row in rows:
            try:
                asset, oid = (row["asset"], row["cloid"]) if by_cloid else (row["a"], row["o"])
            except (KeyError, TypeError) as error:
                raise BadRequest(f"cancel {error!r}") from None
            is_cancelled = self._cancel_one(account, asset, _read_oid(oid))
            statuses.append("success" if is_cancelled else {"error": f"{NEVER_PLACED} asset={asset}"})
        return _make_statuses("cancel", statuses)

    def _cancel_one(self, account: str, asset: Any, oid: int | str) -> bool:
        record, contract = (
            self._account_rows.find_visible(account, oid),
            self._market_info.find_by_asset(asset),
        )
        if record is None or contract is None or record.symbol != contract.symbol:
            return False
        try:
            if isinstance(record, Order):
                self._context.exchange.cancel(account, order_id=record.id)
            else:
                self._context.exchange.cancel_plan(account, plan_id=record.id)
        except ExchangeRefusal:
            return False
        return True

    def _modify_one(self, account: str, action: Action, _path: str) -> Any:
        status = self._modify(account, action)
        if "error" in status:
            raise ActionRefusal(status["error"])
        return {"type": "default"}

    def _modify_many(self, account: str, action: Action, _path: str) -> Any:
        rows = action.get("modifies")
        if not isinstance(rows, list) or not rows:
            raise BadRequest("modifies")
        return _make_statuses("order", [self._modify(account, row) for row in rows])

    def _modify(self, account: str, row: Any) -> Any:
        """Cancel a resting order and place another in its stead, or move a trigger."""
        if not isinstance(row, dict):
            raise BadRequest("modify")
        parsed, record = (
            self._order_placer.parse_order(row.get("order")),
            self._account_rows.find_visible(account, _read_oid(row.get("oid"))),
        )
        if record is None:
            return {"error": f"Cannot modify canceled or filled order asset={parsed.asset}"}
        try:
            return {"resting": {"oid": self._change_record(account, record, parsed)}}
        except ExchangeRefusal as refusal:
            return {"error": format_refusal(refusal, parsed.asset)}

    def _change_record(self, account: str, record: Any, parsed: ParsedOrder) -> int:
        exchange, request = self._context.exchange, parsed.request
        if isinstance(record, Order):
            new_client_id = "" if request.client_id == record.client_id else request.client_id
            if request.price is None:
                raise BadRequest("modify")
            return exchange.modify(
                account, record.id, new_client_id=new_client_id, qty=request.qty, price=request.price
            ).number
        qty = request.qty or None
        return exchange.modify_plan(account, record.id, trigger=parsed.trigger, qty=qty).number

    # -- settings and money --------------------------------------------------------------------------------------

    def _set_leverage(self, account: str, action: Action, _path: str) -> Any:
        contract, leverage, crossed = (
            self._market_info.find_by_asset(action.get("asset")), action.get("leverage"), action.get("isCross")
        )  # fmt: skip
        if not isinstance(leverage, int) or isinstance(leverage, bool):
            raise BadRequest("updateLeverage")
        if contract is None or not isinstance(crossed, bool):
            raise BadRequest("updateLeverage")
        value = Decimal(leverage)
        if not 1 <= value <= contract.max_leverage:
            raise ExchangeRefusal("leverage_refused", f"{leverage}")
        exchange = self._context.exchange
        exchange.set_margin_mode(account, contract.symbol, "crossed" if crossed else "isolated")
        exchange.set_leverage(account, contract.symbol, value)
        return {"type": "default"}

    def _schedule_cancel(self, account: str, action: Action, _path: str) -> Any:
        self.dead_man_switch.set(account, action, self._sum_traded(account))
        return {"type": "default"}

    def _sum_traded(self, account: str) -> Decimal:
        return sum((trade.qty * trade.price for trade in self._context.exchange.trades(account)), Decimal(0))

    def _withdraw(self, account: str, action: Action, _path: str) -> Any:
        amount, destination = _read_amount(action), str(action.get("destination"))
        if amount <= WITHDRAWAL_FEE:
            raise ActionRefusal("Withdrawal amount must be larger than the fee.")
        try:
            self._context.exchange.deposit(
                account, WITHDRAWAL_FEE - amount, fee=WITHDRAWAL_FEE, address=destination,
                client_id=str(action.get("time")),
            )  # fmt: skip
        except ExchangeRefusal:
            raise ActionRefusal("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _send(self, account: str, action: Action, _path: str) -> Any:
        amount, destination = _read_amount(action), str(action.get("destination")).lower()
        user = self._get_address(account)
        if destination == user:
            raise ActionRefusal("Cannot self-transfer.")
        recipient = self._context.accounts_by_key.get(destination, "")
        try:
            self._context.exchange.send(
                account, amount, address=destination, recipient=recipient, sender_address=user
            )
        except ExchangeRefusal:
            raise ActionRefusal("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _transfer(self, account: str, action: Action, _path: str) -> Any:
        """Move money between spot and perpetuals."""
        to_perp = action.get("toPerp")
        if not isinstance(to_perp, bool):
            raise BadRequest("toPerp")
        if "subaccount:" in str(action.get("amount")):
            raise ActionRefusal(f"Vault not registered: {action['amount']}")
        amount = _read_amount(action)
        try:
            self._context.exchange.transfer(account, amount if to_perp else -amount)
        except ExchangeRefusal:
            raise ActionRefusal("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _add_margin(self, account: str, action: Action, _path: str) -> Any:
        """Add margin to an isolated position, or take some out; which side it is on is not looked at."""
        contract, millionths = self._market_info.find_by_asset(action.get("asset")), action.get("ntli")
        if isinstance(millionths, bool) or not isinstance(millionths, int):
            raise BadRequest("updateIsolatedMargin")
        if contract is None or not isinstance(action.get("isBuy"), bool):
            raise BadRequest("updateIsolatedMargin")
        try:
            self._context.exchange.add_margin(account, contract.symbol, Decimal(millionths) / _MILLION)
        except ExchangeRefusal as refusal:
            raise ActionRefusal(
                NO_POSITION if refusal.code == "no_position" else format_refusal(refusal)
            ) from None
        return {"type": "default"}

    def _get_address(self, account: str) -> str:
        return next(key for key, name in self._context.accounts_by_key.items() if name == account)

    def _approve_agent(self, account: str, action: Action, _path: str) -> Any:
        user = self._get_address(account)
        self._key_ring.approve_agent(user, str(action.get("agentAddress")))
        return {"type": "default"}


def _make_statuses(kind: str, statuses: list[Any]) -> dict[str, Any]:
    return {"type": kind, "data": {"statuses": statuses}}


def _read_amount(action: Action) -> Decimal:
    """Return dollars above zero, to the millionth at the finest."""
    text = str(action.get("amount"))
    # Decimal itself reads exponents, underlines, blanks and the digits of every script.
    amount = Decimal(text) if _AMOUNT_PATTERN.fullmatch(text) else Decimal(0)
    if not amount:
        raise BadRequest("amount")
    return amount


def _read_oid(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadRequest(f"oid {value!r}")
    return value
