"""Where a person sees a plan's market at its venue, in their language where the venue has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from vigie.data.instruments.table import resolve_instrument
from vigie.data.instruments.versions import find_versions
from vigie.domain.ids import parse_instrument
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
    language: str = "",
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
    language : str
        Of the reader; empty, or one that the venue does not have: English.
    """
    own = _link_at(pages, venue, instrument, language)
    if chosen in ("", venue):
        return own
    there = _link_at(pages, chosen, str(resolve_instrument(chosen, instrument)), language)
    if not there.address:
        return own
    return there if find_versions(versions, chosen, instrument) else replace(own, unlisted=there.title)


def _link_at(pages: Sequence[MarketPages], venue: str, instrument: str, language: str) -> MarketLink:
    page = next((page for page in pages if page.venue == venue), None)
    if page is None:
        return MarketLink("", "", "")
    return MarketLink(market_link(page, instrument, language), venue, page.title)


def market_link(page: MarketPages, instrument: str, language: str = "") -> str:
    """Return the address of a market at a venue.

    Parameters
    ----------
    page : MarketPages
        As the venue's manifest says.
    instrument : str
        ``btc-usdt-perp``; coin and quote are encoded, nothing of an order is in the address.
    language : str
        Of the reader; empty, or one that the venue does not have: English.
    """
    name, parts = parse_instrument(instrument), page.languages
    filled = {
        "{language}": parts.get(language, parts.get("en", "")),
        "{coin}": _encoded(name.base),
        "{quote}": _encoded(name.quote),
    }
    address = page.template
    for place, part in filled.items():
        address = address.replace(place, part)
    return address


def _encoded(part: str) -> str:
    return quote(part.upper(), safe="")
