"""Binance's questions, answers and refusals: an answer is plain JSON, a refusal has a negative code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl

from vigie.sandbox.exchange.wire import Parameters, Question, Refusal

COIN: Final = "USDT"


def missing(name: str) -> Refusal:
    """Return the refusal of a request without a parameter."""
    return Refusal("-1102", f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str) -> Refusal:
    """Return the refusal of a parameter that cannot be."""
    return Refusal("-1100", f"Illegal characters found in parameter '{name}'.")


@dataclass(frozen=True, slots=True)
class Call(Parameters):
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
            raise missing(name)
        return value

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return a parameter that is one of a few words, in capitals."""
        value = (self.text(name, default) or self.needed(name)).upper()
        if value not in choices:
            raise Refusal("-1116" if name == "type" else "-1117" if name == "side" else "-1130",
                          f"Invalid {name}.")  # fmt: skip
        return value

    def flag(self, name: str) -> bool:
        """Return a parameter that is true or false; absent is false."""
        return self.text(name).lower() == "true"

    def whole(self, name: str, default: int, low: int = 0, high: int = 2**63) -> int:
        """Return a whole number within bounds."""
        value = self.integer(name, default, illegal(name))
        if not low <= value <= high:
            raise Refusal("-1130", f"Data sent for parameter '{name}' is not valid.")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number above zero, or None where it is absent."""
        value = self.decimal(name, illegal(name))
        if value is not None and (not value.is_finite() or value <= 0):
            raise Refusal("-4003" if name == "quantity" else "-4001", f"{name} less than or equal to zero.")
        return value

    def amount(self, name: str) -> Decimal:
        """Return a number above zero that must be there."""
        value = self.number(name)
        if value is None:
            raise missing(name)
        return value


def fields_of(asked: Question) -> dict[str, str]:
    """Return the parameters of query and body; those of the body win."""
    return {**asked.query, **dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))}


def refused(no: Refusal) -> dict[str, Any]:
    """Return a refusal as it is sent."""
    return {"code": int(no.code), "msg": no.message}
