"""Accounts over REST: money, positions, leverage, modes, what a key may do, and income."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.binance.envelope import BinanceCall
from vigie_sandbox.exchange.binance.errors import KEY_DEFECTS, MULTI_ASSETS
from vigie_sandbox.exchange.binance.shapes import (
    format_8_decimals,
    make_asset_fields,
    make_income_fields,
    make_leverage_fields,
    make_position_fields,
)
from vigie_sandbox.exchange.core.entities import HoldSide, MarginMode, Position, PositionMode
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.venue_context import VenueContext, VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

_MAX_ROWS: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS
_KEY_RIGHTS: Final = (
    "enableReading", "enableFutures", "enableWithdrawals", "enableSpotAndMarginTrading", "enableMargin",
    "enableInternalTransfer", "permitsUniversalTransfer", "enableVanillaOptions",
)  # fmt: skip


class BinanceAccountEndpoints(VenueService):
    """Answers about an account, and its switches."""

    def __init__(self, context: VenueContext) -> None:
        super().__init__(context)
        self._fee_burn: dict[str, bool] = {}

    def key_restrictions(self, call: BinanceCall) -> object:
        """Return what a key may do."""
        key_rights = self._context.key_ring.require(call.key).rights
        return {"ipRestrict": False, "createTime": 0, **{name: name in key_rights for name in _KEY_RIGHTS}}

    def config(self, call: BinanceCall) -> object:
        """Return how an account is set."""
        return {
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": self._is_hedged(call),
            "updateTime": 0,
            "multiAssetsMargin": self._is_multi_assets(call),
            "tradeGroupId": -1,
        }

    def symbol_config(self, call: BinanceCall) -> object:
        """Return how contracts are set."""
        symbol = call.text("symbol")
        contracts = [self._context.require_contract(symbol)] if symbol else self._exchange.contracts()
        hold: HoldSide = "long" if self._is_hedged(call) else "net"
        return [
            {
                "symbol": contract.symbol,
                "marginType": _format_margin_mode(self._exchange.margin_mode(call.account, contract.symbol)),
                "isAutoAddMargin": False,
                "leverage": int(self._exchange.leverage(call.account, contract.symbol, hold)),
                "maxNotionalValue": "100000000",
            }
            for contract in contracts
        ]

    def balance(self, call: BinanceCall) -> object:
        """Return the money of the margin coin."""
        fields = make_asset_fields(self._exchange.money(call.account))
        names = (
            "asset",
            "crossWalletBalance",
            "crossUnPnl",
            "availableBalance",
            "maxWithdrawAmount",
            "updateTime",
        )
        return [
            {name: fields[name] for name in names}
            | {"accountAlias": "sandbox", "balance": fields["walletBalance"], "marginAvailable": True}
        ]

    def account(self, call: BinanceCall) -> object:
        """Return money and positions, as the third version does."""
        return self._account_fields(call)

    def account_v2(self, call: BinanceCall) -> object:
        """Return money and positions of every contract."""
        fields = self._account_fields(call)
        positions = {record.symbol: record for record in self._exchange.positions(call.account)}
        fields["positions"] = [
            self._position_fields(positions[record.symbol])
            | make_leverage_fields(positions[record.symbol])
            | {"isolated": True}
            for record in self._exchange.contracts()
            if record.symbol in positions
        ]
        return fields | {"feeTier": 0, "canTrade": True, "canDeposit": True, "canWithdraw": True}

    def positions(self, call: BinanceCall) -> object:
        """Return positions, as the third version does: open ones only."""
        return [
            self._position_fields(position)
            for position in self._exchange.positions(call.account, self._read_symbol(call))
        ]

    def positions_v2(self, call: BinanceCall) -> object:
        """Return positions with leverage and margin mode."""
        positions = self._exchange.positions(call.account, self._read_symbol(call))
        return [self._position_fields(position) | make_leverage_fields(position) for position in positions]

    def set_leverage(self, call: BinanceCall) -> object:
        """Set the leverage of a contract."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        leverage = call.whole("leverage", 0, 1, 125) if call.needed("leverage") else 0
        self._exchange.set_leverage(call.account, symbol, Decimal(leverage))
        return {"leverage": leverage, "maxNotionalValue": "100000000", "symbol": symbol}

    def set_margin_mode(self, call: BinanceCall) -> object:
        """Set isolated or crossed margin of a contract; what it is already is refused."""
        symbol = self._context.require_contract(call.needed("symbol")).symbol
        mode: MarginMode = (
            "isolated" if call.one_of("marginType", ("ISOLATED", "CROSSED")) == "ISOLATED" else "crossed"
        )
        if mode == "isolated" and self._is_multi_assets(call):
            raise VenueRefusal(MULTI_ASSETS, KEY_DEFECTS[MULTI_ASSETS])
        if self._exchange.margin_mode(call.account, symbol) == mode:
            raise VenueRefusal("-4046", "No need to change margin type.")
        self._exchange.set_margin_mode(call.account, symbol, mode)
        return {"code": 200, "msg": "success"}

    def position_mode(self, call: BinanceCall) -> object:
        """Return whether an account holds longs and shorts apart."""
        return {"dualSidePosition": self._is_hedged(call)}

    def set_position_mode(self, call: BinanceCall) -> object:
        """Set one-way or hedge mode; what it is already is refused."""
        call.needed("dualSidePosition")
        mode: PositionMode = "hedge" if call.flag("dualSidePosition") else "one_way"
        if self._exchange.position_mode(call.account) == mode:
            raise VenueRefusal("-4059", "No need to change position side.")
        self._exchange.set_position_mode(call.account, mode)
        return {"code": 200, "msg": "success"}

    def multi_assets(self, call: BinanceCall) -> object:
        """Return whether all coins are margin."""
        return {"multiAssetsMargin": self._is_multi_assets(call)}

    def fee_burn(self, call: BinanceCall) -> object:
        """Return whether fees are paid in another coin."""
        return {"feeBurn": self._fee_burn.get(call.account, False)}

    def set_fee_burn(self, call: BinanceCall) -> object:
        """Set whether fees are paid in another coin; here they are in the margin coin all the same."""
        call.needed("feeBurn")
        self._fee_burn[call.account] = call.flag("feeBurn")
        return {"code": 200, "msg": "success"}

    def tiers(self, call: BinanceCall) -> object:
        """Return the position tiers: one, from leverage and maintenance rate."""
        symbol = call.text("symbol")
        contracts = [self._context.require_contract(symbol)] if symbol else self._exchange.contracts()
        return [
            {
                "symbol": contract.symbol,
                "brackets": [
                    {
                        "bracket": 1,
                        "initialLeverage": int(contract.max_leverage),
                        "notionalCap": 100_000_000,
                        "notionalFloor": 0,
                        "maintMarginRatio": float(contract.maintenance_rate),
                        "cum": 0.0,
                    }
                ],
            }
            for contract in contracts
        ]

    def fees(self, call: BinanceCall) -> object:
        """Return what trading a contract costs."""
        contract = self._context.require_contract(call.needed("symbol"))
        return {
            "symbol": contract.symbol,
            "makerCommissionRate": format_decimal(contract.maker),
            "takerCommissionRate": format_decimal(contract.taker),
        }

    def income(self, call: BinanceCall) -> object:
        """Return booked changes of cash, oldest first, of a week unless times are given."""
        income_type, symbol = call.text("incomeType"), call.text("symbol")
        start, end = call.whole("startTime", 0), call.whole("endTime", 2**62)
        if not call.text("startTime") and not call.text("endTime"):
            start = call.now_ms - _WEEK_MS
        rows = [
            row
            for bill in self._exchange.bills(call.account)
            for row in make_income_fields(bill)
            if income_type in ("", row["incomeType"])
            and symbol in ("", row["symbol"])
            and start <= row["time"] <= end
        ]
        limit, page = min(call.whole("limit", 100, 1), _MAX_ROWS), call.whole("page", 1, 1)
        return rows[(page - 1) * limit : page * limit]

    def _account_fields(self, call: BinanceCall) -> dict[str, Any]:
        money = self._exchange.money(call.account)
        return {
            "totalInitialMargin": format_8_decimals(money.margin + money.frozen),
            "totalMaintMargin": "0",
            "totalWalletBalance": format_decimal(money.cash),
            "totalUnrealizedProfit": format_8_decimals(money.unrealised),
            "totalMarginBalance": format_8_decimals(money.equity),
            "totalPositionInitialMargin": format_8_decimals(money.margin),
            "totalOpenOrderInitialMargin": format_8_decimals(money.frozen),
            "totalCrossWalletBalance": format_8_decimals(money.cash - money.margin),
            "totalCrossUnPnl": "0",
            "availableBalance": format_decimal(money.available),
            "maxWithdrawAmount": format_decimal(money.available),
            "assets": [make_asset_fields(money)],
            "positions": [
                self._position_fields(position) for position in self._exchange.positions(call.account)
            ],
        }

    def _position_fields(self, position: Position) -> dict[str, Any]:
        rate = self._exchange.contract(position.symbol).maintenance_rate
        return make_position_fields(position, self._context.mark(position.symbol), rate)

    def _read_symbol(self, call: BinanceCall) -> str:
        return self._context.require_contract(call.text("symbol")).symbol if call.text("symbol") else ""

    def _is_hedged(self, call: BinanceCall) -> bool:
        return self._exchange.position_mode(call.account) == "hedge"

    def _is_multi_assets(self, call: BinanceCall) -> bool:
        return self._context.key_ring.require(call.key).defect == MULTI_ASSETS


def _format_margin_mode(mode: MarginMode) -> str:
    return "ISOLATED" if mode == "isolated" else "CROSSED"
