"""Shipped rules and what was learnt from the venues later, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vigie.data.instruments.caps import leverage_cap
from vigie.data.instruments.table import resolve, shipped
from vigie.domain.ids import market_of
from vigie.domain.instrument import Instrument, StatedRules
from vigie.ports.instruments import InstrumentVersions


def find_versions(kept: InstrumentVersions, venue: str, instrument: str) -> list[Instrument]:
    """Return every known version of an instrument's rules, the shipped one first.

    Parameters
    ----------
    kept : InstrumentVersions
        What was refreshed.
    venue : str
        ``binance-perp``.
    instrument : str
        ``btc-usdt-perp`` or any spelling of it.

    Returns
    -------
    list of Instrument
        Ascending in `valid_from`; empty where nothing is known.
    """
    name = str(resolve(venue, instrument))
    first = [line.instrument for line in shipped() if _is(line.instrument, venue, name)]
    return first + [one for one in kept.versions(venue) if one.name == name]


def _is(instrument: Instrument, venue: str, name: str) -> bool:
    return (instrument.venue, instrument.name) == (venue, name)


def stated_for(stated: Sequence[StatedRules], venue: str, instrument: str) -> list[StatedRules]:
    """Return what is stated of an instrument on a venue, what means this venue alone last."""
    name = resolve(venue, instrument)
    # `BTC/USDT:USDT` names what it is settled in: no spot market.
    meant = [one for one in stated if ":" not in one.instrument or market_of(venue) == "perp"]
    found = [one for one in meant if one.venue in ("", venue) and resolve(venue, one.instrument) == name]
    return sorted(found, key=lambda one: one.venue)


def fees_for(stated: Sequence[StatedRules], venue: str, instrument: str) -> dict[str, float]:
    """Return the fees that are stated of an instrument on a venue, by name."""
    found: dict[str, float] = {}
    for one in stated_for(stated, venue, instrument):
        found |= one.fees()
    return found


def with_stated(
    known: Sequence[Instrument], stated: Sequence[StatedRules], venue: str, instrument: str
) -> list[Instrument]:
    """Return versions of an instrument's rules with what a person states in place of the venue's, but for fees.

    Parameters
    ----------
    known : sequence of Instrument
        Of `find_versions`; where nothing is known, stated tick and lot make one version.
    """
    changes: dict[str, Any] = {}
    for one in stated_for(stated, venue, instrument):
        changes |= one.stated()
    if known or not {"tick", "lot"} <= changes.keys():
        return [replace(version, **changes) for version in known]
    name = str(resolve(venue, instrument))
    return [Instrument(venue=venue, name=name, leverage_cap=leverage_cap(name), **changes)]


def current(kept: InstrumentVersions, venue: str) -> dict[str, Instrument]:
    """Return the newest version of every instrument known on a venue, by name."""
    names = {line.instrument.name: line.instrument for line in shipped() if line.instrument.venue == venue}
    return names | {one.name: one for one in kept.versions(venue)}


def news(known: dict[str, Instrument], fresh: Sequence[Instrument]) -> list[Instrument]:
    """Return those fresh rules that differ from the newest known ones in more than their date."""
    return [
        one
        for one in fresh
        if one.name not in known or replace(one, valid_from=0) != replace(known[one.name], valid_from=0)
    ]
