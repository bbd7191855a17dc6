"""The venue's codes for what the exchange refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie_sandbox.exchange.core.entities import ExchangeRefusal
from vigie_sandbox.exchange.wire import VenueRefusal

# The core's word: the code, and the venue's own text where it does not name the particulars.
CODES: Final[Mapping[str, tuple[str, str]]] = {
    "duplicate_id": ("40786", "Duplicate clientOid"),
    "bad_id": ("40305", "client_oid length is not greater than 50, and cannot be Martian characters"),
    "unknown_symbol": ("40034", "Parameter symbol does not exist"),
    "unknown_account": ("40037", "Apikey does not exist"),
    "order_not_found": ("40109", "The data of the order cannot be found, please confirm the order number"),
    "order_ended": ("22001", "No order to cancel"),
    "plan_not_found": ("43025", "Plan order does not exist"),
    "no_balance": ("40762", "The order amount exceeds the balance"),
    "no_position": ("22002", "No position to close"),
    "too_small": ("45110", "less than the minimum amount"),
    "too_large": ("45113", "Maximum order value limit triggered"),
    "bad_qty": ("40808", "Parameter verification exception size checkBDScale error"),
    "bad_price": ("45115", "The price you enter should be a multiple of the tick"),
    "bad_level": ("40917", "Stop price for long positions please < mark price"),
    "wrong_form": (
        "40774",
        "The order type for unilateral position must also be the unilateral position type.",
    ),
    "would_take": ("40017", "Parameter verification failed force: post_only would trade at once"),
    "leverage_refused": ("40893", "Leverage is outside the range of the contract"),
    "leverage_locked": ("45044", "Leverage cannot be adjusted while positions or orders are open"),
    "margin_mode_locked": (
        "45117",
        "Currently holding positions or orders, the margin mode cannot be adjusted",
    ),
    "position_mode_locked": (
        "40920",
        "Currently holding positions or orders, the position mode cannot be adjusted",
    ),
    "halted": ("40308", "The contract is being temporarily maintained"),
    "only_closing": ("41114", "The current trading pair takes no new positions"),
    "delisted": ("40309", "The contract has been removed"),
    "no_funds": ("43012", "Insufficient balance"),
    "too_little_margin": ("40711", "Insufficient contract account balance"),
    "not_isolated": ("40803", "Fixed margin mode, operation failed"),
    "bad_amount": ("40020", "Parameter amount error"),
    "no_price": ("43115", "The current trading pair is opening soon"),
}
FAULT_MESSAGES: Final[Mapping[str, str]] = {
    "40200": "Server upgrade, please try again later",
    "40308": "The contract is being temporarily maintained",
    "45043": "Due to settlement or maintenance reasons, the trade is suspended, please try again later",
    "40015": "System is abnormal, please try again later",
    "40725": "service return an error",
    "40010": "Request timed out",
    "45001": "Unknown error",
    "40917": "Stop price for long positions please < mark price",
    "40893": "Leverage is outside the range of the contract",
    "45117": "Currently holding positions or orders, the margin mode cannot be adjusted",
    "40762": "The order amount exceeds the balance",
}
"""What the codes of faults say."""
# A stop of a short, and targets, have codes of their own.
_LEVEL_CODES: Final = {
    ("stop", -1): ("45122", "Short position stop loss price please > mark price"),
    ("target", 1): ("40915", "Long position take profit price please > mark price"),
    ("target", -1): ("40836", "Short position take profit price please < mark price"),
}


def translate_refusal(refusal: ExchangeRefusal, side: int = 1) -> VenueRefusal:
    """Return a refusal of the exchange in the venue's code; `side` is the position's that a level is for."""
    code, message = CODES[refusal.code]
    if refusal.code == "bad_level":
        level = "target" if "target" in str(refusal) else "stop"
        code, message = _LEVEL_CODES.get((level, side), (code, message))
    return VenueRefusal(code, f"{message} ({refusal})" if str(refusal) else message)


def to_venue_refusal(refusal: VenueRefusal | ExchangeRefusal) -> VenueRefusal:
    """Return a refusal of either kind in the venue's code."""
    return translate_refusal(refusal) if isinstance(refusal, ExchangeRefusal) else refusal
