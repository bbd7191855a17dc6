"""Contracts of the exchange from the rules of instruments."""

from __future__ import annotations

from decimal import Decimal

from vigie.domain.ids import parse_instrument
from vigie.domain.instrument import Instrument
from vigie.domain.money import to_decimal
from vigie_sandbox.exchange.core.entities import Contract


def make_contract(rules: Instrument) -> Contract:
    """Return the contract of an instrument's rules."""
    parts = parse_instrument(rules.name)
    has_no_max_qty = rules.max_qty == float("inf")
    return Contract(
        symbol=parts.symbol,
        base=parts.base,
        quote="USDT",
        tick=Decimal(str(rules.tick)),
        lot=Decimal(str(rules.lot)),
        min_qty=to_decimal(rules.min_qty),
        min_notional=to_decimal(rules.min_notional),
        max_qty=None if has_no_max_qty else to_decimal(rules.max_qty),
        max_leverage=to_decimal(rules.max_leverage),
        maintenance_rate=to_decimal(rules.maintenance_rate),
        taker=to_decimal(rules.taker),
        maker=to_decimal(rules.maker),
    )
