"""Where figures come from, as people write it: CoinGecko for ``coingecko``, Bitget BTC/USDT for an instrument there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from vigie.ports.connectors import ConnectorInfo
from vigie.views.web.visit import Visit

_VENUE: Final = re.compile(r"([a-z0-9]+)-(perp|spot)")
_INSTRUMENT: Final = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-(perp|spot)")
# An account's tables name how and where it trades.
_ACCOUNT: Final = re.compile(r"(paper|demo|live) on (\S+)")
# A run or a strategy has a name of its own behind the words.
_NAMED: Final = re.compile(r"(Vigie backtest|Vigie strategy) (\S+)")
# Stands before the licence of what may be used so only.
LIMIT: Final = "non-commercial use only, "


def caller_of(visit: Visit) -> Callable[[str], str]:
    """Return what names sources: those that one origin lists with commas, each once; what is unknown stays.

    Connectors are read when the first name is asked for.
    """

    @cache
    def notes() -> dict[str, ConnectorInfo]:
        found = visit.house.directory.notes()
        return {**{note.source: note for note in found}, **{note.id: note for note in found}}

    def one(source: str) -> str:
        return own(visit, source, one) or elsewhere(source)

    def elsewhere(source: str) -> str:
        place, _, instrument = source.partition(":")
        venue = _VENUE.fullmatch(place)
        if venue is None:
            note = notes().get(source)
            if note is None:
                return source
            # Of what is asked of a source its first words tell it apart.
            feed = re.split("[,:]", visit.text(note.feed))[0].strip()
            return f"{note.title} ({feed})" if source == note.id else note.title
        known = notes().get(venue[1])
        title = known.title if known is not None else venue[1].capitalize()
        parts = _INSTRUMENT.fullmatch(instrument)
        if parts is None:
            return f"{title} {instrument}".rstrip()
        return f"{title} {parts[1].upper()}/{parts[2].upper()} {parts[3]}"

    # A page asks for the same few at every figure.
    @cache
    def called(source: str) -> str:
        return ", ".join(dict.fromkeys(one(part) for part in source.split(", ")))

    return called


def own(visit: Visit, source: str, one: Callable[[str], str]) -> str:
    """Return what a source of this house is called in the visitor's language; empty where it is none.

    Parameters
    ----------
    one : callable
        Names a venue.
    """
    if (account := _ACCOUNT.fullmatch(source)) is not None:
        modes = {
            "paper": visit.text("paper account on %(venue)s"),
            "demo": visit.text("demo account on %(venue)s"),
            "live": visit.text("live account on %(venue)s"),
        }
        return modes[account[1]] % {"venue": one(account[2])}
    if (named := _NAMED.fullmatch(source)) is not None:
        kinds = {
            "Vigie backtest": visit.text("Vigie backtest %(name)s"),
            "Vigie strategy": visit.text("Vigie strategy %(name)s"),
        }
        return kinds[named[1]] % {"name": named[2]}
    return {
        "vigie": "Vigie",
        "Vigie trading": visit.text("Vigie trading"),
        "audit": visit.text("Vigie's audit"),
        "catalogue": visit.text("Vigie's catalogue"),
        "venue": visit.text("the venue"),
        "venues": visit.text("the venues"),
        "unknown": visit.text("unknown source"),
    }.get(source, "")


def licence_of(visit: Visit) -> Callable[[str], str]:
    """Return what tells a licence in the visitor's language: what we wrote of it; the words of others stay."""

    @cache
    def known() -> re.Pattern[str]:
        found = {
            said for note in visit.house.directory.notes() for said in (note.licence, note.terms) if said
        }
        # The longest first: some begin as others do.
        return re.compile("|".join(map(re.escape, [LIMIT, *sorted(found, key=len, reverse=True)])))

    def told(licence: str) -> str:
        limits = {LIMIT: visit.text("non-commercial use only, ")}
        return known().sub(lambda one: limits.get(one.group()) or visit.text(one.group()), licence)

    return told
