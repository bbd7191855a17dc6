"""Accounts over REST: money, leverage, margin and position mode, bills."""

from __future__ import annotations

from typing import Any, Final

from vigie.sandbox.exchange.bitget.envelope import PRODUCT, Call
from vigie.sandbox.exchange.bitget.paging import page
from vigie.sandbox.exchange.bitget.shapes import (
    COIN,
    POSITION_MODES,
    bill_fields,
    business_type,
    money_fields,
)
from vigie.sandbox.exchange.bitget.signing import UNIFIED
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Hold, MarginMode, PositionMode
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

_MODES: Final[dict[str, PositionMode]] = {"one_way_mode": "one_way", "hedge_mode": "hedge"}


class AccountAnswers(Clerk):
    """Answers about an account, and its switches."""

    def unified(self, call: Call) -> object:
        """Refuse what only unified accounts have, unless a fault made this one unified."""
        if self._desk.ring.known(call.key).ill == UNIFIED:
            return {"assetMode": "single", "holdMode": "one_way_mode", "accountLevel": "1"}
        raise Refusal(
            "40084",
            "You are in Classic Account mode, and the Unified Account API is not supported at this time",
        )

    def rights(self, call: Call) -> object:
        """Return whose key asks and what it may do."""
        number = self._desk.account(call.key).rpartition("-")[2]
        return {
            "userId": number,
            "inviterId": "",
            "ips": "",
            "authorities": list(self._desk.ring.known(call.key).rights),
            "parentId": number,
            "traderType": "not_trader",
            "regisTime": "0",
        }

    def accounts(self, call: Call) -> object:
        """Return the money of a product type."""
        if call.product() != PRODUCT:
            return []
        return [money_fields(self._exchange.money(self._desk.account(call.key)))]

    def account(self, call: Call) -> object:
        """Return the money, and how one contract is set."""
        contract, account = self._desk.known(call.needed("symbol")), self._desk.account(call.key)
        _margin_coin(call)
        modes: tuple[Hold, Hold] = (
            ("net", "net") if self._exchange.position_mode(account) == "one_way" else ("long", "short")
        )
        long, short = (int(self._exchange.leverage(account, contract.symbol, hold)) for hold in modes)
        return money_fields(self._exchange.money(account)) | {
            "crossedMarginLeverage": long,
            "isolatedLongLever": long,
            "isolatedShortLever": short,
            "marginMode": self._exchange.margin_mode(account, contract.symbol),
            "posMode": POSITION_MODES[self._exchange.position_mode(account)],
        }

    def set_leverage(self, call: Call) -> object:
        """Set the leverage of a contract: of both directions, or of one."""
        contract, account = self._desk.known(call.needed("symbol")), self._desk.account(call.key)
        _margin_coin(call)
        both, long, short = (call.number(name) for name in ("leverage", "longLeverage", "shortLeverage"))
        held = call.text("holdSide").lower()
        if both is not None:
            hold: Hold | None = "long" if held == "long" else "short" if held == "short" else None
            self._exchange.set_leverage(account, contract.symbol, both, hold)
        elif long is None and short is None:
            raise Refusal("400172", "Parameter verification failed leverage")
        if long is not None:
            self._exchange.set_leverage(account, contract.symbol, long, "long")
        if short is not None:
            self._exchange.set_leverage(account, contract.symbol, short, "short")
        return self._levers(account, contract.symbol)

    def set_margin_mode(self, call: Call) -> object:
        """Set isolated or crossed margin of a contract."""
        contract, account = self._desk.known(call.needed("symbol")), self._desk.account(call.key)
        mode: MarginMode = (
            "isolated" if call.one_of("marginMode", ("isolated", "crossed")) == "isolated" else "crossed"
        )
        self._exchange.set_margin_mode(account, contract.symbol, mode)
        return self._levers(account, contract.symbol)

    def set_position_mode(self, call: Call) -> object:
        """Set one-way or hedge mode of the whole product type."""
        call.product()
        mode = call.one_of("posMode", tuple(_MODES))
        self._exchange.set_position_mode(self._desk.account(call.key), _MODES[mode])
        return {"posMode": mode}

    def fees(self, call: Call) -> object:
        """Return what trading a contract costs the account."""
        call.one_of("businessType", ("mix",))
        contract = self._desk.known(call.needed("symbol"))
        return {"makerFeeRate": plain(contract.maker), "takerFeeRate": plain(contract.taker)}

    def bills(self, call: Call) -> object:
        """Return booked changes of cash, newest first."""
        call.product()
        account = self._desk.account(call.key)
        mode = self._exchange.position_mode(account)
        wanted, symbol = call.text("businessType"), call.text("symbol").upper()
        found = [
            one
            for one in self._exchange.bills(account)
            if (not wanted or business_type(one, mode) == wanted) and (not symbol or one.symbol == symbol)
        ]
        shown, end = page(call, found, lambda one: one.id, lambda one: one.ts_booked)
        return {"bills": [bill_fields(one, mode) for one in shown], "endId": end}

    def _levers(self, account: str, symbol: str) -> dict[str, Any]:
        one_way = self._exchange.position_mode(account) == "one_way"
        long = plain(self._exchange.leverage(account, symbol, "net" if one_way else "long"))
        short = plain(self._exchange.leverage(account, symbol, "net" if one_way else "short"))
        return {
            "symbol": symbol,
            "marginCoin": COIN,
            "longLeverage": long,
            # The venue's own spelling.
            "shortLeveage": short,
            "shortLeverage": short,
            "crossMarginLeverage": long,
            "marginMode": self._exchange.margin_mode(account, symbol),
        }


def _margin_coin(call: Call) -> None:
    if call.text("marginCoin", COIN).upper() != COIN:
        raise Refusal("40034", f"Parameter {call.text('marginCoin')} does not exist")
