"""What the exchange refuses before it takes an order."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from vigie_sandbox.exchange.core.account import ExchangeAccount
from vigie_sandbox.exchange.core.entities import Contract, ExchangeRefusal, HoldSide, OrderRequest
from vigie_sandbox.exchange.core.grid import is_multiple

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_+#-]{1,49}")
_HOLD_SIDES: Final = {"long": 1, "short": -1}


def check_client_id(client_id: str, used_ids: dict[str, str]) -> None:
    """Refuse an id that was used before, or that no order may have."""
    if client_id in used_ids:
        raise ExchangeRefusal("duplicate_id", f"client id {client_id} was used before")
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise ExchangeRefusal("bad_id", f"client id must be 1..49 of A-Z a-z 0-9 _ + # -, was {client_id!r}")


def check_status(contract: Contract, *, reduces: bool) -> None:
    """Refuse what a contract's status does not allow."""
    if contract.status == "off":
        raise ExchangeRefusal("delisted", f"{contract.symbol} is delisted")
    if contract.status in ("maintain", "listed"):
        raise ExchangeRefusal("halted", f"{contract.symbol} is halted")
    if contract.status != "normal" and not reduces:
        raise ExchangeRefusal("only_closing", f"{contract.symbol} takes no new positions")


def check_position_mode(account: ExchangeAccount, request: OrderRequest) -> None:
    """Refuse an order that does not speak the account's position mode."""
    check_hold(account, request.hold)
    if request.hold != "net" and request.side != _HOLD_SIDES[request.hold] * (
        -1 if request.reduce_only else 1
    ):
        raise ExchangeRefusal(
            "wrong_form", f"an order of side {request.side} does not fit a {request.hold} position"
        )
    position = account.positions.get((request.symbol, request.hold))
    if position is not None and request.margin_mode not in (None, position.margin_mode):
        raise ExchangeRefusal(
            "margin_mode_locked", f"the position in {request.symbol} is {position.margin_mode}"
        )


def check_hold(account: ExchangeAccount, hold: HoldSide) -> None:
    """Refuse a hold that the account's position mode does not have."""
    if (hold == "net") != (account.position_mode == "one_way"):
        raise ExchangeRefusal(
            "wrong_form", f"a {hold} position does not exist in {account.position_mode} mode"
        )


def check_qty(contract: Contract, qty: Decimal) -> None:
    """Refuse a quantity off the grid or outside the contract's bounds."""
    if qty <= 0 or not is_multiple(qty, contract.lot):
        raise ExchangeRefusal("bad_qty", f"size must be a multiple of {contract.lot} above 0, was {qty}")
    if qty < contract.min_qty:
        raise ExchangeRefusal("too_small", f"size must be at least {contract.min_qty}, was {qty}")
    if contract.max_qty is not None and qty > contract.max_qty:
        raise ExchangeRefusal("too_large", f"size must be at most {contract.max_qty}, was {qty}")


def check_price(contract: Contract, price: Decimal | None, *, name: str = "price") -> Decimal:
    """Refuse a price off the grid, and return it."""
    if price is None or price <= 0 or not is_multiple(price, contract.tick):
        raise ExchangeRefusal(
            "bad_price", f"{name} must be a multiple of {contract.tick} above 0, was {price}"
        )
    return price


def check_levels(
    contract: Contract, side: int, price: Decimal, stop: Decimal | None, target: Decimal | None
) -> None:
    """Refuse levels of a position of this side that would trigger at once."""
    for name, level, way in (("stop", stop, -1), ("target", target, 1)):
        if level is None:
            continue
        check_price(contract, level, name=name)
        if (level - price) * side * way <= 0:
            where = "above" if side * way > 0 else "below"
            raise ExchangeRefusal("bad_level", f"{name} must be {where} {price}, was {level}")
