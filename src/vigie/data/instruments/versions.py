"""Shipped rules and what was learnt from the venues later, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from vigie.data.instruments.caps import leverage_cap
from vigie.data.instruments.table import resolve_instrument, shipped_instruments
from vigie.domain.ids import venue_market
from vigie.domain.instrument import Instrument, StatedRules
from vigie.ports.instruments import InstrumentVersions


def find_versions(store: InstrumentVersions, venue: str, instrument: str) -> list[Instrument]:
    """Return every known version of an instrument's rules, the shipped one first.

    Parameters
    ----------
    store : InstrumentVersions
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
    name = str(resolve_instrument(venue, instrument))
    first = [entry.instrument for entry in shipped_instruments() if _matches(entry.instrument, venue, name)]
    return first + [version for version in store.versions(venue) if version.name == name]


def _matches(instrument: Instrument, venue: str, name: str) -> bool:
    return (instrument.venue, instrument.name) == (venue, name)


def stated_rules(stated: Sequence[StatedRules], venue: str, instrument: str) -> list[StatedRules]:
    """Return what is stated of an instrument on a venue, what means this venue alone last."""
    name = resolve_instrument(venue, instrument)
    # `BTC/USDT:USDT` names what it is settled in: no spot market.
    applicable = [rules for rules in stated if ":" not in rules.instrument or venue_market(venue) == "perp"]
    matching = [
        rules
        for rules in applicable
        if rules.venue in ("", venue) and resolve_instrument(venue, rules.instrument) == name
    ]
    return sorted(matching, key=lambda rules: rules.venue)


def stated_fees(stated: Sequence[StatedRules], venue: str, instrument: str) -> dict[str, float]:
    """Return the fees that are stated of an instrument on a venue, by name."""
    fees: dict[str, float] = {}
    for rules in stated_rules(stated, venue, instrument):
        fees |= rules.fees()
    return fees


def apply_stated(
    known: Sequence[Instrument], stated: Sequence[StatedRules], venue: str, instrument: str
) -> list[Instrument]:
    """Return versions of an instrument's rules with what a person states in place of the venue's, but for fees.

    Parameters
    ----------
    known : sequence of Instrument
        Of `find_versions`; where nothing is known, stated tick and lot make one version.
    """
    changes: dict[str, Any] = {}
    for rules in stated_rules(stated, venue, instrument):
        changes |= rules.stated()
    if known or not {"tick", "lot"} <= changes.keys():
        return [replace(version, **changes) for version in known]
    name = str(resolve_instrument(venue, instrument))
    return [Instrument(venue=venue, name=name, leverage_cap=leverage_cap(name), **changes)]


def current_rules(store: InstrumentVersions, venue: str) -> dict[str, Instrument]:
    """Return the newest version of every instrument known on a venue, by name."""
    names = {
        line.instrument.name: line.instrument
        for line in shipped_instruments()
        if line.instrument.venue == venue
    }
    return names | {version.name: version for version in store.versions(venue)}


def changed_rules(known: dict[str, Instrument], fresh: Sequence[Instrument]) -> list[Instrument]:
    """Return those fresh rules that differ from the newest known ones in more than their date."""
    return [
        version
        for version in fresh
        if version.name not in known
        or replace(version, valid_from=0) != replace(known[version.name], valid_from=0)
    ]
