"""Money outside the futures wallet over REST: transfers, and what was deposited and withdrawn.

https://developers.binance.com/docs/wallet, read in copies of 2025.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.binance.envelope import COIN, Call, missing
from vigie.sandbox.exchange.binance.errors import WORDS
from vigie.sandbox.exchange.binance.shapes import to_8, tran_id
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.moves import Move
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

TRANSFERRING: Final = "permitsUniversalTransfer"
# From where to where, and which way that is for the futures wallet.
_WAYS: Final = {"MAIN_UMFUTURE": 1, "UMFUTURE_MAIN": -1}
_WEEK_MS: Final = 7 * DAY_MS
_QUARTER_MS: Final = 90 * DAY_MS
_HALF_YEAR_MS: Final = 183 * DAY_MS
_MOST_TRANSFERS: Final = 100
_MOST: Final = 1_000
# Credited; completed.
_DEPOSITED, _WITHDRAWN = 1, 6
_NETWORK: Final = "ETH"
# In plain ASCII digits: Decimal reads exponents, underlines and the digits of every script too.
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]{1,8})?")


class WalletAnswers(Clerk):
    """Answers about the wallets of an account, and what moves money between them."""

    def spot(self, call: Call) -> object:
        """Return the main wallet as the spot account."""
        free = to_8(self._exchange.main(call.account))
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

    def transfer(self, call: Call) -> object:
        """Move money between the main and the futures wallet; the key needs a right of its own for that."""
        if TRANSFERRING not in self._desk.ring.known(call.key).rights:
            raise Refusal("-1002", "You are not authorized to execute this request.", 401)
        way = _way(call)
        if call.needed("asset").upper() != COIN:
            raise Refusal("-5003", "You don't have this asset.")
        amount = call.decimal("amount", missing("amount"))
        if amount is None or not amount.is_finite():
            raise missing("amount")
        if amount <= 0:
            raise Refusal("-5007", "Quantity must be greater than zero.")
        if not _AMOUNT.fullmatch(call.text("amount")):
            raise Refusal("-1111", WORDS["-1111"])
        return {"tranId": tran_id(self._exchange.transfer(call.account, way * amount).number)}

    def transfers(self, call: Call) -> object:
        """Return transfers of one way, newest first, of a week unless times are given, by pages."""
        way, asked = _way(call), (call.text("startTime"), call.text("endTime"))
        end = call.whole("endTime", call.now_ms)
        start = call.whole("startTime", end - (_HALF_YEAR_MS if any(asked) else _WEEK_MS))
        found = [
            one
            for one in self._exchange.moves(call.account, "transfer", "deposit", "withdrawal")
            # What comes to the futures wallet from outside has passed the main one.
            if one.wallet == "trading" and one.amount * way > 0 and start <= one.ts <= end
        ][::-1]
        size, page = call.whole("size", 10, 1, _MOST_TRANSFERS), call.whole("current", 1, 1)
        rows = [
            {
                "timestamp": one.ts,
                "asset": COIN,
                "amount": plain(abs(one.amount)),
                "type": call.text("type").upper(),
                "status": "CONFIRMED",
                "tranId": tran_id(one.number),
            }
            for one in found[(page - 1) * size : page * size]
        ]
        return {"total": len(found), "rows": rows}

    def deposits(self, call: Call) -> object:
        """Return what came from outside, newest first."""
        return [
            {
                "id": one.id,
                "amount": plain(one.amount),
                "coin": COIN,
                "network": _NETWORK,
                "status": _DEPOSITED,
                "address": _address(one),
                "addressTag": "",
                "txId": _hash(one),
                "insertTime": one.ts,
                "completeTime": one.ts,
                "transferType": 0,
                "confirmTimes": "12/12",
                "unlockConfirm": 12,
                "walletType": 0,
            }
            for one in self._outside(call, "deposit", _DEPOSITED)
        ]

    def withdrawals(self, call: Call) -> object:
        """Return what left, newest first."""
        return [
            {
                "id": f"{one.number:032x}",
                "amount": plain(-one.amount),
                "transactionFee": plain(one.fee),
                "coin": COIN,
                "status": _WITHDRAWN,
                "address": _address(one),
                "txId": _hash(one),
                "applyTime": _told(one.ts),
                "network": _NETWORK,
                "transferType": 0,
                "info": "",
                "confirmNo": 12,
                "walletType": 0,
                "txKey": "",
                "completeTime": _told(one.ts),
            }
            for one in self._outside(call, "withdrawal", _WITHDRAWN)
        ]

    def _outside(self, call: Call, kind: Any, state: int) -> Sequence[Move]:
        end = call.whole("endTime", call.now_ms)
        start = call.whole("startTime", max(0, end - _QUARTER_MS))
        if end - start > _QUARTER_MS:
            raise Refusal("-1127", "More than 90 days between startTime and endTime.")
        limit, offset = call.whole("limit", _MOST, 1, _MOST), call.whole("offset", 0)
        if call.text("coin", COIN).upper() != COIN or call.whole("status", state) != state:
            return []
        found = [one for one in self._exchange.moves(call.account, kind) if start <= one.ts <= end]
        txid = call.text("txId")
        return [one for one in found[::-1] if txid in ("", _hash(one))][offset : offset + limit]


def _way(call: Call) -> int:
    way = _WAYS.get(call.needed("type").upper())
    if way is None:
        raise missing("type")
    return way


def _hash(one: Move) -> str:
    return f"0x{one.number:064x}"


def _address(one: Move) -> str:
    return one.address or f"0x{0:040x}"


def _told(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
