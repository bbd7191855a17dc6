"""What a wallet may have done: orders, cancels, changes, leverage, the switch; each signed, each nonce once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.sandbox.exchange.core.words import Order, Refused
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.hyperliquid.dead_man import DeadMan
from vigie.sandbox.exchange.hyperliquid.errors import NEVER_PLACED, NO_POSITION, BadRequest, Denied, words_of
from vigie.sandbox.exchange.hyperliquid.ledger import Ledger
from vigie.sandbox.exchange.hyperliquid.limits import Weights
from vigie.sandbox.exchange.hyperliquid.market import MarketAnswers
from vigie.sandbox.exchange.hyperliquid.orders import OrderTaker, Wanted
from vigie.sandbox.exchange.hyperliquid.signing import BadSignature, Wallets

_PARTS: Final = {
    "order": "orders",
    "cancel": "cancels",
    "cancelByCloid": "cancels",
    "batchModify": "modifies",
}
# Only the account's own wallet signs these.
_MAIN_ONLY: Final = ("withdraw3", "usdSend", "usdClassTransfer", "approveAgent", "approveBuilderFee")
# What a withdrawal costs; it is part of the amount that is asked for.
WITHDRAWAL_FEE: Final = Decimal(1)
# Margin is told in millionths of a dollar.
_MILLION: Final = 1_000_000
# Dollars to the millionth, in plain digits; more of them than there is money in the world are none.
_DOLLARS: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,6})?")

Action = Mapping[str, Any]


class Actions:
    """Does what is asked, for the account that a signature is of.

    Parameters
    ----------
    desk : Desk
        Whose exchange it is.
    ring : Wallets
        Judges signatures.
    market : MarketAnswers
        The contracts.
    weights : Weights
        How often an account may act.

    Attributes
    ----------
    dead_man : DeadMan
        Cancels what waits when its time has come.
    """

    def __init__(self, desk: Desk, ring: Wallets, market: MarketAnswers, weights: Weights) -> None:
        self._desk = desk
        self._ring = ring
        self._market = market
        self._weights = weights
        self._ledger = Ledger(desk)
        self._orders = OrderTaker(desk, market, self._ledger)
        self.dead_man = DeadMan(desk)
        self._table: Mapping[str, Callable[[str, Action, str], Any]] = {
            "order": lambda account, action, path: _list("order", self._orders.place(account, action, path)),
            "cancel": self._cancel,
            "cancelByCloid": self._cancel,
            "modify": self._modify_one,
            "batchModify": self._modify_many,
            "updateLeverage": self._leverage,
            "scheduleCancel": self._schedule,
            "withdraw3": self._withdraw,
            "usdSend": self._send,
            "usdClassTransfer": self._transfer,
            "updateIsolatedMargin": self._margin,
            "approveAgent": self._approve,
            "approveBuilderFee": lambda *_: {"type": "default"},
            "setReferrer": lambda *_: {"type": "default"},
            "noop": lambda *_: {"type": "default"},
        }

    def done(self, body: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Do what was signed and return the answer; a refusal is an answer too."""
        try:
            return {"status": "ok", "response": self._done(body, path)}
        except Denied as no:
            return {"status": "err", "response": str(no)}
        except Refused as no:
            return {"status": "err", "response": words_of(no)}

    def _done(self, body: Mapping[str, Any], path: str) -> Any:
        action, nonce = body.get("action"), body.get("nonce")
        if not isinstance(action, dict) or isinstance(nonce, bool) or not isinstance(nonce, int):
            raise BadRequest("action")
        act = self._table.get(str(action.get("type")))
        if act is None:
            raise BadRequest(f"action {action.get('type')!r}")
        user = self._user(body, str(action.get("type")))
        now = self._desk.told_ms()
        wrong = self._ring.wrong_words(action, nonce) or self._ring.use_nonce(user, nonce, now)
        if wrong:
            raise Denied(wrong)
        expires = body.get("expiresAfter")
        if isinstance(expires, int) and now > expires:
            raise Denied(f"Action expired: expiresAfter {expires} is before {now}")
        account = self._desk.owners[user]
        parts = action.get(_PARTS.get(action["type"], ""), ())
        wrong = self._weights.act(user, max(1, len(parts)), self._traded(account))
        if wrong:
            raise Denied(wrong)
        return act(account, action, path)

    def _user(self, body: Mapping[str, Any], kind: str) -> str:
        """Return the address of the account that is acted for."""
        if body.get("vaultAddress") is not None:
            raise Denied(f"Vault not registered: {body['vaultAddress']}")
        try:
            signer = self._ring.signed_by(body)
        except BadSignature as error:
            raise BadRequest(str(error)) from None
        agent = self._ring.agent_of(signer)
        if agent is not None and kind not in _MAIN_ONLY:
            return agent.key
        if signer not in self._desk.owners:
            if kind in _MAIN_ONLY:
                raise Denied(f"Must deposit before performing actions. User: {signer}")
            raise Denied(f"User or API Wallet {signer} does not exist.")
        return signer

    # -- cancel and change ---------------------------------------------------------------------------------------

    def _cancel(self, account: str, action: Action, _path: str) -> Any:
        rows, by_cloid = action.get("cancels"), action["type"] == "cancelByCloid"
        if not isinstance(rows, list) or not rows:
            raise BadRequest("cancels")
        told = []
        for row in rows:
            try:
                asset, oid = (row["asset"], row["cloid"]) if by_cloid else (row["a"], row["o"])
            except (KeyError, TypeError) as error:
                raise BadRequest(f"cancel {error!r}") from None
            is_well = self._ended(account, asset, _oid(oid))
            told.append("success" if is_well else {"error": f"{NEVER_PLACED} asset={asset}"})
        return _list("cancel", told)

    def _ended(self, account: str, asset: Any, oid: int | str) -> bool:
        one, contract = self._ledger.seen(account, oid), self._market.by_asset(asset)
        if one is None or contract is None or one.symbol != contract.symbol:
            return False
        try:
            if isinstance(one, Order):
                self._desk.exchange.cancel(account, order_id=one.id)
            else:
                self._desk.exchange.cancel_plan(account, plan_id=one.id)
        except Refused:
            return False
        return True

    def _modify_one(self, account: str, action: Action, _path: str) -> Any:
        told = self._modified(account, action)
        if "error" in told:
            raise Denied(told["error"])
        return {"type": "default"}

    def _modify_many(self, account: str, action: Action, _path: str) -> Any:
        rows = action.get("modifies")
        if not isinstance(rows, list) or not rows:
            raise BadRequest("modifies")
        return _list("order", [self._modified(account, row) for row in rows])

    def _modified(self, account: str, row: Any) -> Any:
        """Cancel a resting order and place another in its stead, or move a trigger."""
        if not isinstance(row, dict):
            raise BadRequest("modify")
        wanted, one = self._orders.read(row.get("order")), self._ledger.seen(account, _oid(row.get("oid")))
        if one is None:
            return {"error": f"Cannot modify canceled or filled order asset={wanted.asset}"}
        try:
            return {"resting": {"oid": self._changed(account, one, wanted)}}
        except Refused as no:
            return {"error": words_of(no, wanted.asset)}

    def _changed(self, account: str, one: Any, wanted: Wanted) -> int:
        exchange, ask = self._desk.exchange, wanted.ask
        if isinstance(one, Order):
            fresh = "" if ask.client_id == one.client_id else ask.client_id
            if ask.price is None:
                raise BadRequest("modify")
            return exchange.modify(account, one.id, new_client_id=fresh, qty=ask.qty, price=ask.price).number
        qty = ask.qty or None
        return exchange.modify_plan(account, one.id, trigger=wanted.trigger, qty=qty).number

    # -- settings and money --------------------------------------------------------------------------------------

    def _leverage(self, account: str, action: Action, _path: str) -> Any:
        contract, leverage, crossed = (
            self._market.by_asset(action.get("asset")), action.get("leverage"), action.get("isCross")
        )  # fmt: skip
        if not isinstance(leverage, int) or isinstance(leverage, bool):
            raise BadRequest("updateLeverage")
        if contract is None or not isinstance(crossed, bool):
            raise BadRequest("updateLeverage")
        value = Decimal(leverage)
        if not 1 <= value <= contract.max_leverage:
            raise Refused("leverage_refused", f"{leverage}")
        exchange = self._desk.exchange
        exchange.set_margin_mode(account, contract.symbol, "crossed" if crossed else "isolated")
        exchange.set_leverage(account, contract.symbol, value)
        return {"type": "default"}

    def _schedule(self, account: str, action: Action, _path: str) -> Any:
        self.dead_man.set(account, action, self._traded(account))
        return {"type": "default"}

    def _traded(self, account: str) -> Decimal:
        return sum((one.qty * one.price for one in self._desk.exchange.trades(account)), Decimal(0))

    def _withdraw(self, account: str, action: Action, _path: str) -> Any:
        amount, destination = _amount(action), str(action.get("destination"))
        if amount <= WITHDRAWAL_FEE:
            raise Denied("Withdrawal amount must be larger than the fee.")
        try:
            self._desk.exchange.deposit(
                account, WITHDRAWAL_FEE - amount, fee=WITHDRAWAL_FEE, address=destination,
                client_id=str(action.get("time")),
            )  # fmt: skip
        except Refused:
            raise Denied("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _send(self, account: str, action: Action, _path: str) -> Any:
        amount, destination = _amount(action), str(action.get("destination")).lower()
        user = self._address(account)
        if destination == user:
            raise Denied("Cannot self-transfer.")
        to = self._desk.owners.get(destination, "")
        try:
            self._desk.exchange.send(account, amount, address=destination, to=to, sender=user)
        except Refused:
            raise Denied("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _transfer(self, account: str, action: Action, _path: str) -> Any:
        """Move money between spot and perpetuals."""
        to_perp = action.get("toPerp")
        if not isinstance(to_perp, bool):
            raise BadRequest("toPerp")
        if "subaccount:" in str(action.get("amount")):
            raise Denied(f"Vault not registered: {action['amount']}")
        amount = _amount(action)
        try:
            self._desk.exchange.transfer(account, amount if to_perp else -amount)
        except Refused:
            raise Denied("Insufficient balance for withdrawal.") from None
        return {"type": "default"}

    def _margin(self, account: str, action: Action, _path: str) -> Any:
        """Add margin to an isolated position, or take some out; which side it is on is not looked at."""
        contract, millionths = self._market.by_asset(action.get("asset")), action.get("ntli")
        if isinstance(millionths, bool) or not isinstance(millionths, int):
            raise BadRequest("updateIsolatedMargin")
        if contract is None or not isinstance(action.get("isBuy"), bool):
            raise BadRequest("updateIsolatedMargin")
        try:
            self._desk.exchange.add_margin(account, contract.symbol, Decimal(millionths) / _MILLION)
        except Refused as no:
            raise Denied(NO_POSITION if no.code == "no_position" else words_of(no)) from None
        return {"type": "default"}

    def _address(self, account: str) -> str:
        return next(key for key, name in self._desk.owners.items() if name == account)

    def _approve(self, account: str, action: Action, _path: str) -> Any:
        user = self._address(account)
        self._ring.approve(user, str(action.get("agentAddress")))
        return {"type": "default"}


def _list(kind: str, told: list[Any]) -> dict[str, Any]:
    return {"type": kind, "data": {"statuses": told}}


def _amount(action: Action) -> Decimal:
    """Return dollars above zero, to the millionth at the finest."""
    text = str(action.get("amount"))
    # Decimal itself reads exponents, underlines, blanks and the digits of every script.
    amount = Decimal(text) if _DOLLARS.fullmatch(text) else Decimal(0)
    if not amount:
        raise BadRequest("amount")
    return amount


def _oid(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise BadRequest(f"oid {value!r}")
    return value
