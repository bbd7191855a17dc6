"""The venue's words for what the exchange refuses; orders are refused one by one, under a good answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie_sandbox.exchange.core.entities import ExchangeRefusal

# The words of the venue's documentation of errors, read in copies of late 2025; those marked are this exchange's own.
MESSAGES: Final[Mapping[str, str]] = {
    "duplicate_id": "Duplicate cloid",  # own: whether the venue looks is not documented
    "bad_id": "Invalid cloid",  # own
    "unknown_symbol": "Invalid asset",  # own
    "unknown_account": "Must deposit before performing actions",
    "order_not_found": "Order was never placed, already canceled, or filled.",
    "order_ended": "Order was never placed, already canceled, or filled.",
    "plan_not_found": "Order was never placed, already canceled, or filled.",
    "no_balance": "Insufficient margin to place order.",
    "no_position": "Reduce only order would increase position.",
    "too_small": "Order must have minimum value of $10.",
    "too_large": "Order would cause position to exceed margin tier limit at current leverage.",
    "bad_qty": "Order has invalid size.",
    "bad_price": "Price must be divisible by tick size.",
    "bad_level": "Invalid TP/SL price.",
    "wrong_form": "Invalid order form",  # own
    "would_take": "Post only order would have immediately matched.",
    "leverage_refused": "Invalid leverage value",
    "leverage_locked": "Cannot change leverage with open orders or positions.",  # own
    "margin_mode_locked": "Cannot switch leverage type with open position.",
    "position_mode_locked": "Invalid order form",
    "halted": "Trading is halted.",
    "only_closing": "Order would increase open interest while open interest is capped.",
    "delisted": "Asset is delisted.",  # own
    "no_funds": "Insufficient margin available.",  # own
    "too_little_margin": "Insufficient isolated margin would remain.",  # own
    "not_isolated": "Cannot change the margin of a cross position.",  # own
    "bad_amount": "Invalid amount",  # own
    "no_price": "No liquidity available for market order.",
}
NOT_MATCHED: Final = "Order could not immediately match against any resting orders."
NEVER_PLACED: Final = MESSAGES["order_not_found"]
NO_POSITION: Final = "No position to change the margin of."  # own
UPGRADE: Final = "Only post-only orders allowed immediately after a network upgrade."


class BadRequest(Exception):
    """A question or an action that is none."""


class ActionRefusal(Exception):
    """An action that is refused as a whole, in the venue's words."""


def format_refusal(refusal: ExchangeRefusal, asset: int | None = None) -> str:
    """Return a refusal of the exchange in the venue's words."""
    return MESSAGES[refusal.code] + ("" if asset is None else f" asset={asset}")
