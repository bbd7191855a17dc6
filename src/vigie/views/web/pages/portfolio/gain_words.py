"""How the gain of the headline adds up: what is not realised, realised, income and fees, to the cent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from vigie.services.holdings.holding_rows import HoldingPositionRow, HoldingWorthResult
from vigie.views.web.request_context import RequestContext

_CENT: Final = Decimal("0.01")


def shown_gain(told: HoldingWorthResult) -> float | None:
    """Return worth less what was put in, both as they are shown; None where it is not known."""
    if told.gain is None or told.put_in is None or told.worth is None:
        return None
    return (_cents(told.worth) - _cents(told.put_in)) / 100


def adding_up(
    context: RequestContext, told: HoldingWorthResult, positions: Sequence[HoldingPositionRow]
) -> list[tuple[str, float]]:
    """Return what the gain is made of, by name, the gain last; nothing where it has one part.

    Parts are rounded as the page shows them, and what that leaves is a part of its own.
    """
    gain, parts, text = shown_gain(told), told.parts, context.text
    if gain is None or parts is None:
        return []
    rows = [row.unrealised for row in positions if row.unrealised is not None]
    # Of a coin with lots whose cost is not known, the gain of the others stands in no row.
    by_coin = sum(map(_cents, rows)) + _cents(round(parts.unrealised - math.fsum(rows), 6))
    known = [
        (text("Gain if sold"), by_coin),
        (text("Gain from sales"), _cents(parts.realised)),
        (text("Income"), _cents(parts.income)),
        (text("Fees beside trades"), -_cents(parts.fees)),
    ]
    left = _cents(gain) - sum(cents for _, cents in known)
    name = text("Unknown costs and gifts") if _cents(parts.rest) else text("Rounding")
    shown = [(name, cents) for name, cents in (*known, (name, left)) if cents]
    if len(shown) < 2:
        return []
    return [*((name, cents / 100) for name, cents in shown), (text("Gain"), gain)]


def _cents(amount: float) -> int:
    """Return an amount in cents, rounded as it is written."""
    # Of its decimal digits: of its binary ones, 89088.065 would be a cent more than the page writes.
    return int(Decimal(str(amount)).quantize(_CENT, ROUND_HALF_EVEN) * 100)


def is_rounded(told: HoldingWorthResult, positions: Sequence[HoldingPositionRow]) -> bool:
    """Tell whether the worths of coins, each rounded to cents, add up to another sum than the one that is shown."""
    worths = [row.worth for row in positions if row.worth is not None]
    return told.worth is not None and sum(map(_cents, worths)) != _cents(told.worth)
