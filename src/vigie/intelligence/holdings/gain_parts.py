"""What a gain is made of: not realised, realised, income, fees, and what prices of days stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, exactly, share
from vigie.intelligence.holdings.answers import realised
from vigie.intelligence.holdings.records import BookedHoldings, HoldingEvent, LotRow


@dataclass(frozen=True, slots=True)
class GainParts:
    """Parts that add up to worth less what was put in.

    Attributes
    ----------
    unrealised : Decimal
        Of the lots that are held and whose cost is known.
    realised : Decimal
        The sum of the known gains.
    income : Decimal
        Coins received for something, at their value.
    fees : Decimal
        Money paid as fees that belong to no trade.
    rest : Decimal
        Of lines without a cost and of gifts made, which come and go at the price of their day; zero without any.
    """

    unrealised: Decimal
    realised: Decimal
    income: Decimal
    fees: Decimal
    rest: Decimal


@exactly
def gain_parts(
    booked: BookedHoldings, worths: Mapping[str, Decimal | None], gain: Decimal | None
) -> GainParts | None:
    """Return what a gain is made of; None where it is not known.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    worths : mapping of str to Decimal or None
        Worth of each coin that is held.
    gain : Decimal or None
        Worth less what was put in.
    """
    if gain is None:
        return None
    lots: dict[str, list[LotRow]] = {}
    for lot in booked.lots:
        lots.setdefault(lot.asset, []).append(lot)
    unrealised = ZERO
    for coin, held in lots.items():
        # Lot by lot: beside one without a cost the gain of the others is known.
        for lot, worth in zip(held, share(worths.get(coin), [lot.quantity for lot in held]), strict=True):
            if lot.cost is not None and worth is not None:
                unrealised += worth - lot.cost
    known = realised(booked)
    income = sum((one.value for one in booked.income if one.value is not None), ZERO)
    fees = booked.expenses or ZERO
    return GainParts(unrealised, known, income, fees, gain - unrealised - known - income + fees)


def is_partly_assumed(booked: BookedHoldings, events: Iterable[HoldingEvent]) -> bool:
    """Tell whether a part of the money put in is no amount that was given, but the price of its day.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    events : iterable of HoldingEvent
        Of which it was booked: gifts come and go at the price of their day where nobody said their value.
    """
    return (
        bool(booked.gaps)
        or any(code == "flow_at_market" for _, code in booked.notes)
        or any(event.kind == "gift" and event.value is None for event in events)
    )
