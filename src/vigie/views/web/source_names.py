"""Where figures come from, as people write it: CoinGecko for ``coingecko``, Bitget BTC/USDT for an instrument there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from vigie.ports.connectors import ConnectorInfo
from vigie.views.web.request_context import RequestContext

_VENUE: Final = re.compile(r"([a-z0-9]+)-(perp|spot)")
_INSTRUMENT: Final = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-(perp|spot)")
# An account's tables name how and where it trades.
_ACCOUNT: Final = re.compile(r"(paper|demo|live) on (\S+)")
# A run or a strategy has a name of its own behind the words.
_NAMED: Final = re.compile(r"(Vigie backtest|Vigie strategy|Vigie sweep) (\S+)")
# Stands before the licence of what may be used so only.
LIMIT: Final = "non-commercial use only, "


def source_namer(context: RequestContext) -> Callable[[str], str]:
    """Return what names sources: those that one origin lists with commas, each once; what is unknown stays.

    Connectors are read when the first name is asked for.
    """

    @cache
    def notes() -> dict[str, ConnectorInfo]:
        connectors = context.app_context.directory.notes()
        return {**{note.source: note for note in connectors}, **{note.id: note for note in connectors}}

    def name_one(source: str) -> str:
        return own_source_name(context, source, name_one) or name_connector(source)

    def name_connector(source: str) -> str:
        place, _, instrument = source.partition(":")
        venue = _VENUE.fullmatch(place)
        if venue is None:
            note = notes().get(source)
            if note is None:
                return source
            # Of what is asked of a source its first words tell it apart.
            feed = re.split(r"[,:](?![^(]*\))", context.text(note.feed))[0].strip()
            return f"{note.title} ({feed})" if source == note.id else note.title
        connector = notes().get(venue[1])
        title = connector.title if connector is not None else venue[1].capitalize()
        parts = _INSTRUMENT.fullmatch(instrument)
        if parts is None:
            return f"{title} {instrument}".rstrip()
        return f"{title} {parts[1].upper()}/{parts[2].upper()} {parts[3]}"

    # A page asks for the same few at every figure.
    @cache
    def name_all(source: str) -> str:
        return ", ".join(dict.fromkeys(name_one(part) for part in source.split(", ")))

    return name_all


def own_source_name(context: RequestContext, source: str, name_one: Callable[[str], str]) -> str:
    """Return what a source of this house is called in the visitor's language; empty where it is none.

    Parameters
    ----------
    name_one : callable
        Names a venue.
    """
    if (account := _ACCOUNT.fullmatch(source)) is not None:
        modes = {
            "paper": context.text("paper account on %(venue)s"),
            "demo": context.text("demo account on %(venue)s"),
            "live": context.text("live account on %(venue)s"),
        }
        return modes[account[1]] % {"venue": name_one(account[2])}
    if (match := _NAMED.fullmatch(source)) is not None:
        kinds = {
            "Vigie backtest": context.text("Vigie backtest %(name)s"),
            "Vigie strategy": context.text("Vigie strategy %(name)s"),
            "Vigie sweep": context.text("Vigie sweep %(name)s"),
        }
        return kinds[match[1]] % {"name": match[2]}
    return {
        "vigie": "Vigie",
        "Vigie trading": context.text("Vigie trading"),
        "audit": context.text("Vigie's audit log"),
        "catalogue": context.text("Vigie's catalogue"),
        "venue": context.text("the venue"),
        "venues": context.text("the venues"),
        "not proven": context.text("told by you, not proven"),
        "unknown": context.text("unknown source"),
    }.get(source, "")


def licence_translator(context: RequestContext) -> Callable[[str], str]:
    """Return what tells a licence in the visitor's language: what we wrote of it; the words of others stay."""

    @cache
    def known() -> re.Pattern[str]:
        texts = {
            text
            for note in context.app_context.directory.notes()
            for text in (note.licence, note.terms)
            if text
        }
        # The longest first: some begin as others do.
        return re.compile("|".join(map(re.escape, [LIMIT, *sorted(texts, key=len, reverse=True)])))

    def translate(licence: str) -> str:
        limits = {LIMIT: context.text("non-commercial use only, ")}
        return known().sub(lambda match: limits.get(match.group()) or context.text(match.group()), licence)

    return translate
