"""Where a person sees a plan's market at its venue, and the plan as text to act on there by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import find_versions
from vigie.domain.ids import parse_instrument
from vigie.domain.time import iso
from vigie.domain.trade_plan import TradePlan
from vigie.ports.connectors import MarketPages
from vigie.ports.instruments import InstrumentVersions

# The setting that names the venue where a person trades by hand; empty: the plan's own.
VENUE_SETTING: Final = "trade_venue"


@dataclass(frozen=True, slots=True)
class MarketLink:
    """Where a person sees a market.

    Attributes
    ----------
    address : str
        Empty where the venue names none.
    venue, title : str
        Which venue that is, ``bitget-perp`` and ``Bitget``; empty without an address.
    unlisted : str
        Title of the venue that the person chose, where it does not list the market; else empty.
    """

    address: str
    venue: str
    title: str
    unlisted: str = ""


def link_of(
    pages: Sequence[MarketPages],
    versions: InstrumentVersions,
    venue: str,
    instrument: str,
    *,
    chosen: str = "",
) -> MarketLink:
    """Return where a person sees a market: at the venue that they chose, if it lists it, else at its own.

    Parameters
    ----------
    versions : InstrumentVersions
        Rules that were refreshed; with the shipped ones they say what a venue lists.
    venue, instrument : str
        Of the plan.
    chosen : str
        Venue of the person's choice; empty: the plan's own.
    """
    own = _link_at(pages, venue, instrument)
    if chosen in ("", venue):
        return own
    there = _link_at(pages, chosen, str(resolve_instrument(chosen, instrument)))
    if not there.address:
        return own
    return there if find_versions(versions, chosen, instrument) else replace(own, unlisted=there.title)


def _link_at(pages: Sequence[MarketPages], venue: str, instrument: str) -> MarketLink:
    page = next((page for page in pages if page.venue == venue), None)
    if page is None:
        return MarketLink("", "", "")
    return MarketLink(market_link(pages, venue, instrument), venue, page.title)


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
