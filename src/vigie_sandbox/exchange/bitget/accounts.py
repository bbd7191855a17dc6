"""Accounts over REST: money, leverage, margin and position mode, bills."""

from __future__ import annotations

from typing import Any, Final

from vigie_sandbox.exchange.bitget.envelope import PRODUCT_TYPE, BitgetCall
from vigie_sandbox.exchange.bitget.paging import make_page
from vigie_sandbox.exchange.bitget.shapes import (
    COIN,
    POSITION_MODES,
    format_business_type,
    make_bill_fields,
    make_money_fields,
)
from vigie_sandbox.exchange.bitget.signing import UNIFIED_ACCOUNT
from vigie_sandbox.exchange.core.entities import HoldSide, MarginMode, PositionMode
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_POSITION_MODES: Final[dict[str, PositionMode]] = {"one_way_mode": "one_way", "hedge_mode": "hedge"}


class BitgetAccountEndpoints(VenueService):
    """Answers about an account, and its switches."""

    def account_settings(self, call: BitgetCall) -> object:
        """Refuse what only unified accounts have, unless a fault made this one unified."""
        if self._context.key_ring.require(call.key).defect == UNIFIED_ACCOUNT:
            return {"assetMode": "single", "holdMode": "one_way_mode", "accountLevel": "1"}
        raise VenueRefusal(
            "40084",
            "You are in Classic Account mode, and the Unified Account API is not supported at this time",
        )

    def key_info(self, call: BitgetCall) -> object:
        """Return whose key asks and what it may do."""
        number = self._context.account(call.key).rpartition("-")[2]
        return {
            "userId": number,
            "inviterId": "",
            "ips": "",
            "authorities": list(self._context.key_ring.require(call.key).rights),
            "parentId": number,
            "traderType": "not_trader",
            "regisTime": "0",
        }

    def accounts(self, call: BitgetCall) -> object:
        """Return the money of a product type."""
        if call.product() != PRODUCT_TYPE:
            return []
        return [make_money_fields(self._exchange.money(self._context.account(call.key)))]

    def account(self, call: BitgetCall) -> object:
        """Return the money, and how one contract is set."""
        contract, account = (
            self._context.require_contract(call.needed("symbol")),
            self._context.account(call.key),
        )
        _check_margin_coin(call)
        modes: tuple[HoldSide, HoldSide] = (
            ("net", "net") if self._exchange.position_mode(account) == "one_way" else ("long", "short")
        )
        long, short = (int(self._exchange.leverage(account, contract.symbol, hold)) for hold in modes)
        return make_money_fields(self._exchange.money(account)) | {
            "crossedMarginLeverage": long,
            "isolatedLongLever": long,
            "isolatedShortLever": short,
            "marginMode": self._exchange.margin_mode(account, contract.symbol),
            "posMode": POSITION_MODES[self._exchange.position_mode(account)],
        }

    def set_leverage(self, call: BitgetCall) -> object:
        """Set the leverage of a contract: of both directions, or of one."""
        contract, account = (
            self._context.require_contract(call.needed("symbol")),
            self._context.account(call.key),
        )
        _check_margin_coin(call)
        both, long, short = (call.number(name) for name in ("leverage", "longLeverage", "shortLeverage"))
        hold_side = call.text("holdSide").lower()
        if both is not None:
            hold: HoldSide | None = (
                "long" if hold_side == "long" else "short" if hold_side == "short" else None
            )
            self._exchange.set_leverage(account, contract.symbol, both, hold)
        elif long is None and short is None:
            raise VenueRefusal("400172", "Parameter verification failed leverage")
        if long is not None:
            self._exchange.set_leverage(account, contract.symbol, long, "long")
        if short is not None:
            self._exchange.set_leverage(account, contract.symbol, short, "short")
        return self._leverage_fields(account, contract.symbol)

    def set_margin_mode(self, call: BitgetCall) -> object:
        """Set isolated or crossed margin of a contract."""
        contract, account = (
            self._context.require_contract(call.needed("symbol")),
            self._context.account(call.key),
        )
        mode: MarginMode = (
            "isolated" if call.one_of("marginMode", ("isolated", "crossed")) == "isolated" else "crossed"
        )
        self._exchange.set_margin_mode(account, contract.symbol, mode)
        return self._leverage_fields(account, contract.symbol)

    def set_position_mode(self, call: BitgetCall) -> object:
        """Set one-way or hedge mode of the whole product type."""
        call.product()
        mode = call.one_of("posMode", tuple(_POSITION_MODES))
        self._exchange.set_position_mode(self._context.account(call.key), _POSITION_MODES[mode])
        return {"posMode": mode}

    def fees(self, call: BitgetCall) -> object:
        """Return what trading a contract costs the account."""
        call.one_of("businessType", ("mix",))
        contract = self._context.require_contract(call.needed("symbol"))
        return {
            "makerFeeRate": format_decimal(contract.maker),
            "takerFeeRate": format_decimal(contract.taker),
        }

    def bills(self, call: BitgetCall) -> object:
        """Return booked changes of cash, newest first."""
        call.product()
        account = self._context.account(call.key)
        mode = self._exchange.position_mode(account)
        business, symbol = call.text("businessType"), call.text("symbol").upper()
        bills = [
            bill
            for bill in self._exchange.bills(account)
            if (not business or format_business_type(bill, mode) == business)
            and (not symbol or bill.symbol == symbol)
        ]
        rows, end_id = make_page(call, bills, lambda bill: bill.id, lambda bill: bill.ts_booked)
        return {"bills": [make_bill_fields(bill, mode) for bill in rows], "endId": end_id}

    def _leverage_fields(self, account: str, symbol: str) -> dict[str, Any]:
        one_way = self._exchange.position_mode(account) == "one_way"
        long = format_decimal(self._exchange.leverage(account, symbol, "net" if one_way else "long"))
        short = format_decimal(self._exchange.leverage(account, symbol, "net" if one_way else "short"))
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


def _check_margin_coin(call: BitgetCall) -> None:
    if call.text("marginCoin", COIN).upper() != COIN:
        raise VenueRefusal("40034", f"Parameter {call.text('marginCoin')} does not exist")
