"""Rows of tables of what was made elsewhere; amounts are text, digit by digit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Final

from vigie.domain.ids import parse_instrument
from vigie.domain.outside import OutsideFill
from vigie.services.outside.round_trips import RoundTrip
from vigie.services.rows import Row, shown

SOURCE: Final = "not proven"
_EXACT_DIGITS: Final = 120


class OutsideTradeRow(Row):
    """One trade made elsewhere."""

    id: str = shown("Trade", source=SOURCE)
    ts_opened: int = shown("Opened", unit="ms", source=SOURCE)
    ts_closed: int | None = shown("Closed", unit="ms", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    asset: str = shown(
        "Asset",
        definition="Catalogue id of the coin; empty where it is not known which is meant.",
        source=SOURCE,
    )
    side: str = shown("Side", source=SOURCE)
    state: str = shown(
        "State",
        definition="Closed, open, or incomplete: fills of it are missing, so its result is not known.",
        source=SOURCE,
    )
    qty: str = shown("Quantity", unit="base units", definition="Entered in all.", source=SOURCE)
    left: str = shown("Still open", unit="base units", source=SOURCE)
    entry: str | None = shown("Entry", unit="quote", definition="Average price.", source=SOURCE)
    exit: str | None = shown("Exit", unit="quote", definition="Average price.", source=SOURCE)
    pnl: str | None = shown(
        "Before fees",
        unit="quote",
        definition="P&L before fees, without funding; of an open trade, of the part that was closed.",
        source=SOURCE,
    )
    fees: str = shown("Fees", definition="By currency.", source=SOURCE)
    net: str | None = shown(
        "Result",
        unit="quote",
        definition="P&L after fees, without funding; empty where a fee was paid in another currency.",
        source=SOURCE,
    )
    setup: str = shown("Setup", definition="The proposed setup that you accepted.", source=SOURCE)
    plan: str = shown("Plan", definition="The proposed plan that you accepted.", source=SOURCE)


class OutsideFillRow(Row):
    """One fill made elsewhere."""

    id: str = shown("Id", source=SOURCE)
    ts: int = shown("Time", unit="ms", source=SOURCE)
    venue: str = shown("Venue", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    asset: str = shown(
        "Asset",
        definition="Catalogue id of the coin; empty where it is not known which is meant.",
        source=SOURCE,
    )
    side: str = shown("Side", source=SOURCE)
    price: str = shown("Price", unit="quote", source=SOURCE)
    qty: str = shown("Quantity", unit="base units", source=SOURCE)
    fee: str = shown("Fee", definition="Negative: a rebate.", source=SOURCE)
    fee_currency: str = shown("Fee currency", source=SOURCE)
    outside_id: str = shown("Id of the venue", source=SOURCE)
    origin: str = shown("Came by", definition="Form, file or address.", source=SOURCE)


def trade_row(trip: RoundTrip, setup: str, plan: str) -> OutsideTradeRow:
    """Return the row of a trade; `setup` and `plan` are the accepted ones, empty for none."""
    return OutsideTradeRow(
        id=trip.id,
        ts_opened=trip.ts_opened,
        ts_closed=trip.ts_closed,
        venue=trip.venue,
        instrument=trip.instrument,
        asset=trip.asset,
        side=trip.side,
        state=trip.state,
        qty=plain(trip.qty),
        left=plain(trip.left),
        entry=plain_or_none(trip.entry),
        exit=plain_or_none(trip.exit),
        pnl=plain_or_none(trip.pnl),
        fees=", ".join(f"{plain(fee)} {currency}" for currency, fee in sorted(trip.fees.items())),
        net=plain_or_none(_net(trip.pnl, trip.fees, parse_instrument(trip.instrument).quote)),
        setup=setup,
        plan=plan,
    )


def _net(pnl: Decimal | None, fees: Mapping[str, Decimal], quote: str) -> Decimal | None:
    if pnl is None or any(currency != quote for currency in fees):
        return None
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        return pnl - sum(fees.values(), Decimal(0))


def fill_row(fill: OutsideFill) -> OutsideFillRow:
    """Return the row of a fill."""
    return OutsideFillRow(
        id=fill.key,
        ts=fill.ts,
        venue=fill.venue,
        instrument=fill.instrument,
        asset=fill.asset,
        side=fill.side,
        price=plain(fill.price),
        qty=plain(fill.qty),
        fee=plain(fill.fee),
        fee_currency=fill.fee_currency,
        outside_id=fill.outside_id,
        origin=fill.origin,
    )


def plain(value: Decimal) -> str:
    """Write an amount without exponent and without needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_or_none(value: Decimal | None) -> str | None:
    """Write an amount; None stays none."""
    return None if value is None else plain(value)
