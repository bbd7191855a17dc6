"""Where a person sees a plan's market at its venue, and the plan as text to act on there by hand."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from vigie.domain.ids import parse_instrument
from vigie.domain.time import iso
from vigie.domain.trade_plan import TradePlan
from vigie.ports.connectors import MarketPages


def market_link(pages: Sequence[MarketPages], venue: str, instrument: str) -> str:
    """Return the address of a market at a venue; empty where the venue names none.

    Parameters
    ----------
    pages : sequence of MarketPages
        As the venues' manifests say.
    instrument : str
        ``btc-usdt-perp``; coin and quote are encoded, nothing of an order is in the address.
    """
    template = next((page.template for page in pages if page.venue == venue), "")
    name = parse_instrument(instrument)
    return template.replace("{coin}", _encoded(name.base)).replace("{quote}", _encoded(name.quote))


def ticket_text(plan: TradePlan, qty: float) -> str:
    """Return a plan as text: what to type at a venue.

    Parameters
    ----------
    qty : float
        Base units; 0 where nothing would be entered.
    """
    low, high = plan.zone
    entry = "at once" if plan.is_at_once else f"{low:.10g} to {high:.10g}"
    lines = [
        f"{plan.side} {plan.instrument} on {plan.venue}",
        f"entry {entry}",
        *([f"size {qty:.10g}"] if qty else []),
        f"stop {plan.stop:.10g}",
        f"target {plan.target:.10g}",
        *(f"limit entry {level:.10g}" for level in plan.limit_entries),
        *(f"further target {level:.10g}" for level in plan.further_targets),
        f"leverage {'none' if plan.leverage is None else f'{plan.leverage:g}'}",
        f"valid until {iso(plan.until)}",
    ]
    return "\n".join(lines)


def _encoded(part: str) -> str:
    return quote(part.upper(), safe="")
