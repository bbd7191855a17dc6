"""Positions over REST: open, past, and closing them whatever their size."""

from __future__ import annotations

from typing import Any

from vigie_sandbox.exchange.bitget.envelope import PRODUCT_TYPE, BitgetCall
from vigie_sandbox.exchange.bitget.errors import translate_refusal
from vigie_sandbox.exchange.bitget.paging import make_page
from vigie_sandbox.exchange.bitget.shapes import COIN, format_hold_side, make_position_fields
from vigie_sandbox.exchange.core.entities import ExchangeRefusal, Position
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.venue_context import VenueService


class BitgetPositionEndpoints(VenueService):
    """Answers about positions."""

    def all(self, call: BitgetCall) -> object:
        """Return every open position."""
        if call.product() != PRODUCT_TYPE:
            return []
        account = self._context.account(call.key)
        return [self._position_fields(account, position) for position in self._exchange.positions(account)]

    def single(self, call: BitgetCall) -> object:
        """Return the open positions of a contract."""
        call.product()
        account, symbol = (
            self._context.account(call.key),
            self._context.require_contract(call.needed("symbol")).symbol,
        )
        return [
            self._position_fields(account, position) for position in self._exchange.positions(account, symbol)
        ]

    def history(self, call: BitgetCall) -> object:
        """Return positions that have ended, newest first."""
        account, symbol = self._context.account(call.key), call.text("symbol").upper()
        closed = list(self._exchange.closed_positions(account, symbol))
        numbers = {id(position): str(number) for number, position in enumerate(closed, start=1)}
        page_positions, end_id = make_page(
            call, closed, lambda position: numbers[id(position)], lambda position: position.ts_updated
        )
        return {
            "list": [
                self._ended_fields(account, position, numbers[id(position)]) for position in page_positions
            ],
            "endId": end_id,
        }

    def close(self, call: BitgetCall) -> object:
        """Close positions at the market, dust included; there is no id of the client's."""
        call.product()
        account, hold_side = self._context.account(call.key), call.text("holdSide").lower()
        closed: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        symbol = self._context.require_contract(call.needed("symbol")).symbol if call.text("symbol") else ""
        for position in self._exchange.positions(account, symbol):
            if hold_side in ("long", "short") and hold_side != format_hold_side(position.side):
                continue
            try:
                order = self._exchange.close_position(account, position.symbol, position.hold)
            except ExchangeRefusal as error:
                refusal = translate_refusal(error)
                failed.append(
                    {
                        "orderId": "",
                        "clientOid": "",
                        "symbol": position.symbol,
                        "errorMsg": refusal.message,
                        "errorCode": refusal.code,
                    }
                )
            else:
                closed.append({"orderId": order.id, "clientOid": order.client_id, "symbol": order.symbol})
        if not closed and not failed:
            raise ExchangeRefusal("no_position", "")
        return {"successList": closed, "failureList": failed}

    def _position_fields(self, account: str, position: Position) -> dict[str, Any]:
        levels = {
            plan.kind: plan
            for plan in self._exchange.open_plans(account, position.symbol)
            if plan.hold == position.hold
        }
        rate = self._exchange.contract(position.symbol).maintenance_rate
        mode = self._exchange.position_mode(account)
        return make_position_fields(position, mode, self._context.mark(position.symbol), rate, levels)

    def _ended_fields(self, account: str, position: Position, number: str) -> dict[str, Any]:
        size, average, closing, opening = self._sum_trades(account, position)
        return {
            "positionId": number,
            "marginCoin": COIN,
            "symbol": position.symbol,
            "holdSide": format_hold_side(position.side),
            "openAvgPrice": format_decimal(position.entry),
            "closeAvgPrice": average,
            "marginMode": position.margin_mode,
            "openTotalPos": size,
            "closeTotalPos": size,
            "pnl": format_decimal(position.realised),
            "netProfit": format_decimal(position.realised - position.fees + position.funding),
            "totalFunding": format_decimal(position.funding),
            "openFee": opening,
            "closeFee": closing,
            "ctime": str(position.ts_entered),
            "utime": str(position.ts_updated),
        }

    def _sum_trades(self, account: str, position: Position) -> tuple[str, str, str, str]:
        """Return quantity and mean price of the closing trades, and the fees of closing and opening."""
        trades = [
            trade
            for trade in self._exchange.trades(account, position.symbol)
            if position.ts_entered <= trade.ts <= position.ts_updated and trade.hold == position.hold
        ]
        closing = [trade for trade in trades if not trade.is_opening]
        size = sum(trade.qty for trade in closing)
        average = sum(trade.qty * trade.price for trade in closing) / size if size else size
        fees = sum(trade.fee for trade in closing)
        return (
            f"{size:f}",
            f"{average:f}",
            f"{-fees:f}",
            f"{-(position.fees - fees):f}",
        )
