"""Bitget's envelope: questions as they arrive, answers and refusals as they leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from vigie.sandbox.exchange.wire import Refusal

SUCCESS: Final = "00000"
PRODUCT: Final = "USDT-FUTURES"
# The six product types that clients ask for when they load markets; only the first has contracts here.
PRODUCTS: Final = (
    PRODUCT, "USDC-FUTURES", "COIN-FUTURES", "SUSDT-FUTURES", "SUSDC-FUTURES", "SCOIN-FUTURES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One request that may be answered: signed where it has to be.

    Attributes
    ----------
    key : str
        The API key that signed; empty on public endpoints.
    fields : mapping
        Parameters of a GET, or the JSON object of a POST.
    now_ms : int
        The market's time.
    told_ms : int
        The time that the venue tells of itself.
    """

    path: str
    fields: Mapping[str, Any]
    now_ms: int
    told_ms: int
    key: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text; absent, null and empty are the same."""
        value = self.fields.get(name)
        return default if value is None or value == "" else str(value)

    def needed(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.text(name)
        if not value:
            raise Refusal("400172", f"Parameter verification failed {name}")
        return value

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return a parameter that is one of a few words, in lower case."""
        value = self.text(name, default).lower()
        if value not in choices:
            raise Refusal("400172", f"Parameter verification failed {name}: {', '.join(choices)}")
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = 2**63) -> int:
        """Return a whole number within bounds."""
        try:
            value = int(self.text(name, str(default)))
        except ValueError:
            raise Refusal("40020", f"Parameter {name} error") from None
        if not low <= value <= high:
            raise Refusal("40020", f"Parameter {name} error: {low}..{high}")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number above zero, or None where it is absent or zero."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise Refusal("40020", f"Parameter {name} error") from None
        if not value.is_finite() or value < 0:
            raise Refusal("40020", f"Parameter {name} error")
        return value or None

    def amount(self, name: str) -> Decimal:
        """Return a number above zero that must be there."""
        self.needed(name)
        value = self.number(name)
        if value is None:
            raise Refusal("40020", f"Parameter {name} error")
        return value

    def product(self) -> str:
        """Return the product type, in capitals; one that does not exist is refused."""
        value = self.needed("productType").upper()
        if value not in PRODUCTS:
            raise Refusal("400172", "Parameter verification failed productType")
        return value


def success(data: object, told_ms: int) -> dict[str, Any]:
    """Return data in the envelope."""
    return {"code": SUCCESS, "msg": "success", "requestTime": told_ms, "data": data}


def refused(no: Refusal, told_ms: int) -> dict[str, Any]:
    """Return a refusal in the envelope."""
    return {"code": no.code, "msg": no.message, "requestTime": told_ms, "data": None}
