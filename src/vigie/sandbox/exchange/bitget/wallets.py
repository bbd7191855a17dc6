"""Money outside the futures account over REST: transfers, and what was deposited and withdrawn."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie.sandbox.exchange.bitget.envelope import Call
from vigie.sandbox.exchange.bitget.paging import page
from vigie.sandbox.exchange.bitget.shapes import COIN
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.moves import Move, MoveKind
from vigie.sandbox.exchange.desk import Clerk
from vigie.sandbox.exchange.wire import Refusal

TRANSFERRING: Final = "wtow"
_SPOT, _FUTURES = "spot", "usdt_futures"
_TYPES: Final = (
    _SPOT, "p2p", "coin_futures", _FUTURES, "usdc_futures", "crossed_margin", "isolated_margin",
)  # fmt: skip
_QUARTER_MS: Final = 90 * DAY_MS
_CHAIN: Final = "ERC20"
# In plain ASCII digits: Decimal reads exponents, underlines and the digits of every script too.
_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]{1,8})?")


class WalletAnswers(Clerk):
    """Answers about the wallets of an account, and what moves money between them."""

    def assets(self, call: Call) -> object:
        """Return the main wallet as the spot account."""
        if call.text("coin", COIN).upper() != COIN:
            return []
        told = {"coin": COIN, "available": plain(self._exchange.main(self._desk.account(call.key)))}
        return [told | {"frozen": "0", "locked": "0", "limitAvailable": "0", "uTime": str(call.now_ms)}]

    def transfer(self, call: Call) -> object:
        """Move money between the spot and the futures account; an id of the client's is good once."""
        if TRANSFERRING not in self._desk.ring.known(call.key).rights:
            raise Refusal("40014", "Incorrect permissions, need wallet transfer permissions")
        ways = call.one_of("fromType", _TYPES), call.one_of("toType", _TYPES)
        if set(ways) != {_SPOT, _FUTURES}:
            raise Refusal("40017", f"Parameter verification failed {ways[0]} to {ways[1]}")
        _coin(call)
        amount, side = call.amount("amount"), 1 if ways[1] == _FUTURES else -1
        if not _AMOUNT.fullmatch(call.text("amount")):
            raise Refusal("40808", "Parameter verification exception amount checkBDScale error")
        made = self._exchange.transfer(self._desk.account(call.key), side * amount, call.text("clientOid"))
        return {"transferId": made.id, "clientOid": made.client_id}

    def transfers(self, call: Call) -> object:
        """Return transfers out of one account, newest first, by pages."""
        _coin(call)
        out_of, wanted = call.one_of("fromType", _TYPES), call.text("clientOid")
        side = {_SPOT: 1, _FUTURES: -1}.get(out_of, 0)
        found = [
            one
            for one in self._moves(call, "transfer", "deposit", "withdrawal")
            # What comes to the futures account from outside has passed the spot one.
            if one.wallet == "trading" and one.amount * side > 0 and wanted in ("", one.client_id)
        ]
        shown, _ = page(
            call, found, lambda one: one.id, lambda one: one.ts, longest_ms=_QUARTER_MS, most=500, usual=100
        )
        return [
            {
                "coin": COIN,
                "status": "Successful",
                "toType": _FUTURES if side > 0 else _SPOT,
                "toSymbol": "",
                "fromType": out_of,
                "fromSymbol": "",
                "size": plain(abs(one.amount)),
                "ts": str(one.ts),
                "clientOid": one.client_id,
                "transferId": one.id,
            }
            for one in shown
        ]

    def deposits(self, call: Call) -> object:
        """Return what came from outside, newest first, by pages."""
        return [
            self._outside(one) | {"type": "deposit", "size": plain(one.amount)}
            for one in self._page(call, "deposit")
        ]

    def withdrawals(self, call: Call) -> object:
        """Return what left, newest first, by pages."""
        return [
            self._outside(one)
            | {
                "type": "withdraw",
                "size": plain(-one.amount),
                "fee": plain(-one.fee),
                "clientOid": one.client_id,
                "confirm": "12",
                "tag": "",
            }
            for one in self._page(call, "withdrawal")
        ]

    def _outside(self, one: Move) -> dict[str, Any]:
        return {
            "orderId": one.id,
            "tradeId": f"0x{one.number:064x}",
            "coin": COIN,
            "status": "success",
            "toAddress": one.address or f"0x{0:040x}",
            "dest": "on_chain",
            "chain": _CHAIN,
            "fromAddress": None,
            "cTime": str(one.ts),
            "uTime": str(one.ts),
        }

    def _page(self, call: Call, kind: MoveKind) -> list[Move]:
        call.needed("startTime")
        call.needed("endTime")
        wanted = call.text("orderId")
        found = [one for one in self._moves(call, kind) if wanted in ("", one.id)]
        if call.text("coin", COIN).upper() != COIN:
            return []
        shown, _ = page(call, found, lambda one: one.id, lambda one: one.ts, longest_ms=_QUARTER_MS, usual=20)
        return shown

    def _moves(self, call: Call, *kinds: MoveKind) -> list[Move]:
        return list(self._exchange.moves(self._desk.account(call.key), *kinds))


def _coin(call: Call) -> None:
    if call.needed("coin").upper() != COIN:
        raise Refusal("40034", f"Parameter {call.text('coin')} does not exist")
