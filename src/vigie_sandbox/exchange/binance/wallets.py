"""Money outside the futures wallet over REST: transfers, and what was deposited and withdrawn.

https://developers.binance.com/docs/wallet, read in copies of 2025.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.binance.envelope import COIN, BinanceCall, make_missing_refusal
from vigie_sandbox.exchange.binance.errors import FAULT_MESSAGES
from vigie_sandbox.exchange.binance.shapes import format_8_decimals, make_transfer_id
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.core.moves import Move
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

TRANSFER_RIGHT: Final = "permitsUniversalTransfer"
# From where to where, and which way that is for the futures wallet.
_TRANSFER_WAYS: Final = {"MAIN_UMFUTURE": 1, "UMFUTURE_MAIN": -1}
_WEEK_MS: Final = 7 * DAY_MS
_QUARTER_MS: Final = 90 * DAY_MS
_HALF_YEAR_MS: Final = 183 * DAY_MS
_MAX_TRANSFERS: Final = 100
_MAX_ROWS: Final = 1_000
# Credited; completed.
_STATUS_CREDITED, _STATUS_COMPLETED = 1, 6
_NETWORK: Final = "ETH"
# In plain ASCII digits: Decimal reads exponents, underlines and the digits of every script too.
_AMOUNT_PATTERN: Final = re.compile(r"[0-9]+(\.[0-9]{1,8})?")


class BinanceWalletEndpoints(VenueService):
    """Answers about the wallets of an account, and what moves money between them."""

    def spot_account(self, call: BinanceCall) -> object:
        """Return the main wallet as the spot account."""
        free = format_8_decimals(self._exchange.get_main_balance(call.account))
        return {
            "makerCommission": 10,
            "takerCommission": 10,
            "buyerCommission": 0,
            "sellerCommission": 0,
            "canTrade": False,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": call.now_ms,
            "accountType": "SPOT",
            "balances": [{"asset": COIN, "free": free, "locked": "0"}],
            "permissions": ["SPOT"],
        }

    def transfer(self, call: BinanceCall) -> object:
        """Move money between the main and the futures wallet; the key needs a right of its own for that."""
        if TRANSFER_RIGHT not in self._context.key_ring.require(call.key).rights:
            raise VenueRefusal("-1002", "You are not authorized to execute this request.", 401)
        way = _read_way(call)
        if call.needed("asset").upper() != COIN:
            raise VenueRefusal("-5003", "You don't have this asset.")
        amount = call.decimal("amount", make_missing_refusal("amount"))
        if amount is None or not amount.is_finite():
            raise make_missing_refusal("amount")
        if amount <= 0:
            raise VenueRefusal("-5007", "Quantity must be greater than zero.")
        if not _AMOUNT_PATTERN.fullmatch(call.text("amount")):
            raise VenueRefusal("-1111", FAULT_MESSAGES["-1111"])
        return {"tranId": make_transfer_id(self._exchange.transfer(call.account, way * amount).number)}

    def transfers(self, call: BinanceCall) -> object:
        """Return transfers of one way, newest first, of a week unless times are given, by pages."""
        way, times = _read_way(call), (call.text("startTime"), call.text("endTime"))
        end = call.whole("endTime", call.now_ms)
        start = call.whole("startTime", end - (_HALF_YEAR_MS if any(times) else _WEEK_MS))
        moves = [
            move
            for move in self._exchange.moves(call.account, "transfer", "deposit", "withdrawal")
            # What comes to the futures wallet from outside has passed the main one.
            if move.wallet == "trading" and move.amount * way > 0 and start <= move.ts <= end
        ][::-1]
        size, page = call.whole("size", 10, 1, _MAX_TRANSFERS), call.whole("current", 1, 1)
        rows = [
            {
                "timestamp": move.ts,
                "asset": COIN,
                "amount": format_decimal(abs(move.amount)),
                "type": call.text("type").upper(),
                "status": "CONFIRMED",
                "tranId": make_transfer_id(move.number),
            }
            for move in moves[(page - 1) * size : page * size]
        ]
        return {"total": len(moves), "rows": rows}

    def deposits(self, call: BinanceCall) -> object:
        """Return what came from outside, newest first."""
        return [
            {
                "id": move.id,
                "amount": format_decimal(move.amount),
                "coin": COIN,
                "network": _NETWORK,
                "status": _STATUS_CREDITED,
                "address": _get_address(move),
                "addressTag": "",
                "txId": _make_hash(move),
                "insertTime": move.ts,
                "completeTime": move.ts,
                "transferType": 0,
                "confirmTimes": "12/12",
                "unlockConfirm": 12,
                "walletType": 0,
            }
            for move in self._list_moves(call, "deposit", _STATUS_CREDITED)
        ]

    def withdrawals(self, call: BinanceCall) -> object:
        """Return what left, newest first."""
        return [
            {
                "id": f"{move.number:032x}",
                "amount": format_decimal(-move.amount),
                "transactionFee": format_decimal(move.fee),
                "coin": COIN,
                "status": _STATUS_COMPLETED,
                "address": _get_address(move),
                "txId": _make_hash(move),
                "applyTime": _format_time(move.ts),
                "network": _NETWORK,
                "transferType": 0,
                "info": "",
                "confirmNo": 12,
                "walletType": 0,
                "txKey": "",
                "completeTime": _format_time(move.ts),
            }
            for move in self._list_moves(call, "withdrawal", _STATUS_COMPLETED)
        ]

    def _list_moves(self, call: BinanceCall, kind: Any, state: int) -> Sequence[Move]:
        end = call.whole("endTime", call.now_ms)
        start = call.whole("startTime", max(0, end - _QUARTER_MS))
        if end - start > _QUARTER_MS:
            raise VenueRefusal("-1127", "More than 90 days between startTime and endTime.")
        limit, offset = call.whole("limit", _MAX_ROWS, 1, _MAX_ROWS), call.whole("offset", 0)
        if call.text("coin", COIN).upper() != COIN or call.whole("status", state) != state:
            return []
        moves = [move for move in self._exchange.moves(call.account, kind) if start <= move.ts <= end]
        txid = call.text("txId")
        return [move for move in moves[::-1] if txid in ("", _make_hash(move))][offset : offset + limit]


def _read_way(call: BinanceCall) -> int:
    way = _TRANSFER_WAYS.get(call.needed("type").upper())
    if way is None:
        raise make_missing_refusal("type")
    return way


def _make_hash(move: Move) -> str:
    return f"0x{move.number:064x}"


def _get_address(move: Move) -> str:
    return move.address or f"0x{0:040x}"


def _format_time(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
