"""Bitget's envelope: questions as they arrive, answers and refusals as they leave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie_sandbox.exchange.wire import RequestParameters, VenueRefusal

SUCCESS: Final = "00000"
PRODUCT_TYPE: Final = "USDT-FUTURES"
# The six product types that clients ask for when they load markets; only the first has contracts here.
PRODUCT_TYPES: Final = (
    PRODUCT_TYPE, "USDC-FUTURES", "COIN-FUTURES", "SUSDT-FUTURES", "SUSDC-FUTURES", "SCOIN-FUTURES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BitgetCall(RequestParameters):
    """One request that may be answered; fields are the parameters of a GET, or the JSON object of a POST."""

    def needed(self, name: str) -> str:
        """Return a parameter that must be there."""
        value = self.text(name)
        if not value:
            raise VenueRefusal("400172", f"Parameter verification failed {name}")
        return value

    def one_of(self, name: str, choices: tuple[str, ...], default: str = "") -> str:
        """Return a parameter that is one of a few words, in lower case."""
        value = self.text(name, default).lower()
        if value not in choices:
            raise VenueRefusal("400172", f"Parameter verification failed {name}: {', '.join(choices)}")
        return value

    def whole(self, name: str, default: int, low: int = 0, high: int = 2**63) -> int:
        """Return a whole number within bounds."""
        value = self.integer(name, default, VenueRefusal("40020", f"Parameter {name} error"))
        if not low <= value <= high:
            raise VenueRefusal("40020", f"Parameter {name} error: {low}..{high}")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number above zero, or None where it is absent or zero."""
        refusal = VenueRefusal("40020", f"Parameter {name} error")
        value = self.decimal(name, refusal)
        if value is not None and (not value.is_finite() or value < 0):
            raise refusal
        return value or None

    def amount(self, name: str) -> Decimal:
        """Return a number above zero that must be there."""
        self.needed(name)
        value = self.number(name)
        if value is None:
            raise VenueRefusal("40020", f"Parameter {name} error")
        return value

    def product(self) -> str:
        """Return the product type, in capitals; one that does not exist is refused."""
        value = self.needed("productType").upper()
        if value not in PRODUCT_TYPES:
            raise VenueRefusal("400172", "Parameter verification failed productType")
        return value


def make_success(data: object, venue_ms: int) -> dict[str, Any]:
    """Return data in the envelope."""
    return {"code": SUCCESS, "msg": "success", "requestTime": venue_ms, "data": data}


def make_refusal(refusal: VenueRefusal, venue_ms: int) -> dict[str, Any]:
    """Return a refusal in the envelope."""
    return {"code": refusal.code, "msg": refusal.message, "requestTime": venue_ms, "data": None}
