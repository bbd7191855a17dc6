"""Fills to make trades of, short to write."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from vigie.domain.outside import OutsideFill

MINUTE = 60_000
BEGIN = 1_790_000_040_000


def fill(side: str, qty: str, price: str, minute: int = 0, **changes: Any) -> OutsideFill:
    """Return a fill; its key is its minute unless it is given one."""
    made = OutsideFill(
        "binance-perp", "btc-usdt-perp", side, Decimal(price), Decimal(qty), Decimal(0), "USDT",
        BEGIN + minute * MINUTE, "file", key=f"{minute:016x}",
    )  # fmt: skip
    return replace(made, **changes)
