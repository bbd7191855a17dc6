"""Money outside the futures account over REST: transfers, and what was deposited and withdrawn."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.domain.time import DAY_MS
from vigie_sandbox.exchange.bitget.envelope import BitgetCall
from vigie_sandbox.exchange.bitget.paging import make_page
from vigie_sandbox.exchange.bitget.shapes import COIN
from vigie_sandbox.exchange.core.grid import format_decimal
from vigie_sandbox.exchange.core.moves import Move, MoveKind
from vigie_sandbox.exchange.venue_context import VenueService
from vigie_sandbox.exchange.wire import VenueRefusal

TRANSFER_RIGHT: Final = "wtow"
_SPOT, _FUTURES = "spot", "usdt_futures"
_ACCOUNT_TYPES: Final = (
    _SPOT, "p2p", "coin_futures", _FUTURES, "usdc_futures", "crossed_margin", "isolated_margin",
)  # fmt: skip
_QUARTER_MS: Final = 90 * DAY_MS
_CHAIN: Final = "ERC20"
# In plain ASCII digits: Decimal reads exponents, underlines and the digits of every script too.
_AMOUNT_PATTERN: Final = re.compile(r"[0-9]+(\.[0-9]{1,8})?")


class BitgetWalletEndpoints(VenueService):
    """Answers about the wallets of an account, and what moves money between them."""

    def assets(self, call: BitgetCall) -> object:
        """Return the main wallet as the spot account."""
        if call.text("coin", COIN).upper() != COIN:
            return []
        row = {
            "coin": COIN,
            "available": format_decimal(self._exchange.get_main_balance(self._context.account(call.key))),
        }
        return [row | {"frozen": "0", "locked": "0", "limitAvailable": "0", "uTime": str(call.now_ms)}]

    def transfer(self, call: BitgetCall) -> object:
        """Move money between the spot and the futures account; an id of the client's is good once."""
        if TRANSFER_RIGHT not in self._context.key_ring.require(call.key).rights:
            raise VenueRefusal("40014", "Incorrect permissions, need wallet transfer permissions")
        account_types = call.one_of("fromType", _ACCOUNT_TYPES), call.one_of("toType", _ACCOUNT_TYPES)
        if set(account_types) != {_SPOT, _FUTURES}:
            raise VenueRefusal(
                "40017", f"Parameter verification failed {account_types[0]} to {account_types[1]}"
            )
        _check_coin(call)
        amount, side = call.amount("amount"), 1 if account_types[1] == _FUTURES else -1
        if not _AMOUNT_PATTERN.fullmatch(call.text("amount")):
            raise VenueRefusal("40808", "Parameter verification exception amount checkBDScale error")
        move = self._exchange.transfer(self._context.account(call.key), side * amount, call.text("clientOid"))
        return {"transferId": move.id, "clientOid": move.client_id}

    def transfers(self, call: BitgetCall) -> object:
        """Return transfers out of one account, newest first, by pages."""
        _check_coin(call)
        from_type, client_id = call.one_of("fromType", _ACCOUNT_TYPES), call.text("clientOid")
        side = {_SPOT: 1, _FUTURES: -1}.get(from_type, 0)
        moves = [
            move
            for move in self._list_moves(call, "transfer", "deposit", "withdrawal")
            # What comes to the futures account from outside has passed the spot one.
            if move.wallet == "trading" and move.amount * side > 0 and client_id in ("", move.client_id)
        ]
        page_moves, _ = make_page(
            call,
            moves,
            lambda move: move.id,
            lambda move: move.ts,
            max_span_ms=_QUARTER_MS,
            max_rows=500,
            default_rows=100,
        )
        return [
            {
                "coin": COIN,
                "status": "Successful",
                "toType": _FUTURES if side > 0 else _SPOT,
                "toSymbol": "",
                "fromType": from_type,
                "fromSymbol": "",
                "size": format_decimal(abs(move.amount)),
                "ts": str(move.ts),
                "clientOid": move.client_id,
                "transferId": move.id,
            }
            for move in page_moves
        ]

    def deposits(self, call: BitgetCall) -> object:
        """Return what came from outside, newest first, by pages."""
        return [
            self._move_fields(move) | {"type": "deposit", "size": format_decimal(move.amount)}
            for move in self._make_page(call, "deposit")
        ]

    def withdrawals(self, call: BitgetCall) -> object:
        """Return what left, newest first, by pages."""
        return [
            self._move_fields(move)
            | {
                "type": "withdraw",
                "size": format_decimal(-move.amount),
                "fee": format_decimal(-move.fee),
                "clientOid": move.client_id,
                "confirm": "12",
                "tag": "",
            }
            for move in self._make_page(call, "withdrawal")
        ]

    def _move_fields(self, move: Move) -> dict[str, Any]:
        return {
            "orderId": move.id,
            "tradeId": f"0x{move.number:064x}",
            "coin": COIN,
            "status": "success",
            "toAddress": move.address or f"0x{0:040x}",
            "dest": "on_chain",
            "chain": _CHAIN,
            "fromAddress": None,
            "cTime": str(move.ts),
            "uTime": str(move.ts),
        }

    def _make_page(self, call: BitgetCall, kind: MoveKind) -> list[Move]:
        call.needed("startTime")
        call.needed("endTime")
        order_id = call.text("orderId")
        moves = [move for move in self._list_moves(call, kind) if order_id in ("", move.id)]
        if call.text("coin", COIN).upper() != COIN:
            return []
        page_moves, _ = make_page(
            call, moves, lambda move: move.id, lambda move: move.ts, max_span_ms=_QUARTER_MS, default_rows=20
        )
        return page_moves

    def _list_moves(self, call: BitgetCall, *kinds: MoveKind) -> list[Move]:
        return list(self._exchange.moves(self._context.account(call.key), *kinds))


def _check_coin(call: BitgetCall) -> None:
    if call.needed("coin").upper() != COIN:
        raise VenueRefusal("40034", f"Parameter {call.text('coin')} does not exist")
