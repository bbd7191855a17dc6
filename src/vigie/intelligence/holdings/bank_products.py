"""Products of a bank that follow a coin: what they cost a year, and what of them counts as a coin for taxes.

A product's unit is what one coin of it stood for on the day of its first purchase. The yearly fee is taken from what a
unit stands for, day by day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final, Literal

from vigie.intelligence.holdings.amounts import COIN_STEP
from vigie.intelligence.holdings.price_table import Close

ProductForm = Literal["digital", "security"]
_YEAR_DAYS: Final = 365
_PRECISION: Final = 40
_KEY: Final = "product-"
_ONE: Final = Decimal(1)

Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BankProduct:
    """What a bank sells in the place of a coin.

    Attributes
    ----------
    key : str
        Stands in the place of a coin's id in the book.
    name : str
        As the person calls it.
    underlying : str
        Catalogue id of the coin that it follows.
    yearly_fee, spread : Decimal
        Fractions: of what it stands for, a year; between the prices to buy and to sell.
    form : str
        ``digital`` for a digital asset, ``security`` for a security, which the tax engine does not cover.
    since : date
        Day of the first purchase.
    """

    key: str
    name: str
    underlying: str
    yearly_fee: Decimal
    spread: Decimal
    form: ProductForm
    since: date

    def factor(self, day: date) -> Decimal:
        """Return which part of a coin one unit stands for on a day."""
        years = Decimal(max(0, (day - self.since).days)) / _YEAR_DAYS
        with localcontext() as context:
            context.prec = _PRECISION
            return (_ONE - self.yearly_fee) ** years

    def closes(self, closes: Iterable[Close]) -> list[Close]:
        """Return the closes of a unit from those of its underlying."""
        with localcontext() as context:
            context.prec = _PRECISION
            return [
                (self.key, day, (price * self.factor(day)).quantize(COIN_STEP), currency)
                for _, day, price, currency in closes
            ]


def product_of(event: Event, since: date) -> BankProduct | None:
    """Return the product that a kept line names; None for a coin."""
    told = event.get("product")
    if not isinstance(told, Mapping):
        return None
    name, underlying = str(told["name"]), str(event["asset"])
    form: ProductForm = "security" if told["form"] == "security" else "digital"
    fee, spread = str(told["yearly_fee"]), str(told["spread"])
    words = "\n".join((name.casefold(), underlying, fee, spread, form))
    key = _KEY + hashlib.sha256(words.encode()).hexdigest()[:12]
    return BankProduct(key, name, underlying, Decimal(fee), Decimal(spread), form, since)


def find_products(events: Sequence[Event]) -> dict[str, BankProduct]:
    """Return each product by its key, counted from its first purchase."""
    found: dict[str, BankProduct] = {}
    for event in events:
        day = date.fromisoformat(str(event["at"])[:10])
        product = product_of(event, day)
        if product is not None and (product.key not in found or day < found[product.key].since):
            found[product.key] = product
    return found


def is_open(event: Event) -> bool:
    """Return whether the coin of a line is still to be chosen."""
    return "typed" in event


def booked_events(events: Sequence[Event], products: Mapping[str, BankProduct]) -> list[Event]:
    """Return lines as the contract takes them: units of products; nothing of lines whose coin is to be chosen."""
    found: list[Event] = []
    for event in events:
        if is_open(event):
            continue
        day = date.fromisoformat(str(event["at"])[:10])
        named = product_of(event, day)
        if named is None:
            found.append(event)
            continue
        product = products[named.key]
        # What leaves is never more than what came: the last digit stays.
        rounding = ROUND_HALF_EVEN if event["kind"] == "buy" else ROUND_DOWN
        with localcontext() as context:
            context.prec = _PRECISION
            units = (Decimal(str(event["qty"])) / product.factor(day)).quantize(COIN_STEP, rounding)
        rest = {name: value for name, value in event.items() if name != "product"}
        found.append({**rest, "asset": product.key, "qty": f"{units:f}"})
    return found
