"""Positions over REST: open, past, and closing them whatever their size."""

from __future__ import annotations

from typing import Any

from vigie.sandbox.exchange.bitget.envelope import PRODUCT, Call
from vigie.sandbox.exchange.bitget.errors import in_codes
from vigie.sandbox.exchange.bitget.paging import page
from vigie.sandbox.exchange.bitget.shapes import COIN, hold_word, position_fields
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Position, Refused
from vigie.sandbox.exchange.desk import Clerk


class PositionAnswers(Clerk):
    """Answers about positions."""

    def all(self, call: Call) -> object:
        """Return every open position."""
        if call.product() != PRODUCT:
            return []
        account = self._desk.account(call.key)
        return [self._fields(account, one) for one in self._exchange.positions(account)]

    def single(self, call: Call) -> object:
        """Return the open positions of a contract."""
        call.product()
        account, symbol = self._desk.account(call.key), self._desk.known(call.needed("symbol")).symbol
        return [self._fields(account, one) for one in self._exchange.positions(account, symbol)]

    def history(self, call: Call) -> object:
        """Return positions that have ended, newest first."""
        account, symbol = self._desk.account(call.key), call.text("symbol").upper()
        closed = list(self._exchange.closed_positions(account, symbol))
        numbers = {id(one): str(number) for number, one in enumerate(closed, start=1)}
        shown, end = page(call, closed, lambda one: numbers[id(one)], lambda one: one.ts_updated)
        return {"list": [self._ended(account, one, numbers[id(one)]) for one in shown], "endId": end}

    def close(self, call: Call) -> object:
        """Close positions at the market, dust included; there is no id of the client's."""
        call.product()
        account, held = self._desk.account(call.key), call.text("holdSide").lower()
        done: list[dict[str, Any]] = []
        failed: list[dict[str, Any]] = []
        symbol = self._desk.known(call.needed("symbol")).symbol if call.text("symbol") else ""
        for position in self._exchange.positions(account, symbol):
            if held in ("long", "short") and held != hold_word(position.side):
                continue
            try:
                order = self._exchange.close_position(account, position.symbol, position.hold)
            except Refused as refused:
                no = in_codes(refused)
                failed.append(
                    {
                        "orderId": "",
                        "clientOid": "",
                        "symbol": position.symbol,
                        "errorMsg": no.message,
                        "errorCode": no.code,
                    }
                )
            else:
                done.append({"orderId": order.id, "clientOid": order.client_id, "symbol": order.symbol})
        if not done and not failed:
            raise Refused("no_position", "")
        return {"successList": done, "failureList": failed}

    def _fields(self, account: str, position: Position) -> dict[str, Any]:
        levels = {
            one.kind: one
            for one in self._exchange.open_plans(account, position.symbol)
            if one.hold == position.hold
        }
        rate = self._exchange.contract(position.symbol).maintenance_rate
        mode = self._exchange.position_mode(account)
        return position_fields(position, mode, self._desk.mark(position.symbol), rate, levels)

    def _ended(self, account: str, position: Position, number: str) -> dict[str, Any]:
        size, average, closing, paid = self._sums(account, position)
        return {
            "positionId": number,
            "marginCoin": COIN,
            "symbol": position.symbol,
            "holdSide": hold_word(position.side),
            "openAvgPrice": plain(position.entry),
            "closeAvgPrice": average,
            "marginMode": position.margin_mode,
            "openTotalPos": size,
            "closeTotalPos": size,
            "pnl": plain(position.realised),
            "netProfit": plain(position.realised - position.fees + position.funding),
            "totalFunding": plain(position.funding),
            "openFee": paid,
            "closeFee": closing,
            "ctime": str(position.ts_entered),
            "utime": str(position.ts_updated),
        }

    def _sums(self, account: str, position: Position) -> tuple[str, str, str, str]:
        """Return quantity and mean price of the closing trades, and the fees of closing and opening."""
        life = [
            one
            for one in self._exchange.trades(account, position.symbol)
            if position.ts_entered <= one.ts <= position.ts_updated and one.hold == position.hold
        ]
        closing = [one for one in life if not one.is_opening]
        size = sum(one.qty for one in closing)
        average = sum(one.qty * one.price for one in closing) / size if size else size
        fees = sum(one.fee for one in closing)
        return (
            f"{size:f}",
            f"{average:f}",
            f"{-fees:f}",
            f"{-(position.fees - fees):f}",
        )
