"""The venue's codes of what the exchange and faults refuse.

https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code, read in a copy of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ExchangeRefusal
from vigie_sandbox.exchange.faults import FAULT_KINDS, ExchangeFaultKind
from vigie_sandbox.exchange.wire import VenueRefusal

CODES: Final[Mapping[str, tuple[str, str]]] = {
    "duplicate_id": ("-4116", "ClientOrderId is duplicated."),
    "bad_id": ("-4015", "Client order id is not valid."),
    "unknown_symbol": ("-1121", "Invalid symbol."),
    "unknown_account": ("-2015", "Invalid API-key, IP, or permissions for action."),
    "order_not_found": ("-2013", "Order does not exist."),
    "order_ended": ("-2011", "Unknown order sent."),
    "plan_not_found": ("-2011", "Unknown order sent."),
    "no_balance": ("-2019", "Margin is insufficient."),
    "no_position": ("-2022", "ReduceOnly Order is rejected."),
    "too_small": ("-4003", "Quantity less than or equal to zero."),
    "too_large": ("-4005", "Quantity greater than max quantity."),
    "bad_qty": ("-1111", "Precision is over the maximum defined for this asset."),
    "bad_price": ("-4014", "Price not increased by tick size."),
    "bad_level": ("-2021", "Order would immediately trigger."),
    "wrong_form": ("-4061", "Order's position side does not match user's setting."),
    "would_take": (
        "-5022",
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    "leverage_refused": ("-4028", "Leverage is not valid"),
    "leverage_locked": (
        "-4161",
        "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
    ),
    "margin_mode_locked": ("-4048", "Margin type cannot be changed if there exists position."),
    "position_mode_locked": ("-4068", "Position side cannot be changed if there exists position."),
    "halted": ("-4108", "Symbol is on delivering or delivered or settling or closed or pre-trading."),
    "only_closing": ("-4140", "Invalid symbol status for opening position."),
    "delisted": ("-4141", "Symbol is closed."),
    "no_funds": ("-5013", "Asset transfer failed: insufficient balance"),
    "too_little_margin": ("-4051", "Isolated balance insufficient."),
    "not_isolated": ("-4046", "Only isolated positions have a margin of their own."),
    "bad_amount": ("-1102", "Mandatory parameter 'amount' was not sent, was empty/null, or malformed."),
    "no_price": ("-4108", "Symbol is on delivering or delivered or settling or closed or pre-trading."),
}
MULTI_ASSETS: Final = "-4168"
KEY_DEFECTS: Final = {
    "-2014": "API-key format invalid.",
    "-2015": "Invalid API-key, IP, or permissions for action.",
    MULTI_ASSETS: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
}
"""What a key that is no longer good is answered, and an account in multi-assets mode where it is to be isolated."""

FAULT_MESSAGES: Final[Mapping[str, str]] = {
    "-1000": "An unknown error occurred while processing the request.",
    "-1001": "Internal error; unable to process your request. Please try again.",
    "-1006": "An unexpected response was received from the message bus. Execution status unknown.",
    "-1007": "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    "-1008": "Server is currently overloaded with other requests. Please try again in a few minutes.",
    "-1016": "This service is no longer available.",
} | dict(CODES.values())
"""What the codes of faults say."""

_NOTIONAL_CODE: Final = (
    "-4164",
    "Order's notional must be no smaller than 5 (unless you choose reduce only).",
)


def _make_fault_kinds() -> dict[str, ExchangeFaultKind]:
    changes: dict[str, dict[str, Any]] = {
        "refused": {"code": "-2019"},
        "maintenance": {"code": "-1016"},
        "leverage-refused": {"code": "-4028", "path": "/leverage"},
        "mode-refused": {"code": "-4048", "path": "marginType"},
        "level-refused": {"code": "-2021", "path": "algoOrder"},
        "stop-refused": {"code": "-2021", "path": "algoOrder"},
        "levels-dropped": {"path": "algoOrder"},
        "system-error": {"code": "-1007", "words": "taken, then `code`: -1007, -1006, -1001, -1000"},
        "null-data": {"words": "`null` under HTTP 200"},
        "login-refused": {"words": "user data streams are refused", "code": "-1125"},
    }
    return {**FAULT_KINDS, **{name: replace(FAULT_KINDS[name], **change) for name, change in changes.items()}}


BINANCE_FAULT_KINDS: Final[Mapping[str, ExchangeFaultKind]] = _make_fault_kinds()


def to_venue_refusal(refusal: VenueRefusal | ExchangeRefusal) -> VenueRefusal:
    """Return a refusal of either kind in the venue's code."""
    if isinstance(refusal, VenueRefusal):
        return refusal
    code, message = CODES[refusal.code]
    if refusal.code == "too_small" and "worth" in str(refusal):
        code, message = _NOTIONAL_CODE
    return VenueRefusal(code, f"{message} ({refusal})" if str(refusal) else message)
