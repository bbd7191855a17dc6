"""Accounts over REST: money, positions, leverage, modes, what a key may do, and income."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.binance.envelope import Call
from vigie.sandbox.exchange.binance.errors import ILLS, MULTI_ASSETS
from vigie.sandbox.exchange.binance.shapes import asset_fields, income_fields, levered, position_fields, to_8
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Hold, MarginMode, Position, PositionMode
from vigie.sandbox.exchange.desk import Clerk, Desk
from vigie.sandbox.exchange.wire import Refusal

_MOST: Final = 1_000
_WEEK_MS: Final = 7 * DAY_MS
_RIGHTS: Final = (
    "enableReading", "enableFutures", "enableWithdrawals", "enableSpotAndMarginTrading", "enableMargin",
    "enableInternalTransfer", "permitsUniversalTransfer", "enableVanillaOptions",
)  # fmt: skip


class AccountAnswers(Clerk):
    """Answers about an account, and its switches."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._burns: dict[str, bool] = {}

    def rights(self, call: Call) -> object:
        """Return what a key may do."""
        had = self._desk.ring.known(call.key).rights
        return {"ipRestrict": False, "createTime": 0, **{name: name in had for name in _RIGHTS}}

    def config(self, call: Call) -> object:
        """Return how an account is set."""
        return {
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": self._is_hedged(call),
            "updateTime": 0,
            "multiAssetsMargin": self._is_multi(call),
            "tradeGroupId": -1,
        }

    def symbol_config(self, call: Call) -> object:
        """Return how contracts are set."""
        wanted = call.text("symbol")
        known = [self._desk.known(wanted)] if wanted else self._exchange.contracts()
        hold: Hold = "long" if self._is_hedged(call) else "net"
        return [
            {
                "symbol": one.symbol,
                "marginType": _margin_word(self._exchange.margin_mode(call.account, one.symbol)),
                "isAutoAddMargin": False,
                "leverage": int(self._exchange.leverage(call.account, one.symbol, hold)),
                "maxNotionalValue": "100000000",
            }
            for one in known
        ]

    def balance(self, call: Call) -> object:
        """Return the money of the margin coin."""
        told = asset_fields(self._exchange.money(call.account))
        names = (
            "asset",
            "crossWalletBalance",
            "crossUnPnl",
            "availableBalance",
            "maxWithdrawAmount",
            "updateTime",
        )
        return [
            {name: told[name] for name in names}
            | {"accountAlias": "sandbox", "balance": told["walletBalance"], "marginAvailable": True}
        ]

    def account(self, call: Call) -> object:
        """Return money and positions, as the third version does."""
        return self._account(call)

    def account_v2(self, call: Call) -> object:
        """Return money and positions of every contract."""
        told = self._account(call)
        held = {one.symbol: one for one in self._exchange.positions(call.account)}
        told["positions"] = [
            self._position(held[one.symbol]) | levered(held[one.symbol]) | {"isolated": True}
            for one in self._exchange.contracts()
            if one.symbol in held
        ]
        return told | {"feeTier": 0, "canTrade": True, "canDeposit": True, "canWithdraw": True}

    def positions(self, call: Call) -> object:
        """Return positions, as the third version does: open ones only."""
        return [self._position(one) for one in self._exchange.positions(call.account, self._symbol(call))]

    def positions_v2(self, call: Call) -> object:
        """Return positions with leverage and margin mode."""
        found = self._exchange.positions(call.account, self._symbol(call))
        return [self._position(one) | levered(one) for one in found]

    def set_leverage(self, call: Call) -> object:
        """Set the leverage of a contract."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        leverage = call.whole("leverage", 0, 1, 125) if call.needed("leverage") else 0
        self._exchange.set_leverage(call.account, symbol, Decimal(leverage))
        return {"leverage": leverage, "maxNotionalValue": "100000000", "symbol": symbol}

    def set_margin_mode(self, call: Call) -> object:
        """Set isolated or crossed margin of a contract; what it is already is refused."""
        symbol = self._desk.known(call.needed("symbol")).symbol
        mode: MarginMode = (
            "isolated" if call.one_of("marginType", ("ISOLATED", "CROSSED")) == "ISOLATED" else "crossed"
        )
        if mode == "isolated" and self._is_multi(call):
            raise Refusal(MULTI_ASSETS, ILLS[MULTI_ASSETS])
        if self._exchange.margin_mode(call.account, symbol) == mode:
            raise Refusal("-4046", "No need to change margin type.")
        self._exchange.set_margin_mode(call.account, symbol, mode)
        return {"code": 200, "msg": "success"}

    def position_mode(self, call: Call) -> object:
        """Return whether an account holds longs and shorts apart."""
        return {"dualSidePosition": self._is_hedged(call)}

    def set_position_mode(self, call: Call) -> object:
        """Set one-way or hedge mode; what it is already is refused."""
        call.needed("dualSidePosition")
        mode: PositionMode = "hedge" if call.flag("dualSidePosition") else "one_way"
        if self._exchange.position_mode(call.account) == mode:
            raise Refusal("-4059", "No need to change position side.")
        self._exchange.set_position_mode(call.account, mode)
        return {"code": 200, "msg": "success"}

    def multi_assets(self, call: Call) -> object:
        """Return whether all coins are margin."""
        return {"multiAssetsMargin": self._is_multi(call)}

    def fee_burn(self, call: Call) -> object:
        """Return whether fees are paid in another coin."""
        return {"feeBurn": self._burns.get(call.account, False)}

    def set_fee_burn(self, call: Call) -> object:
        """Set whether fees are paid in another coin; here they are in the margin coin all the same."""
        call.needed("feeBurn")
        self._burns[call.account] = call.flag("feeBurn")
        return {"code": 200, "msg": "success"}

    def tiers(self, call: Call) -> object:
        """Return the position tiers: one, from leverage and maintenance rate."""
        wanted = call.text("symbol")
        known = [self._desk.known(wanted)] if wanted else self._exchange.contracts()
        return [
            {
                "symbol": one.symbol,
                "brackets": [
                    {
                        "bracket": 1,
                        "initialLeverage": int(one.max_leverage),
                        "notionalCap": 100_000_000,
                        "notionalFloor": 0,
                        "maintMarginRatio": float(one.maintenance_rate),
                        "cum": 0.0,
                    }
                ],
            }
            for one in known
        ]

    def fees(self, call: Call) -> object:
        """Return what trading a contract costs."""
        contract = self._desk.known(call.needed("symbol"))
        return {
            "symbol": contract.symbol,
            "makerCommissionRate": plain(contract.maker),
            "takerCommissionRate": plain(contract.taker),
        }

    def income(self, call: Call) -> object:
        """Return booked changes of cash, oldest first, of a week unless times are given."""
        wanted, symbol = call.text("incomeType"), call.text("symbol")
        start, end = call.whole("startTime", 0), call.whole("endTime", 2**62)
        if not call.text("startTime") and not call.text("endTime"):
            start = call.now_ms - _WEEK_MS
        rows = [
            row
            for bill in self._exchange.bills(call.account)
            for row in income_fields(bill)
            if wanted in ("", row["incomeType"])
            and symbol in ("", row["symbol"])
            and start <= row["time"] <= end
        ]
        limit, page = min(call.whole("limit", 100, 1), _MOST), call.whole("page", 1, 1)
        return rows[(page - 1) * limit : page * limit]

    def _account(self, call: Call) -> dict[str, Any]:
        money = self._exchange.money(call.account)
        return {
            "totalInitialMargin": to_8(money.margin + money.frozen),
            "totalMaintMargin": "0",
            "totalWalletBalance": plain(money.cash),
            "totalUnrealizedProfit": to_8(money.unrealised),
            "totalMarginBalance": to_8(money.equity),
            "totalPositionInitialMargin": to_8(money.margin),
            "totalOpenOrderInitialMargin": to_8(money.frozen),
            "totalCrossWalletBalance": to_8(money.cash - money.margin),
            "totalCrossUnPnl": "0",
            "availableBalance": plain(money.available),
            "maxWithdrawAmount": plain(money.available),
            "assets": [asset_fields(money)],
            "positions": [self._position(one) for one in self._exchange.positions(call.account)],
        }

    def _position(self, one: Position) -> dict[str, Any]:
        rate = self._exchange.contract(one.symbol).maintenance_rate
        return position_fields(one, self._desk.mark(one.symbol), rate)

    def _symbol(self, call: Call) -> str:
        return self._desk.known(call.text("symbol")).symbol if call.text("symbol") else ""

    def _is_hedged(self, call: Call) -> bool:
        return self._exchange.position_mode(call.account) == "hedge"

    def _is_multi(self, call: Call) -> bool:
        return self._desk.ring.known(call.key).ill == MULTI_ASSETS


def _margin_word(mode: MarginMode) -> str:
    return "ISOLATED" if mode == "isolated" else "CROSSED"
