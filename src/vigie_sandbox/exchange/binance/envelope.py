"""Binance's questions, answers and refusals: an answer is plain JSON, a refusal has a negative code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl

from vigie_sandbox.exchange.wire import RequestParameters, VenueRefusal, VenueRequest

COIN: Final = "USDT"


def make_missing_refusal(name: str) -> VenueRefusal:
    """Return the refusal of a request without a parameter."""
    return VenueRefusal("-1102", f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def make_illegal_refusal(name: str) -> VenueRefusal:
    """Return the refusal of a parameter that cannot be."""
    return VenueRefusal("-1100", f"Illegal characters found in parameter '{name}'.")


@dataclass(frozen=True, slots=True)
class BinanceCall(RequestParameters):
    """One request that may be answered.

    Attributes
    ----------
    account : str
        Whose key signed; empty on public endpoints.
    """

    account: str = ""

    def needed(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.text(name)
        if not value:
            raise make_missing_refusal(name)
        return value

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return a parameter that is one of a few words, in capitals."""
        value = (self.text(name, default) or self.needed(name)).upper()
        if value not in choices:
            raise VenueRefusal("-1116" if name == "type" else "-1117" if name == "side" else "-1130",
                          f"Invalid {name}.")  # fmt: skip
        return value

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false; absent is false."""
        return self.text(name).lower() == "true"

    def whole(self, name: str, default: int, low: int = 0, high: int = 2**63) -> int:
        """Return a whole number within bounds."""
        value = self.integer(name, default, make_illegal_refusal(name))
        if not low <= value <= high:
            raise VenueRefusal("-1130", f"Data sent for parameter '{name}' is not valid.")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number above zero, or None where it is absent."""
        value = self.decimal(name, make_illegal_refusal(name))
        if value is not None and (not value.is_finite() or value <= 0):
            raise VenueRefusal(
                "-4003" if name == "quantity" else "-4001", f"{name} less than or equal to zero."
            )
        return value

    def amount(self, name: str) -> Decimal:
        """Return a number above zero that must be there."""
        value = self.number(name)
        if value is None:
            raise make_missing_refusal(name)
        return value


def read_fields(request: VenueRequest) -> dict[str, str]:
    """Return the parameters of query and body; those of the body win."""
    return {
        **request.query,
        **dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)),
    }


def make_refusal_body(refusal: VenueRefusal) -> dict[str, Any]:
    """Return a refusal as it is sent."""
    return {"code": int(refusal.code), "msg": refusal.message}
